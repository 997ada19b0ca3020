"""What a true day keeps to, whoever lives it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.simulated_town import TOWN_PATH, drawn_path

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, geodesics_m
from geo_engine.simulation import Halt, Truth, live_day
from geo_engine.simulation.driving import FASTEST_MPS, DrivingParams
from geo_engine.simulation.truth import TruthParams
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds

STARTED_AT = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)
SITE_REACH_M = 71.0  # its middle is up to 30 m from the car, its edge 40 m from there
HALTS = tuple(Halt(service_s=service_s) for service_s in (0.0, 600.0, 300.0, 900.0))
seeds = st.integers(0, 2**32)


def _day(seed: int, halts: tuple[Halt, ...] = HALTS, params: TruthParams | None = None) -> Truth:
    generator = np.random.default_rng(seed)
    return live_day(TOWN_PATH, halts, started_at=STARTED_AT, generator=generator, params=params)


def _inside(truth: Truth, number: int) -> slice:
    stay = truth.stays[number]
    ends_us = np.array([to_microseconds(stay.started_at), to_microseconds(stay.ended_at)])
    return slice(*np.searchsorted(truth.times_us, ends_us))


@settings(max_examples=30)
@given(seeds)
def test_no_second_takes_anybody_farther_than_a_car_goes(seed: int) -> None:
    """Days are continuous, a second apart, and nobody is faster than a car."""
    truth = _day(seed)

    steps_m = geodesics_m(truth.lons_deg[:-1], truth.lats_deg[:-1], truth.lons_deg[1:], truth.lats_deg[1:])
    assert set(np.diff(truth.times_us)) == {MICROSECONDS_PER_S}
    assert steps_m.max() <= FASTEST_MPS
    assert np.abs(np.diff(truth.speeds_mps)).max() < 6.0


@settings(max_examples=30)
@given(seeds)
def test_a_stay_is_within_its_site_and_lasts_as_long_as_the_service(seed: int) -> None:
    """Whoever stays keeps near the car, at a walking pace, for the service's duration to a second."""
    truth = _day(seed)

    assert len(truth.stays) == 3
    for number, halt in enumerate(HALTS[1:]):
        inside = _inside(truth, number)
        lons_deg, lats_deg = truth.lons_deg[inside], truth.lats_deg[inside]
        car = np.full(len(lons_deg), lons_deg[0]), np.full(len(lons_deg), lats_deg[0])
        assert geodesics_m(*car, lons_deg, lats_deg).max() < SITE_REACH_M + 2.0
        assert truth.speeds_mps[inside].max() < 2.0
        lasted = truth.stays[number].ended_at - truth.stays[number].started_at
        assert abs(lasted.total_seconds() - halt.service_s) < 0.001


@settings(max_examples=30)
@given(seeds)
def test_only_stays_last_long(seed: int) -> None:
    """On the way nobody stands for more than two minutes: lights and queues are no stays."""
    truth = _day(seed)

    assert max(_standing_s(truth)) <= 120
    assert truth.stayings.sum() == pytest.approx(1800, abs=3)


def _standing_s(truth: Truth) -> list[int]:
    moves = np.flatnonzero((truth.speeds_mps > 0.3) | truth.stayings)
    return [int(after - before) - 1 for before, after in pairwise(moves)] or [0]


def test_a_seed_gives_its_day_again() -> None:
    """The same seed lives the same day, another one another."""
    first, again, other = _day(7), _day(7), _day(8)

    assert np.array_equal(first.lons_deg, again.lons_deg)
    assert first.stays == again.stays
    assert not np.array_equal(first.lons_deg[:500], other.lons_deg[:500])


def test_whoever_is_early_waits_at_the_place() -> None:
    """A service that may begin at ten begins at ten, and the wait belongs to the stay."""
    at_ten = STARTED_AT + timedelta(hours=1)
    halts = (HALTS[0], Halt(service_s=600.0, begins_at=at_ten), *HALTS[2:])

    stay = _day(1, halts).stays[0]

    assert stay.started_at < at_ten
    assert stay.ended_at == at_ten + timedelta(minutes=10)


def test_a_stay_may_be_shorter_than_a_second() -> None:
    """A stay at the very end that no second falls into is still a stay, at a place."""
    (stay,) = _day(2, (*(Halt(service_s=0.0),) * 3, Halt(service_s=1e-4))).stays

    assert stay.ended_at > stay.started_at


def test_two_services_at_one_place_are_one_stay() -> None:
    """Where no way lies between two places, their stays are one."""
    path = drawn_path([(0, 0), (5, 0)], [(5, 0), (5, 0)], [(5, 0), (9, 0)])
    halts = tuple(Halt(service_s=service_s) for service_s in (0.0, 300.0, 400.0, 0.0))

    truth = live_day(path, halts, started_at=STARTED_AT, generator=np.random.default_rng(1))

    assert [(stay.ended_at - stay.started_at).total_seconds() for stay in truth.stays] == [pytest.approx(700.0)]


def test_a_queue_crawls_and_does_not_stand() -> None:
    """In a slow queue the car makes way: in five minutes farther than a site is wide."""
    always = TruthParams(driving=DrivingParams(queue_share=1.0, queue_mps=(0.6, 0.6), queue_s=(400.0, 420.0)))

    truth = _day(3, params=always)

    crawling = ~truth.stayings & (truth.speeds_mps > 0.1) & (truth.speeds_mps < 1.2)
    assert crawling.sum() > 600
    ahead_m = geodesics_m(truth.lons_deg[:-300], truth.lats_deg[:-300], truth.lons_deg[300:], truth.lats_deg[300:])
    both_on_the_way = ~truth.stayings[:-300] & ~truth.stayings[300:]
    assert ahead_m[both_on_the_way].min() > 80.0


@pytest.mark.parametrize("away_deg", [0.0002, 0.003])
def test_a_site_is_walked_or_driven_up_to(away_deg: float) -> None:
    """Where the site is known the worker stays at it, however far it is from the road."""
    site = Position(TOWN_PATH.legs[0][-1][0], TOWN_PATH.legs[0][-1][1] + away_deg)
    halts = (HALTS[0], Halt(service_s=1200.0, site=site), *HALTS[2:])

    truth = _day(4, halts)

    assert geodesic_m(truth.stays[0].position, site) < 25.0
    steps_m = geodesics_m(truth.lons_deg[:-1], truth.lats_deg[:-1], truth.lons_deg[1:], truth.lats_deg[1:])
    assert steps_m.max() <= FASTEST_MPS


def test_halts_must_fit_the_way() -> None:
    """A halt too few is refused."""
    with pytest.raises(InvalidInput, match="one halt for each place"):
        _day(1, HALTS[:3])


def test_a_missing_way_is_refused() -> None:
    """Nobody is moved through the air."""
    path = drawn_path([(0, 0), (5, 0)], [])

    with pytest.raises(InvalidInput, match="no road"):
        live_day(path, HALTS[:3], started_at=STARTED_AT, generator=np.random.default_rng(1))
