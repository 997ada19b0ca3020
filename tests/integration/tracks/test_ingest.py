"""What becomes of fixes that arrive: kept once, or not at all; whose they are; when nobody may be tracked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from support.cluster import connected
from support.companies import NOW, SERVICE_ON, add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, OFF_SHIFT, ON_SHIFT, WORKER, Tracked, fix_at, give_device
from support.waiting import wait_until_blocked

from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import RowConflict
from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.timespan import ClockWindow
from geo_engine.tracks import Flag, Track
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.live import find_moved
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.sealed import release_covered
from geo_engine.words import Message
from geo_engine.workforce import Worker, WorkerShift
from geo_engine.workforce.attendance import clock_in, clock_out
from geo_engine.workforce.device_store import delete_unworn_devices, delete_wearings
from geo_engine.workforce.devices import hand_over, revoke_keys, rotate_key
from geo_engine.workforce.service import import_workers, set_shifts

A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
OTHER = WorkerId("W2")
SHIFT_STARTS, SHIFT_ENDS = datetime(2026, 11, 25, 0, 0, tzinfo=UTC), datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ELSEWHERE = Position(116.4, 39.95)


@pytest.fixture
def tracked(own: OwnDatabase) -> Tracked:
    """Give a device of a worker with a shift of the day, from eight to five where the company is."""
    return _tracked(own, add_bare_company(own.app, "alpha"))


def _tracked(own: OwnDatabase, tenant_id: TenantId) -> Tracked:
    people = [Worker(id=one, name=one, start=HERE) for one in (WORKER, OTHER)]
    hours = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    with own.app.bound(tenant_id) as session:
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        set_shifts(session, [WorkerShift(service_on=SERVICE_ON, worker_id=WORKER, hours=hours)], by=OPERATOR, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


def _report(own: OwnDatabase, tracked: Tracked, *moments: datetime, received_at: datetime = OFF_SHIFT) -> None:
    arrivals = [tracked.arrival(fix_at(moment), received_at=received_at) for moment in moments]
    Ingest(own.app).commit(arrivals, now=received_at)


def _kept(own: OwnDatabase, tracked: Tracked) -> Track:
    with own.app.bound(tracked.tenant_id) as session:
        return get_track(session, tracked.device_id, from_at=NOW - AN_HOUR * 9_000, until_at=NOW + AN_HOUR * 999)[0]


def _moments(own: OwnDatabase, tracked: Tracked) -> list[datetime]:
    return [to_moment(int(one)) for one in _kept(own, tracked).times_us]


def _counted(own: OwnDatabase, tracked: Tracked) -> dict[str, int]:
    with own.app.bound(tracked.tenant_id) as session:
        return dict(session.execute(text("select outcome, sum(fix_count) from ingest_count group by 1")).all())


def _follow(own: OwnDatabase, tracked: Tracked, rule: TrackingRule) -> None:
    with own.app.bound(tracked.tenant_id) as session:
        set_tracking(session, rule, by=OPERATOR, now=NOW)


def test_the_same_fixes_in_any_order_and_number_are_kept_once(own: OwnDatabase, tracked: Tracked) -> None:
    """Sent again, mixed with others, in one post or several: each is kept once, with all it said."""
    first = fix_at(ON_SHIFT, accuracy_m=12.5, altitude_m=48.0, speed_mps=1.5, heading_deg=270.0, battery_percent=81.0)
    beside = fix_at(ON_SHIFT, ELSEWHERE)
    later = fix_at(ON_SHIFT + A_MINUTE)
    ingest = Ingest(own.app)

    ingest.commit([tracked.arrival(later, first, later, received_at=OFF_SHIFT)], now=OFF_SHIFT)
    ingest.commit([tracked.arrival(one, received_at=OFF_SHIFT) for one in (first, beside, first)], now=OFF_SHIFT)

    kept = _kept(own, tracked)
    assert _moments(own, tracked) == [ON_SHIFT, ON_SHIFT, ON_SHIFT + A_MINUTE]
    assert (kept.lons_deg[0], kept.lats_deg[0]) == (HERE.lon, HERE.lat)
    figures = (kept.accuracies_m, kept.altitudes_m, kept.speeds_mps, kept.headings_deg, kept.batteries_percent)
    assert [float(column[0]) for column in figures] == [12.5, 48.0, 1.5, 270.0, 81.0]


def test_a_few_fixes_and_a_great_many_become_the_same_rows(own: OwnDatabase, tracked: Tracked) -> None:
    """They take different ways into the database; what a fix does not know is unknown behind both."""
    other = give_device(own.app, tracked.tenant_id, WORKER, worn_from=NOW)
    second = timedelta(seconds=1)
    known = {"accuracy_m": 12.5, "altitude_m": -3.0, "speed_mps": 1.5, "heading_deg": 270.0, "battery_percent": 81.0}
    fixes = [
        fix_at(
            ON_SHIFT + number * second,
            Position(HERE.lon + number * 1e-5, HERE.lat),
            sent_at=ON_SHIFT + number * second if number % 2 else None,
            **known if number % 3 else {},
        )
        for number in range(2_000)
    ]
    ingest = Ingest(own.app)

    ingest.commit([tracked.arrival(*fixes, received_at=OFF_SHIFT)], now=OFF_SHIFT)
    for start in range(0, len(fixes), 400):
        ingest.commit([other.arrival(*fixes[start : start + 400], received_at=OFF_SHIFT)], now=OFF_SHIFT)

    with own.app.bound(tracked.tenant_id) as session:
        device_ids = tracked.device_id, other.device_id
        many, few = (session.execute(text(_ROWS_OF), {"device_id": one}).all() for one in device_ids)
    assert len(many) == len(fixes)
    assert few == many


_ROWS_OF = """
select tracked_at, place, retention_days, received_at, sent_at, st_asewkb(geom), accuracy_m, altitude_m, speed_mps,
    heading_deg, battery_percent, flags, source
