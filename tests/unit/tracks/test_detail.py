"""What a drawing of a track may leave out, and what it may not."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.walks import AT_EIGHT, METRES_PER_DEGREE, flagged_walks, track_of, usable

from geo_engine.geometry import Position
from geo_engine.tracks.detail import importances_m, thin_track
from geo_engine.tracks.model import UNUSABLE, Gap, Stop, Track

LAWS = settings(max_examples=60)


def deviations_m(track: Track, which: NDArray[np.intp], kept: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far each fix of `which` is from where one moves from kept fix to kept fix, evenly in time."""
    if not len(which):
        return np.zeros(0)
    lons_deg = np.unwrap(track.lons_deg[which], period=360.0)
    is_kept = np.isin(which, kept)
    times = (track.times_us[which] - track.times_us[which[0]]).astype(np.float64)
    east_deg = lons_deg - np.interp(times, times[is_kept], lons_deg[is_kept])
    lats_deg = track.lats_deg[which]
    north_deg = lats_deg - np.interp(times, times[is_kept], lats_deg[is_kept])
    # Of several at one moment, one moves to any.
    is_alone = ~np.isin(times, times[1:][np.diff(times) == 0.0])
    return METRES_PER_DEGREE * np.hypot(east_deg * np.cos(np.radians(lats_deg)), north_deg) * is_alone


@LAWS
@given(walk=flagged_walks(), tolerance_m=st.floats(0.0, 500.0))
def test_nobody_is_drawn_further_off_than_the_tolerance(
    walk: tuple[Track, NDArray[np.uint16]], tolerance_m: float
) -> None:
    """At the moment of every usable fix, the drawn line is within the tolerance of it."""
    track, flags = walk
    which = np.flatnonzero((flags & UNUSABLE) == 0)

    kept = thin_track(track, flags, tolerance_m=tolerance_m)

    assert np.isin(kept, which).all()
    assert set(which[:1]) | set(which[-1:]) <= set(kept)
    assert deviations_m(track, which, kept).max(initial=0.0) <= tolerance_m + 0.01


@LAWS
@given(walk=flagged_walks(), tolerances_m=st.tuples(st.floats(0.0, 500.0), st.floats(0.0, 500.0)))
def test_a_finer_drawing_holds_all_of_a_coarser_one(
    walk: tuple[Track, NDArray[np.uint16]], tolerances_m: tuple[float, float]
) -> None:
    """Levels of detail are nested: fixes are added, none is taken away."""
    track, flags = walk
    fine_m, coarse_m = sorted(tolerances_m)

    coarse, fine = (thin_track(track, flags, tolerance_m=tolerance_m) for tolerance_m in (coarse_m, fine_m))

    assert np.isin(coarse, fine).all()
    assert np.isin(fine, thin_track(track, flags, tolerance_m=None)).all()


def test_an_even_drive_needs_its_ends_alone() -> None:
    """What lies evenly on a line in time is left out."""
    drive = track_of(np.arange(100.0), np.linspace(7.40, 7.42, 100), np.linspace(43.70, 43.71, 100))

    assert thin_track(drive, usable(drive), tolerance_m=1.0).tolist() == [0, 99]


def test_a_wait_on_a_straight_street_is_kept() -> None:
    """The line alone would not show it: time counts."""
    seconds = np.arange(300.0)
    metres = np.where(seconds < 100, seconds, np.where(seconds < 200, 100.0, seconds - 100.0)) * 10.0
    drive = track_of(seconds, np.full(300, 7.4), 43.7 + metres / METRES_PER_DEGREE)

    kept = thin_track(drive, usable(drive), tolerance_m=5.0)

    assert kept.tolist() == [0, 100, 200, 299] or kept.tolist() == [0, 100, 199, 200, 299]


def test_nothing_is_drawn_over_a_gap() -> None:
    """The fixes at both sides of a gap are kept, however well they lie on the line."""
    drive = track_of(np.arange(100.0), np.linspace(7.40, 7.42, 100), np.full(100, 43.7))
    gap = Gap(started_at=AT_EIGHT + timedelta(seconds=40), ended_at=AT_EIGHT + timedelta(seconds=41))

    assert thin_track(drive, usable(drive), tolerance_m=50.0, gaps=[gap]).tolist() == [0, 40, 41, 99]


def test_jitter_in_a_stop_is_not_drawn() -> None:
    """A parked device needs two fixes where a drive through the same noise would need hundreds."""
    chance = np.random.default_rng(1)
    off_m = chance.uniform(-20.0, 20.0, (2, 600))
    parked = track_of(np.arange(600.0), 7.4 + off_m[0] / 80_000, 43.7 + off_m[1] / METRES_PER_DEGREE)
    stop = Stop(
        started_at=AT_EIGHT,
        ended_at=AT_EIGHT + timedelta(seconds=599),
        position=Position(7.4, 43.7),
        radius_m=30.0,
        fix_count=600,
    )

    with_stop = thin_track(parked, usable(parked), tolerance_m=5.0, stops=[stop])
    without = thin_track(parked, usable(parked), tolerance_m=5.0)

    assert with_stop.tolist() == [0, 599]
    assert len(without) > 300


def test_a_spiral_is_split_in_halves_in_the_end() -> None:
    """A shape that gives up one fix at a time still ends, with every fix told apart."""
    steps = np.arange(4000.0)
    spiral = track_of(steps, 7.4 + 1e-5 * steps * (-1) ** steps, np.full(4000, 43.7))

    found_m = importances_m(spiral, np.arange(4000))

    assert np.isinf(found_m[[0, -1]]).all()
    assert (found_m[1:-1] > 0.0).all()


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_fix_is_no_special_case(count: int) -> None:
    """None gives none, one gives itself."""
    track = track_of(np.zeros(count), np.full(count, 7.4), np.full(count, 43.7))

    assert thin_track(track, usable(track), tolerance_m=5.0).tolist() == list(range(count))
