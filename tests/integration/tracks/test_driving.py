"""Trips tell what was driven once they are believed for good, where their company's roads are at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.cluster import connected
from support.companies import NOW, SERVICE_ON
from support.databases import OwnDatabase
from support.drives import Drive, Phone, drive_through, reported
from support.photographed import photo_files
from support.tracked import HERE, ON_SHIFT, WORKER, Tracked, fix_at, give_device
from support.walks import AT_EIGHT

from geo_engine.geometry import Position
from geo_engine.geometry.measure import length_m
from geo_engine.ids import GraphKey, TenantId
from geo_engine.jobs import registered_tasks
from geo_engine.roads import STRAIGHT_ROADS, RoadChoice
from geo_engine.roads.build import build_graph
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.service import use_roads
from geo_engine.settings import read_settings
from geo_engine.tenancy import OPERATOR, Tenant
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import add_tenant, set_tracking
from geo_engine.tracks import Fix, driving
from geo_engine.tracks.driven import DrivenWay
from geo_engine.tracks.driving import match_trips
from geo_engine.tracks.ingest import DERIVE_TASK, Ingest
from geo_engine.tracks.keeping import wake
from geo_engine.tracks.looking import WornTrack, get_worker_day
from geo_engine.tracks.model import to_moment
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.words import Language
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

EXTRACT = Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"
CACHE = read_settings().cache_dir
PLACES = [Position(7.4205, 43.7346), Position(7.4139, 43.7389), Position(7.4283, 43.7396), Position(7.4130, 43.7290)]
MIDNIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""Of SERVICE_ON, where the company is."""
LATER = ON_SHIFT + timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Monaco:
    """A day on the bundled extract's roads, what a phone reports of it, and what a company chooses to match it."""

    drive: Drive
    fixes: Sequence[Fix]
    choice: RoadChoice

    def trip_ends(self) -> list[tuple[float, float]]:
        """Return what the odometer says at both ends of each trip."""
        seconds = [
            [int((moment - AT_EIGHT).total_seconds()) for moment in (stay.started_at, stay.ended_at)]
            for stay in self.drive.stays
        ]
        odometers_m = self.drive.odometers_m
        return [(odometers_m[before[1]], odometers_m[after[0]]) for before, after in pairwise(seconds)]


