"""Who may end a job of the queue: whoever holds it now, and nobody who merely held it once."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback

_log = logging.getLogger(__name__)
_DOUBLINGS = 9
_LONGEST_WAIT_S = 300.0

_HELD = """
with held as (
    select id from procrastinate_jobs
    where id = %(job_id)s and status = 'doing' and attempts = %(attempts)s
    for update
)
"""
_FINISH = f"{_HELD} select procrastinate_finish_job_v1(id, 'succeeded', %(delete_job)s) from held"  # noqa: S608
_PUT_BACK = (
    f"{_HELD} select procrastinate_retry_job_v2("  # noqa: S608
    "id, now() + make_interval(secs => %(after_s)s), null, null, null) from held"
)


class HeldJobs(JobManager):
    """The jobs of the queue as one worker sees them, through restarts of the database.

    procrastinate ends and puts back a job by its id alone. A worker that was taken for dead would so delete the
    job that another is at, and nobody would ever take it up again. Every time a job is put back its `attempts` are
    counted up; here they say who holds it, so ending it twice, or asking again after a lost answer, does nothing.

    Parameters
    ----------
    try_again_s
        Seconds between attempts to reach a database that is away.
    is_ending
        Whether this worker was told to end: it then leaves to others what it cannot write at once.
    """

    def __init__(self, connector: BaseConnector, *, try_again_s: float, is_ending: Callable[[], bool]) -> None:
        super().__init__(connector)
        self.worker_id: int | None = None
        self._try_again_s = try_again_s
        self._is_ending = is_ending

    async def register_worker(self) -> int:
        """Register this worker and remember under which number."""
        self.worker_id = await super().register_worker()
        return self.worker_id

    async def tell_alive(self) -> bool:
        """Tell that this worker lives; return whether that was heard."""
        if self.worker_id is None:
            return False
        try:
            await self.update_heartbeat(self.worker_id)
        except ConnectorException:
            return False
        return True

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001
        """End a job that succeeded; one that raised, or that this version does not know, is tried again later."""
        while True:
            try:
                if status is Status.SUCCEEDED:
                    await self._if_held(_FINISH, job, delete_job=delete_job)
                else:
                    await self.put_back(job, after_s=min(_LONGEST_WAIT_S, 2.0 ** min(job.attempts, _DOUBLINGS)))
            except ConnectorException:
                if self._is_ending():
                    _log.warning("The end of task %s could not be written; another worker looks after it.", job.id)
                    return
                await asyncio.sleep(self._try_again_s)
            else:
                return

    async def put_back(self, job: Job, *, after_s: float = 0.0) -> bool:
        """Give a job to whoever takes it next; return False, and do nothing, when its holder has changed."""
        return await self._if_held(_PUT_BACK, job, after_s=after_s)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listen for new jobs, again after every lost connection; meanwhile they are found by looking."""
        while True:
            try:
                await super().listen_for_jobs(on_notification=on_notification, queues=queues)
            except ConnectorException:
                await asyncio.sleep(self._try_again_s)

    async def _if_held(self, query: str, job: Job, **arguments: object) -> bool:
        rows = await self.connector.execute_query_all_async(query, job_id=job.id, attempts=job.attempts, **arguments)
        return bool(rows)
