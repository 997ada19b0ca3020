"""What is remembered of keys that phones show, and for whom others wait."""

import asyncio
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, WORKER, Tracked, give_device

from geo_engine.db.session import Database, Session
from geo_engine.errors import Unavailable
from geo_engine.ids import TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.workforce import Worker
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.device_store import add_key
from geo_engine.workforce.devices import revoke_keys
from geo_engine.workforce.service import import_workers
from web.ingest.keys import KeyRing


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a device of a company."""
    return _phone_of(own, "alpha")


def _phone_of(own: OwnDatabase, code: str) -> Tracked:
    tenant_id = add_bare_company(own.app, code)
    with own.app.bound(tenant_id) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


@dataclass
class _Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class _Stuck:
    """A database that does not answer of one company until it is let go."""

    database: Database
    tenant_id: TenantId
    let_go: threading.Event = field(default_factory=threading.Event)

    def bound(self, tenant_id: TenantId) -> AbstractContextManager[Session]:
        if tenant_id == self.tenant_id:
            assert self.let_go.wait(20)
        return self.database.bound(tenant_id)


@dataclass
class _Asked:
    """A database that counts what it is asked."""

    database: Database
    count: int = 0

    def bound(self, tenant_id: TenantId) -> AbstractContextManager[Session]:
        self.count += 1
        return self.database.bound(tenant_id)


def test_strangers_keep_nobody_waiting(own: OwnDatabase, phone: Tracked) -> None:
    """However many show keys that nobody has: who was known is answered, and what is too much may come again."""
    clock, stuck = _Clock(), _Stuck(own.app, add_bare_company(own.app, "beta"))

    async def show() -> list[object]:
        ring = KeyRing(cast("Database", stuck), now=clock, most_waiting=5)
        assert await ring.find(str(phone.key))
        clock.at += timedelta(minutes=1)
        keys = [str(DeviceKey.make(stuck.tenant_id)) for _ in range(12)]
        strangers = [asyncio.create_task(ring.find(key)) for key in keys]
        await asyncio.sleep(0)  # each begins to wait
        found = await asyncio.wait_for(ring.find(str(phone.key)), timeout=5)
        assert found is not None
        stuck.let_go.set()
        return await asyncio.gather(*strangers, return_exceptions=True)

    told = asyncio.run(show())

    assert [type(one) for one in told] == [type(None)] * 5 + [Unavailable] * 7


def test_phones_that_come_again_together_are_asked_for_together(own: OwnDatabase, phone: Tracked) -> None:
    """Of forty keys that are not remembered any more each is told its own, with few questions."""
    clock, asked = _Clock(), _Asked(own.app)
    phones = [phone, *(give_device(own.app, phone.tenant_id, worn_from=NOW) for _ in range(39))]

    async def show() -> list[object]:
        ring = KeyRing(cast("Database", asked), now=clock)
        for one in phones:
            await ring.find(str(one.key))
        asked.count = 0
        clock.at += timedelta(minutes=1)
        found = await asyncio.gather(*(ring.find(str(one.key)) for one in phones))
        return [one and one.known.device_id for one in found]

    assert asyncio.run(show()) == [one.device_id for one in phones]
    assert asked.count <= 2


def test_nobody_waits_for_what_is_asked_of_another_company(own: OwnDatabase, phone: Tracked) -> None:
    """Of keys that come at once those of a company are told as soon as it was asked for, whatever becomes of others."""
    stuck = _Stuck(own.app, add_bare_company(own.app, "beta"))

    async def show() -> bool:
        ring = KeyRing(cast("Database", stuck), now=_Clock())
        found = asyncio.create_task(ring.find(str(phone.key)))
        stranger = asyncio.create_task(ring.find(str(DeviceKey.make(stuck.tenant_id))))
        try:
            await asyncio.wait_for(asyncio.shield(found), timeout=5)
            return stranger.done()
        finally:
            stuck.let_go.set()
            await stranger

    assert asyncio.run(show()) is False


def test_what_is_known_of_keys_stays_within_their_company(own: OwnDatabase, phone: Tracked) -> None:
    """Of keys of two companies that come at once each is told its own; a secret of one is nothing in the other."""
    other = _phone_of(own, "beta")
    misplaced = [replace(phone.key, tenant_id=other.tenant_id), replace(other.key, tenant_id=phone.tenant_id)]
    keys = [phone.key, other.key, *misplaced]

    async def show(*shown: DeviceKey) -> list[object]:
        ring = KeyRing(own.app, now=_Clock())
        found = await asyncio.gather(*(ring.find(str(key)) for key in shown))
        return [one and one.known.device_id for one in found]

    told = [phone.device_id, other.device_id, None, None]
    assert asyncio.run(show(*keys)) == told
    assert asyncio.run(show(*reversed(keys))) == told[::-1]


def test_who_has_gone_keeps_nobody_from_being_told(own: OwnDatabase, phone: Tracked) -> None:
    """A phone that hangs up while its key is asked for leaves the others their answers, and those that come later."""
    stuck = _Stuck(own.app, phone.tenant_id)
    strange = [str(DeviceKey.make(phone.tenant_id)) for _ in range(2)]

    async def show() -> list[object]:
        ring = KeyRing(cast("Database", stuck), now=_Clock())
        gone = asyncio.create_task(ring.find(strange[0]))
        found = asyncio.create_task(ring.find(str(phone.key)))
        await asyncio.sleep(0)  # each begins to wait
        gone.cancel()
        stuck.let_go.set()
        return [await asyncio.wait_for(one, timeout=5) for one in (found, ring.find(strange[1]))]

    found, unknown = asyncio.run(show())

    assert found is not None
    assert unknown is None


def test_a_key_that_nobody_has_is_asked_for_once_in_a_while(own: OwnDatabase, phone: Tracked) -> None:
    """Somebody who shows it again and again is answered from memory for a few seconds."""
    clock, key = _Clock(), DeviceKey.make(phone.tenant_id)

    async def show() -> list[bool]:
        ring = KeyRing(own.app, now=clock)
        known = [await ring.find(str(key)) is not None]
        with own.app.bound(phone.tenant_id) as session:
            add_key(session, phone.device_id, key.secret_hash, now=NOW)
        for _ in range(2):
            clock.at += timedelta(seconds=4)
            known.append(await ring.find(str(key)) is not None)
        return known

    assert asyncio.run(show()) == [False, False, True]


def test_a_key_that_is_taken_away_is_noticed(own: OwnDatabase, phone: Tracked) -> None:
    """Within half a minute; what is committed until then is refused there."""
    clock = _Clock()

    async def show() -> list[bool | None]:
        ring = KeyRing(own.app, now=clock)
        found = [await ring.find(str(phone.key))]
        with own.app.bound(phone.tenant_id) as session:
            revoke_keys(session, phone.device_id, by=OPERATOR, now=NOW)
        for _ in range(2):
            clock.at += timedelta(seconds=31)
            found.append(await ring.find(str(phone.key)))
        return [None if one is None else one.known.is_valid for one in found]

    assert asyncio.run(show()) == [True, False, False]
