"""How a worker came from visit to visit: metres driven, planned and along roads, and how far off these."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.drives import Drive, Phone, drive_through, reported
from support.photographed import photo_files
from support.tracked import HERE, ON_SHIFT, WORKER, Tracked, fix_at, give_device
from support.walks import AT_EIGHT

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import sightings_of
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geofences.transitions import detect_presences
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import DeviceId, GeofenceId, JobId, SiteId, WorkerId
from geo_engine.jobs import registered_tasks
from geo_engine.planning.model import PlannedVisit, Route
from geo_engine.planning.versions.model import OrderedVisit, WorkerDay
from geo_engine.roads import RoadRouter
from geo_engine.roads.build import build_graph
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.service import use_roads
from geo_engine.roads.straight import StraightRouter
from geo_engine.settings import read_settings
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.tracks.ingest import DERIVE_TASK, Ingest
from geo_engine.tracks.matching import match_track
from geo_engine.tracks.model import select_fixes, to_moment
from geo_engine.tracks.worker_days import WornTrack
from geo_engine.visits.building import build_visits
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.day import DayEvidence, PlannedStop, Seen, Visit
from geo_engine.visits.leg_store import list_legs
from geo_engine.visits.legs import legs_of
from geo_engine.visits.model import DeviceTrack
from geo_engine.visits.overview import get_day_visits
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

EXTRACT = Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"
CACHE = read_settings().cache_dir
PLACES = [Position(7.4205, 43.7346), Position(7.4139, 43.7389), Position(7.4283, 43.7396), Position(7.4130, 43.7290)]
SITES = tuple(SiteId(one) for one in "abcd")
ON = date(2026, 11, 25)
PARAMS = TransitionParams()


@pytest.fixture(scope="module")
def router() -> Iterator[RoadRouter]:
    """Give the roads of the bundled extract."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=CACHE)) as opened:
        yield opened


@pytest.fixture(scope="module")
def drive(router: RoadRouter) -> Drive:
    """Return a drive from place to place, a quarter of an hour at each."""
    return drive_through(router, PLACES, np.random.default_rng(7))


def track_of(drive: Drive, every_s: int = 15) -> Track:
    """Return what a phone reports of it."""
    return reported(drive, Phone(every_s=every_s), np.random.default_rng(1))


def worn_of(track: Track, router: RoadRouter | None = None) -> WornTrack:
    """Return what a device told, matched on roads where there are some."""
    derived = derive(track)
    driven: Mapping[object, DrivenTrip] = {}
    if router is not None:
        found = match_track(router, track, derived.flags, stops=derived.stops, gaps=derived.gaps)
        driven = {
            trip.started_at: DrivenTrip(
                driven_m=0.0,
                confidence=0.0,
                ways=tuple(
                    way
                    for way in found.ways
                    if trip.started_at <= to_moment(int(way.times_us[:2].mean())) <= trip.ended_at
                ),
            )
            for trip in derived.trips
        }
    return WornTrack(
        device_id=DeviceId(UUID(int=1)),
        span=TimeSpan(start_at=to_moment(int(track.times_us[0])), end_at=to_moment(int(track.times_us[-1]))),
        fix_count=len(track),
        is_outline=False,
        track=track,
        flags=derived.flags,
        stops=derived.stops,
        trips=derived.trips,
        gaps=derived.gaps,
        driven=driven,  # type: ignore[arg-type]
    )


def visits_of(worn: WornTrack, site_ids: Sequence[SiteId], stops: Sequence[PlannedStop] = ()) -> tuple[Visit, ...]:
    """Return the visits of a day at some of the places."""
    fences = [
        Geofence(id=GeofenceId(one), name=one, shape=Circle(centre=place, radius_m=80.0), site_id=one)
        for one, place in zip(SITES, PLACES, strict=True)
        if one in site_ids
    ]
    sightings = sightings_of(worn.track, worn.flags, worn.stops, PARAMS)
    seen = tuple(
        Seen(presence=one, fence=fences[one.fence], site_id=SiteId(str(fences[one.fence].id)), device=0)
        for one in detect_presences(FenceIndex(fences), sightings, zone=ZoneInfo("UTC"))
    )
    device = DeviceTrack(track=worn.track, flags=worn.flags, stops=worn.stops)
    return build_visits(DayEvidence(worker_id=WORKER, service_on=ON, tracks=(device,), seen=seen, stops=tuple(stops)))


