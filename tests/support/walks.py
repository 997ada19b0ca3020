"""Tracks for tests: drawn step by step, by hypothesis or by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo_engine.tracks.model import UNUSABLE, Flag, Gap, Track, to_microseconds, to_moment

METRES_PER_DEGREE = 111_195.0
AT_EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def track_of(
    seconds: Sequence[float] | NDArray[np.float64],
    lons_deg: Sequence[float] | NDArray[np.float64],
    lats_deg: Sequence[float] | NDArray[np.float64],
    *,
    accuracy_m: float = 10.0,
) -> Track:
    """Return the track of fixes some seconds after eight, of one accuracy and no speed."""
    count = len(seconds)
    times_us = to_microseconds(AT_EIGHT) + np.rint(np.asarray(seconds, dtype=np.float64) * 1e6).astype(np.int64)
    unknown = np.full(count, np.nan)
    return Track(
        times_us=times_us,
        lons_deg=np.asarray(lons_deg, dtype=np.float64),
        lats_deg=np.asarray(lats_deg, dtype=np.float64),
        accuracies_m=np.full(count, accuracy_m),
        altitudes_m=unknown,
        speeds_mps=unknown,
        headings_deg=unknown,
        batteries_percent=unknown,
        mocks=np.zeros(count, dtype=np.bool_),
    )


def usable(track: Track) -> NDArray[np.uint16]:
    """Return flags that say nothing."""
    return np.zeros(len(track), dtype=np.uint16)


@st.composite
def walks(draw: st.DrawFn, *, most_fixes: int = 60) -> Track:
    """Draw a track of steps of seconds to minutes and centimetres to kilometres, anywhere people live."""
    count = draw(st.integers(0, most_fixes))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds = [(0.0, 1.0), (1.0, 5.0), (15.0, 200.0), (300.0, 3000.0)]
    lasts_s, reaches_m = kinds[draw(st.integers(0, 3))]
    seconds = np.cumsum(chance.choice([0.5, 1.0, 15.0, lasts_s], count))
    steps_m = chance.normal(scale=reaches_m, size=(2, count)) * chance.choice([0.0, 0.1, 1.0], count)
    lat_deg = draw(st.floats(-65.0, 65.0))
    lon_deg = draw(st.sampled_from([-8.6, 116.4, 179.999, -179.999]))
    east_m, north_m = np.cumsum(steps_m, axis=1)
    lats_deg = lat_deg + north_m / METRES_PER_DEGREE
    lons_deg = lon_deg + east_m / METRES_PER_DEGREE / np.cos(np.radians(lat_deg))
    return track_of(seconds, (lons_deg + 180.0) % 360.0 - 180.0, lats_deg)


@st.composite
def flagged_walks(draw: st.DrawFn, *, most_fixes: int = 60) -> tuple[Track, NDArray[np.uint16]]:
    """Draw a track some of whose fixes are flagged."""
    track = draw(walks(most_fixes=most_fixes))
    flags = draw(st.lists(st.sampled_from([0, 0, 0, *Flag]), min_size=len(track), max_size=len(track)))
    return track, np.array(flags, dtype=np.uint16)


@st.composite
def gapped_walks(draw: st.DrawFn) -> tuple[Track, NDArray[np.uint16], list[Gap]]:
    """Draw a flagged track with gaps between some of its usable fixes."""
    track, flags = draw(flagged_walks())
    times_us = track.times_us[(flags & UNUSABLE) == 0]
    silences = [(one, other) for one, other in pairwise(times_us.tolist()) if other > one]
    chosen = draw(st.lists(st.sampled_from(silences), max_size=3, unique=True)) if silences else []
    gaps = [Gap(started_at=to_moment(one), ended_at=to_moment(other)) for one, other in sorted(chosen)]
    return track, flags, gaps
