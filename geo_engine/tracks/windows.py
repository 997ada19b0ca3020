"""Where a track stands still for the least time of a stop: one look through a window that begins at each epoch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, Places, chords_mm, chords_mm2
from geo_engine.tracks.epochs import Epochs
from geo_engine.tracks.rules import MM_PER_M, StopParams, microseconds, reach_mm, room_mm2, weight

_MISSING_MM = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """What the windows show, as columns: that of the k-th begins at the k-th epoch.

    Parameters
    ----------
    is_still
        Whether nearly all epochs in it are at one place.
    first_inside, last_inside
        The first and the last epoch at that place.
    middles
        The place: the mean of those at it, weighted by accuracy.
    """

    is_still: NDArray[np.bool_]
    first_inside: NDArray[np.intp]
    last_inside: NDArray[np.intp]
    middles: Places

    def middle(self, index: int) -> Place:
        """Return the place that a window shows."""
        return self.middles.at(index)


def look_through(epochs: Epochs, params: StopParams) -> Windows:
    """Return what a window shows from each epoch on, the last being the first one `least_s` later.

    Notes
    -----
    The median of each coordinate says where most epochs are, whatever the others say; those near it then give
    the middle. O(n w log w) for w epochs a window.
    """
    count = len(epochs)
    order = np.arange(count)
    ends = np.searchsorted(epochs.last_us, epochs.first_us + microseconds(params.least_s))
    is_whole = ends < count
    sizes = np.where(is_whole, ends - order + 1, 0)
    columns = order[:, None] + np.arange(max(int(sizes.max(initial=0)), 1))
    is_in = columns <= np.where(is_whole, ends, -1)[:, None]
    columns = np.minimum(columns, count - 1)
    seen = epochs.places.taken(columns)
    rooms_mm2 = room_mm2(epochs.accuracies_mm.astype(np.float64), params)[columns]
    is_near = is_in & _is_inside(seen, _medians(seen, is_in, sizes), rooms_mm2)
    middles = _means(seen, is_near * weight(epochs.accuracies_mm)[columns])
    is_inside = is_in & _is_inside(seen, middles, rooms_mm2)
    inside_counts = is_inside.sum(axis=1)
    found = is_whole & (inside_counts * 100 >= params.inside_percent * sizes) & (inside_counts >= 2)
    silent = _silences(epochs, sizes, params) & ~found
    first_inside = np.where(silent, order, order + is_inside.argmax(axis=1))
    last_inside = np.where(silent, order, order + columns.shape[1] - 1 - is_inside[:, ::-1].argmax(axis=1))
    middles = Places(*(np.where(silent, here, mean) for here, mean in zip(epochs.places, middles, strict=True)))
    return Windows(is_still=found | silent, first_inside=first_inside, last_inside=last_inside, middles=middles)


def _medians(seen: Places, is_in: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Places:
    ranks = np.maximum(sizes - 1, 0)[:, None] // 2
    return Places(
        *(np.take_along_axis(np.sort(np.where(is_in, axis_mm, _MISSING_MM), axis=1), ranks, axis=1) for axis_mm in seen)
    )


def _means(seen: Places, each_weight: NDArray[np.int64]) -> Places:
    totals = np.maximum(each_weight.sum(axis=1), 1)
    return Places(*((each_weight * axis_mm).sum(axis=1) // totals for axis_mm in seen))


def _is_inside(seen: Places, middles: Places, rooms_mm2: NDArray[np.float64]) -> NDArray[np.bool_]:
    columns = Places(*(middle_mm.reshape(-1, 1) for middle_mm in middles))
    found: NDArray[np.bool_] = chords_mm2(seen, columns) < rooms_mm2
    return found


def _silences(epochs: Epochs, sizes: NDArray[np.int64], params: StopParams) -> NDArray[np.bool_]:
    # Two epochs with nothing between them, so near that nobody went on in the meantime.
    is_silent = np.zeros(len(epochs), dtype=np.bool_)
    pairs = np.flatnonzero(sizes == 2)
    elapsed_us = (epochs.first_us[pairs + 1] - epochs.last_us[pairs]).astype(np.float64)
    apart_mm = chords_mm(epochs.places.taken(pairs), epochs.places.taken(pairs + 1))
    limit_mm = np.minimum(params.silence_radius_m * MM_PER_M, reach_mm(elapsed_us, params.silence_mps))
    is_silent[pairs] = apart_mm <= limit_mm
    return is_silent
