"""What phones hear when they post: that it is kept, that it never will be, or that they may try again."""

import asyncio
import base64
import gzip
import json
import logging
import tracemalloc
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.exchanges import Sender, answer_to, asked
from support.tracked import HERE, WORKER, Tracked, fix_at, give_device
from support.waiting import wait_until_blocked

from geo_engine.db.session import Database
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Track
from geo_engine.tracks.arrivals import Arrival, Outcome
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.protocols import Protocol, encode_columns, encode_rows
from geo_engine.workforce import Worker
from geo_engine.workforce.devices import revoke_keys
from geo_engine.workforce.service import import_workers
from web.bodies import Exchange, Pace, Scope
from web.ingest.door import IngestDoor, ingest_door
from web.ingest.forwarded import Roster
from web.ingest.group_commit import GroupCommit
from web.ingest.keys import KeyRing
from web.ingest.receiving import MOST_BYTES, Reception

MOMENT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
STAMP = int(MOMENT.timestamp())
ISO = "2026-11-25T02:00:00Z"
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [HERE.lon, HERE.lat]},
    "properties": {"timestamp": ISO},
}
FORWARDED = {"position": {"fixTime": ISO, "latitude": HERE.lat, "longitude": HERE.lon, "valid": True}, "device": {}}
BATCH = {"v": 1, "fixes": [{"tracked_at": ISO, "lon": HERE.lon, "lat": HERE.lat}]}
OWNTRACKS = json.dumps({"_type": "location", "lat": HERE.lat, "lon": HERE.lon, "tst": STAMP, "tid": "x"}).encode()
PLACE = f"lat={HERE.lat}&lon={HERE.lon}"
# What each client posts of one fix: query and body.
POSTS: dict[Protocol, tuple[str, bytes]] = {
    Protocol.OWNTRACKS: ("", OWNTRACKS),
    Protocol.TRACCAR: (f"id=1&{PLACE}&timestamp={STAMP}", b""),
    Protocol.OSMAND: (f"{PLACE}&timestamp={STAMP}000", b""),
    Protocol.OVERLAND: ("", json.dumps({"locations": [FEATURE]}).encode()),
    Protocol.GPSLOGGER: (f"{PLACE}&time={ISO}", b""),
    Protocol.OPENGTS: ("id=1&gprmc=$GPRMC,020000,A,3954.4800,N,11623.8200,E,0.0,0.0,251126,,*1B", b""),
    Protocol.TRACCAR_FORWARD: ("", json.dumps(FORWARDED).encode()),
    Protocol.BATCH: (
        "",
        json.dumps({"v": 1, "fixes": [{"tracked_at": ISO, "lon": HERE.lon, "lat": HERE.lat}]}).encode(),
    ),
}

type Told = tuple[int, dict[str, str], bytes]


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a device of a company that tracks always."""
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


class _Behind:
    """The pages."""

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        exchange.response_bytes(299, [], b"a page")


def _now() -> datetime:
    return MOMENT + timedelta(minutes=1)


def _door(database: Database, reception: Reception | None = None) -> IngestDoor:
    return ingest_door(_Behind(), database, _now, reception=reception)


async def _ask(
    door: IngestDoor,
    path: str,
    *parts: bytes | None,
    query: str = "",
    body: bytes = b"",
    method: str = "POST",
    **headers: str,
) -> Told:
    """Post a body, whole or in parts, of which None never comes, and return what is answered."""
    declared = None if parts else len(body)
    scope = asked(path, declared=declared, method=method, query=query, **headers)
    status, told, content = await answer_to(door, scope, Sender(parts=list(parts or [body])))
    return status, {name.lower(): value for name, value in told}, content


def _post(own: OwnDatabase, path: str, **asked: Any) -> Told:  # noqa: ANN401
    return asyncio.run(_ask(_door(own.app), path, **asked))


def _count(own: OwnDatabase, phone: Tracked, table: str = "fix") -> int:
    with own.app.bound(phone.tenant_id) as session:
        return session.scalars(text(f"select count(*) from {table}")).one()  # noqa: S608


def test_each_protocol_is_taken_at_its_own_path(own: OwnDatabase, phone: Tracked) -> None:
    """With or without a slash behind, by GET or POST; the fix is there when the answer comes, once for all of them."""
    assert set(POSTS) == set(Protocol)
    for protocol, (query, body) in POSTS.items():
        for slash, method in (("", "POST"), ("/", "POST" if body else "GET")):
            path = f"/ingest/{protocol}/{phone.key}{slash}"

            status, headers, _ = _post(own, path, query=query, body=body, method=method)

            assert (protocol, status) == (protocol, 200)
            assert headers["cache-control"] == "no-store"
            assert _count(own, phone) == 1


def test_a_traccar_server_forwards_of_many_devices_with_one_key(own: OwnDatabase, phone: Tracked) -> None:
    """Each position goes to the device of its name, a newer one's too; of an unknown name it is on record, not kept."""
    door = _door(own.app)
    give = partial(give_device, own.app, phone.tenant_id, protocol=Protocol.TRACCAR_FORWARD, worn_from=NOW)
    names = ("van", "lorry", "lorry", "nobody's")
    bodies = [_forwarded_as(name) for name in names]

    async def post() -> list[int]:
        van = give(name="van")
        path = f"/ingest/traccar-forward/{van.key}"
        told = [(await _ask(door, path, body=bodies[0]))[0]]
        give(name="lorry")
        return told + [(await _ask(door, path, body=body))[0] for body in bodies[1:]]

    assert asyncio.run(post()) == [200, 200, 200, 200]
    with own.app.bound(phone.tenant_id) as session:
        kept = session.execute(text("select d.name from fix as f join device as d on d.id = f.device_id")).scalars()
        assert sorted(kept) == ["lorry", "van"]
        (reason,) = session.execute(text("select reason from rejected_post")).scalars()
    assert "nobody's" in reason


