"""What is believed of a device and a fence, sighting by sighting: it takes evidence to be inside, and more to leave."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.evidence import MILLI, Evidence
from geo_engine.geofences.params import TransitionParams

type Pair = tuple[int, int]
"""Numbers of a device and of a fence."""


class Found(NamedTuple):
    """A presence by numbers of sightings, -1 where there is none.

    Parameters
    ----------
    before, first
        The last sighting before it, and the first of it; no first when it was open before the device was sighted.
    last, behind
        The last sighting inside, and the first behind it.
    evidence
        The most there was for it, in thousandths.
    """

    device: int
    fence: int
    before: int
    first: int
    last: int
    behind: int
    evidence: int


class NearSteps(NamedTuple):
    """What sightings near fences tell; arrays of one length, by fence and then by sighting.

    Parameters
    ----------
    rows, fences
        Numbers of sightings, and of fences: of all versions of one the first's.
    versions
        Numbers of the versions that counted then.
    depths_m
        How deep inside they are.
    steps
        What they tell, in thousandths.
    """

    rows: NDArray[np.intp]
    fences: NDArray[np.intp]
    versions: NDArray[np.intp]
    depths_m: NDArray[np.float64]
    steps: NDArray[np.int64]

    def taken(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "NearSteps":
        """Return some of them."""
        rows, fences, versions = self.rows[chosen], self.fences[chosen], self.versions[chosen]
        return NearSteps(rows, fences, versions, self.depths_m[chosen], self.steps[chosen])


def scan(evidence: Evidence, near: NearSteps, opened: Iterable[Pair], params: TransitionParams) -> Iterator[Found]:
    """Yield the presences that near sightings, and all that is far between them, make out.

    Parameters
    ----------
    opened
        Who was inside of what before the first sighting.
    """
    bounds, unseen = _Bounds.of(params), set(opened)
    was_open, belief, pair, at = frozenset(unseen), None, (-1, -1), -1
    for fence, row, step, device, is_stay in _columns(evidence, near):
        if belief is None or pair != (device, fence):
            if belief is not None:
                yield from belief.finish(evidence, at)
            pair = device, fence
            belief = _Belief(bounds, pair, evidence.ranges[device], is_open=pair in was_open)
            unseen.discard(pair)
            at = belief.start - 1
        if row - at > 1 and (found := belief.pass_far(row - 1, evidence.summed(at, row - 1))) is not None:
            yield found
        found = belief.stay(row, step) if is_stay else belief.pass_near(row, step)
        if found is not None:
            yield found
        at = row
    if belief is not None:
        yield from belief.finish(evidence, at)
    for pair in sorted(unseen):
        belief = _Belief(bounds, pair, evidence.ranges[pair[0]], is_open=True)
        yield from belief.finish(evidence, belief.start - 1)


def _columns(evidence: Evidence, near: NearSteps) -> Iterator[tuple[int, int, int, int, bool]]:
    sightings = evidence.sightings
    columns = near.fences, near.rows, near.steps, sightings.devices[near.rows], sightings.stays[near.rows]
    return zip(*(column.tolist() for column in columns), strict=True)


class _Bounds(NamedTuple):
    """What of `TransitionParams` is evidence, in thousandths."""

    outside_least: int
    way_most: int
    stay_most: int
    enter_at: int
    exit_at: int

    @classmethod
    def of(cls, params: TransitionParams) -> "_Bounds":
        least, *others = (round(MILLI * getattr(params, name)) for name in cls._fields)
        return cls(-least, *others)


class _Belief:
    """What is believed of one device and one fence.

    Parameters
    ----------
    sighted
        The number of the device's first sighting, and the one behind its last.
    is_open
        Whether it was inside before its first sighting.
    """

    __slots__ = ("_before", "_bounds", "_end", "_evidence", "_first", "_is_open", "_last", "_most", "_pair", "start")

    def __init__(self, bounds: _Bounds, pair: Pair, sighted: tuple[int, int], *, is_open: bool) -> None:
        self.start, self._end = sighted
        self._bounds, self._pair, self._is_open, self._before = bounds, pair, is_open, self.start - 1
        self._evidence, self._most, self._first, self._last = bounds.outside_least, 0, -1, -1

    def stay(self, row: int, step: int) -> Found | None:
        """Decide by a stay alone, whatever was before it; one at the edge leaves it as it was."""
        self._evidence = min(max(step, self._bounds.outside_least), self._bounds.stay_most)
        if self._is_open and self._evidence > self._bounds.exit_at:
            return self._remain(row)
        if not self._is_open and self._evidence >= self._bounds.enter_at:
            return self._enter(row)
        return self._be_outside(row)

    def pass_near(self, row: int, step: int) -> Found | None:
        """Add what a sighting near the fence tells."""
        return self._add_for(row, step) if step > 0 else self._add_against(row, step)

    def pass_far(self, row: int, step: int) -> Found | None:
        """Add what sightings tell that are far from the fence, up to `row`."""
        return self._add_against(row, step)

    def finish(self, evidence: Evidence, at: int) -> Iterator[Found]:
        """Give what is open when no sighting of the device after `at` is near the fence."""
        if at < self._end - 1:
            found = self.pass_far(self._end - 1, evidence.summed(at, self._end - 1))
            if found is not None:
                yield found
        if self._is_open:
            yield self._found(behind=-1)

    def _add_for(self, row: int, step: int) -> Found | None:
        # Asked millions of times: no more is called than is needed.
        evidence, most = self._evidence, self._bounds.way_most
        if evidence < most:
            evidence += step
            self._evidence = evidence = most if evidence > most else evidence  # noqa: FURB136
        if self._is_open:
            return self._remain(row)
        return self._enter(row) if evidence >= self._bounds.enter_at else None

    def _add_against(self, row: int, step: int) -> Found | None:
        evidence, least = self._evidence + step, self._bounds.outside_least
        self._evidence = least if evidence < least else evidence  # noqa: FURB136
        if self._is_open:
            return self._be_outside(row) if evidence <= self._bounds.exit_at else None
        self._before = row
        return None

    def _enter(self, row: int) -> Found | None:
        self._is_open, self._first, self._last, self._most = True, self._before + 1, row, self._evidence
        return None

    def _remain(self, row: int) -> Found | None:
        self._last = row
        self._most = max(self._most, self._evidence)
        return None

    def _be_outside(self, row: int) -> Found | None:
        left = self._leave() if self._is_open else None
        self._before = row
        return left

    def _leave(self) -> Found:
        found = self._found(behind=max(self._last + 1, self.start))
        self._is_open, self._first, self._last = False, -1, -1
        return found

    def _found(self, *, behind: int) -> Found:
        before = self._before if self._first > self.start else -1
        return Found(*self._pair, before, self._first, self._last, behind, self._most)
