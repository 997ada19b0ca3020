"""Which device a key is: remembered for a moment, as phones show theirs all day."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.errors import Unavailable
from geo_engine.words import Message
from geo_engine.workforce.device_model import DeviceKey, KnownKey
from geo_engine.workforce.devices import find_key

_REMEMBERED_FOR, _REFUSED_FOR = timedelta(seconds=30), timedelta(seconds=5)
_MOST, _MOST_REFUSED = 100_000, 10_000
_MOST_WAITING = 1_000  # at a few milliseconds each


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A key that somebody showed, and what is known of it."""

    key: DeviceKey
    secret_hash: bytes
    known: KnownKey


type _Remembered = tuple[datetime, ShownKey | None]


class KeyRing:
    """The keys that were shown to this process lately.

    Parameters
    ----------
    now
        A clock.
    most_waiting
        How many keys that did not hold before may wait to be asked for.

    Notes
    -----
    What is remembered may be revoked since: whether a key still holds is asked again where its fixes are committed.
    Whoever shows keys that nobody has keeps nobody else from reporting: a key that held when it was last shown is asked
    for in a thread of its own, and of others not too many wait.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime], most_waiting: int = _MOST_WAITING) -> None:
        self._database = database
        self._now = now
        self._places = most_waiting
        self._holding: dict[str, _Remembered] = {}
        self._refused: dict[str, _Remembered] = {}
        self._for_known = ThreadPoolExecutor(1, thread_name_prefix="known keys")
        self._for_strangers = ThreadPoolExecutor(1, thread_name_prefix="keys")

    async def find(self, text: str) -> ShownKey | None:
        """Return what is known of a key; None when it is none, or no device ever had it.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow
            When it cannot be asked now.
        Unavailable
            When too many wait that did not hold before.
        """
        now = self._now()
        for remembered, lasts in ((self._holding, _REMEMBERED_FOR), (self._refused, _REFUSED_FOR)):
            found = remembered.get(text)
            if found is not None and now - found[0] < lasts:
                return found[1]
        key = DeviceKey.parse(text)
        if key is None:
            return None
        known = await (self._ask_again(key, now) if text in self._holding else self._ask(key, now))
        shown = None if known is None else ShownKey(key=key, secret_hash=key.secret_hash, known=known)
        self._remember(text, shown, now)
        return shown

    def _remember(self, text: str, shown: ShownKey | None, now: datetime) -> None:
        self._holding.pop(text, None)
        holds = shown is not None and shown.known.is_valid
        among, most = (self._holding, _MOST) if holds else (self._refused, _MOST_REFUSED)
        if len(among) >= most:
            among.clear()
        among[text] = now, shown

    async def _ask(self, key: DeviceKey, now: datetime) -> KnownKey | None:
        if not self._places:
            raise Unavailable(Message("Positions cannot be taken at the moment."))
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._for_strangers, self._look_up, key, now)
        finally:
            self._places += 1

    async def _ask_again(self, key: DeviceKey, now: datetime) -> KnownKey | None:
        return await asyncio.get_running_loop().run_in_executor(self._for_known, self._look_up, key, now)

    def _look_up(self, key: DeviceKey, now: datetime) -> KnownKey | None:
        with self._database.bound(key.tenant_id) as session:
            return find_key(session, key, now=now)
