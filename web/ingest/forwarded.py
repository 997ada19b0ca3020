"""Fixes of several devices that come with one key: each goes to the device that is called as its sender calls it."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.ids import TenantId
from geo_engine.tracks import Fix
from geo_engine.tracks.arrivals import Arrival
from geo_engine.tracks.protocols import Protocol
from geo_engine.words import Message
from geo_engine.workforce.device_model import NamedDevice
from geo_engine.workforce.devices import find_named

FORWARDED = frozenset({Protocol.TRACCAR_FORWARD})
"""What is told by a server, not by the devices themselves: only a key of such a device speaks for others."""
_REMEMBERED_FOR = timedelta(seconds=30)
_MOST = 100_000


class Roster:
    """The devices of companies by name, remembered for a moment: a server posts of them all day.

    Notes
    -----
    What is remembered may have no key since: that is asked again where its fixes are committed.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._known: dict[tuple[TenantId, Protocol, str], tuple[datetime, NamedDevice]] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="roster")

    async def sort(self, arrival: Arrival, fixes: Iterable[Fix], protocol: Protocol) -> list[Arrival]:
        """Return the fixes of an arrival by the device each is of; of no known one they are rejected, with the reason.

        A fix that names no device is of the key's.

        Raises
        ------
        DatabaseUnavailable, DatabaseTooSlow
            When the devices cannot be asked for now.
        """
        by_name: dict[str | None, list[Fix]] = {}
        for fix in fixes:
            by_name.setdefault(fix.device, []).append(fix)
        known = await self._find(arrival.tenant_id, protocol, {name for name in by_name if name is not None})
        of_key = replace(
            arrival,
            fixes=tuple(by_name.pop(None, ())),
            rejected=(*arrival.rejected, *(_unknown(name) for name in sorted(by_name.keys() - known, key=str))),
        )
        others = [
            replace(
                arrival,
                device_id=known[name].device_id,
                device_key_hash=known[name].key_hash,
                fixes=tuple(its),
                rejected=(),
            )
            for name, its in by_name.items()
            if name in known
        ]
        return [*others, of_key] if of_key.fixes or of_key.rejected or not others else others

    async def _find(self, tenant_id: TenantId, protocol: Protocol, names: set[str]) -> dict[str, NamedDevice]:
        """Return the devices of these names; a name that no device has is asked for whenever it comes."""
        now = self._now()
        kept = {name: self._known.get((tenant_id, protocol, name)) for name in names}
        found = {name: one[1] for name, one in kept.items() if one is not None and now - one[0] < _REMEMBERED_FOR}
        missing = names - found.keys()
        if missing:
            loop = asyncio.get_running_loop()
            asked = await loop.run_in_executor(self._threads, self._ask, tenant_id, protocol, missing, now)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known |= {(tenant_id, protocol, name): (now, device) for name, device in asked.items()}
            found |= asked
        return found

    def _ask(self, tenant_id: TenantId, protocol: Protocol, names: set[str], now: datetime) -> dict[str, NamedDevice]:
        with self._database.bound(tenant_id) as session:
            return find_named(session, protocol.value, names, now=now)


def _unknown(name: str | None) -> Message:
    facts = {"name": name or ""}
    return Message("There is no device called {name}: its name must be what the Traccar server calls it.", facts)
