"""A track in epochs: the usable fixes of each quarter minute as one, so that a day is a few thousand of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Places, places_of
from geo_engine.tracks.flags import Flags, usable_indices
from geo_engine.tracks.model import Track
from geo_engine.tracks.params import DeriveParams, StopParams
from geo_engine.tracks.rules import (
    MARKS_PER_EPOCH,
    MM_PER_M,
    STEP_LIMIT_MM,
    UNKNOWN_SPEED,
    accuracies_mm,
    microseconds,
    weight,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """The first usable fix of each third of an epoch, which mark the way of a trip; columns of one length."""

    times_us: NDArray[np.int64]
    places: Places
    accuracies_mm: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Epochs:
    """Epochs that have a usable fix, as columns of one length, ordered by time.

    Parameters
    ----------
    first_us, last_us
        The moments of the first and the last usable fix in each.
    places
        The mean of the fixes, weighted by accuracy.
    accuracies_mm
        The mean accuracy, weighted likewise: errors of fixes so close in time are nearly the same error, so
        many of them are no better than one.
    speeds_mmps
        The mean of the speeds that the device said, in whole mm/s; `UNKNOWN_SPEED` where it said none.
    fix_counts
        How many usable fixes are in each.
    turn_sums_mm2
        How much the epochs before each go to and fro: the k-th is the sum of the turns at the epochs 1 to k − 1. A
        turn is half the negative product of the steps to and from an epoch: σ² in the mean where errors are
        independent, negative where somebody goes on.
    """

    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    places: Places
    accuracies_mm: NDArray[np.int64]
    speeds_mmps: NDArray[np.int64]
    fix_counts: NDArray[np.int64]
    turn_sums_mm2: NDArray[np.int64]
    marks: "Marks"

    def __len__(self) -> int:
        return len(self.first_us)


def epochs_of(track: Track, flags: Flags, params: DeriveParams) -> Epochs:
    """Return the epochs of a track's usable fixes.

    Notes
    -----
    Sums are of whole numbers, hence exact in any order. O(n).
    """
    fine = usable_indices(flags)
    times_us = track.times_us[fine]
    numbers = times_us * MARKS_PER_EPOCH // microseconds(params.stops.epoch_s)
    marked = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))
    numbers //= MARKS_PER_EPOCH
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))
    each_mm = accuracies_mm(track.accuracies_m[fine], params.flags)
    each_weight = weight(each_mm)
    totals = _sums(each_weight, firsts)
    each_place = places_of(track.lons_deg[fine], track.lats_deg[fine])
    places = Places(*(_sums(each_weight * axis_mm, firsts) // totals for axis_mm in each_place))
    ends = np.append(firsts[1:], len(fine))[: len(firsts)]
    return Epochs(
        first_us=times_us[firsts],
        last_us=times_us[ends - 1],
        places=places,
        accuracies_mm=_sums(each_weight * each_mm, firsts) // totals,
        speeds_mmps=_speeds(track.speeds_mps[fine], firsts),
        fix_counts=ends - firsts,
        turn_sums_mm2=_turn_sums(places, params.stops),
        marks=Marks(times_us=times_us[marked], places=each_place.taken(marked), accuracies_mm=each_mm[marked]),
    )


def _sums(values: NDArray[np.int64], firsts: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.add.reduceat(values, firsts) if len(firsts) else np.empty(0, dtype=np.int64)


def _speeds(speeds_mps: NDArray[np.float64], firsts: NDArray[np.intp]) -> NDArray[np.int64]:
    is_known = speeds_mps >= 0
    each_mmps = np.rint(np.where(is_known, speeds_mps, 0.0) * MM_PER_M).astype(np.int64)
    counts = _sums(is_known.astype(np.int64), firsts)
    return np.where(counts > 0, _sums(each_mmps, firsts) // np.maximum(counts, 1), UNKNOWN_SPEED)


def _turn_sums(places: Places, params: StopParams) -> NDArray[np.int64]:
    sums = np.zeros(len(places.x_mm), dtype=np.int64)
    if len(sums) > 2:
        limit_mm2 = round(params.zigzag_m * MM_PER_M) ** 2
        steps = [np.clip(np.diff(axis_mm), -STEP_LIMIT_MM, STEP_LIMIT_MM) for axis_mm in places]
        product = steps[0][:-1] * steps[0][1:] + steps[1][:-1] * steps[1][1:] + steps[2][:-1] * steps[2][1:]
        sums[2:] = np.cumsum(np.clip(-product // 2, -limit_mm2, limit_mm2))
    return sums
