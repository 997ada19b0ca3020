"""What share of visits to a fence may be expected to be found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.traces import ORIGIN_LAT, ORIGIN_LON, Phone, Rest, course, seen

from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.detectability import (
    WANTED_SHARE,
    AccuraciesSeen,
    Seeing,
    accuracies_seen,
    detectability,
    least_depth_m,
    outlook_of,
)
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId
from geo_engine.tracks.derived import derive

DEPTHS_M = st.floats(1.0, 1_000.0)
SEEINGS = st.builds(
    Seeing, accuracy_m=st.floats(1.0, 300.0), stay_s=st.floats(1.0, 86_400.0), sampling_s=st.floats(1.0, 3_600.0)
)


@given(depth_m=DEPTHS_M, more_m=DEPTHS_M, seeing=SEEINGS, times=st.floats(1.0, 10.0))
def test_more_room_exactness_time_and_fixes_never_find_less(
    depth_m: float, more_m: float, seeing: Seeing, times: float
) -> None:
    """It is a share, and as monotone as everybody expects."""
    vaguer = Seeing(accuracy_m=seeing.accuracy_m * times, stay_s=seeing.stay_s, sampling_s=seeing.sampling_s)
    longer = Seeing(accuracy_m=seeing.accuracy_m, stay_s=seeing.stay_s * times, sampling_s=seeing.sampling_s)
    rarer = Seeing(accuracy_m=seeing.accuracy_m, stay_s=seeing.stay_s, sampling_s=seeing.sampling_s * times)

    share = detectability(depth_m, seeing)

    assert 0.0 <= share < 1.0
    assert detectability(depth_m + more_m, seeing) >= share
    assert detectability(depth_m, vaguer) <= share <= detectability(depth_m, longer) + 1e-12
    assert detectability(depth_m, rarer) <= share


@given(share=st.floats(0.01, 0.98), seeing=SEEINGS)
def test_the_least_depth_is_that_at_which_so_much_is_found(share: float, seeing: Seeing) -> None:
    """One is the other turned round; where no fence is large enough there is none."""
    depth_m = least_depth_m(share, seeing)

    assert detectability(1e6 if depth_m is None else depth_m, seeing) == pytest.approx(share) or depth_m is None
    assert depth_m is not None or detectability(1e6, seeing) <= share


def test_what_was_seen_there_goes_before_what_is_usual() -> None:
    """A narrow fence is told how wide it had to be; a wide one is not."""
    exact = AccuraciesSeen.of(np.full(50, 6.0))

    usual, measured, wide = outlook_of(50.0), outlook_of(50.0, exact), outlook_of(200.0)

    assert (usual.is_measured, measured.is_measured) == (False, True)
    assert usual.share < WANTED_SHARE < measured.share
    assert usual.least_width_m == pytest.approx(2 * 59, abs=1)
    assert (measured.least_width_m, wide.least_width_m) == (None, None)
    assert outlook_of(50.0, AccuraciesSeen()) == usual


@given(accuracies_m=st.lists(st.floats(4.0, 150.0), min_size=1, max_size=60))
def test_counts_of_accuracies_know_their_median_to_a_fifth(accuracies_m: list[float]) -> None:
    """In whichever parts they were counted."""
    half = len(accuracies_m) // 2
    whole = AccuraciesSeen.of(np.array(accuracies_m))
    parts = AccuraciesSeen.of(np.array(accuracies_m[:half])) + AccuraciesSeen.of(np.array(accuracies_m[half:]))

    assert parts == whole
    assert whole.median_m is not None
    lower, upper = np.sort(accuracies_m)[[(len(accuracies_m) - 1) // 2, len(accuracies_m) // 2]]
    assert lower / 1.25 <= whole.median_m <= upper * 1.25


def test_accuracies_are_those_in_and_around_a_fence_one_a_minute() -> None:
    """Of ten minutes there ten, whether the phone looks each second or each minute; of a fence far off none."""
    fences = [
        Geofence(id=GeofenceId(name), name=name, shape=Circle(centre=Position(lon, ORIGIN_LAT), radius_m=50.0))
        for name, lon in (("here", ORIGIN_LON), ("far", ORIGIN_LON + 0.1))
    ]
    generator = np.random.default_rng(1)
    tracks = [
        seen(
            course([Rest(lasting_s=600)], generator=generator),
            Phone(every_s=every_s, accuracy_m=25.0),
            generator=generator,
        )
        for every_s in (1, 60)
    ]

    found = [accuracies_seen(track, derive(track).flags, FenceIndex(fences)) for track in tracks]

    assert [list(one) for one in found] == [[0], [0]]
    assert [one[0].count for one in found] == [10, 10]
    assert found[0][0].median_m == pytest.approx(25.0, rel=0.2)
