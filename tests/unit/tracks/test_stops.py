"""Stops are exactly the stays, on all that is known to be hard for detectors of stops.

Exact means: each stay of five minutes or more is found with an overlap of seven tenths, and nothing else is.
"""

from datetime import UTC, datetime

import numpy as np
import pytest
from support.hard_stops import CASES, HOME, day, hard_case
from support.traces import DRIVE, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, found_wrong, seen, taken

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.stops import detect_stops


@pytest.mark.parametrize("name", CASES)
def test_stops_are_exactly_the_stays(name: str) -> None:
    """Every stay of five minutes is found with its times, and nothing else, on each of the hard cases."""
    for seed in range(2):
        track, stays = hard_case(name, seed)

        stops = detect_stops(track, flag_fixes(track))

        assert found_wrong(stops, stays) == (0, 0)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 10, 23, 5, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 20, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 20, tzinfo=UTC),
    ],
    ids=["midnight", "summer time begins", "summer time ends"],
)
def test_no_calendar_cuts_a_stop(at: datetime) -> None:
    """A stay across midnight, or across a change of clocks, is one stop, as at any other time."""
    generator = np.random.default_rng(1)
    truth = course(day(7200), generator=generator, at=at)
    track = seen(truth, Phone(), generator=generator)

    stops = detect_stops(track, flag_fixes(track))

    assert found_wrong(stops, truth.stays) == (0, 0)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_fix_or_two_are_no_stop(count: int) -> None:
    """A track with hardly a fix has no stop, and no error."""
    generator = np.random.default_rng(1)
    track = taken(seen(course((HOME,), generator=generator), Phone(), generator=generator), slice(0, count))

    assert detect_stops(track, flag_fixes(track)) == ()


def test_a_stop_says_where_and_how_exactly() -> None:
    """Its position is the middle of its fixes, better fixes weighing more, and its radius what they cover."""
    generator = np.random.default_rng(3)
    truth = course((*DRIVE, Rest(lasting_s=1800), *DRIVE), generator=generator)
    track = seen(truth, Phone(every_s=15, sigma_m=4), generator=generator)
    poor = np.flatnonzero(generator.random(len(track)) < 0.3)
    track.lons_deg[poor] += 0.0006  # 50 m east
    track.accuracies_m[poor] = 80.0
    place = Position(ORIGIN_LON + 2600 / 83_880, ORIGIN_LAT + 400 / 111_060)

    (stop,) = detect_stops(track, flag_fixes(track))

    assert geodesic_m(stop.position, place) < 5.0
    assert 20.0 < stop.radius_m < 60.0
    assert stop.fix_count == pytest.approx(1800 / 15, abs=2)


def test_stops_with_nothing_between_them_do_not_overlap() -> None:
    """Where a phone that looks every five minutes saw only stays, the way between two lies between their times."""
    generator = np.random.default_rng(2)
    parts = (Rest(lasting_s=2400), Move(east_m=900, north_m=0, speed_mps=9), Rest(lasting_s=2400))
    track = seen(course(parts, generator=generator), Phone(every_s=300), generator=generator)

    stops = detect_stops(track, flag_fixes(track))

    assert len(stops) == 2
    assert 60 < (stops[1].started_at - stops[0].ended_at).total_seconds() < 300