def plan_of(*metres: tuple[SiteId, int], way_home_m: int) -> WorkerDay:
    """Return a plan that drives so far to each site."""
    visits = tuple(
        PlannedVisit(
            job_id=JobId(site_id),
            position=PLACES[SITES.index(site_id)],
            arrival_at=AT_EIGHT,
            start_at=AT_EIGHT,
            end_at=AT_EIGHT + timedelta(minutes=15),
            travel_s=60,
            travel_m=travel_m,
        )
        for site_id, travel_m in metres
    )
    route = Route(
        worker_id=WORKER,
        start=PLACES[0],
        end=PLACES[0],
        start_at=AT_EIGHT,
        end_at=AT_EIGHT + timedelta(hours=3),
        breaks=(),
        planned_visits=visits,
        travel_s=600,
        travel_m=sum(visit.travel_m for visit in visits) + way_home_m,
        cost=0,
    )
    ordered = tuple(
        OrderedVisit(number=number, visit=visit, site=Site(id=SiteId(visit.job_id), name="", position=visit.position))
        for number, visit in enumerate(visits, start=1)
    )
    return WorkerDay(
        worker_id=WORKER,
        worker_name="n",
        service_on=ON,
        zone=ZoneInfo("UTC"),
        route=route,
        ordered_visits=ordered,
    )


def stops_of(planned: WorkerDay) -> tuple[PlannedStop, ...]:
    """Return the stops of a plan as visits know them."""
    return tuple(
        PlannedStop(
            number=one.number,
            job_id=one.visit.job_id,
            site_id=one.site.id,
            arrival_at=one.visit.arrival_at,
            start_at=one.visit.start_at,
            end_at=one.visit.end_at,
        )
        for one in planned.ordered_visits
    )


def ways_m(drive: Drive) -> list[float]:
    """Return how far it is from stay to stay by the odometer."""
    at_s = [
        [int((moment - AT_EIGHT).total_seconds()) for moment in (stay.started_at, stay.ended_at)]
        for stay in drive.stays
    ]
    return [float(drive.odometers_m[after[0]] - drive.odometers_m[before[1]]) for before, after in pairwise(at_s)]


def test_whoever_drives_along_roads_is_not_off_them(router: RoadRouter, drive: Drive) -> None:
    """As many metres as the odometer says, but those inside the fences; the way along roads is as long."""
    worn = worn_of(track_of(drive), router)

    legs = legs_of([worn], visits_of(worn, SITES), None, router)

    assert [leg.number for leg in legs] == [1, 2, 3, 4]
    assert legs[0].driven_m.most == 0.0  # the day begins at the first place
    for leg, way_m in zip(legs[1:], ways_m(drive), strict=True):
        assert leg.driven_m.likely == pytest.approx(way_m, abs=0.05 * way_m + 100.0)
        assert leg.driven_m.least <= leg.driven_m.likely <= leg.driven_m.most
        assert leg.direct_m == pytest.approx(leg.driven_m.likely, rel=0.1)
        assert leg.off_m is not None
        assert leg.off_m.likely < 60.0
        assert leg.off_m.least <= leg.off_m.likely < leg.off_m.most
        assert leg.planned_m is None


def test_a_detour_is_told_in_metres(router: RoadRouter, drive: Drive) -> None:
    """Who went to another place on the way was as far off as that is, at the most and at the least."""
    worn = worn_of(track_of(drive), router)

    _, leg, _ = legs_of([worn], visits_of(worn, [SITES[0], SITES[2], SITES[3]]), None, router)

    assert leg.direct_m is not None
    assert leg.off_m is not None
    assert leg.driven_m.least > leg.direct_m
    assert leg.off_m.least > 150.0
    assert leg.off_m.most - leg.off_m.least < 200.0


def test_a_plans_metres_are_beside_those_of_its_visits(router: RoadRouter, drive: Drive) -> None:
    """By visit whatever the order, none for what was not planned; the way home is what remains of the route."""
    worn = worn_of(track_of(drive), router)
    planned = plan_of((SITES[2], 700), (SITES[1], 800), way_home_m=90)

    legs = legs_of([worn], visits_of(worn, SITES[:3], stops_of(planned)), planned, router)

    assert [leg.planned_m for leg in legs] == [None, 800, 700, 90]
    assert [leg.visit_id is None for leg in legs] == [False, False, False, True]


def test_what_happened_while_somebody_else_wore_the_phone_is_open(router: RoadRouter, drive: Drive) -> None:
    """Both ends of it are known: no less than straight between, and nobody knows how much more, or how far off."""
    track = track_of(drive)
    columns = {name: getattr(track, name) for name in Track.__slots__}
    from_us = round(drive.stays[1].started_at.timestamp() * 1e6)
    columns["times_us"] = track.times_us + np.where(track.times_us < from_us, 0, 7_200_000_000)
    whole = worn_of(Track(**columns), router)
    worn = replace(whole, stops=(whole.stops[0], *whole.stops[2:]), trips=whole.trips[2:])

    leg = legs_of([worn], visits_of(whole, [SITES[0], SITES[3]]), None, router)[1]

    assert leg.driven_m.least > geodesic_m(PLACES[0], PLACES[2])
    assert math.isinf(leg.driven_m.most)
    assert leg.off_m is not None
    assert math.isinf(leg.off_m.most)


