"""What was driven in a part of the time."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.walks import AT_EIGHT, walks

from geo_engine.geometry.measure import geodesics_m
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.driven import DrivenTrip, DrivenWay, DrivenWays, WayKind, trip_within
from geo_engine.tracks.model import Track, to_moment

TRACKS = st.lists(walks(most_fixes=12).filter(lambda track: len(track) >= 2 and np.ptp(track.times_us) > 0), max_size=3)


def driven(tracks: list[Track]) -> DrivenTrip:
    """Return tracks as ways one after the other, each longer than its line, as roads are."""
    ways, free_us = [], 0
    for number, track in enumerate(tracks):
        times_us = track.times_us + max(free_us - int(track.times_us[0]), 0)
        free_us = int(times_us[-1]) + 30_000_000
        line_m = float(_steps_m(track.lons_deg, track.lats_deg).sum())
        ways.append(
            DrivenWay(
                kind=WayKind.MATCHED,
                times_us=times_us,
                lons_deg=track.lons_deg,
                lats_deg=track.lats_deg,
                distance_m=1.1 * line_m,
                least_m=line_m,
                most_m=2.0 * line_m,
                confidence=0.9 / (number + 1),
            )
        )
    whole = DrivenWays(ways=tuple(ways))
    return DrivenTrip(driven_m=whole.distance_m, confidence=whole.confidence, ways=whole.ways)


def _steps_m(lons_deg: np.ndarray, lats_deg: np.ndarray) -> np.ndarray:
    return geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:])


def _day(start_s: float, end_s: float) -> TimeSpan:
    return TimeSpan(start_at=AT_EIGHT + timedelta(seconds=start_s), end_at=AT_EIGHT + timedelta(seconds=end_s))


@given(tracks=TRACKS, cuts_s=st.lists(st.floats(-10.0, 20_000.0), max_size=4, unique=True))
def test_the_parts_of_a_trip_make_up_the_whole(tracks: list[Track], cuts_s: list[float]) -> None:
    """However midnights fall, metres, their bounds and the sure ones add up, and no part leaves its span."""
    trip = driven(tracks)
    days = [
        _day(*ends)
        for ends in pairwise([-100.0, *sorted(round(cut_s, 3) for cut_s in cuts_s), 10_000_000.0])
        if ends[0] < ends[1]
    ]

    parts = [trip_within(trip, day) for day in days]

    whole, summed = DrivenWays(ways=trip.ways), DrivenWays(ways=tuple(way for part in parts for way in part.ways))
    assert sum(part.driven_m for part in parts) == pytest.approx(trip.driven_m)
    assert [summed.least_m, summed.most_m] == pytest.approx([whole.least_m, whole.most_m])
    assert sum(part.driven_m * part.confidence for part in parts) == pytest.approx(trip.driven_m * trip.confidence)
    for day, part in zip(days, parts, strict=True):
        for way in part.ways:
            assert day.start_at <= to_moment(int(way.times_us[0])) < to_moment(int(way.times_us[-1])) <= day.end_at
            assert len(way.times_us) == len(way.lons_deg) == len(way.lats_deg) >= 2


def test_a_part_is_as_long_as_what_was_driven_until_then() -> None:
    """By the share of the way, not of the time: at a light nothing is driven."""
    way = DrivenWay(
        kind=WayKind.ASSUMED,
        times_us=np.array([0, 100, 300, 400]) * 1_000_000,
        lons_deg=np.full(4, 7.4),
        lats_deg=np.array([43.7, 43.71, 43.71, 43.73]),
        distance_m=6_000.0,
        least_m=3_000.0,
        most_m=9_000.0,
        confidence=0.5,
    )
    trip = DrivenTrip(driven_m=6_000.0, confidence=0.5, ways=(way,))

    before = trip_within(trip, TimeSpan(start_at=to_moment(-1), end_at=to_moment(200_000_000)))

    (part,) = before.ways
    assert (part.distance_m, part.least_m, part.most_m) == pytest.approx((2_000.0, 1_000.0, 3_000.0), rel=1e-4)
    assert (before.driven_m, before.confidence) == (part.distance_m, pytest.approx(0.5))
    assert (part.times_us[-1], part.lats_deg[-1]) == (200_000_000, pytest.approx(43.71))
