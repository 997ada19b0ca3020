"""How workers go about planned visits, and what they state of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning import PlannedVisit, Route
from geo_engine.roads.straight import StraightRouter
from geo_engine.simulation.conduct import (
    Conduct,
    Statement,
    as_body,
    conducts_of,
    odd_stop,
    route_as_gone,
    statements_of,
)
from geo_engine.simulation.noise import NOISES, Noise
from geo_engine.simulation.observing import observe
from geo_engine.simulation.routes import drive_route

AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
HOME = Position(7.42, 43.73)


def route() -> Route:
    """Return a route of three visits, half an hour each and two kilometres apart."""
    visits = tuple(
        PlannedVisit(
            job_id=JobId(f"s{number}"),
            position=Position(7.42 + 0.025 * number, 43.73),
            arrival_at=AT + timedelta(minutes=60 * number),
            start_at=AT + timedelta(minutes=60 * number),
            end_at=AT + timedelta(minutes=60 * number + 30),
            travel_s=600,
            travel_m=2000,
        )
        for number in (1, 2, 3)
    )
    return Route(
        worker_id=WorkerId("w"),
        start=HOME,
        end=HOME,
        start_at=AT + timedelta(minutes=45),
        end_at=AT + timedelta(hours=5),
        breaks=(),
        planned_visits=visits,
        travel_s=2400,
        travel_m=8000,
        cost=0,
    )


def stated(conduct: Conduct) -> list[Statement]:
    """Return what is stated on a day of a conduct, by a phone that knows the truth."""
    generator = np.random.default_rng(1)
    truth = drive_route(route_as_gone(route(), conduct), StraightRouter(), generator=generator)
    track = observe(truth, NOISES[Noise.NONE], sampling_s=5.0, generator=generator)
    return list(statements_of(route(), conduct, truth, track, generator=generator))


def site(statement: Statement) -> Position:
    """Return where the site of a statement is."""
    return next(one.position for one in route().planned_visits if one.job_id == statement.site_id)


@pytest.mark.parametrize("conduct", [Conduct.AS_PLANNED, Conduct.LATE, Conduct.WRONG_CLOCK], ids=str)
def test_honest_workers_state_where_they_are(conduct: Conduct) -> None:
    """An arrival and a departure at each site, at the site."""
    told = stated(conduct)

    assert [(one.site_id, one.is_arrival) for one in told] == [
        (f"s{n}", way) for n in (1, 2, 3) for way in (True, False)
    ]
    assert all(one.position is not None and geodesic_m(one.position, site(one)) < 150.0 for one in told)
    ahead = timedelta(minutes=25) if conduct is Conduct.WRONG_CLOCK else timedelta()
    assert {one.told_at - one.stated_at for one in told} == {ahead}


def test_who_is_late_comes_late_to_all_that_follow() -> None:
    """Fifty minutes of a first visit are missing at the second."""
    usual, late = (
        next(one for one in stated(how) if one.site_id == "s2") for how in (Conduct.AS_PLANNED, Conduct.LATE)
    )

    assert late.stated_at - usual.stated_at > timedelta(minutes=20)


def test_a_missed_site_is_not_stated_and_a_spoofed_one_is() -> None:
    """Nobody goes to either."""
    missed, spoofed = stated(Conduct.MISSED), stated(Conduct.SPOOFED)

    assert [one.site_id for one in missed if one.is_arrival] == ["s1", "s3"]
    (made_up,) = [one for one in spoofed if one.site_id == "s2"]
    assert made_up.position is not None
    assert geodesic_m(made_up.position, site(made_up)) < 60.0
    assert made_up.stated_at == route().planned_visits[1].start_at


def test_who_drives_past_states_it_at_the_site() -> None:
    """There is an arrival and no departure, and nobody stays."""
    passing = [one for one in stated(Conduct.DRIVEN_BY) if one.site_id == "s2"]

    assert [one.is_arrival for one in passing] == [True]
    assert passing[0].position is not None
    assert geodesic_m(passing[0].position, site(passing[0])) < 100.0


def test_a_wrong_clock_is_wrong_when_it_sends_too() -> None:
    """What is sent says so."""
    (told, *_) = stated(Conduct.WRONG_CLOCK)

    body = as_body(told, "an id", sent_at=told.stated_at + timedelta(seconds=2))

    assert body["sent_at"] == (told.told_at + timedelta(seconds=2)).isoformat()


def test_each_way_to_go_about_it_is_there_once_where_it_can_be_told() -> None:
    """Who was not there is so where nobody can be taken for having been: a kilometre and more from all else."""
    short = route_as_gone(route(), Conduct.MISSED)
    near = replace(route(), planned_visits=tuple(replace(one, position=HOME) for one in route().planned_visits))
    remote = replace(
        route(),
        planned_visits=tuple(
            replace(one, position=Position(HOME.lon + away_deg, HOME.lat))
            for one, away_deg in zip(route().planned_visits, (0.001, 0.1, 0.002), strict=True)
        ),
    )

    found = conducts_of([short, near, near, route(), remote, near, near])

    assert found[0] is Conduct.AS_PLANNED
    assert found[3:5] == (Conduct.SPOOFED, Conduct.DRIVEN_BY)
    assert found[1:3] + found[5:] == (Conduct.LATE, Conduct.MISSED, Conduct.WRONG_CLOCK, Conduct.AS_PLANNED)
    assert set(conducts_of([near] * 5)) == set(Conduct) - {Conduct.DRIVEN_BY, Conduct.SPOOFED}
    assert odd_stop(remote) == 1
