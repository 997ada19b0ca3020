"""On which days a site can be visited so that its rule holds: a graph of visits, and the cheapest way through it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

MISSED_PRICE = 10_000_000
"""What a visit that is due and on no day costs, in seconds of travel: more than any lateness."""
LATE_PRICE = 100_000
"""What a day beyond the most days between two visits costs: more than any way."""
NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Days within which visits are counted, both ends included; `due` and `most` are still to be planned."""

    first: int
    last: int
    due: int
    most: int

    def lack(self, days: Sequence[int]) -> int:
        """Return how many of its due visits are not among those on these days."""
        return max(0, self.due - sum(self.first <= day <= self.last for day in days))


@dataclass(frozen=True, kw_only=True)
class Beat:
    """What a rule asks of one site, in days from the period's first.

    Parameters
    ----------
    days
        The days on which it can be visited, ascending.
    last
        The last visit made, perhaps before the period; None when none is known: the first visit is free then.
    cycles
        In order, without a day between two; all `days` lie in one of them.
    next_day
        The first day after the period on which it could be visited.
    """

    days: tuple[int, ...]
    min_gap: int
    max_gap: int
    last: int | None
    cycles: tuple[Cycle, ...]
    next_day: int

    @cached_property
    def strict(self) -> "VisitGraph":
        """The graph of patterns that keep the rule."""
        return _build(self, is_strict=True)

    @cached_property
    def lenient(self) -> "VisitGraph":
        """The graph of patterns that keep the least spacing; what is missed or late costs."""
        return _build(self, is_strict=False)

    @property
    def due(self) -> int:
        """How many visits are due."""
        return sum(cycle.due for cycle in self.cycles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Days of visits, what they cost together, and how much of that is for what is missed or late."""

    days: tuple[int, ...]
    cost: float
    penalty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitGraph:
    """States are (day, how many visits of its cycle there are with it), ascending by day.

    Parameters
    ----------
    days
        Per state.
    before
        Per state, the states the visit before may be in, with the penalty of that.
    starts, ends
        Per state, the penalty of being the first or the last; None when it cannot be.
    empty
        The penalty of no visit at all; None when there has to be one.
    """

    days: tuple[int, ...]
    before: tuple[tuple[tuple[int, int], ...], ...]
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    empty: int | None

    def cheapest(self, costs: Sequence[float]) -> Pattern | None:
        """Return the cheapest pattern; None when there is none.

        Parameters
        ----------
        costs
            What a visit costs on each day of the period; `NEVER` where it is impossible.

        Notes
        -----
        O(arcs): some hundred for eight weeks.
        """
        best: list[float] = []
        came: list[int] = []
        ended, last = (NEVER, -1) if self.empty is None else (float(self.empty), -1)
        for day, before, start, end in zip(self.days, self.before, self.starts, self.ends, strict=True):
            here, source = (NEVER, -1) if start is None else (float(start), -1)
            cost = costs[day]
            if cost == NEVER:
                here = NEVER
            else:
                for state, penalty in before:
                    through = best[state] + penalty
                    if through < here:
                        here, source = through, state
                here += cost
            if end is not None and here + end < ended:
                ended, last = here + end, len(best)
            best.append(here)
            came.append(source)
        return None if ended == NEVER else self._unroll(came, last, ended, costs)

    def _unroll(self, came: Sequence[int], last: int, cost: float, costs: Sequence[float]) -> Pattern:
        days = []
        while last >= 0:
            days.append(self.days[last])
            last = came[last]
        days.reverse()
        return Pattern(days=tuple(days), cost=cost, penalty=round(cost - sum(costs[day] for day in days)))


def cheapest(beat: Beat, costs: Sequence[float]) -> Pattern:
    """Return the cheapest pattern that keeps the rule, or else the one that breaks it least.

    The least spacing is never broken. A day that is impossible may be what forces a visit to be missed.
    """
    found = beat.strict.cheapest(costs) or beat.lenient.cheapest(costs)
    if found is None:
        raise AssertionError("the lenient graph always knows the pattern without a visit")
    return found


def _build(beat: Beat, *, is_strict: bool) -> VisitGraph:
    states = [
        (day, number, count)
        for day in beat.days
        for number, cycle in enumerate(beat.cycles)
        if cycle.first <= day <= cycle.last
        for count in range(1, cycle.most + 1)
    ]
    reach = beat.max_gap if is_strict else beat.next_day + beat.max_gap
    before = tuple(tuple(_arcs(beat, states, index, reach, is_strict=is_strict)) for index in range(len(states)))
    return VisitGraph(
        days=tuple(day for day, _, _ in states),
        before=before,
        starts=tuple(_allowed(_start(beat, state), is_strict=is_strict) for state in states),
        ends=tuple(_allowed(_end(beat, state), is_strict=is_strict) for state in states),
        empty=_allowed(_empty(beat), is_strict=is_strict),
    )


type _State = tuple[int, int, int]


def _allowed(penalty: int | None, *, is_strict: bool) -> int | None:
    return None if is_strict and penalty else penalty


def _arcs(
    beat: Beat, states: Sequence[_State], index: int, reach: int, *, is_strict: bool
) -> Iterator[tuple[int, int]]:
    day, number, count = states[index]
    for earlier in range(index - 1, -1, -1):
        day_before, number_before, count_before = states[earlier]
        gap = day - day_before
        if gap > reach:
            return
        is_next = count == count_before + 1 if number == number_before else count == 1
        if gap < beat.min_gap or not is_next:
            continue
        penalty = _late(beat, gap) + _missing(beat, (number_before, count_before), number)
        if not (is_strict and penalty):
            yield earlier, penalty


def _late(beat: Beat, gap: int) -> int:
    return LATE_PRICE * max(0, gap - beat.max_gap)


def _missing(beat: Beat, after: tuple[int, int], until: int) -> int:
    """Price what is missed in a cycle with so many visits and in those between it and another."""
    number, count = after
    if number == until:
        return 0
    short = max(0, beat.cycles[number].due - count) if number >= 0 else 0
    return MISSED_PRICE * (short + sum(cycle.due for cycle in beat.cycles[number + 1 : until]))


def _start(beat: Beat, state: _State) -> int | None:
    day, number, count = state
    gap = beat.min_gap if beat.last is None else day - beat.last
    if count != 1 or gap < beat.min_gap:
        return None
    return (0 if beat.last is None else _late(beat, gap)) + _missing(beat, (-1, 0), number)


def _end(beat: Beat, state: _State) -> int:
    day, number, count = state
    return _late(beat, beat.next_day - day) + _missing(beat, (number, count), len(beat.cycles))


def _empty(beat: Beat) -> int:
    late = 0 if beat.last is None else _late(beat, beat.next_day - beat.last)
    return late + MISSED_PRICE * beat.due


def late_days(beat: Beat, days: Sequence[int]) -> Iterator[tuple[int, int | None]]:
    """Give, per visit that is late, the day it was due by and its own; None is after the period."""
    known = [*([] if beat.last is None else [beat.last]), *days]
    for before, day in pairwise([*known, beat.next_day]):
        if day - before > beat.max_gap:
            yield before + beat.max_gap, None if day == beat.next_day else day