def test_of_two_phones_the_one_counts_that_followed_the_worker(router: RoadRouter, drive: Drive) -> None:
    """One fell silent before noon: alone it tells nothing of what came after, and no way of no metres."""
    track = track_of(drive)
    noon_us = round(drive.stays[1].ended_at.timestamp() * 1e6)
    whole, morning = worn_of(track, router), worn_of(select_fixes(track, track.times_us < noon_us), router)
    visits = visits_of(whole, SITES)

    both, alone = legs_of([morning, whole], visits, None, router), legs_of([morning], visits, None, router)

    assert [leg.driven_m for leg in both] == [leg.driven_m for leg in legs_of([whole], visits, None, router)]
    assert [leg.visit_id for leg in alone] == [visit.id for visit in visits[:2]]


def test_without_roads_there_is_nothing_to_be_off_from(drive: Drive) -> None:
    """How far somebody went is told by the fixes alone."""
    worn = worn_of(track_of(drive))

    legs = legs_of([worn], visits_of(worn, SITES), None, StraightRouter())

    assert {(leg.direct_m, leg.off_m) for leg in legs} == {(None, None)}
    for leg, way_m in zip(legs[1:], ways_m(drive), strict=True):
        assert 0.6 * way_m < leg.driven_m.likely < way_m + 50.0  # fixes cut corners


def test_a_day_without_a_track_has_no_legs() -> None:
    """Nothing is made up."""
    worn = worn_of(Track.in_order([fix_at(ON_SHIFT), fix_at(ON_SHIFT + timedelta(minutes=1))]))

    assert legs_of([worn], (), None, StraightRouter()) == ()


def test_legs_are_kept_with_the_day_and_follow_what_is_matched(own: OwnDatabase, drive: Drive) -> None:
    """Once trips are matched the queue derives the day again; whoever looks at the day sees its metres and the sum."""
    tenant_id = add_bare_company(own.app, "acme")
    with own.app.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
        people = [Worker(id=WORKER, name="n", start=HERE)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        sites = [Site(id=one, name=one, position=place) for one, place in zip(SITES, PLACES, strict=True)]
        import_sites(session, sites, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW)
        refresh_site_fences(session, now=NOW)
        use_roads(session, choose_roads(str(EXTRACT), cache_dir=CACHE), by=OPERATOR, now=ON_SHIFT)
    phone = give_device(own.app, tenant_id, worn_from=NOW)

    _report(own, phone, track_of(drive))
    tasks = registered_tasks(own.app, cache_dir=CACHE, photos=photo_files())
    tasks[DERIVE_TASK](tenant_id, {})
    tasks[DERIVE_VISITS_TASK](tenant_id, {})

    with own.app.bound(tenant_id) as session:
        legs = list_legs(session, ON, [WORKER])[WORKER]
        (day,) = get_day_visits(session, ON, by=OPERATOR, worker_id=WORKER).workers
        others = list_legs(session, ON, [WorkerId("W9")])
    for leg, way_m in zip(legs[1:], ways_m(drive), strict=True):
        assert leg.driven_m.likely == pytest.approx(way_m, abs=0.05 * way_m + 400.0)  # less what is inside both fences
        assert leg.off_m is not None
    assert day.comparison.legs == legs
    assert day.comparison.driven_m is not None
    assert day.comparison.driven_m.likely == pytest.approx(drive.driven_m, rel=0.15)
    assert [leg.visit_id for leg in legs] == [visit.id for visit in day.comparison.extra]
    assert others == {}


def _report(own: OwnDatabase, phone: Tracked, track: Track) -> None:
    moments = [to_moment(int(at_us)) - AT_EIGHT + ON_SHIFT for at_us in track.times_us]
    places = map(Position, track.lons_deg.tolist(), track.lats_deg.tolist())
    fixes = [fix_at(moment, place, accuracy_m=8.0) for moment, place in zip(moments, places, strict=True)]
    last = fix_at(moments[-1] + timedelta(minutes=90), PLACES[-1], accuracy_m=8.0)
    at = ON_SHIFT + timedelta(hours=6)
    Ingest(own.app).commit([phone.arrival(*fixes, last, received_at=at)], now=at)
