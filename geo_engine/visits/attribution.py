"""Which of what was seen a statement or a person's word is about, and which of what was planned a visit is."""

from collections.abc import Iterable, Sequence

from geo_engine.geofences.presences import Presence, ended_us
from geo_engine.geofences.transitions import stayed_s
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.day import Assignment, PlannedStop, Seen, Visit
from geo_engine.visits.model import CheckIn, Verdict
from geo_engine.visits.stays import span_us

NEAR_S = 600.0
"""Who checks in so long before coming, or checks out so long after having left, still means this visit …"""
STAYED_NEAR_S = 2_700.0
"""… and so long, where the worker really stayed: clocks of phones are wrong, and people check in on the way out."""
_SHARED_PART = 0.5

_AN_HOUR_US = 3_600 * MICROSECONDS_PER_S
_NEVER_H, _NOT_STATED_H, _NOT_SEEN_H = 48.0, 2.0, 1.0


def presence_of(check_ins: Sequence[CheckIn], presences: Iterable[Presence], *, least_s: float) -> Presence | None:
    """Return the presence at a site that statements about it mean: the nearest in time, stays first; None if none.

    Parameters
    ----------
    check_ins
        Of one visit: at least one.
    presences
        Of the site's fence.
    least_s
        From how long on a presence in it is a stay.
    """
    moments = [to_microseconds(check_in.stated_at) for check_in in check_ins]
    from_us, until_us = min(moments), max(moments)

    def away_s(presence: Presence) -> float:
        return max(presence.entered.at_us - until_us, from_us - ended_us(presence), 0) / MICROSECONDS_PER_S

    known = [(stayed_s(one) < least_s, away_s(one), one.entered.at_us, one) for one in presences]
    near = [one for one in known if one[1] <= (NEAR_S if one[0] else STAYED_NEAR_S)]
    return min(near, key=lambda one: one[:3])[3] if near else None


def likeness(seen: Seen | None, word: Assignment) -> float:
    """Return how much of the time of what was seen and of a word about a stay both have: 0 to 1."""
    if seen is None:
        return 0.0
    from_us, until_us = span_us(seen.presence)
    shared_us = min(until_us, word.until_us) - max(from_us, word.from_us)
    return shared_us / max(max(until_us, word.until_us) - min(from_us, word.from_us), 1)


def is_about(word: Assignment, presence: Presence) -> bool:
    """Return whether a word can be about a presence, however much longer than it one of the two became."""
    from_us, until_us = span_us(presence)
    shared_us = min(until_us, word.until_us) - max(from_us, word.from_us)
    return shared_us > _SHARED_PART * min(until_us - from_us, word.until_us - word.from_us)


type _Pairing = tuple[int, float, list[tuple[int, int]]]


def pair_in_order(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return which row goes with which column: as many as there can be, none before the one before it, at least cost.

    Parameters
    ----------
    costs
        One number for each row and column, rows and columns in order of time; not negative.

    Notes
    -----
    Dynamic programming as in Needleman & Wunsch (1970): O(rows · columns).

    Examples
    --------
    >>> pair_in_order([[3.0, 0.5, 9.0], [9.0, 4.0, 0.0]])
    [(0, 1), (1, 2)]
    >>> pair_in_order([[3.0], [0.5]])
    [(1, 0)]
    """
    # Of the rows and columns before some: less the number of pairs, the cost of them, and which they are.
    best: dict[tuple[int, int], _Pairing] = {}
    for row in range(len(costs) + 1):
        for column in range(len(costs[0]) + 1 if costs else 1):
            found: list[_Pairing] = [(0, 0.0, [])]
            if row and column:
                count, cost, pairs = best[row - 1, column - 1]
                both = (count - 1, cost + costs[row - 1][column - 1], [*pairs, (row - 1, column - 1)])
                found = [both, best[row - 1, column], best[row, column - 1]]
            best[row, column] = min(found, key=lambda one: one[:2])
    return best[len(costs), len(costs[0]) if costs else 0][2]


def planned_of(stops: Sequence[PlannedStop], visits: Sequence[Visit]) -> dict[int, PlannedStop]:
    """Return which planned visit each visit is, by its number: at each site the likest, in order."""
    found: dict[int, PlannedStop] = {}
    for site_id in {stop.site_id for stop in stops}:
        own = sorted((stop for stop in stops if stop.site_id == site_id), key=lambda stop: stop.number)
        came = [at for at, visit in enumerate(visits) if visit.site_id == site_id]
        costs = [[_unlikeness(visits[at], stop) for stop in own] for at in came]
        found |= {came[row]: own[column] for row, column in pair_in_order(costs)}
    return found


def _unlikeness(visit: Visit, stop: PlannedStop) -> float:
    """Return how unlike a visit is to a planned one: by the hours between them, and what nobody saw or stated of it.

    Who lives next door is there in the morning; what the worker states is likelier what was planned.
    """
    hours = abs(visit.began_us - to_microseconds(stop.arrival_at)) / _AN_HOUR_US
    is_stated = bool(visit.check_ins) or visit.is_assigned
    never_was = visit.judgement.verdict is Verdict.CONTRADICTED
    return hours + _NEVER_H * never_was + _NOT_SEEN_H * (visit.presence is None) + _NOT_STATED_H * (not is_stated)
