"""A track in epochs: the usable fixes of each quarter minute as one, so that a day is a few thousand of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Places, places_of
from geo_engine.tracks.flags import Flags, usable
from geo_engine.tracks.model import Track
from geo_engine.tracks.rules import DeriveParams, accuracies_mm, microseconds, weight


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
    fix_counts
        How many usable fixes are in each.
    """

    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    places: Places
    accuracies_mm: NDArray[np.int64]
    fix_counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first_us)


def epochs_of(track: Track, flags: Flags, params: DeriveParams) -> Epochs:
    """Return the epochs of a track's usable fixes.

    Notes
    -----
    Sums are of whole numbers, hence exact in any order. O(n).
    """
    fine = np.flatnonzero(usable(flags))
    times_us = track.times_us[fine]
    numbers = times_us // microseconds(params.stops.epoch_s)
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))
    lasts = np.append(firsts[1:], len(fine))[: len(firsts)] - 1
    each_mm = accuracies_mm(track.accuracies_m[fine], params.flags)
    each_weight = weight(each_mm)
    if not len(firsts):
        none = np.empty(0, dtype=np.int64)
        return Epochs(first_us=none, last_us=none, places=Places(none, none, none), accuracies_mm=none, fix_counts=none)
    totals = np.add.reduceat(each_weight, firsts)
    places = places_of(track.lons_deg[fine], track.lats_deg[fine])
    return Epochs(
        first_us=times_us[firsts],
        last_us=times_us[lasts],
        places=Places(*(np.add.reduceat(each_weight * axis_mm, firsts) // totals for axis_mm in places)),
        accuracies_mm=np.add.reduceat(each_weight * each_mm, firsts) // totals,
        fix_counts=lasts - firsts + 1,
    )
