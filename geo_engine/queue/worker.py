"""How a worker of the queue lives: through lost connections and restarts of the database, until it is told to end."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from geo_engine.ids import TenantId

_log = logging.getLogger(__name__)
_HEARTBEAT_S = 3.0
_STALLED_AFTER_S = 12.0
_SWEEP_EVERY_S = 3.0
_TRY_AGAIN_S = 1.0
_POLL_EVERY_S = 5.0
_POOL_SIZE = 4
_OPEN_WITHIN_S = 5.0

type Task = Callable[[TenantId, dict[str, UUID]], None]


def run_worker(address: str, tasks: dict[str, Task], *, concurrency: int, until_idle: bool = False) -> None:
    """Do the queue's work until SIGTERM or SIGINT; the tasks at work are finished first, a second signal ends it now.

    Parameters
    ----------
    address
        A ``postgresql://`` address of the app role.
    tasks
        By name; each is given its tenant and its other ids, and binds the tenant before anything else.
    concurrency
        How many tasks at once.
    until_idle
        End as soon as nothing is left to do.

    Notes
    -----
    A worker tells every three seconds that it lives. The tasks of one that has not for twelve are put back,
    by any other, also those it was given before the database restarted.
    """
    asyncio.run(_Worker(address, tasks, concurrency=concurrency, until_idle=until_idle).run())


class _Worker:
    def __init__(self, address: str, tasks: dict[str, Task], *, concurrency: int, until_idle: bool) -> None:
        self._address = address
        self._tasks = tasks
        self._concurrency = concurrency
        self._until_idle = until_idle
        self._told_to_end = asyncio.Event()

    async def run(self) -> None:
        """Work; begin anew whenever the connection to the queue was lost."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        while not self._told_to_end.is_set():
            try:
                await self._work()
                if self._until_idle:
                    return
            except (ConnectorException, OSError) as error:
                _log.warning("The queue cannot be reached: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_end.wait(), _TRY_AGAIN_S)

    def _end(self, number: int) -> None:
        if self._told_to_end.is_set():
            raise SystemExit(128 + number)
        self._told_to_end.set()

    async def _work(self) -> None:
        app = App(
            connector=PsycopgConnector(conninfo=self._address, min_size=1, max_size=_POOL_SIZE, timeout=_OPEN_WITHIN_S)
        )
        for name, task in self._tasks.items():
            app.task(name=name)(_adapted(task))
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=self._concurrency,
                    wait=not self._until_idle,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    update_heartbeat_interval=_HEARTBEAT_S,
                    stalled_worker_timeout=_STALLED_AFTER_S,
                    fetch_job_polling_interval=_POLL_EVERY_S,
                )
            )
            sweeping = asyncio.create_task(_sweep(app))
            ending = asyncio.create_task(self._told_to_end.wait())
            await asyncio.wait((working, sweeping, ending), return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            sweeping.cancel()
            ending.cancel()
            results = await asyncio.gather(working, sweeping, ending, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


def _adapted(task: Task) -> Callable[..., None]:
    """Return a task as the queue calls it: with texts by name, the tenant among them."""

    def called(*, tenant_id: str, **ids: str) -> None:
        task(TenantId(UUID(tenant_id)), {key: UUID(value) for key, value in ids.items()})

    return called


async def _sweep(app: App) -> None:
    """Put back, again and again, the tasks of workers that have not told for a while that they live."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_S):
            _log.warning("Task %s of a worker that is gone is put back.", job.id)
            await app.job_manager.retry_job(job)
        await asyncio.sleep(_SWEEP_EVERY_S)
