"""How a worker of the queue lives: through lost connections and restarts of the database, until it is told to end."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from geo_engine.db.connecting import connection_arguments
from geo_engine.ids import TenantId
from geo_engine.queue.chores import Chore, repeat_chores
from geo_engine.queue.enqueue import Lane
from geo_engine.queue.held import HeldJobs

_log = logging.getLogger(__name__)
_POOL_SIZE = 4
_OTHER_THREADS = 2  # such as for looking up the server's name
# A worker's row does not matter once it is stalled; it may even be back after an hour without the database.
_FORGOTTEN_AFTER_S = 86_400.0

type Task = Callable[[TenantId, dict[str, UUID]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a worker does what it does.

    Parameters
    ----------
    beat_every_s
        It tells that it lives.
    stalled_after_s
        When it has not told for so long, others put its tasks back. On two cores with two solvers at work, the
        beats of a worker that plans 1,000 sites came at most 3.05 s apart, also during the half minute of pure Python.
    sweep_every_s
        It looks for tasks of stalled workers; not before it has told for two beats without a break that it lives
        itself: after an absence of the database everybody gets the time to.
    poll_every_s
        It looks for new tasks of which no notification came.
    try_again_s, open_within_s
        Between attempts to reach a database that is away, and how long each may take.
    """

    beat_every_s: float = 3.0
    stalled_after_s: float = 12.0
    sweep_every_s: float = 3.0
    poll_every_s: float = 2.0
    try_again_s: float = 1.0
    open_within_s: float = 5.0


DEFAULT_RHYTHM = Rhythm()


def run_worker(
    address: str,
    tasks: dict[str, Task],
    *,
    concurrency: int,
    until_idle: bool = False,
    rhythm: Rhythm = DEFAULT_RHYTHM,
    chores: Sequence[Chore] = (),
) -> None:
    """Do the queue's work until SIGTERM or SIGINT; the tasks at work are finished first, a second signal ends it now.

    Each lane of the queue is worked on by itself: a plan that takes minutes keeps no track waiting.

    Parameters
    ----------
    address
        A ``postgresql://`` address of the app role.
    tasks
        By name; each is given its tenant and its other ids, and binds the tenant before anything else. It is done
        when it returns; one that raises is tried again, after 1, 2, 4 … and at most 300 seconds, without end. It may
        run again though it was done, when a worker or the database died before that was written.
    concurrency
        How many tasks at once in the lane of plans, each in a thread: none may hold Python's lock for seconds.
    until_idle
        End as soon as nothing is left to do.
    chores
        What is to be done now and then, one after the other, whether or not anybody asks for it. What one raises is
        written into the log, and keeps neither the others nor its own next time waiting.
    """
    asyncio.run(_run(address, tasks, concurrency, until_idle=until_idle, rhythm=rhythm, chores=chores))


async def _run(
    address: str, tasks: dict[str, Task], concurrency: int, *, until_idle: bool, rhythm: Rhythm, chores: Sequence[Chore]
) -> None:
    loop, told_to_end = asyncio.get_running_loop(), asyncio.Event()
    counts = {Lane.PLANS: concurrency, Lane.TRACKS: 1}
    # Python's own limit follows the cores: tasks would be held by this worker and wait for a thread.
    loop.set_default_executor(ThreadPoolExecutor(sum(counts.values()) + _OTHER_THREADS))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, number, told_to_end)
    workers = [
        _Worker(
            address,
            tasks,
            lane=lane,
            concurrency=count,
            until_idle=until_idle,
            rhythm=rhythm,
            told_to_end=told_to_end,
        )
        for lane, count in counts.items()
    ]
    repeating = asyncio.create_task(repeat_chores(chores))
    await asyncio.gather(*(worker.run() for worker in workers))
    repeating.cancel()


def _end(number: int, told_to_end: asyncio.Event) -> None:
    if told_to_end.is_set():
        # No clean-up can be waited for: threads cannot be ended. The kernel ends the solvers with this process,
        # and another worker takes the tasks up.
        logging.shutdown()
        os._exit(128 + number)
    _log.info("Told to end; the tasks at work are finished first.")
    told_to_end.set()


