"""Stops of phones that look every few minutes: what a look or two, and the time between them, are taken to mean."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from support.traces import ORIGIN_LAT, ORIGIN_LON, Move, Phone, course, seen

from geo_engine.tracks.derived import derive
from geo_engine.tracks.model import MICROSECONDS_PER_S, Track

NOON_S = 1_773_144_000
NOTHING = float("nan")


class Look(NamedTuple):
    """What a phone says at a second: metres east and north, accuracy, speed."""

    at_s: int
    east_m: float
    north_m: float
    accuracy_m: float = 10.0
    speed_mps: float = 0.0


def looked(looks: Sequence[Look]) -> Track:
    """Return the track of some looks."""
    times_s, east_m, north_m, accuracies_m, speeds_mps = np.array(looks, dtype=np.float64).T
    unknown = np.full(len(looks), NOTHING)
    return Track(
        times_us=((NOON_S + times_s) * MICROSECONDS_PER_S).astype(np.int64),
        lons_deg=ORIGIN_LON + east_m / 83_880,
        lats_deg=ORIGIN_LAT + north_m / 111_060,
        accuracies_m=accuracies_m,
        altitudes_m=unknown,
        speeds_mps=speeds_mps,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(len(looks), dtype=np.bool_),
    )


def spans_s(looks: Sequence[Look]) -> list[tuple[float, float]]:
    """Return from when until when the stops of some looks last."""
    stops = derive(looked(looks)).stops
    return [(stop.started_at.timestamp() - NOON_S, stop.ended_at.timestamp() - NOON_S) for stop in stops]


def driven(from_s: int, every_s: int, count: int, *, east_m: float) -> list[Look]:
    """Return looks on a straight way east, 8 m/s as the crow flies."""
    each = range(count)
    return [Look(from_s + k * every_s, east_m + 8.0 * k * every_s, 0.0, speed_mps=12.0) for k in each]


def test_who_was_seen_at_a_place_for_five_minutes_has_stayed() -> None:
    """Two looks at one place, however slow the way to it and from it was."""
    before, after = driven(0, 300, 4, east_m=0.0), driven(1800, 300, 4, east_m=10_200.0)
    inside = [Look(1200, 8_700.0, 0.0), Look(1500, 8_720.0, 10.0)]

    ((began_s, ended_s),) = spans_s([*before, *inside, *after])

    assert began_s <= 1200
    assert ended_s >= 1500


def test_two_looks_two_minutes_apart_are_a_stop_where_time_is_to_spare() -> None:
    """A phone that looks every two minutes and is not heard for the rest of a quarter of an hour was inside."""
    before, after = driven(0, 120, 4, east_m=0.0), driven(1440, 120, 4, east_m=3_400.0)
    inside = [Look(840, 3_100.0, 0.0), Look(960, 3_120.0, 10.0)]

    ((began_s, ended_s),) = spans_s([*before, *inside, *after])

    assert 360 < began_s < 480
    assert 1350 < ended_s < 1440


def test_a_lone_look_on_the_way_leaves_its_silence_to_the_stay_behind_it() -> None:
    """At a light 1.3 km before the site, then not heard for a quarter of an hour: the stay began after the way."""
    before, after = driven(0, 300, 4, east_m=0.0), driven(2700, 300, 4, east_m=11_900.0)
    light, inside = [Look(1200, 9_000.0, 0.0)], [Look(2100, 10_300.0, 0.0), Look(2400, 10_310.0, 5.0)]

    ((began_s, ended_s),) = spans_s([*before, *light, *inside, *after])

    assert 1400 < began_s < 1440
    assert 2400 <= ended_s < 2500


@pytest.mark.parametrize("at_m", [(320.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 320.0)], ids=["the first", "the last"])
def test_a_lone_look_led_astray_is_of_the_stay_beside_it(at_m: tuple[float, ...]) -> None:
    """One look five minutes from the others lies 320 m off: one stay, not two."""
    before, after = driven(0, 300, 4, east_m=0.0), driven(3000, 300, 4, east_m=9_200.0)
    inside = [Look(1500 + 300 * k, 8_500.0, north_m, accuracy_m=45.0) for k, north_m in enumerate(at_m)]

    ((began_s, ended_s),) = spans_s([*before, *inside, *after])

    assert began_s < 1500
    assert ended_s > 2700


def test_a_look_that_knows_how_wrong_it_is_makes_no_queue() -> None:
    """The last of four looks inside lies 170 m off and says 140 m: nobody crept there."""
    before, after = driven(0, 120, 4, east_m=0.0), driven(960, 120, 4, east_m=4_000.0)
    inside = [Look(480 + 120 * k, 3_300.0, 0.0, accuracy_m=25.0, speed_mps=0.9) for k in range(3)]
    inside[2] = inside[2]._replace(at_s=710)
    wrong = [Look(840, 3_300.0, 170.0, accuracy_m=140.0)]

    assert len(spans_s([*before, *inside, *wrong, *after])) == 1


def test_who_walks_about_a_shop_is_in_no_queue() -> None:
    """Seven minutes at a walking pace, each minute a look, the last third 44 m from the first: no queue is so slow."""
    before, after = driven(0, 60, 4, east_m=0.0), driven(660, 60, 4, east_m=2_500.0)
    inside = [Look(240 + 60 * k, 2_000.0 + 11.0 * k, 0.0, accuracy_m=5.0, speed_mps=1.1) for k in range(7)]

    assert len(spans_s([*before, *inside, *after])) == 1


def test_two_looks_lost_on_arrival_are_of_the_stay() -> None:
    """Not a look for a quarter of an hour and 2.4 km: a phone that looks every five minutes had arrived by then."""
    before, after = driven(0, 300, 4, east_m=0.0), driven(3000, 300, 4, east_m=10_800.0)
    inside = [Look(1800 + 300 * k, 9_600.0, 0.0) for k in range(4)]

    ((began_s, _),) = spans_s([*before, *inside, *after])

    assert 1250 < began_s < 1350


def test_who_has_come_and_looked_twice_is_known_to_stay() -> None:
    """The last two looks are of a stay that began before them: nobody waits for a third to be told."""
    before = driven(0, 120, 4, east_m=0.0)
    inside = [Look(720, 3_100.0, 0.0), Look(840, 3_105.0, 0.0)]

    ((began_s, ended_s),) = spans_s([*before, *inside])

    assert 360 < began_s < 480
    assert ended_s == 840


def test_two_looks_are_no_stop_where_what_comes_after_leaves_no_time() -> None:
    """The look after the two is so far away that whoever got there drove on at once."""
    before, after = driven(0, 120, 4, east_m=0.0), driven(720, 120, 4, east_m=3_560.0)
    inside = [Look(480, 3_100.0, 0.0), Look(600, 3_120.0, 10.0)]

    assert spans_s([*before, *inside, *after]) == []


def test_two_looks_at_a_walking_pace_are_no_stop() -> None:
    """What is a stop of two looks that stand is none when the phone says at them that it walks."""
    before, after = driven(0, 120, 4, east_m=0.0), driven(720, 120, 4, east_m=3_300.0)
    inside = [Look(480, 3_020.0, 0.0), Look(600, 3_000.0, 10.0)]
    walking = [look._replace(speed_mps=1.3) for look in inside]

    assert len(spans_s([*before, *inside, *after])) == 1
    assert spans_s([*before, *walking, *after]) == []


def test_who_came_faster_than_anybody_walks_was_not_on_foot() -> None:
    """Three looks that seem to go on by some hundred metres are a stay between two drives."""
    before, after = driven(0, 120, 4, east_m=0.0), driven(840, 120, 4, east_m=3_720.0)
    inside = [Look(480 + 120 * k, 3_320.0 + off_m, 0.0, 50.0, NOTHING) for k, off_m in enumerate((-15.0, -25.0, 80.0))]

    assert len(spans_s([*before, *inside, *after])) == 1


@pytest.mark.parametrize("every_s", [60, 90, 120])
@pytest.mark.parametrize("has_speed", [False, True], ids=["no speed", "true speed"])
@pytest.mark.parametrize(("speed_mps", "accuracy_m"), [(0.8, 50.0), (1.0, 65.0), (1.2, 65.0)])
def test_who_walks_on_stops_nowhere(speed_mps: float, accuracy_m: float, *, has_speed: bool, every_s: int) -> None:
    """An hour at one pace, seen seldom and badly: at most seven false stops in ten hours."""
    phone = Phone(every_s=every_s, sigma_m=accuracy_m / 1.51, accuracy_m=accuracy_m, has_speed=has_speed)
    walk = Move(east_m=speed_mps * 3600, north_m=0, speed_mps=speed_mps)
    generators = [np.random.default_rng([3, seed]) for seed in range(10)]

    hours = [seen(course((walk,), generator=each), phone, generator=each) for each in generators]

    assert sum(len(derive(hour).stops) for hour in hours) <= 7