def _forwarded_as(name: str) -> bytes:
    return json.dumps(FORWARDED | {"device": {"uniqueId": name}}).encode()


def test_a_phone_speaks_for_itself_alone(own: OwnDatabase, phone: Tracked) -> None:
    """Whatever name it says where a Traccar server posts: the position is that of the phone whose key it shows."""
    give_device(own.app, phone.tenant_id, protocol=Protocol.TRACCAR_FORWARD, name="van", worn_from=NOW)

    status, _, _ = _post(own, f"/ingest/traccar-forward/{phone.key}", body=_forwarded_as("van"))

    assert status == 200
    with own.app.bound(phone.tenant_id) as session:
        kept = session.execute(text("select d.name from fix as f join device as d on d.id = f.device_id")).scalars()
        assert list(kept) == ["phone"]


def test_what_is_forwarded_of_a_device_without_a_key_is_dropped(own: OwnDatabase, phone: Tracked) -> None:
    """Taking its keys away ends what it reports, also where a server with a key of its own reports of it."""
    give = partial(give_device, own.app, phone.tenant_id, protocol=Protocol.TRACCAR_FORWARD, worn_from=NOW)
    van, lorry, door = give(name="van"), give(name="lorry"), _door(own.app)
    path, positions = f"/ingest/traccar-forward/{van.key}", [_forwarded_as("lorry"), _forwarded_as("lorry")]
    positions[1] = positions[1].replace(ISO.encode(), b"2026-11-25T02:00:30Z")

    async def post() -> list[int]:
        told = [(await _ask(door, path, body=positions[0]))[0]]
        with own.app.bound(phone.tenant_id) as session:
            revoke_keys(session, lorry.device_id, by=OPERATOR, now=MOMENT)
        told.append((await _ask(door, path, body=positions[1]))[0])
        return [*told, (await _ask(_door(own.app), path, body=positions[1]))[0]]

    assert asyncio.run(post()) == [200, 200, 200]
    assert _count(own, phone) == 1
    with own.app.bound(phone.tenant_id) as session:
        assert session.scalars(text("select outcome from ingest_count")).all() == ["revoked"]


def test_a_body_may_be_compressed_on_its_way(own: OwnDatabase, phone: Tracked) -> None:
    """What is in it is kept; what grows too large, is cut or compressed otherwise is told, not lost without a word."""
    path, body = f"/ingest/batch/{phone.key}", json.dumps(BATCH).encode()
    bombs = gzip.compress(b" " * (MOST_BYTES + 1)), b" " * (MOST_BYTES + 1)

    kept = _post(own, path, body=gzip.compress(body), **{"content-encoding": "gzip"})
    told = [
        json.loads(_post(own, path, body=sent, **headers)[2])["dropped"]
        for sent, headers in (
            (bombs[0], {"content-encoding": "gzip"}),
            (bombs[1], {}),
            (gzip.compress(body)[:-9], {"content-encoding": "gzip"}),
            (body, {"content-encoding": "br"}),
        )
    ]

    assert json.loads(kept[2]) == {"fixes": 1, "dropped": []}
    assert _count(own, phone) == 1
    assert told == [
        ["The body is larger than 8 MB."],
        ["The body is larger than 8 MB."],
        ["The compressed body is damaged."],
        ["The body is compressed in a way that is not taken; gzip is."],
    ]


