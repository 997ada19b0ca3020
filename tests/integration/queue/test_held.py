"""Holding a job: only whoever holds it now ends it or puts it back."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from procrastinate import PsycopgConnector
from procrastinate.jobs import Job, Status
from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase

from geo_engine.queue import enqueue
from geo_engine.queue.held import HeldJobs


def _run[T](own: OwnDatabase, act: Callable[[HeldJobs], Awaitable[T]]) -> T:
    """Enqueue one job, then act on the queue as a worker does."""
    with own.app.bound(add_bare_company(own.app, "acme")) as session:
        enqueue(session, "do_something", thing_id=uuid.uuid4())

    async def acting() -> T:
        connector = PsycopgConnector(conninfo=own.url(), min_size=1, max_size=2)
        await connector.open_async()
        try:
            return await act(HeldJobs(connector, try_again_s=0.1, is_ending=lambda: True))
        finally:
            await connector.close_async()

    # In a thread of its own: what drives the browser in other tests keeps a loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(acting())).result()


async def _fetched(jobs: HeldJobs) -> Job:
    job = await jobs.fetch_job(queues=None, worker_id=await jobs.register_worker())
    assert job is not None
    return job


def _states(own: OwnDatabase) -> list[tuple[str, int]]:
    with connected(own.cluster, database=own.name) as session:
        return session.execute("select status::text, attempts from procrastinate_jobs").fetchall()


def test_a_job_that_is_another_workers_by_now_is_not_ended(own: OwnDatabase) -> None:
    """A worker that was taken for dead ends its task late: the job stays with the one that took it up."""

    async def end_late(jobs: HeldJobs) -> None:
        mine = await _fetched(jobs)
        await jobs.put_back(mine)
        await _fetched(jobs)
        await jobs.finish_job(mine, Status.SUCCEEDED, delete_job=True)

    _run(own, end_late)

    assert _states(own) == [("doing", 1)]


def test_two_sweeps_of_one_stalled_job_put_it_back_once(own: OwnDatabase) -> None:
    """The second finds it changed hands, so the worker that has it meanwhile keeps it."""

    async def sweep_twice(jobs: HeldJobs) -> list[bool]:
        stalled = await _fetched(jobs)
        first = await jobs.put_back(stalled)
        await _fetched(jobs)
        return [first, await jobs.put_back(stalled)]

    swept = _run(own, sweep_twice)

    assert swept == [True, False]
    assert _states(own) == [("doing", 1)]


def test_ending_a_job_again_after_a_lost_answer_does_nothing(own: OwnDatabase) -> None:
    """The worker goes on, and the job is gone."""

    async def end_twice(jobs: HeldJobs) -> None:
        mine = await _fetched(jobs)
        await jobs.finish_job(mine, Status.SUCCEEDED, delete_job=True)
        await jobs.finish_job(mine, Status.SUCCEEDED, delete_job=True)

    _run(own, end_twice)

    assert _states(own) == []


def test_a_task_that_raised_is_tried_again_later(own: OwnDatabase) -> None:
    """A job is never left failed, where nobody would look after what it is about."""

    async def fail(jobs: HeldJobs) -> Job | None:
        await jobs.finish_job(await _fetched(jobs), Status.FAILED, delete_job=False)
        return await jobs.fetch_job(queues=None, worker_id=await jobs.register_worker())

    fetched_at_once = _run(own, fail)

    assert fetched_at_once is None
    assert _states(own) == [("todo", 1)]


def test_a_job_that_failed_very_often_is_tried_again(own: OwnDatabase) -> None:
    """However often a task raised, its job goes back, to be tried in five minutes."""

    async def fail_again(jobs: HeldJobs) -> None:
        mine = await _fetched(jobs)
        await jobs.connector.execute_query_async("update procrastinate_jobs set attempts = 2000")
        mine = mine.evolve(attempts=2000)
        await jobs.finish_job(mine, Status.FAILED, delete_job=False)

    _run(own, fail_again)

    assert _states(own) == [("todo", 2001)]
