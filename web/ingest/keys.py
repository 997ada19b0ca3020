"""Which device a key is: remembered for a moment, as phones show theirs all day."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.errors import Unavailable
from geo_engine.ids import TenantId
from geo_engine.words import Message
from geo_engine.workforce.device_model import DeviceKey, KnownKey
from geo_engine.workforce.devices import find_keys

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
type _Waiting = tuple[DeviceKey, asyncio.Future[KnownKey | None]]


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
    Whoever shows keys that nobody has keeps nobody else from reporting: keys that held when they were last shown are
    asked for in a thread of their own, and of others not too many wait.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime], most_waiting: int = _MOST_WAITING) -> None:
        self._now = now
        self._places = most_waiting
        self._holding: dict[str, _Remembered] = {}
        self._refused: dict[str, _Remembered] = {}
        self._of_known = _Questions(database, now=now, name="known keys")
        self._of_strangers = _Questions(database, now=now, name="keys")

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
        known = await (self._of_known.ask(key) if text in self._holding else self._ask(key))
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

    async def _ask(self, key: DeviceKey) -> KnownKey | None:
        if not self._places:
            raise Unavailable(Message("Positions cannot be taken at the moment."))
        self._places -= 1
        try:
            return await self._of_strangers.ask(key)
        finally:
            self._places += 1


class _Questions:
    """Keys that are asked for in a thread of their own, all of a company that wait at once: phones come together."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], name: str) -> None:
        self._database = database
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: dict[TenantId, list[_Waiting]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, key: DeviceKey) -> KnownKey | None:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[KnownKey | None] = loop.create_future()
        self._waiting.setdefault(key.tenant_id, []).append((key, told))
        if self._asking is None:
            self._asking = loop.create_task(self._ask_all())
        return await told

    async def _ask_all(self) -> None:
        """Ask of one company after the other, whichever has waited the longest; each is told before the next."""
        while self._waiting:
            tenant_id = next(iter(self._waiting))
            waiting = self._waiting.pop(tenant_id)
            outcome = await self._try(tenant_id, [key for key, _ in waiting])
            for key, told in waiting:
                if told.done():  # whoever asked has gone
                    continue
                if isinstance(outcome, Exception):
                    told.set_exception(outcome)
                else:
                    told.set_result(outcome.get(key.secret_hash))
        self._asking = None

    async def _try(self, tenant_id: TenantId, keys: list[DeviceKey]) -> dict[bytes, KnownKey] | Exception:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._look_up, tenant_id, keys)
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            return error

    def _look_up(self, tenant_id: TenantId, keys: list[DeviceKey]) -> dict[bytes, KnownKey]:
        with self._database.bound(tenant_id) as session:
            return find_keys(session, keys, now=self._now())