def test_clients_hear_what_they_wait_for(own: OwnDatabase, phone: Tracked) -> None:
    """OwnTracks a list, Overland its word as JSON: anything else and they send again for ever."""
    owntracks = _post(own, f"/ingest/owntracks/{phone.key}", body=OWNTRACKS)
    overland = _post(own, f"/ingest/overland/{phone.key}", body=POSTS[Protocol.OVERLAND][1])

    assert (owntracks[1]["content-type"], owntracks[2]) == ("application/json", b"[]")
    assert (overland[1]["content-type"], json.loads(overland[2])) == ("application/json", {"result": "ok"})


@pytest.mark.parametrize("user", ["", "somebody"])
def test_the_key_may_stand_in_a_header(own: OwnDatabase, phone: Tracked, user: str) -> None:
    """As the password of Basic, or as a Bearer token."""
    basic = base64.b64encode(f"{user}:{phone.key}".encode()).decode()
    for authorization in (f"Basic {basic}", f"Bearer {phone.key}"):
        status, _, _ = _post(own, "/ingest/owntracks", body=OWNTRACKS, authorization=authorization)

        assert status == 200
    assert _count(own, phone) == 1


def test_only_a_key_that_nobody_has_is_refused(own: OwnDatabase, phone: Tracked) -> None:
    """Whoever typed it wrong has to see that; what is asked for elsewhere goes to the pages."""
    other = add_bare_company(own.app, "beta")
    for key in (f"{phone.key}x", "nonsense", "", str(type(phone.key)(tenant_id=other, secret=phone.key.secret))):
        status, _, body = _post(own, f"/ingest/owntracks/{key}", body=OWNTRACKS)

        assert (status, body) == (403, b"wrong key")
    assert _post(own, f"/ingest/nothing/{phone.key}")[0] == 404
    assert _post(own, f"/ingest/owntracks/{phone.key}", method="PUT")[0] == 405
    assert _post(own, "/dispatch")[0] == 299


def test_what_will_never_be_a_fix_is_acknowledged_and_on_record(own: OwnDatabase, phone: Tracked) -> None:
    """A 4xx would block the queue of the phone for ever; whoever helps finds the reason."""
    broken = b'{"_type": "location", "lat": 91, "lon": 0, "tst": 1}'

    status, _, body = _post(own, f"/ingest/owntracks/{phone.key}", body=broken)

    assert (status, body) == (200, b"[]")
    assert _count(own, phone) == 0
    with own.app.bound(phone.tenant_id) as session:
        (reason,) = session.scalars(text("select reason from rejected_post")).all()
    assert reason


def test_of_a_post_with_something_bad_in_it_only_the_reason_is_kept(own: OwnDatabase, phone: Tracked) -> None:
    """Beside one bad row it says where somebody was when nobody may be tracked: no part of that stands anywhere."""
    with own.app.bound(phone.tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.SHIFT), by=OPERATOR, now=NOW)
    body = json.dumps(BATCH | {"fixes": [*BATCH["fixes"], {"tracked_at": ISO, "lon": 0, "lat": 91}]}).encode()

    status, _, _ = _post(own, f"/ingest/batch/{phone.key}", body=body)

    assert status == 200
    with own.app.bound(phone.tenant_id) as session:
        ((reason, kept),) = session.execute(text("select reason, body from rejected_post")).all()
    assert "Number 2" in reason
    assert bytes(kept) == b""


def test_a_reason_says_no_place(own: OwnDatabase, phone: Tracked) -> None:
    """It quotes what it is about, and that may be a position: its figures are left out, its form is seen."""
    status, _, _ = _post(own, f"/ingest/opengts/{phone.key}", query="id=1&gprmc=$GPRMC,082202,A,5006.7,N,01416.5,E")

    assert status == 200
    with own.app.bound(phone.tenant_id) as session:
        (reason,) = session.scalars(text("select reason from rejected_post")).all()
    assert reason == "“$GPRMC,000000,A,0000.0,N,00000.0,E” is no sentence RMC."


