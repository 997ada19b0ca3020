"""Which fixes nobody can have been at: too far from the ones before to get there, and from the ones after to go on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Places, chords_mm
from geo_engine.tracks.params import FlagParams
from geo_engine.tracks.rules import LOOK_AHEAD, microseconds, reach_mm, slack_mm

type Chosen = NDArray[np.intp] | slice
"""Some of many fixes."""

_ALL_BUT_LAST, _ALL_BUT_FIRST = slice(None, -1), slice(1, None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Fixes as jumps are looked for: columns of one length, ordered by time."""

    times_us: NDArray[np.int64]
    places: Places
    accuracies_mm: NDArray[np.int64]

    def taken(self, chosen: Chosen) -> "Steps":
        """Return some of them, in their order."""
        return Steps(
            times_us=self.times_us[chosen],
            places=self.places.taken(chosen),
            accuracies_mm=self.accuracies_mm[chosen],
        )

    def links(self, first: Chosen, second: Chosen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what lies between pairs of them: microseconds, and millimetres."""
        return (
            (self.times_us[second] - self.times_us[first]).astype(np.float64),
            chords_mm(self.places.taken(first), self.places.taken(second)),
        )

    def can_follow(self, first: Chosen, second: Chosen, params: FlagParams) -> NDArray[np.bool_]:
        """Return for pairs of them whether somebody can get from the first to the second."""
        elapsed_us, apart_mm = self.links(first, second)
        reachable_mm = np.where(
            elapsed_us <= microseconds(params.silence_s),
            reach_mm(elapsed_us, params.fastest_mps),
            reach_mm(elapsed_us, params.fastest_after_silence_mps),
        )
        found: NDArray[np.bool_] = apart_mm <= reachable_mm + self._slacks_mm(first, second, params)
        return found

    def _slacks_mm(self, first: Chosen, second: Chosen, params: FlagParams) -> NDArray[np.float64]:
        return slack_mm((self.accuracies_mm[first] + self.accuracies_mm[second]).astype(np.float64), params)

    def outruns(self, first: Chosen, second: Chosen, params: FlagParams) -> NDArray[np.bool_]:
        """Return for pairs of them whether nobody who turns back at the second comes from the first."""
        elapsed_us, apart_mm = self.links(first, second)
        found: NDArray[np.bool_] = apart_mm > reach_mm(elapsed_us, params.turning_mps) + self._slacks_mm(
            first, second, params
        )
        return found


def find_jumps(steps: Steps, params: FlagParams) -> NDArray[np.bool_]:
    """Return which fixes are jumps.

    Notes
    -----
    First, single fixes that would mean a turn on the spot at speed, between neighbours that are none of that kind
    themselves. Then runs: fixes each of which can be reached from the one before it. Where the way between two
    runs is broken, the short ones may be left out; of the next `LOOK_AHEAD` runs (up to the first long one) those
    stay that need the fewest broken ways and then keep the most fixes. So one bad fix or several in a row go, also
    at the ends of a track, and who really was carried away by ferry or aeroplane keeps both ends.
    """
    is_jump = _spikes(steps, params)
    rest = np.flatnonzero(~is_jump) if is_jump.any() else slice(None)
    is_jump[rest] = _unreachable(steps.taken(rest), params)
    return is_jump


def _spikes(steps: Steps, params: FlagParams) -> NDArray[np.bool_]:
    count = len(steps.times_us)
    is_spike = np.zeros(count, dtype=np.bool_)
    if count > 2:
        outruns = steps.outruns(_ALL_BUT_LAST, _ALL_BUT_FIRST, params)
        middle = np.flatnonzero(outruns[:-1] & outruns[1:]) + 1
        _, in_mm = steps.links(middle - 1, middle)
        _, out_mm = steps.links(middle, middle + 1)
        _, across_mm = steps.links(middle - 1, middle + 1)
        is_spike[middle[2 * across_mm < np.minimum(in_mm, out_mm)]] = True
        beside = np.zeros(count, dtype=np.bool_)
        beside[1:] |= is_spike[:-1]
        beside[:-1] |= is_spike[1:]
        is_spike &= ~beside
    return is_spike


def _unreachable(steps: Steps, params: FlagParams) -> NDArray[np.bool_]:
    count = len(steps.times_us)
    is_left_out = np.zeros(count, dtype=np.bool_)
    is_broken = ~steps.can_follow(_ALL_BUT_LAST, _ALL_BUT_FIRST, params)
    if is_broken.any():
        breaks = np.flatnonzero(is_broken) + 1
        runs = _Runs(steps=steps, firsts=np.append(0, breaks), lasts=np.append(breaks - 1, count - 1), params=params)
        for first, last in runs.left_out():
            is_left_out[first : last + 1] = True
    return is_left_out


class _Runs:
    """The runs of a track, and which of them are left out."""

    def __init__(self, *, steps: Steps, firsts: NDArray[np.intp], lasts: NDArray[np.intp], params: FlagParams) -> None:
        self._steps = steps
        self._firsts, self._lasts = firsts, lasts
        self._params = params
        lasted_us = steps.times_us[lasts] - steps.times_us[firsts]
        self._sizes = (lasts - firsts + 1).tolist()
        self._is_long = (
            (lasted_us > microseconds(params.jump_longest_s)) & (lasts - firsts + 1 > params.jump_fix_count)
        ).tolist()
        self._follows = self._ahead()

    def left_out(self) -> Sequence[tuple[int, int]]:
        """Return the first and the last fix of each run that is left out."""
        found = []
        kept = -1
        for run in range(len(self._sizes)):
            if self._is_long[run] or self._stays(run, kept):
                kept = run
            else:
                found.append((int(self._firsts[run]), int(self._lasts[run])))
        return found

    def _ahead(self) -> NDArray[np.bool_]:
        # [k, run]: can one go from the end of a run to the begin of the k-th after it?
        count = len(self._sizes)
        follows = np.zeros((LOOK_AHEAD + 1, count), dtype=np.bool_)
        for k in range(1, min(LOOK_AHEAD, count - 1) + 1):
            follows[k, : count - k] = self._steps.can_follow(self._lasts[:-k], self._firsts[k:], self._params)
        return follows

    def _follow(self, first: int, second: int) -> bool:
        if second - first <= LOOK_AHEAD:
            return bool(self._follows[second - first, first])
        pair = self._lasts[first : first + 1], self._firsts[second : second + 1]
        return bool(self._steps.can_follow(*pair, self._params)[0])

    def _stays(self, run: int, kept: int) -> bool:
        end = min(run + LOOK_AHEAD, len(self._sizes))
        anchor = next((k for k in range(run, end) if self._is_long[k]), None)
        # Of each chain of runs: how many ways are broken, how many fixes it has (less is better), is `run` in it?
        best: dict[int, tuple[int, int, bool]] = {}
        for k in range(run, end if anchor is None else anchor + 1):
            came = [(int(kept >= 0 and not self._follow(kept, k)), 0, k == run)]
            came += [(broken + (not self._follow(h, k)), size, has) for h, (broken, size, has) in best.items()]
            broken, size, has = min(came, key=lambda chain: (chain[0], chain[1], not chain[2]))
            best[k] = broken, size - self._sizes[k], has
        if anchor is not None:
            return best[anchor][2]
        return min([(0, 0, False), *best.values()], key=lambda chain: (chain[0], chain[1], not chain[2]))[2]