@pytest.fixture(scope="module")
def monaco() -> Monaco:
    """Return a day with four stays; an hour and more after the last one the phone reports once more."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=CACHE)) as router:
        drive = drive_through(router, PLACES, np.random.default_rng(7))
    track = reported(drive, Phone(every_s=15), np.random.default_rng(1))
    moments = [to_moment(int(at_us)) - AT_EIGHT + ON_SHIFT for at_us in track.times_us]
    places = map(Position, track.lons_deg.tolist(), track.lats_deg.tolist())
    fixes = [fix_at(moment, place, accuracy_m=8.0) for moment, place in zip(moments, places, strict=True)]
    last = fix_at(moments[-1] + timedelta(minutes=90), PLACES[-1], accuracy_m=8.0)
    return Monaco(drive=drive, fixes=[*fixes, last], choice=choose_roads(str(EXTRACT), cache_dir=CACHE))


@pytest.fixture
def phone(own: OwnDatabase) -> Tracked:
    """Give a device of a company that tracks always and has chosen no roads."""
    tenant_id = TenantId(uuid4())
    tenant = Tenant(id=tenant_id, code="alpha", name="α", zone=ZoneInfo("Asia/Shanghai"), language=Language.EN)
    with own.app.bound(tenant_id) as session:
        add_tenant(session, tenant, by=OPERATOR, now=NOW)
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    return give_device(own.app, tenant_id, worn_from=NOW)


def _choose(own: OwnDatabase, phone: Tracked, choice: RoadChoice, *, at: datetime = ON_SHIFT) -> None:
    with own.app.bound(phone.tenant_id) as session:
        use_roads(session, choice, by=OPERATOR, now=at)


def _report(own: OwnDatabase, phone: Tracked, fixes: Sequence[Fix], *, cache_dir: Path = CACHE) -> None:
    Ingest(own.app).commit([phone.arrival(*fixes, received_at=LATER)], now=LATER)
    registered_tasks(own.app, cache_dir=cache_dir, photos=photo_files())[DERIVE_TASK](phone.tenant_id, {})


def _worn(own: OwnDatabase, phone: Tracked, on: date = SERVICE_ON) -> WornTrack:
    with own.app.bound(phone.tenant_id) as session:
        (worn,) = get_worker_day(session, WORKER, on, purpose="p", by=OPERATOR, now=NOW).worn
    return worn


def _length_m(way: DrivenWay) -> float:
    return length_m(list(zip(way.lons_deg.tolist(), way.lats_deg.tolist(), strict=True)))


def test_each_trip_tells_the_metres_of_the_odometer(own: OwnDatabase, phone: Tracked, monaco: Monaco) -> None:
    """Within five percent, sure of it, and with the way along roads that is as long."""
    _choose(own, phone, monaco.choice)

    _report(own, phone, monaco.fixes)

    worn = _worn(own, phone)
    told = [worn.driven[trip.started_at] for trip in worn.trips]
    assert [one.driven_m for one in told] == [
        pytest.approx(until_m - from_m, rel=0.05) for from_m, until_m in monaco.trip_ends()
    ]
    assert all(0.5 < one.confidence <= 1.0 for one in told)
    lengths_m = [sum(_length_m(way) for way in one.ways) for one in told]
    assert lengths_m == [pytest.approx(one.driven_m, rel=0.05) for one in told]
    for trip, one in zip(worn.trips, told, strict=True):
        times_us = np.concatenate([way.times_us for way in one.ways])
        assert np.all(np.diff(times_us) >= 0)
        assert to_moment(int(times_us[0])) >= trip.started_at - timedelta(seconds=30)
        assert to_moment(int(times_us[-1])) <= trip.ended_at + timedelta(seconds=30)


def test_a_trip_across_midnight_is_on_roads_on_both_days(own: OwnDatabase, phone: Tracked, monaco: Monaco) -> None:
    """Each day has the ways until or from midnight, and both together are as long as the trip."""
    from_m, until_m = monaco.trip_ends()[1]
    odometers_m = monaco.drive.odometers_m
    half_s = int(np.searchsorted(odometers_m, (from_m + until_m) / 2))
    later = MIDNIGHT - ON_SHIFT - timedelta(seconds=half_s)
    _choose(own, phone, monaco.choice)

    _report(own, phone, [replace(fix, tracked_at=fix.tracked_at + later) for fix in monaco.fixes])

    evening, morning = (_worn(own, phone, on) for on in (SERVICE_ON - timedelta(days=1), SERVICE_ON))
    last, first = evening.driven[evening.trips[-1].started_at], morning.driven[MIDNIGHT]
    assert [last.driven_m, first.driven_m] == [pytest.approx((until_m - from_m) / 2, rel=0.15)] * 2
    assert last.driven_m + first.driven_m == pytest.approx(until_m - from_m, rel=0.05)
    assert all(0.5 < one.confidence <= 1.0 for one in (last, first))
    assert to_moment(int(last.ways[-1].times_us[-1])) == to_moment(int(first.ways[0].times_us[0])) == MIDNIGHT


def test_without_roads_trips_wait_for_them(own: OwnDatabase, phone: Tracked, monaco: Monaco, tmp_path: Path) -> None:
    """None chosen, only estimates, on another machine or broken: the rest is derived, and all is matched later."""
    (tmp_path / "roads" / "broken").mkdir(parents=True)
    derive = registered_tasks(own.app, cache_dir=tmp_path, photos=photo_files())[DERIVE_TASK]

    _report(own, phone, monaco.fixes, cache_dir=tmp_path)
    for hours, key in enumerate((STRAIGHT_ROADS, GraphKey("elsewhere"), GraphKey("broken")), start=1):
        _choose(own, phone, RoadChoice(key=key, extract_name="r.osm.pbf"), at=NOW + timedelta(hours=hours))
        derive(phone.tenant_id, {})

    worn = _worn(own, phone)
    assert (len(worn.trips), worn.driven) == (3, {})
    _choose(own, phone, monaco.choice)
    assert match_trips(own.app, phone.tenant_id, cache_dir=CACHE) == 3
    assert set(_worn(own, phone).driven) == {trip.started_at for trip in worn.trips}


def test_a_trip_that_turned_out_otherwise_is_matched_anew(own: OwnDatabase, phone: Tracked, monaco: Monaco) -> None:
    """Fixes that come late correct what was driven; the trips they leave alone are not matched again."""
    _choose(own, phone, monaco.choice)
    first = monaco.drive.stays[1]
    until_at = first.ended_at - AT_EIGHT + ON_SHIFT
    in_time = [fix for number, fix in enumerate(monaco.fixes) if fix.tracked_at > until_at or number % 4 == 0]
    late = [fix for fix in monaco.fixes if fix not in in_time]
    _report(own, phone, in_time)
    before = _worn(own, phone)

    _report(own, phone, late)

    after = _worn(own, phone)
    from_m, until_m = monaco.trip_ends()[0]
    assert after.trips[0] != before.trips[0]
    assert after.driven[after.trips[0].started_at].driven_m == pytest.approx(until_m - from_m, rel=0.05)
    assert set(after.driven) == {trip.started_at for trip in after.trips}
    assert match_trips(own.app, phone.tenant_id, cache_dir=CACHE) == 0


def test_many_trips_are_matched_by_turns(
    own: OwnDatabase, phone: Tracked, monaco: Monaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many at once, the oldest first; then others have their turn, and the queue is asked for the rest."""
    _report(own, phone, monaco.fixes)
    _choose(own, phone, monaco.choice)
    monkeypatch.setattr(driving, "_TRIPS_AT_ONCE", 2)
    started = [trip.started_at for trip in _worn(own, phone).trips]
    with connected(own.cluster, database=own.name) as server:
        server.execute("delete from procrastinate_jobs")

        first = match_trips(own.app, phone.tenant_id, cache_dir=CACHE)

        waiting = server.execute("select task_name from procrastinate_jobs").fetchall()
    assert (first, list(_worn(own, phone).driven)) == (2, started[:2])
    assert waiting == [(DERIVE_TASK,)]
    assert match_trips(own.app, phone.tenant_id, cache_dir=CACHE) == 1


