"""Which device a key is: remembered for a moment, as phones show theirs all day."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.workforce.device_model import DeviceKey, KnownKey
from geo_engine.workforce.devices import find_key

_REMEMBERED_FOR = timedelta(seconds=30)
_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A key that somebody showed, and what is known of it."""

    key: DeviceKey
    secret_hash: bytes
    known: KnownKey


class KeyRing:
    """The keys that were shown to this process lately, as they are written.

    Notes
    -----
    What is remembered may be revoked since: whether a key still holds is asked again where its fixes are committed.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._shown: dict[str, tuple[datetime, ShownKey]] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="keys")

    async def find(self, text: str) -> ShownKey | None:
        """Return what is known of a key; None when it is none, or no device ever had it.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow
            When it cannot be asked now.
        """
        now = self._now()
        found = self._shown.get(text)
        if found is not None and now - found[0] < _REMEMBERED_FOR:
            return found[1]
        key = DeviceKey.parse(text)
        if key is None:
            return None
        known = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, key, now)
        if known is None:
            return None
        shown = ShownKey(key=key, secret_hash=key.secret_hash, known=known)
        if known.is_valid:
            if len(self._shown) >= _MOST:
                self._shown.clear()
            self._shown[text] = now, shown
        return shown

    def _ask(self, key: DeviceKey, now: datetime) -> KnownKey | None:
        with self._database.bound(key.tenant_id) as session:
            return find_key(session, key, now=now)
