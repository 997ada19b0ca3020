"""What is done now and then, whether or not anybody asks for it."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from geo_engine.errors import Unavailable

type Chore = Callable[[], None]

_log = logging.getLogger(__name__)


async def repeat_chores(chores: Sequence[Chore], *, every_s: float) -> None:
    """Do chores one after the other, again and again, each in a thread, until this is cancelled.

    What one raises is written into the log, and keeps neither the others nor its own next time waiting.
    """
    while True:
        for chore in chores:
            try:
                await asyncio.get_running_loop().run_in_executor(None, chore)
            except Unavailable:
                _log.warning("What is done now and then could not be done; it is tried again later.")
            except Exception:  # noqa: BLE001 - a defect of ours: what is kept too long must go all the same
                _log.exception("What is done now and then has failed; it is tried again later.")
        await asyncio.sleep(every_s)
