"""What makes a stay: that it lasts, that nobody queues in it, and that another one is not the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, chord_mm, chords_mm
from geo_engine.tracks.epochs import Epochs
from geo_engine.tracks.params import DeriveParams
from geo_engine.tracks.queues import Seen, Thirds, moves_on
from geo_engine.tracks.rules import (
    MM_PER_M,
    UNKNOWN_SPEED,
    StayFacts,
    doubt_mm2,
    ended_us,
    is_coming,
    meeting_us,
    merge_room_mm,
    microseconds,
    next_began_us,
    spare_us,
    started_us,
    weight,
    zigzag_mm2,
)
from geo_engine.tracks.windows import waking


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stay:
    """The epochs `first` to `last`, both in it; `insides` are those of them that were at its place."""

    first: int
    last: int
    insides: NDArray[np.intp]


class StayJudge:
    """Judges stays of a track in epochs."""

    def __init__(self, epochs: Epochs, is_silent: NDArray[np.bool_], params: DeriveParams) -> None:
        self._epochs = epochs
        self._is_silent = is_silent
        self._is_waking = waking(epochs, is_silent, params.stops)
        self._params = params
        self._weights = weight(epochs.accuracies_mm)

    def middle(self, insides: NDArray[np.intp]) -> Place:
        """Return the mean of some epochs, weighted by accuracy."""
        each = self._weights[insides]
        total = int(each.sum())
        return Place(*(int((each * axis_mm).sum()) // total for axis_mm in self._epochs.places.taken(insides)))

    def error_mm2(self, insides: NDArray[np.intp]) -> float:
        """Return the square of how wrong their middle may be, and of how much they go to and fro."""
        epochs, first, last = self._epochs, int(insides[0]), int(insides[-1])
        lasted_us = int(epochs.last_us[last] - epochs.first_us[first])
        turns_mm2 = int(epochs.turn_sums_mm2[last] - epochs.turn_sums_mm2[first + 1]) if last > first else 0
        params = self._params.stops
        return doubt_mm2(self._accuracy_mm(insides), lasted_us, params) + zigzag_mm2(
            turns_mm2, last - first - 1, params
        )

    def is_stay(self, stay: Stay, *, is_next: bool) -> bool:
        """Return whether a stay lasts as long as a stop, and is none in a queue.

        Parameters
        ----------
        is_next
            Whether it follows another stay with no epoch in between, which keeps a silence between them.
        """
        return self._lasts(stay, is_next=is_next) and not self._moves_on(stay)

    def are_one(self, before: Stay, after: Stay) -> bool:
        """Return whether two stays, the second next after the first, are one."""
        epochs, params = self._epochs, self._params
        one, other = self._facts(before), self._facts(after)
        is_next = after.first == before.last + 1
        if not is_next and other.first_us - one.last_us > microseconds(params.merging.within_s):
            return False
        if chord_mm(one.middle, other.middle) > merge_room_mm(one, other, params, is_next=is_next):
            return False
        between = epochs.places.taken(slice(before.last + 1, after.first))
        return bool((chords_mm(between, one.middle) <= params.stops.far_m * MM_PER_M).all())

    def is_coming(self, before: Stay, after: Stay) -> bool:
        """Return whether the first of two stays is none: one epoch on the way to the second, with none between them."""
        is_alone = before.first == before.last and after.first == before.last + 1
        return is_alone and is_coming(self._facts(before), self._facts(after), self._params.merging)

    def span_us(self, stay: Stay) -> tuple[int, int]:
        """Return when a stay began and when it ended, as well as the epochs beside it tell."""
        epochs, params = self._epochs, self._params.stops
        began_us, end_us = int(epochs.first_us[stay.first]), int(epochs.last_us[stay.last])
        middle = self.middle(stay.insides)
        if stay.first > 0:
            before_us = int(epochs.last_us[stay.first - 1])
            began_us = started_us(before_us, began_us, chord_mm(epochs.places.at(stay.first - 1), middle), params)
        if stay.last + 1 < len(epochs):
            after_us = int(epochs.first_us[stay.last + 1])
            end_us = ended_us(end_us, after_us, chord_mm(epochs.places.at(stay.last + 1), middle), params)
        return began_us, end_us

    def spans_us(self, stays: Sequence[Stay]) -> list[tuple[int, int]]:
        """Return when stays, given in order of time, began and ended; two with nothing between them share that time."""
        spans_us = [self.span_us(stay) for stay in stays]
        for k in range(1, len(stays)):
            if stays[k].first == stays[k - 1].last + 1:
                last_us = int(self._epochs.last_us[stays[k - 1].last])
                first_us = int(self._epochs.first_us[stays[k].first])
                left_us, came_us = meeting_us(last_us, first_us, spans_us[k - 1][1], self._params.stops)
                spans_us[k - 1] = spans_us[k - 1][0], left_us
                spans_us[k] = came_us, spans_us[k][1]
        return spans_us

    def _lasts(self, stay: Stay, *, is_next: bool) -> bool:
        epochs, params = self._epochs, self._params.stops
        observed_us = int(epochs.last_us[stay.last] - epochs.first_us[stay.first])
        is_known_by_silence = self._is_silent[stay.last] or self._is_waking[stay.first] or self._is_sparse(stay)
        if observed_us < microseconds(params.core_s) and not is_known_by_silence:
            return False
        began_us, end_us = self.span_us(stay)
        if is_next:
            first_us = int(epochs.first_us[stay.first])
            began_us = next_began_us(int(epochs.last_us[stay.first - 1]), first_us, began_us, params)
        return end_us - began_us >= microseconds(params.least_s)

    def _is_sparse(self, stay: Stay) -> bool:
        # Seen twice, and it takes a stay to explain the time.
        epochs, before, after = self._epochs, stay.first - 1, stay.last + 1
        if len(stay.insides) < 2 or before < 0 or after >= len(epochs):
            return False
        middle = self.middle(stay.insides)
        apart_mm = chord_mm(epochs.places.at(before), middle) + chord_mm(epochs.places.at(after), middle)
        rest_us = spare_us(float(epochs.first_us[after] - epochs.last_us[before]), apart_mm, self._params.stops)
        return rest_us >= microseconds(self._params.stops.sparse_s)

    def _moves_on(self, stay: Stay) -> bool:
        epochs, params, insides = self._epochs, self._params.queues, stay.insides
        since_us = epochs.first_us[insides] - epochs.first_us[stay.first]
        lasted_us = int(epochs.last_us[stay.last] - epochs.first_us[stay.first])
        early, late = insides[3 * since_us <= lasted_us], insides[3 * since_us >= 2 * lasted_us]
        if lasted_us > microseconds(params.longest_s) or not len(late):
            return False
        speeds_mmps = epochs.speeds_mmps[insides]
        known_mmps = speeds_mmps[speeds_mmps != UNKNOWN_SPEED]
        before, after = np.arange(stay.first)[-1:], np.arange(len(epochs))[stay.last + 1 : stay.last + 2]
        thirds = Thirds(
            lasted_us=lasted_us,
            early=self._seen(early),
            late=self._seen(late),
            before=self._seen(before) if len(before) else None,
            after=self._seen(after) if len(after) else None,
            count=len(insides),
            known_count=len(known_mmps),
            still_count=int((known_mmps < params.still_mps * MM_PER_M).sum()),
            speeds_mmps=int(known_mmps.sum()),
        )
        return moves_on(thirds, params)

    def _seen(self, numbers: NDArray[np.intp]) -> Seen:
        at_us = int(self._epochs.first_us[numbers].sum()) // len(numbers)
        return Seen(place=self.middle(numbers), accuracy_mm=self._accuracy_mm(numbers), at_us=at_us)

    def _facts(self, stay: Stay) -> StayFacts:
        return StayFacts(
            middle=self.middle(stay.insides),
            first_us=int(self._epochs.first_us[stay.first]),
            last_us=int(self._epochs.last_us[stay.last]),
            accuracy_mm=self._accuracy_mm(stay.insides),
            error_mm2=self.error_mm2(stay.insides),
        )

    def _accuracy_mm(self, insides: NDArray[np.intp]) -> int:
        return int(self._epochs.accuracies_mm[insides].sum()) // len(insides)
