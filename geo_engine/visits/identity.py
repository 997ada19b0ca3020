"""Which visits are those that were believed before: a visit keeps its id however its day is derived anew."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from geo_engine.geofences.presences import ended_us
from geo_engine.ids import VisitId
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.building import visit_id_of
from geo_engine.visits.day import Assignment, Visit

_NEAR_US = 2_700 * MICROSECONDS_PER_S
"""How far from where it was before a visit may have moved in time: fixes come late, clocks are put right."""
_NEAR = 3
"""The kind of those that are the same for being near alone: the most unlike."""


def keep_ids(
    visits: Sequence[Visit],
    known: Sequence[Visit],
    assignments: Sequence[Assignment] = (),
    *,
    beside: Sequence[Visit] = (),
    taken_ids: Collection[VisitId] = (),
) -> tuple[Visit, ...]:
    """Return the visits of a day under the ids under which they were known, new ones under ids that never were.

    What people decided, and the addresses they keep, are of a visit: an earlier one that becomes known later does not
    take its place.

    Parameters
    ----------
    known
        What was believed last of every visit that there ever was on this day; the sooner one comes, the rather it is
        taken.
    assignments
        What people said of which site a stay was, the oldest first.
    beside
        What was believed last of visits of the days beside it, that may be of this day by now: what comes late can show
        that a stay began before midnight, and with another shift a day changes at another hour.
    taken_ids
        More ids that no new visit may have.

    Notes
    -----
    The same visit is the one at the same site that shares the most of the stay; else a statement; else is near in time.
    Those of the days beside it are not the same for being near: whoever comes back after midnight made two visits.
    A stay that a person said to be of another site goes on as the visit that this was said of.
    """
    before = [*known, *beside]
    pairs = _pairs(visits, before, assignments, near_count=len(known))
    ids = {at: before[old].id for at, old in pairs.items()}
    taken = {*taken_ids, *(one.id for one in before)}
    for at, visit in enumerate(visits):
        if at not in ids:
            ids[at] = next(one for one in _ids(visit) if one not in taken)
            taken.add(ids[at])
    return tuple(replace(visit, id=ids[at]) for at, visit in enumerate(visits))


def _ids(visit: Visit) -> Iterator[VisitId]:
    return (visit_id_of(visit.worker_id, visit.service_on, visit.site_id, number) for number in count(1))


def _pairs(
    visits: Sequence[Visit], known: Sequence[Visit], assignments: Sequence[Assignment], *, near_count: int
) -> Mapping[int, int]:
    """Return which of the known visits some of the visits are, the likest first.

    The first ones go before others that are as like in kind, and alone are the same for being near.
    """
    likenesses = sorted(
        (likeness[0], old >= near_count, likeness[1], at, old)
        for at, visit in enumerate(visits)
        for old, other in enumerate(known)
        if (likeness := _unlikeness(visit, other, assignments)) is not None
        and (old < near_count or likeness[0] < _NEAR)
    )
    pairs: dict[int, int] = {}
    for *_, at, old in likenesses:
        if at not in pairs and old not in pairs.values():
            pairs[at] = old
    return pairs


def _unlikeness(visit: Visit, other: Visit, assignments: Sequence[Assignment]) -> tuple[int, int] | None:
    """Return how unlike a visit is to a known one, in kind and in microseconds; None when it is another."""
    shared_us = _shared_us(visit, other)
    if visit.is_assigned and any(_is_said(word, visit, other) for word in assignments):
        return 0, -shared_us
    if visit.site_id != other.site_id:
        return None
    apart_us = max(-shared_us, 0)
    if visit.presence is not None and other.presence is not None and shared_us > 0:
        return 1, -shared_us
    if {one.id for one in visit.check_ins} & {one.id for one in other.check_ins}:
        return 2, apart_us
    return (_NEAR, apart_us) if apart_us <= _NEAR_US else None


def _is_said(word: Assignment, visit: Visit, other: Visit) -> bool:
    """Return whether a known visit is what was said to be of the site that a visit is now, then."""
    from_us, until_us = _span_us(visit)
    is_then = word.from_us < until_us and from_us < word.until_us
    return word.visit_id == other.id and word.site_id == visit.site_id and is_then


def _shared_us(visit: Visit, other: Visit) -> int:
    """Return how long two visits were at once; negative: how long one was after the other."""
    (from_us, until_us), (other_from_us, other_until_us) = _span_us(visit), _span_us(other)
    return min(until_us, other_until_us) - max(from_us, other_from_us)


def _span_us(visit: Visit) -> tuple[int, int]:
    if visit.presence is not None:
        return visit.presence.entered.at_us, ended_us(visit.presence)
    return visit.began_us, max(to_microseconds(check_in.stated_at) for check_in in visit.check_ins)
