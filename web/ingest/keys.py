"""Which device a key is: remembered for a moment, as phones show theirs all day."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.workforce.device_model import DeviceKey, KnownKey
from geo_engine.workforce.devices import find_key

_REMEMBERED_FOR = timedelta(seconds=30)
_MOST = 100_000


class KeyRing:
    """The keys that were shown to this process lately.

    Notes
    -----
    What is remembered may be revoked since: whether a key still holds is asked again where its fixes are committed.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._known: dict[DeviceKey, tuple[datetime, KnownKey]] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="keys")

    async def find(self, key: DeviceKey) -> KnownKey | None:
        """Return what is known of a key; None when no device ever had it.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow
            When it cannot be asked now.
        """
        now = self._now()
        found = self._known.get(key)
        if found is not None and now - found[0] < _REMEMBERED_FOR:
            return found[1]
        known = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, key, now)
        if known is not None and known.is_valid:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = now, known
        return known

    def _ask(self, key: DeviceKey, now: datetime) -> KnownKey | None:
        with self._database.bound(key.tenant_id) as session:
            return find_key(session, key, now=now)
