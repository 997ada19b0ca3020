"""What is done now and then, whether or not anybody asks for it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geo_engine.errors import Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """What is done now and then.

    Parameters
    ----------
    every_s
        How long after it was done it is done again.
    """

    do: Callable[[], None]
    every_s: float = 600.0


async def repeat_chores(chores: Sequence[Chore]) -> None:
    """Do chores one after the other, each again when its time has come, in a thread, until this is cancelled.

    What one raises is written into the log, and keeps neither the others nor its own next time waiting.
    """
    loop = asyncio.get_running_loop()
    due_s = [loop.time()] * len(chores)
    while chores:
        for number, chore in enumerate(chores):
            if due_s[number] <= loop.time():
                await loop.run_in_executor(None, _try, chore)
                due_s[number] = loop.time() + chore.every_s
        await asyncio.sleep(max(0.0, min(due_s) - loop.time()))


def _try(chore: Chore) -> None:
    try:
        chore.do()
    except Unavailable:
        _log.warning("What is done now and then could not be done; it is tried again later.")
    except Exception:  # noqa: BLE001 - a defect of ours: what is kept too long must go all the same
        _log.exception("What is done now and then has failed; it is tried again later.")
