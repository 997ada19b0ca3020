"""Where a stay may begin: one look through a short window that begins at each epoch, and at each silence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, Places, chords_mm, chords_mm2
from geo_engine.tracks.epochs import Epochs
from geo_engine.tracks.params import StopParams
from geo_engine.tracks.rules import MM_PER_M, UNKNOWN_SPEED, microseconds, room_mm2, spare_us, weight

_MISSING_MM = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """What the windows show, as columns: that of the k-th begins at the k-th epoch.

    Parameters
    ----------
    is_still
        Whether most epochs in it are at one place, or it is a silence after which the device is still near, or its
        first two are at one place and it takes a stay to explain how much later the device is elsewhere.
    is_inside
        Shape (epochs, widest window): which of its epochs are at that place.
    middles
        The place: the mean of those at it, weighted by accuracy.
    zigzags_mm2
        By how much the square of the room is larger, as the device goes to and fro.
    """

    is_still: NDArray[np.bool_]
    is_inside: NDArray[np.bool_]
    middles: Places
    zigzags_mm2: NDArray[np.float64]

    def insides(self, index: int) -> NDArray[np.intp]:
        """Return the epochs that are at the place which a window shows."""
        return index + np.flatnonzero(self.is_inside[index])

    def middle(self, index: int) -> Place:
        """Return the place that a window shows."""
        return self.middles.at(index)


def look_through(epochs: Epochs, is_silent: NDArray[np.bool_], params: StopParams) -> Windows:
    """Return what a window shows from each epoch on, the last being the first one `seed_s` later, or the last of all.

    Parameters
    ----------
    is_silent
        As `silences` returns it.

    Notes
    -----
    The median of each coordinate says where most epochs are, whatever the others say; those near it then give
    the middle. O(n w log w) for w epochs a window.
    """
    count = len(epochs)
    order = np.arange(count)
    ends = np.searchsorted(epochs.last_us, epochs.first_us + microseconds(params.seed_s))
    sizes = np.minimum(ends + 1, count) - order
    columns = order[:, None] + np.arange(max(int(sizes.max(initial=0)), 1))
    is_in = columns < (order + sizes)[:, None]
    columns = np.minimum(columns, count - 1)
    seen = epochs.places.taken(columns)
    zigzags_mm2 = _zigzags_mm2(epochs, sizes, params)
    rooms_mm2 = room_mm2(epochs.accuracies_mm.astype(np.float64), params)[columns] + zigzags_mm2[:, None]
    rests = is_in & ~moving(epochs, params)[columns]
    is_near = rests & _is_within(seen, _medians(seen, is_in, sizes), rooms_mm2)
    middles = _means(seen, is_near * weight(epochs.accuracies_mm)[columns])
    is_inside = rests & _is_within(seen, middles, rooms_mm2)
    inside_counts = is_inside.sum(axis=1)
    is_place = (inside_counts >= 2) & (inside_counts * 100 >= params.inside_percent * sizes)
    wakes = waking(epochs, is_silent, params)
    is_pause = ((is_silent & (sizes == 2) & ~np.roll(wakes, -1)) | wakes) & ~is_place
    is_inside[is_pause] = np.arange(is_inside.shape[1]) == 0
    is_pair, pair_middles = _pairs(epochs, params)
    is_pair &= (sizes > 2) & ~is_place & ~is_pause
    is_inside[is_pair] = np.arange(is_inside.shape[1]) < 2
    each = zip(epochs.places, pair_middles, middles, strict=True)
    return Windows(
        is_still=is_place | is_pause | is_pair,
        is_inside=is_inside,
        middles=Places(*(np.where(is_pause, own, np.where(is_pair, both, mean)) for own, both, mean in each)),
        zigzags_mm2=zigzags_mm2,
    )


def silences(epochs: Epochs, params: StopParams) -> NDArray[np.bool_]:
    """Return after which epochs the device was silent so long, and then still so near, that it stayed in between."""
    is_silent = np.zeros(len(epochs), dtype=np.bool_)
    places = epochs.places
    silent_us = (epochs.first_us[1:] - epochs.last_us[:-1]).astype(np.float64)
    apart_mm = chords_mm(places.taken(slice(None, -1)), places.taken(slice(1, None)))
    rest_us = spare_us(silent_us, apart_mm, params)
    is_parked = (rest_us >= microseconds(params.silent_s)) & (apart_mm <= params.silent_m * MM_PER_M)
    may_be_parked = (rest_us >= microseconds(params.stood_silent_s)) & (apart_mm <= params.stood_silent_m * MM_PER_M)
    is_silent[:-1] = is_parked | (may_be_parked & _stood(epochs, silent_us, apart_mm)[:-1])
    return is_silent


def moving(epochs: Epochs, params: StopParams) -> NDArray[np.bool_]:
    """Return in which epochs the device said that it was on its way."""
    is_moving: NDArray[np.bool_] = epochs.speeds_mmps > params.moving_mps * MM_PER_M
    return is_moving


def waking(epochs: Epochs, is_silent: NDArray[np.bool_], params: StopParams) -> NDArray[np.bool_]:
    """Return which epochs end a silence of a device that had not arrived before it, and was there after it."""
    moves, is_waking = moving(epochs, params), np.zeros(len(epochs), dtype=np.bool_)
    rests = (epochs.speeds_mmps != UNKNOWN_SPEED) & ~moves
    is_waking[1:] = is_silent[:-1] & moves[:-1] & rests[1:]
    return is_waking


def _pairs(epochs: Epochs, params: StopParams) -> tuple[NDArray[np.bool_], Places]:
    # Which epochs are with the next at one place where it takes a stay to explain the time, and where that is.
    before, one, other, after = slice(None, -3), slice(1, -2), slice(2, -1), slice(3, None)
    places, weights = epochs.places, weight(epochs.accuracies_mm)
    walks = epochs.speeds_mmps > params.standing_mps * MM_PER_M
    rooms_mm2 = room_mm2(epochs.accuracies_mm.astype(np.float64), params)
    totals = weights[one] + weights[other]
    middles = Places(*((weights[one] * mm[one] + weights[other] * mm[other]) // totals for mm in places))
    apart_mm = chords_mm(places.taken(before), middles) + chords_mm(places.taken(after), middles)
    rest_us = spare_us((epochs.first_us[after] - epochs.last_us[before]).astype(np.float64), apart_mm, params)
    found = (rest_us >= microseconds(params.sparse_s)) & ~walks[one] & ~walks[other]
    for each in (one, other):
        found &= chords_mm2(places.taken(each), middles) < rooms_mm2[each]
    is_pair, everywhere = np.zeros(len(epochs), dtype=np.bool_), Places(*(mm.copy() for mm in places))
    is_pair[one] = found
    for mm, own_mm in zip(everywhere, middles, strict=True):
        mm[one] = own_mm
    return is_pair, everywhere


def _stood(epochs: Epochs, since_us: NDArray[np.float64], apart_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    # By its own word, or else because it had hardly moved since the epoch before.
    has_not_moved = np.zeros(len(epochs), dtype=np.bool_)
    has_not_moved[1:] = (since_us < 120e6) & (apart_mm < 15_000.0 + 0.5 * epochs.accuracies_mm[1:])
    return np.where(epochs.speeds_mmps == UNKNOWN_SPEED, has_not_moved, epochs.speeds_mmps < 500)


def _zigzags_mm2(epochs: Epochs, sizes: NDArray[np.int64], params: StopParams) -> NDArray[np.float64]:
    found = np.zeros(len(epochs))
    wide = np.flatnonzero(sizes > 2)
    ends = wide + sizes[wide] - 1
    means = (epochs.turn_sums_mm2[ends] - epochs.turn_sums_mm2[wide + 1]) / (ends - wide - 1)
    found[wide] = 2.0 * np.minimum(np.maximum(means, 0.0), (params.zigzag_m * MM_PER_M) ** 2)
    return found


def _medians(seen: Places, is_in: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Places:
    ranks = np.maximum(sizes - 1, 0)[:, None] // 2
    return Places(
        *(np.take_along_axis(np.sort(np.where(is_in, axis_mm, _MISSING_MM), axis=1), ranks, axis=1) for axis_mm in seen)
    )


def _means(seen: Places, each_weight: NDArray[np.int64]) -> Places:
    totals = np.maximum(each_weight.sum(axis=1), 1)
    return Places(*((each_weight * axis_mm).sum(axis=1) // totals for axis_mm in seen))


def _is_within(seen: Places, middles: Places, rooms_mm2: NDArray[np.float64]) -> NDArray[np.bool_]:
    columns = Places(*(middle_mm.reshape(-1, 1) for middle_mm in middles))
    found: NDArray[np.bool_] = chords_mm2(seen, columns) < rooms_mm2
    return found
