"""How a planned route is lived."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning import PlannedVisit, Route
from geo_engine.roads.straight import StraightRouter
from geo_engine.simulation.routes import drive_route

EIGHT = datetime(2026, 11, 25, 7, tzinfo=UTC)
HOME = Position(7.42, 43.73)


def _visit(number: int, position: Position, *, begins_min: int, lasting_min: int) -> PlannedVisit:
    start_at = EIGHT + timedelta(minutes=begins_min)
    return PlannedVisit(
        job_id=JobId(f"J{number}"),
        position=position,
        arrival_at=start_at,
        start_at=start_at,
        end_at=start_at + timedelta(minutes=lasting_min),
        travel_s=0,
        travel_m=0,
    )


def _route(*visits: PlannedVisit, end: Position | None = HOME) -> Route:
    return Route(
        worker_id=WorkerId("W1"),
        start=HOME,
        end=end,
        start_at=EIGHT,
        end_at=EIGHT + timedelta(hours=9),
        breaks=(),
        planned_visits=visits,
        travel_s=0,
        travel_m=0,
        cost=0,
    )


def test_a_route_is_lived_as_planned() -> None:
    """The worker leaves on time, is at each site in order, serves no earlier than planned and as long."""
    sites = Position(7.44, 43.74), Position(7.46, 43.73)
    route = _route(
        _visit(1, sites[0], begins_min=60, lasting_min=20), _visit(2, sites[1], begins_min=61, lasting_min=10)
    )

    truth = drive_route(route, StraightRouter(), generator=np.random.default_rng(1))

    home, first, second, back = truth.stays
    assert home.ended_at == EIGHT
    assert first.ended_at == EIGHT + timedelta(minutes=80)
    assert (second.ended_at - second.started_at).total_seconds() == pytest.approx(600.0)
    assert second.started_at > first.ended_at
    for stay, place in ((home, HOME), (first, sites[0]), (second, sites[1]), (back, HOME)):
        assert geodesic_m(stay.position, place) < 40.0


def test_a_route_without_an_end_ends_with_its_last_visit() -> None:
    """Who does not have to come back is last seen at the last site."""
    route = _route(_visit(1, Position(7.44, 43.74), begins_min=60, lasting_min=20), end=None)

    truth = drive_route(route, StraightRouter(), generator=np.random.default_rng(1))

    assert len(truth.stays) == 2


def test_a_route_that_leads_nowhere_is_refused() -> None:
    """Neither a visit nor an end is no way."""
    with pytest.raises(InvalidInput, match="W1 leads nowhere"):
        drive_route(_route(end=None), StraightRouter(), generator=np.random.default_rng(1))
