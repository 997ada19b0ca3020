"""What no car does, and what is left out for it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from support.walks import AT_EIGHT, METRES_PER_DEGREE, track_of

from geo_engine.geometry import Position
from geo_engine.tracks.anchors import Anchor, anchors_of, stop_anchor
from geo_engine.tracks.leaps import without_leaps
from geo_engine.tracks.model import Stop, Track, to_microseconds


def places(track: Track) -> list[Anchor]:
    """Return the places of all fixes of a track."""
    return anchors_of(track, np.arange(len(track)), missing_accuracy_m=15.0, silence_us=120_000_000)


def aside(every_s: float, from_s: float, until_s: float, *, by_m: float, speed_mps: float) -> Track:
    """Return a drive north at 8 m/s that is aside for a while, as a reflection has it."""
    seconds = np.arange(0.0, 300.0, every_s)
    is_aside = (seconds >= from_s) & (seconds < until_s)
    lons_deg = 7.4 + np.where(is_aside, by_m / 80_594.0, 0.0)
    track = track_of(seconds, lons_deg, 43.7 + 8.0 * seconds / METRES_PER_DEGREE, accuracy_m=8.0)
    return replace(track, speeds_mps=np.full(len(seconds), speed_mps))


def is_straight(anchors: list[Anchor]) -> bool:
    """Return whether no place is aside."""
    return all(anchor.position.lon == pytest.approx(7.4, abs=1e-6) for anchor in anchors)


@pytest.mark.parametrize("speed_mps", [8.0, np.nan])
def test_a_leap_and_back_within_a_minute_is_no_way(speed_mps: float) -> None:
    """200 m in a second is driven by nobody, whether or not the device says how fast it is."""
    drive = aside(1.0, 100.0, 130.0, by_m=200.0, speed_mps=speed_mps)

    settled = without_leaps(places(drive))

    assert not is_straight(places(drive))
    assert is_straight(settled)
    assert settled[-1].last_us == drive.times_us[-1]


def test_what_the_device_says_of_its_speed_counts() -> None:
    """300 m aside within 15 s can be driven, but not by who says to go at 8 m/s."""
    silent, slow = (aside(15.0, 100.0, 130.0, by_m=300.0, speed_mps=speed_mps) for speed_mps in (np.nan, 8.0))

    assert not is_straight(without_leaps(places(silent)))
    assert is_straight(without_leaps(places(slow)))


def test_who_stays_away_has_gone() -> None:
    """A leap without a way back within two minutes is where the device went on from."""
    away = aside(1.0, 100.0, 300.0, by_m=200.0, speed_mps=8.0)

    assert len(without_leaps(places(away))) == len(places(away))


def test_a_reflection_between_two_stops_is_no_way() -> None:
    """A stay that was torn in two by it is no drive."""
    stop = Stop(
        started_at=AT_EIGHT,
        ended_at=AT_EIGHT + timedelta(seconds=600),
        position=Position(7.4, 43.7),
        radius_m=10.0,
        fix_count=60,
    )
    reflected = track_of([605.0, 610.0], np.full(2, 7.404), np.full(2, 43.7), accuracy_m=8.0)
    ended_us, began_us = (to_microseconds(AT_EIGHT + timedelta(seconds=at)) for at in (600, 615))
    stays = stop_anchor(stop, at_us=ended_us), stop_anchor(stop, at_us=began_us)

    settled = without_leaps([stays[0], *places(reflected), stays[1]])

    assert settled == list(stays)