from fix where device_id = :device_id order by tracked_at
"""


def test_a_commit_that_fails_spoils_no_later_one(own: OwnDatabase, tracked: Tracked) -> None:
    """Also when it is the first on its connection, and whichever way the fixes go."""
    stranger = replace(tracked, device_id=DeviceId(uuid4()))
    unreadable = stranger.arrival(received_at=OFF_SHIFT, rejected=(Message("There is nothing in it."),))
    ingest = Ingest(own.app)
    for count in (1, 1_500):
        fixes = [fix_at(ON_SHIFT + timedelta(seconds=count + number)) for number in range(count)]
        arrival = tracked.arrival(*fixes, received_at=OFF_SHIFT)

        with pytest.raises(RowConflict):
            ingest.commit([arrival, unreadable], now=OFF_SHIFT)
        assert not set(_moments(own, tracked)) & {fix.tracked_at for fix in fixes}
        ingest.commit([arrival], now=OFF_SHIFT)

        assert set(_moments(own, tracked)) >= {fix.tracked_at for fix in fixes}


def test_two_commits_of_the_same_fixes_do_not_wait_for_each_other(own: OwnDatabase, tracked: Tracked) -> None:
    """Three fixes, and two of them again the other way round while the first commit is under way: all are kept once."""
    first, middle, last = (fix_at(ON_SHIFT + number * A_MINUTE) for number in range(3))
    forth = tracked.arrival(first, middle, last, received_at=OFF_SHIFT)
    back = tracked.arrival(last, first, received_at=OFF_SHIFT)
    _report(own, tracked, middle.tracked_at)

    with ThreadPoolExecutor(2) as threads:
        with own.app.bound(tracked.tenant_id) as session:
            session.execute(text("delete from fix"))
            commits = []
            for number, arrival in enumerate((forth, back), start=1):
                commits.append(threads.submit(Ingest(own.app).commit, [arrival], now=OFF_SHIFT))
                wait_until_blocked(own, count=number)
        for one in commits:
            one.result()

    assert _moments(own, tracked) == [first.tracked_at, middle.tracked_at, last.tracked_at]


def test_a_device_that_is_gone_is_neither_kept_nor_counted(own: OwnDatabase, tracked: Tracked) -> None:
    """Its key may be remembered for a moment: what comes with it is acknowledged, and others' fixes are kept."""
    other = give_device(own.app, tracked.tenant_id, OTHER, worn_from=NOW)
    with own.app.bound(tracked.tenant_id) as session:
        delete_wearings(session, OTHER)
        delete_unworn_devices(session, [other.device_id])
    arrivals = [one.arrival(fix_at(ON_SHIFT), received_at=OFF_SHIFT) for one in (other, tracked)]

    Ingest(own.app).commit(arrivals, now=OFF_SHIFT)

    assert _moments(own, tracked) == [ON_SHIFT]
    assert _moments(own, other) == []
    assert _counted(own, tracked) == {}


