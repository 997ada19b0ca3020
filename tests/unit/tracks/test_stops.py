"""Stops are exactly the stays, on all that is known to be hard for detectors of stops.

Exact means: each stay of five minutes or more is found with an overlap of seven tenths, and nothing else is.
"""

from datetime import UTC, datetime

import numpy as np
import pytest
from support.hard_stops import CASES, HOME, day, hard_case
from support.traces import DRIVE, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, found_wrong, seen, silenced, taken

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.model import MICROSECONDS_PER_S
from geo_engine.tracks.stops import detect_stops

WAIT = Rest(lasting_s=900)
WAITED_AT = Position(ORIGIN_LON + 2600 / 83_880, ORIGIN_LAT + 400 / 111_060)
"""Where one is after `DRIVE`."""


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

    (stop,) = detect_stops(track, flag_fixes(track))

    assert geodesic_m(stop.position, WAITED_AT) < 5.0
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


def test_a_silence_that_began_on_the_way_is_the_stay_behind_it() -> None:
    """A phone mute from a minute before its car parks tells one stop, where it wakes and not where it was last seen."""
    generator = np.random.default_rng(4)
    truth = course((*DRIVE, WAIT, *DRIVE), generator=generator)
    ((began_s, ended_s),) = truth.stays
    track = silenced(seen(truth, Phone(every_s=30), generator=generator), began_s - 20, ended_s - 200)

    (stop,) = detect_stops(track, flag_fixes(track))

    assert found_wrong((stop,), truth.stays) == (0, 0)
    assert geodesic_m(stop.position, WAITED_AT) < 10.0


def test_two_looks_are_a_stop_where_nothing_shorter_explains_the_time() -> None:
    """Of six minutes inside only two fixes a minute apart are known, and the way to them and from them is short."""
    generator = np.random.default_rng(4)
    truth = course((*DRIVE, Rest(lasting_s=360), *DRIVE), generator=generator)
    ((began_s, ended_s),) = truth.stays
    track = seen(truth, Phone(every_s=60), generator=generator)
    track = silenced(silenced(track, began_s, began_s + 180), began_s + 300, ended_s + 10)

    stops = detect_stops(track, flag_fixes(track))

    assert found_wrong(stops, truth.stays) == (0, 0)


def test_who_passes_a_place_at_speed_was_not_there_yet() -> None:
    """A fix at 11 m/s beside the place, the first after a silence, does not have the stay begin in the silence."""
    generator = np.random.default_rng(4)
    slowly = Move(east_m=600, north_m=0, speed_mps=2.5)
    truth = course((*DRIVE, slowly, Rest(lasting_s=300), *DRIVE), generator=generator)
    ((began_s, _),) = truth.stays
    track = seen(truth, Phone(every_s=60), generator=generator)
    passing = int(np.searchsorted(track.times_us, began_s * MICROSECONDS_PER_S)) - 1
    track.lons_deg[passing], track.lats_deg[passing] = WAITED_AT.lon + 600 / 83_880, WAITED_AT.lat
    track.speeds_mps[passing] = 11.0
    track = silenced(track, began_s - 240, int(track.times_us[passing]) // MICROSECONDS_PER_S)

    stops = detect_stops(track, flag_fixes(track))

    assert found_wrong(stops, truth.stays) == (0, 0)