def _work_off(own: OwnDatabase, phone: Tracked) -> list[str]:
    """Do what the queue holds, as its worker would, and return the tasks."""
    with connected(own.cluster, database=own.name) as server:
        names = [name for (name,) in server.execute("delete from procrastinate_jobs returning task_name")]
    for name in names:
        registered_tasks(own.app, cache_dir=CACHE, photos=photo_files())[name](phone.tenant_id, {})
    return names


def test_the_last_trip_of_a_day_is_matched_though_nothing_follows_it(
    own: OwnDatabase, phone: Tracked, monaco: Monaco
) -> None:
    """An hour by the clock settles it: the regular chore has it matched, once."""
    _choose(own, phone, monaco.choice)
    _report(own, phone, monaco.fixes[:-1])
    last = _worn(own, phone).trips[-1]

    _work_off(own, phone)
    assert last.started_at not in _worn(own, phone).driven
    wake(own.app, now=datetime.now(UTC))
    woken = _work_off(own, phone)
    wake(own.app, now=datetime.now(UTC))

    assert woken == [DERIVE_TASK]
    assert last.started_at in _worn(own, phone).driven
    assert _work_off(own, phone) == [DERIVE_VISITS_TASK]
    assert _work_off(own, phone) == []


def test_fixes_whose_taker_died_are_derived(own: OwnDatabase, phone: Tracked, monaco: Monaco) -> None:
    """Nobody asked for it after their commit, and no other fix of the company comes."""
    Ingest(own.app).commit([phone.arrival(*monaco.fixes, received_at=LATER)], now=LATER)
    with connected(own.cluster, database=own.name) as server:
        server.execute("delete from procrastinate_jobs")
    assert _worn(own, phone).trips == ()

    wake(own.app, now=datetime.now(UTC))
    _work_off(own, phone)

    assert len(_worn(own, phone).trips) == 3
