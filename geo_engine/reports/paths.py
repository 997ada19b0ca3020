"""The way of every route of a plan along roads."""

from collections.abc import Mapping

from geo_engine.geometry import Position
from geo_engine.ids import WorkerId
from geo_engine.planning import Route
from geo_engine.planning.day import DayPlan
from geo_engine.roads import RoadPath, RoadRouter
from geo_engine.travel_modes import TravelMode


def route_paths(day_plan: DayPlan, router: RoadRouter) -> Mapping[WorkerId, RoadPath]:
    """Return each route's way along roads, from its start through its visits to its end if it has one.

    Parameters
    ----------
    day_plan
        The plan; a route without a leg (no visit and no end) gets no path.
    router
        The router that planned it; each route follows the roads of its worker's mode.

    Raises
    ------
    Unavailable
        When the router cannot answer.

    Notes
    -----
    Cost: one path query per route.
    """
    places = {route.worker_id: route_places(route) for route in day_plan.plan.routes}
    return {
        worker_id: router.of_mode(mode_of(worker_id, day_plan)).path(through)
        for worker_id, through in places.items()
        if len(through) > 1
    }


def mode_of(worker_id: WorkerId, day_plan: DayPlan) -> TravelMode:
    """Return how the worker of a route travels."""
    worker = day_plan.workers.get(worker_id)
    return TravelMode.CAR if worker is None else worker.mode


def route_places(route: Route) -> tuple[Position, ...]:
    """Return the places of a route in their order: start, visits, and end if it has one."""
    visits = tuple(visit.position for visit in route.planned_visits)
    return (route.start, *visits) if route.end is None else (route.start, *visits, route.end)


def leg_points(path: RoadPath | None, index: int) -> tuple[tuple[float, float], ...]:
    """Return the (lon, lat) pairs of one leg; empty when there is no path."""
    return path.legs[index] if path is not None and index < len(path.legs) else ()