def test_bad_posts_of_a_device_fill_no_disk(own: OwnDatabase, phone: Tracked) -> None:
    """The same one is on record once an hour, and of as many different ones as one likes a hundred are."""
    bodies = [json.dumps({"version": f"v{number}", "fixes": []}).encode() for number in range(400)]

    async def post_all(bodies: Iterable[bytes]) -> set[int]:
        door = _door(own.app)
        told = await asyncio.gather(*(_ask(door, f"/ingest/batch/{phone.key}", body=body) for body in bodies))
        return {status for status, _, _ in told}

    assert asyncio.run(post_all(bodies[:1] * 20)) == {200}
    assert _count(own, phone, "rejected_post") == 1
    assert asyncio.run(post_all(bodies)) == {200}
    assert 50 < _count(own, phone, "rejected_post") <= 100


def test_too_much_is_acknowledged_too(own: OwnDatabase, phone: Tracked) -> None:
    """OwnTracks for iOS deletes what is refused with 413: it is read, and dropped."""
    status, _, _ = _post(own, f"/ingest/owntracks/{phone.key}", body=b"[" * (MOST_BYTES + 1))

    assert status == 200
    assert _count(own, phone) == 0


def test_whoever_shows_a_wrong_key_is_not_listened_to_for_long(own: OwnDatabase, phone: Tracked) -> None:
    """The key comes before the body, of which nothing is kept: a megabyte of it is heard, so that the answer is."""
    path, parts = f"/ingest/batch/{phone.key}x", [bytes(600_000)] * 2

    status, _, _ = asyncio.run(asyncio.wait_for(_ask(_door(own.app), path, *parts, None), timeout=5))

    assert status == 403


def test_what_is_too_large_is_counted_and_not_kept(own: OwnDatabase, phone: Tracked) -> None:
    """While 60 MB are read of a post, eight at most are in memory."""
    parts = [bytes(1_000_000)] * 60
    tracemalloc.start()

    status, _, _ = asyncio.run(_ask(_door(own.app), f"/ingest/batch/{phone.key}", *parts))

    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status == 200
    assert most_bytes < 3 * MOST_BYTES


def test_bodies_under_way_have_their_share_of_memory(own: OwnDatabase, phone: Tracked) -> None:
    """Who comes when it is all taken may come again; what was answered has given its part back."""
    path, size_bytes = f"/ingest/owntracks/{phone.key}", len(OWNTRACKS)

    async def post_all() -> list[int]:
        door = _door(own.app, Reception(most_at_once_bytes=size_bytes + 10))
        before = [(await _ask(door, path, body=OWNTRACKS))[0] for _ in range(2)]
        half = asyncio.create_task(_ask(door, path, OWNTRACKS[:20], None))
        await asyncio.sleep(0)  # it begins to send
        crowded = await _ask(door, path, body=OWNTRACKS)
        half.cancel()
        await asyncio.gather(half, return_exceptions=True)
        return [*before, crowded[0], (await _ask(door, path, body=OWNTRACKS))[0]]

    assert asyncio.run(post_all()) == [200, 200, 503, 200]


def test_a_network_that_is_too_slow_is_something_temporary(own: OwnDatabase, phone: Tracked) -> None:
    """OwnTracks for iOS deletes what is answered with 408: it hears 503, and sends the same again."""
    door = _door(own.app, Reception(pace=Pace(patience_s=0.3, most_s=0.0)))

    status, headers, _ = asyncio.run(_ask(door, f"/ingest/owntracks/{phone.key}", OWNTRACKS[:20], None))

    assert (status, headers["retry-after"], headers["connection"]) == (503, "10", "close")
    assert _count(own, phone) == 0


def test_a_revoked_key_is_forgotten_kindly_where_the_client_would_lose_or_hammer(
    own: OwnDatabase, phone: Tracked
) -> None:
    """OwnTracks and OsmAnd hear that all is well and nothing is kept; others keep theirs and say that it is refused."""
    with own.app.bound(phone.tenant_id) as session:
        revoke_keys(session, phone.device_id, by=OPERATOR, now=MOMENT)

    told = {}
    for protocol, (query, body) in POSTS.items():
        told[protocol] = _post(own, f"/ingest/{protocol}/{phone.key}", query=query, body=body)[0]

    kind = {Protocol.OWNTRACKS, Protocol.OSMAND}
    assert told == {protocol: 200 if protocol in kind else 403 for protocol in Protocol}
    assert _count(own, phone) == 0