def test_who_is_not_on_shift_is_not_tracked(own: OwnDatabase, tracked: Tracked) -> None:
    """Of the planned shift a quarter of an hour on both sides is kept; the rest is counted and stored nowhere."""
    quarter = 15 * A_MINUTE
    within = [SHIFT_STARTS - quarter, SHIFT_STARTS, SHIFT_ENDS, SHIFT_ENDS + quarter]
    outside = [
        SHIFT_STARTS - quarter - A_MINUTE,
        SHIFT_ENDS + quarter + A_MINUTE,
        SHIFT_STARTS - 24 * AN_HOUR + quarter,
    ]

    _report(own, tracked, *within, *outside)

    assert _moments(own, tracked) == within
    assert _counted(own, tracked) == {"off_shift": len(outside)}


def test_clocking_in_and_out_takes_the_place_of_the_planned_shift(own: OwnDatabase, tracked: Tracked) -> None:
    """From clock-in to clock-out, and neither in the planned hours before nor in those after."""
    begins, ends = SHIFT_STARTS + AN_HOUR, SHIFT_STARTS + 2 * AN_HOUR
    with own.app.bound(tracked.tenant_id) as session:
        clock_in(session, WORKER, at=begins, by=OPERATOR, now=OFF_SHIFT)
        clock_out(session, WORKER, at=ends, by=OPERATOR, now=OFF_SHIFT)

    _report(own, tracked, SHIFT_STARTS, begins, begins + A_MINUTE, ends + A_MINUTE, SHIFT_ENDS)

    assert _moments(own, tracked) == [begins, begins + A_MINUTE]


def test_a_company_may_track_always(own: OwnDatabase, tracked: Tracked) -> None:
    """Then also whoever has no shift, but nobody before wearing the device."""
    _follow(own, tracked, TrackingRule(gate=TrackingGate.ALWAYS))

    _report(own, tracked, NOW - A_MINUTE, NOW + A_MINUTE, OFF_SHIFT)

    assert _moments(own, tracked) == [NOW + A_MINUTE, OFF_SHIFT]


def test_what_comes_before_the_clock_in_is_sealed_until_it_is_covered(own: OwnDatabase, tracked: Tracked) -> None:
    """No role reads it meanwhile; the clock-in releases what it covers, into the track and the live map."""
    _follow(own, tracked, TrackingRule(attendance=Attendance.PHONE))
    early = SHIFT_STARTS - 2 * AN_HOUR
    _report(own, tracked, early, early + A_MINUTE, early - AN_HOUR, received_at=ON_SHIFT)
    _report(own, tracked, early, received_at=ON_SHIFT)
    assert _moments(own, tracked) == []
    for role in (DatabaseRole.APP, DatabaseRole.MAINTENANCE):
        with connected(own.cluster, role, database=own.name) as server, pytest.raises(psycopg.Error) as refused:
            server.execute("select * from sealed_fix")
        assert refused.value.sqlstate == "42501"

    with own.app.bound(tracked.tenant_id) as session:
        clock_in(session, WORKER, at=early, by=OPERATOR, now=ON_SHIFT)
        released = release_covered(session, now=ON_SHIFT)
        live = find_moved(session, since=None, by=OPERATOR, now=ON_SHIFT)

    assert released == 1
    assert _moments(own, tracked) == [early, early + A_MINUTE]
    assert live is not None
    assert [one.tracked_at for one in live.positions] == [early + A_MINUTE]


def test_what_nobody_covers_is_deleted_after_two_days(own: OwnDatabase, tracked: Tracked) -> None:
    """By the database's own clock; what came since then stays."""
    _follow(own, tracked, TrackingRule(attendance=Attendance.PHONE))
    shiftless = give_device(own.app, tracked.tenant_id, OTHER, worn_from=NOW)
    moment = datetime.now(UTC)
    for age in (timedelta(hours=49), timedelta(hours=47)):
        _report(own, shiftless, moment - age, received_at=moment - age)

    with own.app.bound(tracked.tenant_id) as session:
        release_covered(session, now=moment)

    with connected(own.cluster, database=own.name) as server:
        assert server.execute("select tracked_at from sealed_fix").fetchall() == [(moment - timedelta(hours=47),)]