class _Worker:
    def __init__(
        self,
        address: str,
        tasks: dict[str, Task],
        *,
        lane: Lane,
        concurrency: int,
        until_idle: bool,
        rhythm: Rhythm,
        told_to_end: asyncio.Event,
    ) -> None:
        self._address = address
        self._tasks = tasks
        self._lane = lane
        self._concurrency = concurrency
        self._until_idle = until_idle
        self._rhythm = rhythm
        self._told_to_end = told_to_end
        self._heard_since_s: float | None = None

    async def run(self) -> None:
        """Work; begin anew, as another worker, whenever it is uncertain which tasks this one was given."""
        while not self._told_to_end.is_set():
            try:
                await self._work()
                if self._until_idle:
                    return
            except (ConnectorException, TimeoutError):
                _log.warning("The queue cannot be reached; trying again.")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_end.wait(), self._rhythm.try_again_s)

    async def _work(self) -> None:
        app = App(connector=self._connector())
        jobs = HeldJobs(app.connector, try_again_s=self._rhythm.try_again_s, is_ending=self._told_to_end.is_set)
        app.job_manager = jobs
        for name, task in self._tasks.items():
            app.task(name=name)(_adapted(task))
        try:
            async with asyncio.timeout(self._rhythm.open_within_s):
                await app.open_async()
            await self._attend(app, jobs)
        finally:
            await app.close_async()

    def _connector(self) -> PsycopgConnector:
        return PsycopgConnector(
            conninfo=self._address,
            min_size=1,
            max_size=_POOL_SIZE,
            timeout=self._rhythm.open_within_s,
            # The pool waits ever longer between attempts: given up early, the next query begins them anew.
            reconnect_timeout=self._rhythm.open_within_s / 2,
            kwargs={
                "application_name": "geo-engine worker",
                **connection_arguments(connect_timeout_s=round(self._rhythm.open_within_s)),
            },
        )

    async def _attend(self, app: App, jobs: HeldJobs) -> None:
        """Work until told to end, or until a task could not be fetched; tell to the very end that this worker lives."""
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[self._lane],
                concurrency=self._concurrency,
                wait=not self._until_idle,
                delete_jobs="successful",
                install_signal_handlers=False,
                # Its own heartbeat ends with the first failure, and when the last tasks are still at work.
                update_heartbeat_interval=_FORGOTTEN_AFTER_S,
                stalled_worker_timeout=_FORGOTTEN_AFTER_S,
                fetch_job_polling_interval=self._rhythm.poll_every_s,
            )
        )
        others = [asyncio.create_task(one) for one in (self._beat(jobs), self._sweep(jobs), self._told_to_end.wait())]
        await asyncio.wait((working, *others), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        await asyncio.wait((working,))
        for one in others:
            one.cancel()
        for result in await asyncio.gather(working, *others, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _beat(self, jobs: HeldJobs) -> None:
        loop = asyncio.get_running_loop()
        self._heard_since_s = None
        while True:
            began_s = loop.time()
            is_heard = await jobs.tell_alive()
            if not is_heard:
                self._heard_since_s = None
            elif self._heard_since_s is None:
                self._heard_since_s = began_s
            await asyncio.sleep(self._rhythm.beat_every_s if is_heard else self._rhythm.try_again_s)

    async def _sweep(self, jobs: HeldJobs) -> None:
        """Put back, again and again, the tasks of workers that have not told for a while that they live."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._rhythm.sweep_every_s)
            if self._heard_since_s is None or loop.time() - self._heard_since_s < 2 * self._rhythm.beat_every_s:
                continue
            with suppress(ConnectorException):
                for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=self._rhythm.stalled_after_s):
                    if await jobs.put_back(job):
                        _log.warning("Task %s of a worker that is gone is put back.", job.id)


def _adapted(task: Task) -> Callable[..., None]:
    """Return a task as the queue calls it: with texts by name, the tenant among them."""

    def called(*, tenant_id: str, **ids: str) -> None:
        task(TenantId(UUID(tenant_id)), {key: UUID(value) for key, value in ids.items()})

    return called
