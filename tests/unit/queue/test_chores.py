"""What is done now and then goes on, whatever becomes of it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import pytest

from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.queue.chores import Chore, repeat_chores


async def _repeat(chores: Sequence[Chore], *, until: Callable[[], bool]) -> None:
    repeating = asyncio.ensure_future(repeat_chores(chores))
    async with asyncio.timeout(20):
        while not until():  # noqa: ASYNC110 - chores are done in threads
            await asyncio.sleep(0.001)
    repeating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await repeating


@pytest.mark.parametrize("error", [DatabaseTooSlow(), LookupError("a defect")])
def test_a_chore_that_fails_ends_neither_itself_nor_the_others(error: Exception) -> None:
    """Whether the database is away or it is a defect: all are done again when their time has come."""
    done: list[str] = []

    def fail() -> None:
        done.append("fails")
        raise error

    chores = (Chore(do=fail, every_s=0.0), Chore(do=lambda: done.append("works"), every_s=0.0))

    asyncio.run(_repeat(chores, until=lambda: len(done) >= 4))

    assert done[:4] == ["fails", "works", "fails", "works"]


def test_each_chore_has_its_own_time() -> None:
    """What is to be done seldom is done once while another is done again and again."""
    done: list[str] = []
    chores = (
        Chore(do=lambda: done.append("often"), every_s=0.0),
        Chore(do=lambda: done.append("seldom"), every_s=3600.0),
    )

    asyncio.run(_repeat(chores, until=lambda: done.count("often") > 2))

    assert done.count("seldom") == 1
    assert done.count("often") > 2