def test_a_fix_belongs_to_who_wore_the_device_then(own: OwnDatabase, tracked: Tracked) -> None:
    """Handed over at noon to somebody without a shift, the afternoon is not kept; a late fix of the morning is."""
    noon = SHIFT_STARTS + 4 * AN_HOUR
    with own.app.bound(tracked.tenant_id) as session:
        hand_over(session, tracked.device_id, OTHER, by=OPERATOR, at=noon)

    _report(own, tracked, noon + A_MINUTE, noon - A_MINUTE)

    assert _moments(own, tracked) == [noon - A_MINUTE]
    with own.app.bound(tracked.tenant_id) as session:
        shown = find_moved(session, since=None, by=OPERATOR, now=OFF_SHIFT)
    assert shown is not None
    assert shown.positions == ()


def test_a_key_that_is_replaced_holds_for_a_while_and_one_that_is_taken_away_does_not(
    own: OwnDatabase, tracked: Tracked
) -> None:
    """Until the overlap is over both report; after a revocation nothing is kept, and it is counted."""
    with own.app.bound(tracked.tenant_id) as session:
        newer = rotate_key(session, tracked.device_id, by=OPERATOR, now=SHIFT_STARTS, overlap=AN_HOUR)
    successor = Tracked(tenant_id=tracked.tenant_id, device_id=tracked.device_id, key=newer)

    _report(own, tracked, SHIFT_STARTS, received_at=SHIFT_STARTS + A_MINUTE)
    _report(own, successor, SHIFT_STARTS + A_MINUTE, received_at=SHIFT_STARTS + A_MINUTE)
    _report(own, tracked, SHIFT_STARTS + AN_HOUR, received_at=SHIFT_STARTS + 2 * AN_HOUR)
    with own.app.bound(tracked.tenant_id) as session:
        revoke_keys(session, tracked.device_id, by=OPERATOR, now=SHIFT_STARTS + 2 * AN_HOUR)
    _report(own, successor, SHIFT_STARTS + 2 * AN_HOUR, received_at=SHIFT_STARTS + 3 * AN_HOUR)

    assert _moments(own, tracked) == [SHIFT_STARTS, SHIFT_STARTS + A_MINUTE]
    assert _counted(own, tracked) == {"revoked": 2}


def test_what_takes_long_to_commit_is_asked_to_be_derived(own: OwnDatabase, tracked: Tracked) -> None:
    """An asking that was served meanwhile did not see it; what is on disk before an asking is served needs no other."""
    seconds = iter([10.0, 10.9, 13.0])
    ingest = Ingest(own.app, clock=lambda: next(seconds))
    asked = []

    with connected(own.cluster, database=own.name) as server:
        for minutes in range(3):
            arrival = tracked.arrival(fix_at(ON_SHIFT + minutes * A_MINUTE), received_at=OFF_SHIFT)
            ingest.commit([arrival], now=OFF_SHIFT)
            asked.append(len(server.execute("delete from procrastinate_jobs returning id").fetchall()))

    assert asked == [1, 0, 1]


def test_the_live_position_moves_forward_only_and_never_into_the_future(own: OwnDatabase, tracked: Tracked) -> None:
    """A late fix, one from a clock that is ahead and one at 0, 0 are kept and flagged, and none is where it is now."""
    ahead, late = fix_at(ON_SHIFT + AN_HOUR), fix_at(ON_SHIFT - AN_HOUR, ELSEWHERE)
    nowhere, now = fix_at(ON_SHIFT + A_MINUTE, Position(0.0, 0.0)), fix_at(ON_SHIFT)
    for fix in (now, late, ahead, nowhere):
        Ingest(own.app).commit([tracked.arrival(fix, received_at=ON_SHIFT + A_MINUTE)], now=ON_SHIFT + A_MINUTE)

    with own.app.bound(tracked.tenant_id) as session:
        live = find_moved(session, since=None, by=OPERATOR, now=ON_SHIFT)
        flags = get_track(session, tracked.device_id, from_at=NOW, until_at=OFF_SHIFT)[2]

    assert live is not None
    assert [(one.tracked_at, one.position) for one in live.positions] == [(ON_SHIFT, HERE)]
    assert [Flag(int(one)) for one in flags] == [Flag(0), Flag(0), Flag.ZERO, Flag.FUTURE]


