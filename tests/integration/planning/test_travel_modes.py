"""Several travel modes in one plan: each worker's times are those of the mode's own roads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from support.monaco_day import EXTRACT

from geo_engine.basemap.places import read_places
from geo_engine.customers import Site
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.day import DayPlan, DayRequest, judge_day, plan_day
from geo_engine.planning.edits import with_moved
from geo_engine.planning.solver.solve import Budget
from geo_engine.reports.paths import route_paths, route_places
from geo_engine.roads import RoadRouter
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce import Worker

MODES = tuple(TravelMode)


@pytest.fixture(scope="module")
def router() -> Iterator[RoadRouter]:
    """Yield a router on the bundled extract."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=read_settings().cache_dir)) as opened:
        yield opened


@pytest.fixture(scope="module")
def request_() -> DayRequest:
    """Return a day of four workers, each with another mode and at most seven of the visits."""
    places = read_places(EXTRACT)[::9]
    sites = [
        Site(id=SiteId(f"S{i}"), name="", position=place.position, service_s=600) for i, place in enumerate(places)
    ]
    workers = [
        Worker(
            id=WorkerId(mode.value), name=mode.value, start=home.position, end=home.position, mode=mode, max_visits=7
        )
        for mode, home in zip(MODES, places[28:], strict=False)
    ]
    return DayRequest(
        service_on=date(2026, 11, 23),
        zone=ZoneInfo("Europe/Monaco"),
        sites=tuple(sites[:28]),
        workers=tuple(workers),
        budget=Budget(solution_limit=40),
    )


@pytest.fixture(scope="module")
def mixed(request_: DayRequest, router: RoadRouter) -> DayPlan:
    """Return the plan of that day."""
    return plan_day(request_, router)


def test_every_leg_takes_as_long_as_its_workers_mode_says(mixed: DayPlan, router: RoadRouter) -> None:
    """Asked leg by leg of the mode's own graph, seconds and metres are those of the plan, whole seconds up."""
    used = {mixed.workers[route.worker_id].mode for route in mixed.plan.routes}
    assert used == set(MODES)

    for route in mixed.plan.routes:
        roads = router.of_mode(mixed.workers[route.worker_id].mode)
        asked = [roads.matrix(pair) for pair in pairwise(route_places(route))]
        assert route.travel_s == sum(ceil(one.durations_s[0, 1]) for one in asked)
        assert route.travel_m == sum(round(one.distances_m[0, 1]) for one in asked)
        assert [visit.travel_s for visit in route.planned_visits] == [
            ceil(one.durations_s[0, 1]) for one in asked[: len(route.planned_visits)]
        ]


def test_a_route_is_drawn_along_the_roads_of_its_mode(mixed: DayPlan, router: RoadRouter) -> None:
    """The drawn way is as long as the plan says, to a metre a leg."""
    paths = route_paths(mixed, router)

    for route in mixed.plan.routes:
        assert sum(paths[route.worker_id].distances_m) == pytest.approx(
            route.travel_m, abs=len(route.planned_visits) + 1
        )


def test_a_plan_of_cars_alone_is_that_without_modes(request_: DayRequest, router: RoadRouter) -> None:
    """Where everyone drives no other road is asked, and orders and times are those of the car's matrix alone."""

    class CarOnly:
        """The router with no other mode."""

        def __getattr__(self, name: str) -> object:
            return getattr(router, name)

        def of_mode(self, mode: TravelMode) -> "CarOnly":
            assert mode is TravelMode.CAR
            return self

    cars = replace(request_, workers=tuple(replace(one, mode=TravelMode.CAR) for one in request_.workers))

    made, alone = plan_day(cars, router), plan_day(cars, CarOnly())  # type: ignore[arg-type]

    assert made.plan == alone.plan
    assert made.nearest == alone.nearest


def test_the_same_orders_take_longer_by_bicycle_and_longest_on_foot(mixed: DayPlan, router: RoadRouter) -> None:
    """Each slower mode takes more seconds for the same stops; nothing else of the day changes."""
    worker_id = mixed.plan.routes[0].worker_id
    orders = {worker_id: [visit.job_id for visit in mixed.plan.routes[0].planned_visits]}
    by_mode = {}
    for mode in (TravelMode.EBIKE, TravelMode.BICYCLE, TravelMode.FOOT):
        workers = tuple(replace(one, mode=mode) if one.id == worker_id else one for one in mixed.workers.values())
        request = DayRequest(
            service_on=mixed.service_on, zone=mixed.zone, sites=tuple(mixed.sites.values()), workers=workers
        )
        by_mode[mode] = judge_day(request, router, orders, before=mixed).plan.routes[0].travel_s

    assert by_mode[TravelMode.EBIKE] < by_mode[TravelMode.BICYCLE] < by_mode[TravelMode.FOOT]


def test_a_stop_moved_to_another_worker_is_gone_to_by_that_workers_mode(mixed: DayPlan, router: RoadRouter) -> None:
    """An edit by hand keeps every route on its mode's roads."""
    from_, to = mixed.plan.routes[0], mixed.plan.routes[-1]
    job_id = from_.planned_visits[0].job_id

    moved = with_moved(mixed, job_id, worker_id=to.worker_id, number=1, router=router)

    route = next(one for one in moved.plan.routes if one.worker_id == to.worker_id)
    roads = router.of_mode(moved.workers[to.worker_id].mode)
    first = roads.matrix([route.start, route.planned_visits[0].position])
    assert route.planned_visits[0].job_id == job_id
    assert route.planned_visits[0].travel_s == ceil(first.durations_s[0, 1])