def test_while_the_database_is_away_phones_try_again(
    own: OwnDatabase, phone: Tracked, caplog: pytest.LogCaptureFixture
) -> None:
    """503, nothing acknowledged, no key in any log; when it is back the same post is taken."""
    caplog.set_level(logging.DEBUG)
    away = Database("postgresql://geo_app@127.0.0.1:1/nowhere", pool_size=1)

    status, headers, body = asyncio.run(_ask(_door(away), f"/ingest/owntracks/{phone.key}", body=OWNTRACKS))

    assert (status, headers["retry-after"]) == (503, "10")
    assert phone.key.secret not in body.decode() + caplog.text
    assert _post(own, f"/ingest/owntracks/{phone.key}", body=OWNTRACKS)[0] == 200
    assert _count(own, phone) == 1


def test_many_posts_share_a_commit(own: OwnDatabase, phone: Tracked) -> None:
    """Of fifty that come while one is committed, the others are committed together; each is kept."""

    async def post_all() -> list[Told]:
        door = _door(own.app)
        await _post_at(door, phone, -1)
        return await asyncio.gather(*(_post_at(door, phone, second) for second in range(50)))

    told = asyncio.run(post_all())

    assert {status for status, _, _ in told} == {200}
    assert _count(own, phone) == 51
    assert _commit_count(own, phone) < 10


class _Counted(Ingest):
    """Notes how many fixes each commit brings."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.counts: list[int] = []

    def commit(self, arrivals: Sequence[Arrival], *, now: datetime) -> Counter[Outcome]:
        self.counts.append(sum(len(arrival.fixes) for arrival in arrivals))
        return super().commit(arrivals, now=now)


@pytest.mark.parametrize("form", ["columns", "rows"])
def test_a_large_post_is_committed_bit_by_bit(own: OwnDatabase, phone: Tracked, form: str) -> None:
    """Others have their turn between; it is acknowledged when all of it is on disk, what is bad in it told once."""
    count = 7_000
    fixes = [fix_at(MOMENT - timedelta(seconds=number)) for number in range(count)]
    body = encode_rows(fixes) if form == "rows" else encode_columns(Track.of(fixes), device=None)
    if form == "rows":
        body = body.replace(b'"lat": ', b'"lat": 9', 1)
    ingest = _Counted(own.app)
    door = IngestDoor(
        _Behind(),
        keys=KeyRing(own.app, now=_now),
        roster=Roster(own.app, now=_now),
        commit=GroupCommit(ingest, now=_now),
        now=_now,
        reception=Reception(),
    )

    status, _, told = asyncio.run(_ask(door, f"/ingest/batch/{phone.key}", body=body))

    bad_count = 1 if form == "rows" else 0
    assert (status, json.loads(told)["fixes"]) == (200, count - bad_count)
    assert _count(own, phone) == count - bad_count
    assert _count(own, phone, "rejected_post") == bad_count
    assert len(ingest.counts) > 1
    assert max(ingest.counts) <= 5_000


def test_what_comes_while_commits_are_under_way_shares_the_next(own: OwnDatabase, phone: Tracked) -> None:
    """Three are under way at once; four posts share the fourth, and as many as two had on average are awaited again."""

    async def post_all() -> None:
        commit = GroupCommit(Ingest(own.app), now=_now, patience_s=60.0)
        keys, roster = KeyRing(own.app, now=_now), Roster(own.app, now=_now)
        door = IngestDoor(_Behind(), keys=keys, roster=roster, commit=commit, now=_now, reception=Reception())
        await _post_at(door, phone, 0)
        with own.app.bound(phone.tenant_id) as session:
            session.execute(text("select from device_live for update"))
            under_way = []
            for number in (1, 2, 3):
                under_way.append(asyncio.create_task(_post_at(door, phone, number)))
                await asyncio.to_thread(wait_until_blocked, own, count=number)
            together = [asyncio.create_task(_post_at(door, phone, second)) for second in (4, 5, 6, 7)]
            await asyncio.to_thread(wait_until_blocked, own, count=3)
        await asyncio.gather(*under_way, *together)
        again = asyncio.create_task(_post_at(door, phone, 8))
        await asyncio.to_thread(_count, own, phone)
        assert not again.done()
        await asyncio.gather(again, _post_at(door, phone, 9))

    asyncio.run(post_all())

    assert _count(own, phone) == 10
    assert _commit_count(own, phone) == 6


def _post_at(door: IngestDoor, phone: Tracked, second: int) -> Coroutine[None, None, Told]:
    body = OWNTRACKS.replace(str(STAMP).encode(), str(STAMP + second).encode())
    return _ask(door, f"/ingest/owntracks/{phone.key}", body=body)


def _commit_count(own: OwnDatabase, phone: Tracked) -> int:
    with own.app.bound(phone.tenant_id) as session:
        return session.scalars(text("select count(distinct xmin::text) from fix")).one()