@pytest.mark.parametrize("count", [3, 2_000])
def test_only_what_was_not_known_is_to_be_derived(own: OwnDatabase, tracked: Tracked, count: int) -> None:
    """A phone that sends old fixes again costs nothing, few or many; from the first new one on all is derived."""
    second = timedelta(seconds=1)
    fixes = [fix_at(ON_SHIFT + number * second) for number in range(count)]
    ingest, waiting = Ingest(own.app), []

    for sent in (
        fixes,
        fixes[:2],
        [*fixes, fix_at(fixes[-1].tracked_at + second)],
        [fixes[1], fix_at(ON_SHIFT - second)],
    ):
        with own.app.bound(tracked.tenant_id) as session:
            session.execute(text("update device_live set underived_from = null"))
        ingest.commit([tracked.arrival(*sent, received_at=OFF_SHIFT)], now=OFF_SHIFT)
        with own.app.bound(tracked.tenant_id) as session:
            waiting += session.scalars(text("select underived_from from device_live")).all()

    assert waiting == [ON_SHIFT, None, ON_SHIFT + count * second, ON_SHIFT - second]


def test_what_moved_is_told_once_and_nothing_is_left_out(own: OwnDatabase, tracked: Tracked) -> None:
    """A cursor shows what was committed after it, also by a transaction that had begun before."""
    _report(own, tracked, ON_SHIFT)
    with own.app.bound(tracked.tenant_id) as slow:
        slow.execute(text("select pg_current_xact_id()"))
        slow.execute(
            text("update device_live set changed_in = pg_current_xact_id()::text::bigint, battery_percent = 5")
        )
        with own.app.bound(tracked.tenant_id) as session:
            before = find_moved(session, since=None, by=OPERATOR, now=ON_SHIFT)
            assert before is not None
            assert find_moved(session, since=before.cursor, by=OPERATOR, now=ON_SHIFT) is None

    with own.app.bound(tracked.tenant_id) as session:
        after = find_moved(session, since=before.cursor, by=OPERATOR, now=ON_SHIFT)
        assert after is not None
        assert [one.battery_percent for one in after.positions] == [5.0]
        assert find_moved(session, since=after.cursor, by=OPERATOR, now=ON_SHIFT) is None


def test_what_is_too_old_or_too_far_ahead_is_counted_only(own: OwnDatabase, tracked: Tracked) -> None:
    """Older than the company keeps fixes, or more than a day ahead of us."""
    _follow(own, tracked, TrackingRule(gate=TrackingGate.ALWAYS, retention_days=30))
    moment = NOW + timedelta(days=40)

    _report(own, tracked, NOW + A_MINUTE, moment, moment + timedelta(hours=25), received_at=moment)

    assert _moments(own, tracked) == [moment]
    assert _counted(own, tracked) == {"expired": 1, "clock_ahead": 1}


def test_devices_of_two_companies_share_a_commit_and_nothing_else(own: OwnDatabase) -> None:
    """Each company has its own fix, its own count and its own live position afterwards."""
    pair = [_tracked(own, add_bare_company(own.app, code)) for code in ("alpha", "beta")]
    places = (HERE, ELSEWHERE)
    arrivals = [
        one.arrival(fix_at(ON_SHIFT, place), fix_at(OFF_SHIFT, place), received_at=OFF_SHIFT)
        for one, place in zip(pair, places, strict=True)
    ]

    Ingest(own.app).commit([*arrivals, arrivals[0]], now=OFF_SHIFT)

    for one, place in zip(pair, places, strict=True):
        kept = _kept(own, one)
        assert [(kept.lons_deg[0], kept.lats_deg[0])] == [(place.lon, place.lat)]
        assert len(kept) == 1
    assert [_counted(own, one) for one in pair] == [{"off_shift": 2}, {"off_shift": 1}]


@pytest.fixture
def classes(own: OwnDatabase) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection."""
    with connected(own.cluster, database=own.name) as server:
        yield server


def test_expiry_is_the_drop_of_a_partition(own: OwnDatabase, classes: psycopg.Connection) -> None:
    """What the class of a company keeps stays; a partition that is older in every part is gone, of no other class."""
    now = datetime.now(UTC)
    with own.app.unbound() as session:
        for days in (30, 365):
            for age in (1, 29, 40):
                values = {"days": days, "at": now - timedelta(days=age)}
                session.execute(text("select add_fix_partition(cast(:days as smallint), :at)"), values)
        dropped = session.scalars(text("select drop_expired_fixes()")).all()

    assert dropped == [f"fix_30_{now - timedelta(days=40):%Y%m%d}"]
    left = classes.execute("select count(*) from pg_partition_tree('fix') where isleaf and relid::text ~ '^fix_30_'")
    assert left.fetchone() == (2,)
