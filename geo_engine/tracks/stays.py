"""Stays: from which epoch to which a device stayed at one place, and where; the reckoning behind stops."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, chords_mm2
from geo_engine.tracks.epochs import Epochs
from geo_engine.tracks.rules import StopParams, microseconds, room_mm2, trust, weight
from geo_engine.tracks.windows import Windows, look_through

SCORE_PER_S = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Epochs `first` to `last`, both in it, at one place; `insides` are those that were at it."""

    first: int
    last: int
    insides: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Climb:
    """A sum of scores so far: of how many, the best it was, after how many; over once it fell too far below."""

    count: int = 0
    total: int = 0
    best: int = 0
    at: int = 0
    is_over: bool = False


class StayFinder:
    """Looks for stays from the begin of the epochs to their end; each begins after the one before has ended."""

    def __init__(self, epochs: Epochs, params: StopParams) -> None:
        self.epochs = epochs
        self._params = params
        self._weights = weight(epochs.accuracies_mm)
        self._rooms_mm2 = room_mm2(epochs.accuracies_mm.astype(np.float64), params)
        self._scores = self._highest_scores()

    def stays(self) -> Iterator[Stay]:
        """Yield the stays in order of time."""
        windows = look_through(self.epochs, self._params)
        free = 0
        for seed in np.flatnonzero(windows.is_still).tolist():
            if seed >= free:
                stay = self._grown(windows, seed, free)
                if self._lasts(stay):
                    yield stay
                    free = stay.last + 1

    def mean(self, chosen: NDArray[np.intp]) -> Place:
        """Return the middle of some epochs, weighted by accuracy."""
        each = self._weights[chosen]
        total = int(each.sum())
        return Place(*(int((each * axis_mm).sum()) // total for axis_mm in self.epochs.places.taken(chosen)))

    def _highest_scores(self) -> NDArray[np.float64]:
        # What an epoch at the very middle says, in thousandths of a second.
        first_us = self.epochs.first_us
        lasted_us = np.diff(first_us, prepend=first_us[:1] - microseconds(self._params.epoch_s))
        seconds = np.minimum(lasted_us, microseconds(self._params.most_s)) / 1_000.0
        return seconds * trust(self.epochs.accuracies_mm.astype(np.float64))

    def _score(self, chosen: slice, middle: Place) -> NDArray[np.int64]:
        # Positive inside, negative outside, at worst twice what being at the middle counts.
        apart_mm2 = chords_mm2(self.epochs.places.taken(chosen), middle)
        share = np.maximum(1.0 - apart_mm2 / self._rooms_mm2[chosen], -2.0)
        return np.rint(share * self._scores[chosen]).astype(np.int64)

    def _grown(self, windows: Windows, seed: int, free: int) -> Stay:
        inside_first, inside_last = int(windows.first_inside[seed]), int(windows.last_inside[seed])
        middle = windows.middle(seed)
        insides = inside_first + np.flatnonzero(self._score(slice(inside_first, inside_last + 1), middle) > 0)
        insides = np.concatenate((self._before(inside_first, free, middle), insides))
        insides = np.concatenate((insides, self._after(inside_last, insides)))
        return Stay(first=int(insides[0]), last=int(insides[-1]), insides=insides)

    def _before(self, inside_first: int, free: int, middle: Place) -> NDArray[np.intp]:
        low = max(free, inside_first - 60)
        scores = self._score(slice(low, inside_first), middle)[::-1]
        climb = self._climbed(scores, _Climb())
        return inside_first - 1 - np.flatnonzero(scores[: climb.at] > 0)[::-1]

    def _after(self, inside_last: int, insides: NDArray[np.intp]) -> NDArray[np.intp]:
        accepted = insides
        begin = inside_last + 1
        end = len(self.epochs)
        climb = _Climb()
        while climb.count < end - begin and not climb.is_over:
            size = max(8, len(accepted) // 4)
            low = begin + climb.count
            scores = self._score(slice(low, min(low + size, end)), self.mean(accepted))
            climb = self._climbed(scores, climb)
            accepted = np.concatenate((accepted, low + np.flatnonzero(scores > 0)))
        return accepted[(accepted > inside_last) & (accepted < begin + climb.at)]

    def _climbed(self, scores: NDArray[np.int64], climb: "_Climb") -> "_Climb":
        sums = climb.total + np.cumsum(scores)
        bests = np.maximum(np.maximum.accumulate(sums), climb.best)
        fallen = np.flatnonzero(bests - sums > self._params.leave_s * SCORE_PER_S)
        end = int(fallen[0]) if len(fallen) else len(scores)
        best = int(bests[end - 1]) if end else climb.best
        at = climb.count + int(np.argmax(sums == best)) + 1 if best > climb.best else climb.at
        return _Climb(
            count=climb.count + len(scores),
            total=int(sums[-1]) if len(scores) else climb.total,
            best=best,
            at=at,
            is_over=bool(len(fallen)),
        )

    def _lasts(self, stay: Stay) -> bool:
        lasted_us = self.epochs.last_us[stay.last] - self.epochs.first_us[stay.first]
        return bool(lasted_us >= microseconds(self._params.least_s))
