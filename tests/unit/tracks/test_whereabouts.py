"""Where a device was at a moment, and when it was near a place, held against every fix."""

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.walks import AT_EIGHT, METRES_PER_DEGREE, gapped_walks, track_of, usable

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, geodesics_m
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import UNUSABLE, Gap, Track, to_microseconds
from geo_engine.tracks.trajectories import cut_trajectory
from geo_engine.tracks.whereabouts import Pass, passes_within, passes_without, position_at

type Walk = tuple[Track, NDArray[np.uint16], list[Gap]]

DAY = TimeSpan(start_at=AT_EIGHT - timedelta(hours=8), end_at=AT_EIGHT + timedelta(hours=64))


def seconds(count: float) -> datetime:
    """Return the moment so many seconds after eight."""
    return AT_EIGHT + timedelta(seconds=count)


def by_every_fix(walk: Walk, times_us: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where one is by the fixes around each moment, without pieces; NaN in gaps and outside."""
    track, flags, gaps = walk
    which = np.flatnonzero((flags & UNUSABLE) == 0)
    if not len(which):
        return np.full((2, len(times_us)), np.nan)
    lons_deg = np.unwrap(track.lons_deg[which], period=360.0)
    lons_deg = np.interp(times_us, track.times_us[which], lons_deg, left=np.nan, right=np.nan)
    lats_deg = np.interp(times_us, track.times_us[which], track.lats_deg[which], left=np.nan, right=np.nan)
    for gap in gaps:
        is_in = (times_us > to_microseconds(gap.started_at)) & (times_us < to_microseconds(gap.ended_at))
        lons_deg[is_in] = lats_deg[is_in] = np.nan
    return (lons_deg + 180.0) % 360.0 - 180.0, lats_deg


def moments(walk: Walk, count: int) -> NDArray[np.int64]:
    """Return moments from before the first to after the last fix, at none of several fixes."""
    times_us = walk[0].times_us
    if not len(times_us):
        return np.array([to_microseconds(AT_EIGHT)])
    spread = np.linspace(times_us[0] - 1_000_000, times_us[-1] + 1_000_000, count).astype(np.int64)
    return spread[~np.isin(spread, times_us)]


@settings(max_examples=60)
@given(walk=gapped_walks())
def test_a_device_is_where_its_fixes_have_it(walk: Walk) -> None:
    """The same as without pieces at every moment; within reach in gaps, and nowhere before and after."""
    track, flags, gaps = walk
    pieces = cut_trajectory(track, flags, gaps=gaps)

    for time_us, lon, lat in zip(times := moments(walk, 40), *by_every_fix(walk, times), strict=True):
        found = position_at(pieces, AT_EIGHT + timedelta(microseconds=int(time_us) - to_microseconds(AT_EIGHT)))

        if np.isfinite(lon):
            assert found is not None
            assert found.reach_m == 0.0
            assert geodesic_m(found.position, Position(lon, lat)) < 0.01
        elif not pieces or not pieces[0].times_us[0] <= time_us <= pieces[-1].times_us[-1]:
            assert found is None
        else:
            assert found is not None
            assert found.reach_m > 0.0


@settings(max_examples=100)
@given(
    walk=gapped_walks(),
    radius_m=st.sampled_from([5.0, 50.0, 500.0, 3000.0]),
    near=st.integers(0, 59),
    off_m=st.floats(0.0, 400.0),
    start_s=st.integers(0, 4000),
    last_s=st.integers(1, 8000),
)
def test_passes_are_those_of_every_fix(
    walk: Walk, *, radius_m: float, near: int, off_m: float, start_s: int, last_s: int
) -> None:
    """At each moment of the span the device is near by its fixes if and only if a pass says so.

    A pass may end with the span, which does not hold that moment.
    """
    track, flags, gaps = walk
    if not len(track):
        return
    place = Position(
        float(track.lons_deg[near % len(track)]),
        float(track.lats_deg[near % len(track)]) + off_m / METRES_PER_DEGREE,
    )
    span = TimeSpan(start_at=seconds(start_s), end_at=seconds(start_s + last_s))
    pieces = cut_trajectory(track, flags, gaps=gaps)

    passes = passes_within(pieces, place, radius_m=radius_m, span=span)

    times_us = moments(walk, 200)
    lons_deg, lats_deg = by_every_fix(walk, times_us)
    is_known = np.isfinite(lons_deg)
    times_us, lons_deg, lats_deg = times_us[is_known], lons_deg[is_known], lats_deg[is_known]
    off_all_m = geodesics_m(lons_deg, lats_deg, np.full(len(lons_deg), place.lon), np.full(len(lons_deg), place.lat))
    is_in_span = (times_us >= to_microseconds(span.start_at)) & (times_us < to_microseconds(span.end_at))
    is_clear = np.abs(off_all_m - radius_m) > 0.002 * radius_m + 0.01
    is_told = (is_clear | ~is_in_span) & (times_us != to_microseconds(span.end_at))
    assert (is_passing(passes, times_us) == (is_in_span & (off_all_m < radius_m)))[is_told].all()
    for one in passes:
        assert span.start_at <= one.started_at <= one.ended_at <= span.end_at
        assert 0.0 <= one.nearest_m <= radius_m
        seen_m = off_all_m[is_passing([one], times_us)]
        assert one.nearest_m <= seen_m.min(initial=np.inf) + 0.002 * radius_m + 0.01
    assert all(one.ended_at < other.started_at for one, other in pairwise(passes))


def is_passing(passes: list[Pass], times_us: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return at which moments a device passes."""
    is_in = np.zeros(len(times_us), dtype=np.bool_)
    for one in passes:
        is_in |= (times_us >= to_microseconds(one.started_at)) & (times_us <= to_microseconds(one.ended_at))
    return is_in


def test_who_drives_through_between_two_fixes_passed() -> None:
    """Entry and exit are where the line between them meets the circle: 30 m aside, 40 m before and behind."""
    north_m = np.array([-500.0, 500.0])
    drive = track_of([0.0, 100.0], np.full(2, 7.4), 43.7 + north_m / 111_105.0)
    place = Position(7.4 + 30.0 / 80_594.0, 43.7)

    (one,) = passes_within(cut_trajectory(drive, usable(drive)), place, radius_m=50.0, span=DAY)

    assert one.nearest_m == pytest.approx(30.0, abs=0.05)
    assert (one.started_at - AT_EIGHT).total_seconds() == pytest.approx(46.0, abs=0.02)
    assert (one.ended_at - AT_EIGHT).total_seconds() == pytest.approx(54.0, abs=0.02)


def test_a_pass_over_the_full_hour_is_one() -> None:
    """That pieces are cut there is nobody's business."""
    rest = track_of([3000.0, 3300.0, 3900.0, 4200.0], np.full(4, 7.4), np.full(4, 43.7))

    (one,) = passes_within(cut_trajectory(rest, usable(rest)), Position(7.4, 43.7), radius_m=10.0, span=DAY)

    assert (one.started_at, one.ended_at) == (seconds(3000), seconds(4200))


def test_a_gap_ends_a_pass() -> None:
    """Where the device was in between, nobody knows."""
    rest = track_of([0.0, 60.0, 1200.0, 1260.0], np.full(4, 7.4), np.full(4, 43.7))
    gap = Gap(started_at=seconds(60), ended_at=seconds(1200))

    passes = passes_within(cut_trajectory(rest, usable(rest), gaps=[gap]), Position(7.4, 43.7), radius_m=10.0, span=DAY)

    assert [(one.started_at, one.ended_at) for one in passes] == [
        (seconds(0), seconds(60)),
        (seconds(1200), seconds(1260)),
    ]


def test_a_lone_fix_is_a_pass_of_one_moment() -> None:
    """Seen is seen."""
    lone = track_of([60.0], [7.4], [43.7])
    pieces = cut_trajectory(lone, usable(lone))
    before = TimeSpan(start_at=AT_EIGHT, end_at=seconds(60))

    assert passes_within(pieces, Position(7.4, 43.7), radius_m=0.0, span=DAY) == [
        Pass(started_at=seconds(60), ended_at=seconds(60), nearest_m=0.0)
    ]
    assert passes_within(pieces, Position(7.4, 43.7), radius_m=0.0, span=before) == []
    assert passes_within(pieces, Position(7.4, 43.7), radius_m=-1.0, span=DAY) == []


def test_who_sails_round_the_far_side_passes_nobody() -> None:
    """A piece that crosses the meridian opposite of a place is not torn through it."""
    ship = track_of([0.0, 100.0], [-0.1, 0.1], np.full(2, 10.0))

    assert passes_within(cut_trajectory(ship, usable(ship)), Position(179.99, 10.0), radius_m=5000.0, span=DAY) == []


def test_the_reach_in_a_gap_is_what_can_be_driven_there_and_back() -> None:
    """A hundred seconds after the last fix and long before the next, at 10 m/s, it is within a kilometre of both."""
    rest = track_of([0.0, 1000.0], np.full(2, 7.4), np.full(2, 43.7))
    pieces = cut_trajectory(rest, usable(rest), gaps=[Gap(started_at=seconds(0), ended_at=seconds(1000))])

    found = [position_at(pieces, seconds(at), fastest_mps=10.0) for at in (100, 500, 900)]

    assert [one and round(one.reach_m, 3) for one in found] == [1000.0, 5000.0, 1000.0]
    assert {one and round(one.position.lon, 9) for one in found} == {7.4}


def test_of_a_silence_that_parts_trips_nothing_is_known() -> None:
    """Nobody knows of a way over it: a place between its ends would be made up."""
    drive = track_of([0.0, 3_600.0, 7_201.0], np.full(3, 7.4), [43.7, 43.8, 43.9])
    gaps = [
        Gap(started_at=seconds(0), ended_at=seconds(3_600)),
        Gap(started_at=seconds(3_600), ended_at=seconds(7_201)),
    ]
    pieces = cut_trajectory(drive, usable(drive), gaps=gaps)

    found = [position_at(pieces, seconds(at)) is not None for at in (1, 3_599, 3_600, 3_601, 7_200, 7_201)]

    assert found == [True, True, True, False, False, True]


def test_in_a_gap_over_the_180th_meridian_one_is_near_it() -> None:
    """The short way round is taken."""
    ship = track_of([0.0, 1000.0], [179.9, -179.9], np.full(2, 10.0))
    pieces = cut_trajectory(ship, usable(ship), gaps=[Gap(started_at=seconds(0), ended_at=seconds(1000))])

    found = position_at(pieces, seconds(500))

    assert found is not None
    assert abs(found.position.lon) == pytest.approx(180.0)


MOMENTS = st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True).map(sorted)


@given(ends=MOMENTS, cuts=MOMENTS)
def test_of_passes_what_lies_within_a_span_is_left_out(ends: list[int], cuts: list[int]) -> None:
    """A moment is in a pass that is left exactly when it was in one, and inside no span."""
    passes = [
        Pass(started_at=seconds(start), ended_at=seconds(end), nearest_m=1.0)
        for start, end in zip(ends[::2], ends[1::2], strict=False)
    ]
    spans = [TimeSpan(start_at=seconds(a), end_at=seconds(b)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]

    left = list(passes_without(passes, spans))

    for half in range(121):
        at = seconds(half / 2)
        is_cut = any(span.start_at < at < span.end_at for span in spans)
        was_there = any(one.started_at <= at <= one.ended_at for one in passes)
        assert any(one.started_at <= at <= one.ended_at for one in left) == (was_there and not is_cut)
    assert [one.started_at for one in left] == sorted(one.started_at for one in left)
