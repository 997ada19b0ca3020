"""What is done now and then goes on, whatever becomes of it."""

import asyncio
import contextlib

import pytest

from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.queue.chores import repeat_chores


@pytest.mark.parametrize("error", [DatabaseTooSlow(), LookupError("a defect")])
def test_a_chore_that_fails_ends_neither_itself_nor_the_others(error: Exception) -> None:
    """Whether the database is away or it is a defect: all are done again when their time has come."""
    done: list[str] = []

    def fail() -> None:
        done.append("fails")
        raise error

    async def go_on() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(repeat_chores((fail, lambda: done.append("works")), every_s=0.0), timeout=0.2)

    asyncio.run(go_on())

    assert done[:4] == ["fails", "works", "fails", "works"]
