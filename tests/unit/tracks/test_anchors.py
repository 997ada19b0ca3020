"""Which fixes are taken as one place, and which are movement."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from support.walks import AT_EIGHT, METRES_PER_DEGREE, track_of, walks

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.tracks.anchors import Anchor, anchors_of, stop_anchor
from geo_engine.tracks.model import Stop, Track, to_microseconds

TWO_MINUTES_US = 120_000_000


def anchors(track: Track) -> list[Anchor]:
    """Return the places of all fixes of a track."""
    return anchors_of(track, np.arange(len(track)), missing_accuracy_m=15.0, silence_us=TWO_MINUTES_US)


@settings(max_examples=40)
@given(track=walks())
def test_no_fix_belongs_to_two_places(track: Track) -> None:
    """Places follow each other in time, from the first fix to the last."""
    found = anchors(track)

    assert sum(anchor.fix_count for anchor in found) <= len(track)
    assert [anchor.first_us for anchor in found[:1]] == track.times_us[:1].tolist()
    assert [anchor.last_us for anchor in found[-1:]] == track.times_us[-1:].tolist()
    assert all(one.last_us <= other.first_us for one, other in pairwise(found))
    assert all(anchor.first_us <= anchor.arrived_us <= anchor.left_us <= anchor.last_us for anchor in found)


def test_a_phone_at_rest_is_at_one_place() -> None:
    """However long it jitters, a few strays included, and all but where it is."""
    chance = np.random.default_rng(1)
    off_m = chance.normal(scale=8.0, size=(2, 1000))
    off_m[:, 400:402] += 35.0
    rest = track_of(np.arange(1000.0), 7.4 + off_m[0] / 80_300, 43.7 + off_m[1] / METRES_PER_DEGREE, accuracy_m=12.0)

    (anchor,) = anchors(rest)

    assert geodesic_m(anchor.position, Position(7.4, 43.7)) < 3.0
    assert (anchor.arrived_us, anchor.left_us) == (rest.times_us[0], rest.times_us[-1])
    assert anchor.sigma_m == pytest.approx(12.0 / 1.51)


def test_a_drive_is_many_places_in_its_order() -> None:
    """Every few dozen metres; more exact phones are believed sooner."""
    seconds = np.arange(200.0)
    lats_deg = 43.7 + 10.0 * seconds / METRES_PER_DEGREE
    exact, vague = (track_of(seconds, np.full(200, 7.4), lats_deg, accuracy_m=accuracy_m) for accuracy_m in (5.0, 60.0))

    assert 45 < len(anchors(exact)) < 60
    assert 6 < len(anchors(vague)) < 12


def test_a_silence_parts_what_lies_together() -> None:
    """Nobody knows where the device was in between."""
    track = track_of([0.0, 10.0, 200.0, 210.0], np.full(4, 7.4), np.full(4, 43.7))

    assert [anchor.fix_count for anchor in anchors(track)] == [2, 2]


def test_places_lie_where_the_180th_meridian_is_crossed() -> None:
    """The other side of it is near."""
    track = track_of([0.0, 1.0, 60.0], [179.99999, -179.99999, -179.99], np.full(3, 43.7))

    near, far = anchors(track)

    assert abs(near.position.lon) == pytest.approx(180.0, abs=1e-4)
    assert far.position.lon == pytest.approx(-179.99)


def test_a_stop_is_as_exact_as_its_fixes_and_never_less_than_a_car_park() -> None:
    """It stands for no fix of the move, and holds at one moment."""
    stop = Stop(
        started_at=AT_EIGHT,
        ended_at=AT_EIGHT + timedelta(hours=1),
        position=Position(7.4, 43.7),
        radius_m=2.0,
        fix_count=9,
    )
    at_us = to_microseconds(stop.ended_at)

    anchor = stop_anchor(stop, at_us=at_us)

    assert (anchor.is_stop, anchor.sigma_m, anchor.left_us) == (True, 5.0, at_us)
