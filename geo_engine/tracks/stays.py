"""Stays: from which epoch to which a device stayed at one place, and where; the reckoning behind stops."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, chords_mm2
from geo_engine.tracks.epochs import Epochs
from geo_engine.tracks.judging import Stay, StayJudge
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.rules import (
    BACK_COUNT,
    DOUBT_COUNT,
    MM_PER_M,
    SCORE_PER_S,
    UNKNOWN_SPEED,
    far_mm2,
    microseconds,
    room_mm2,
    round_size,
    trust,
)
from geo_engine.tracks.windows import Windows, look_through, moving, silences


@dataclass(frozen=True, slots=True, kw_only=True)
class _Climb:
    """A sum of scores: of how many, what it is, the best it was, after how many; over when it will not come back."""

    count: int = 0
    total: int = 0
    best: int = 0
    at: int = 0
    is_over: bool = False


class StayFinder:
    """Looks for stays from the begin of the epochs to their end; each begins after the one before has ended.

    Where a window shows a place, the stay there is grown in both directions: each epoch scores positive inside and
    negative outside, and the stay reaches to where the sum is highest before it falls for good. So what leads astray
    for a minute or two does not end it, and how it ends is told by all that is seen afterwards.
    """

    def __init__(self, epochs: Epochs, params: DeriveParams) -> None:
        self.epochs = epochs
        self._params = params
        exact_mm = epochs.accuracies_mm.astype(np.float64)
        self._rooms_mm2 = room_mm2(exact_mm, params.stops)
        self._far_mm2 = far_mm2(exact_mm, params.stops)
        self._lasted_us = np.diff(epochs.first_us, prepend=epochs.first_us[:1])
        self._highest = self._highest_scores(exact_mm)
        is_known = epochs.speeds_mmps != UNKNOWN_SPEED
        self._stands = is_known & (epochs.speeds_mmps < params.stops.standing_mps * MM_PER_M)
        self._moves = moving(epochs, params.stops)
        self._is_silent = silences(epochs, params.stops)
        self.judge = StayJudge(epochs, self._is_silent, params)

    def stays(self) -> list[Stay]:
        """Return the stays in order of time, those at one place as one, without those on the way to the next.

        Notes
        -----
        O(n) steps of numpy over short runs of epochs; a day at 1 Hz takes about 35 ms.
        """
        found: list[Stay] = []
        for stay in self._single_stays():
            if found and self.judge.are_one(found[-1], stay):
                before = found.pop()
                insides = np.concatenate((before.insides, stay.insides))
                found.append(Stay(first=before.first, last=stay.last, insides=insides))
            elif found and self._stands_apart(found) and self.judge.is_coming(found[-1], stay):
                found[-1] = stay
            else:
                found.append(stay)
        return found

    def _stands_apart(self, found: list[Stay]) -> bool:
        # Where the last stay follows another one at once, that one has ended because of it.
        return len(found) == 1 or found[-2].last + 1 < found[-1].first

    def _single_stays(self) -> Iterator[Stay]:
        windows = look_through(self.epochs, self._is_silent, self._params.stops)
        free, is_alone = 0, False
        for seed in np.flatnonzero(windows.is_still).tolist():
            if seed >= free:
                stay = self._grown(windows, seed, free)
                # A lone look before it may prove to be none of its own, and the silence in between this one's.
                is_next = stay.first == free > 0 and not (is_alone and len(stay.insides) > 1)
                if self.judge.is_stay(stay, is_next=is_next):
                    yield stay
                    free, is_alone = stay.last + 1, len(stay.insides) == 1

    def _highest_scores(self, exact_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        # What an epoch at the very middle says. Nobody knows how much time the first epoch stands for.
        return np.minimum(self._lasted_us, microseconds(self._params.stops.most_s)) / 1_000.0 * trust(exact_mm)

    def _scores(self, chosen: NDArray[np.intp], middle: Place, wider_mm2: float) -> NDArray[np.int64]:
        params = self._params.stops
        apart_mm2 = chords_mm2(self.epochs.places.taken(chosen), middle)
        share = np.maximum(1.0 - apart_mm2 / (self._rooms_mm2[chosen] + wider_mm2), -1.0)
        stands = self._stands[chosen]
        share = np.where(stands, share + params.standing_weight, share)
        share = np.where(self._moves[chosen], np.minimum(share, -params.moving_weight), share)
        share = np.where((apart_mm2 > self._far_mm2[chosen]) & ~stands, -params.far_weight, share)
        return np.rint(share * self._highest[chosen]).astype(np.int64)

    def _grown(self, windows: Windows, seed: int, free: int) -> Stay:
        insides = windows.insides(seed)
        before = self._before(insides, free, windows.middle(seed), float(windows.zigzags_mm2[seed]))
        insides = np.concatenate((before, insides))
        insides = np.concatenate((insides, self._after(insides)))
        return Stay(first=int(insides[0]), last=int(insides[-1]), insides=insides)

    def _before(self, insides: NDArray[np.intp], free: int, middle: Place, wider_mm2: float) -> NDArray[np.intp]:
        end = int(insides[0])
        earliest_us = self.epochs.first_us[end] - microseconds(self._params.stops.back_s)
        low = max(free, end - BACK_COUNT, int(np.searchsorted(self.epochs.first_us, earliest_us)))
        numbers = np.arange(end - 1, low - 1, -1)
        scores = self._scores(numbers, middle, wider_mm2)
        climb = self._climbed(scores, _Climb())
        return end - 1 - np.flatnonzero(scores[: climb.at] > 0)[::-1]

    def _after(self, insides: NDArray[np.intp]) -> NDArray[np.intp]:
        # The middle is worked out anew after each round of epochs; rounds grow with the stay.
        accepted = insides
        begin, end = int(insides[-1]) + 1, len(self.epochs)
        climb = _Climb()
        while climb.count < end - begin and not climb.is_over:
            low = begin + climb.count
            numbers = np.arange(low, min(low + round_size(len(accepted)), end))
            middle, wider_mm2 = self.judge.middle(accepted), self.judge.error_mm2(accepted)
            scores = self._scores(numbers, middle, wider_mm2)
            climb = self._climbed(scores, climb)
            accepted = np.concatenate((accepted, low + np.flatnonzero(scores > 0)))
        return accepted[(accepted >= begin) & (accepted < begin + climb.at)]

    def _climbed(self, scores: NDArray[np.int64], climb: _Climb) -> _Climb:
        if not len(scores):
            return climb
        sums = climb.total + np.cumsum(scores)
        bests = np.maximum(np.maximum.accumulate(sums), climb.best)
        counts = climb.count + 1 + np.arange(len(scores))
        is_better = np.diff(bests, prepend=climb.best) > 0
        ats = np.maximum.accumulate(np.where(is_better, counts, climb.at))
        is_lost = bests - sums > self._params.stops.leave_s * SCORE_PER_S
        fallen = np.flatnonzero(is_lost | (counts - ats > DOUBT_COUNT))
        k = int(fallen[0]) if len(fallen) else len(scores) - 1
        return _Climb(
            count=int(counts[-1]), total=int(sums[-1]), best=int(bests[k]), at=int(ats[k]), is_over=bool(len(fallen))
        )
