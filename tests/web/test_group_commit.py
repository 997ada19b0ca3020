"""How posts share a commit: what spoils one is nobody else's loss, and who went away keeps nobody waiting."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, WORKER, Tracked, fix_at, give_device

from geo_engine.db.session import Database
from geo_engine.errors import Conflict, Unavailable
from geo_engine.ids import TenantId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tracks.arrivals import Arrival, Outcome
from geo_engine.tracks.ingest import Ingest
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers
from web.ingest.group_commit import GroupCommit

MOMENT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


class _Held(Ingest):
    """Holds commits until told, so that what comes meanwhile shares the next; notes how many fixes each brings."""

    def __init__(self, database: Database, refuse: Callable[[Arrival], None] = lambda _: None) -> None:
        super().__init__(database)
        self.may_go_on = threading.Event()
        self.under_way = threading.Semaphore(0)
        self.counts: list[int] = []
        self._refuse = refuse

    def commit(self, arrivals: Sequence[Arrival], *, now: datetime) -> Counter[Outcome]:
        self.under_way.release()
        self.may_go_on.wait(20)
        self.counts.append(sum(len(arrival.fixes) for arrival in arrivals))
        for arrival in arrivals:
            self._refuse(arrival)
        return super().commit(arrivals, now=now)


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a phone of somebody in a company."""
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


def _arrivals(phone: Tracked, count: int, *, fix_count: int = 1) -> list[Arrival]:
    seconds = [[timedelta(seconds=number * fix_count + of) for of in range(fix_count)] for number in range(count)]
    return [phone.arrival(*(fix_at(MOMENT + after) for after in own), received_at=MOMENT) for own in seconds]


def _of_nobody(arrival: Arrival) -> Arrival:
    nobodys: TenantId = TenantId(uuid4())
    return type(arrival)(**{name: getattr(arrival, name) for name in arrival.__slots__} | {"tenant_id": nobodys})


async def _together(ingest: _Held, arrivals: Sequence[Arrival]) -> list[BaseException | None]:
    """Submit arrivals of which the first three have commits of their own, and give what each heard."""
    commit = GroupCommit(ingest, now=lambda: NOW)
    tasks = list[asyncio.Task[None]]()
    for arrival in arrivals[:3]:
        tasks.append(asyncio.create_task(commit.submit(arrival)))
        await asyncio.to_thread(ingest.under_way.acquire)
    tasks += [asyncio.create_task(commit.submit(arrival)) for arrival in arrivals[3:]]
    await asyncio.sleep(0)
    ingest.may_go_on.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_what_spoils_a_commit_spoils_it_for_itself_only(
    own: OwnDatabase, phone: Tracked, caplog: pytest.LogCaptureFixture
) -> None:
    """A post that meets a defect of ours may come again, and is written down once; the others of its group are kept."""
    arrivals = _arrivals(phone, 9)
    arrivals[6] = _of_nobody(arrivals[6])
    ingest = _Held(own.app)

    with caplog.at_level(logging.ERROR):
        heard = asyncio.run(_together(ingest, arrivals))

    assert max(ingest.counts) == 6
    assert [number for number, one in enumerate(heard) if one is not None] == [6]
    assert isinstance(heard[6], Unavailable)
    assert len(caplog.records) == 1


def test_what_is_refused_is_told_to_whom_it_is_refused(own: OwnDatabase, phone: Tracked) -> None:
    """As it is, and it is no defect."""
    arrivals = _arrivals(phone, 8)

    def refuse(arrival: Arrival) -> None:
        if arrival is arrivals[5]:
            raise Conflict(Message("Positions cannot be taken at the moment."))

    heard = asyncio.run(_together(_Held(own.app, refuse), arrivals))

    assert [type(one) for one in heard if one is not None] == [Conflict]
    assert isinstance(heard[5], Conflict)


def test_who_goes_away_keeps_nobody_from_an_answer(own: OwnDatabase, phone: Tracked) -> None:
    """Somebody whose connection breaks while the group is committed is left out when it is told."""

    async def leave() -> list[BaseException | None]:
        ingest, arrivals = _Held(own.app), _arrivals(phone, 2)
        commit = GroupCommit(ingest, now=lambda: NOW)
        gone, stays = (asyncio.create_task(commit.submit(arrival)) for arrival in arrivals)
        await asyncio.to_thread(ingest.under_way.acquire)
        gone.cancel()
        await asyncio.sleep(0)
        ingest.may_go_on.set()
        return await asyncio.wait_for(asyncio.gather(gone, stays, return_exceptions=True), 10)

    heard = asyncio.run(leave())

    assert [type(one) for one in heard] == [asyncio.CancelledError, type(None)]


def test_a_commit_takes_no_more_than_others_can_wait_for(own: OwnDatabase, phone: Tracked) -> None:
    """Of many large posts that wait as many are committed together as make some 20,000 fixes."""
    ingest = _Held(own.app)

    heard = asyncio.run(_together(ingest, _arrivals(phone, 9, fix_count=5_000)))

    assert set(heard) == {None}
    assert max(ingest.counts) == 20_000


def test_a_system_that_gives_no_thread_is_asked_again(
    own: OwnDatabase, phone: Tracked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post may come again; when there are threads it is kept."""
    start = threading.Thread.start

    def starved(thread: threading.Thread) -> None:
        if thread.name == "group commit":
            raise RuntimeError
        start(thread)

    async def submit_twice() -> list[BaseException | None]:
        commit = GroupCommit(Ingest(own.app), now=lambda: NOW)
        (arrival,) = _arrivals(phone, 1)
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", starved)
            first = await asyncio.gather(commit.submit(arrival), return_exceptions=True)
        return first + await asyncio.gather(commit.submit(arrival), return_exceptions=True)

    heard = asyncio.run(submit_twice())

    assert [type(one) for one in heard] == [Unavailable, type(None)]
