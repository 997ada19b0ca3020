"""How a day's visits are built: each stay and each statement is of one, planned or not."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from uuid import UUID, uuid5

from geo_engine.geofences import Geofence
from geo_engine.geofences.presences import Crossing
from geo_engine.geofences.transitions import least_dwell_s, stayed_s
from geo_engine.ids import SiteId, VisitId, WorkerId
from geo_engine.tracks.model import to_microseconds
from geo_engine.visits.attribution import STAYED_NEAR_S, is_about, likeness, planned_of, presence_of
from geo_engine.visits.clocks import put_right_each
from geo_engine.visits.day import Assignment, Candidate, DayEvidence, DerivedDay, PlannedStop, Seen, Visit
from geo_engine.visits.model import CheckIn, CheckInKind, Evidence, Judgement, Verdict
from geo_engine.visits.stays import group_stays, seen_once, span_us
from geo_engine.visits.turning import is_known_behind
from geo_engine.visits.verdict import judge_visit

_NAMESPACE = UUID("6f0b6f0e-4d3c-5c55-9f53-0d6f3a8e8a11")
_PLANNED_ODDS = 2.0
_MOST_ODDS = 4.0
_UNJUDGED = Judgement(verdict=Verdict.INSUFFICIENT, odds=0.0, reasons=())


def build_visits(day: DayEvidence) -> tuple[Visit, ...]:
    """Return the visits of a day, in order of time: those of `build_day`."""
    return build_day(day).visits


def build_day(day: DayEvidence) -> DerivedDay:
    """Return the visits of a day, in order of time, and what of those of the day before went on into it.

    Each stay is of one visit: of the sites that were checked in at during it (a tower may hold several customers), else
    of the one that is likeliest by where the worker was and what was planned; a person's word goes before both. A
    statement that no stay bears out is a visit as well, for somebody to look at.

    A stay is of the day it began on, a visit that is only stated of the day of its first statement.

    Notes
    -----
    Nothing depends on the order in which anything arrived, nor on where in a stay one day ends and the next begins.
    """
    day = replace(day, seen=tuple(seen_once(day.seen)))
    statements = list(_statements(day))
    drafts = list(_drafts(day, statements))
    drafts.sort(key=lambda draft: (draft.began_us, draft.site_id))
    own = [draft for draft in drafts if _is_own(day, draft)]
    others = [draft for draft in drafts if not _is_own(day, draft)]
    built = list(_finished(day, own))
    stops = planned_of(day.stops, built)
    visits = [replace(visit, stop=stops.get(at)) for at, visit in enumerate(built)]
    stated = [*visits, *_finished(day, [draft for draft in others if draft.seen is None])]
    return DerivedDay(
        visits=tuple(visit for visit in visits if not any(_is_told_by(visit, other) for other in stated)),
        going_on=tuple(_visit(day, draft, 1) for draft in others if _goes_on(day, draft)),
    )


def _is_own(day: DayEvidence, draft: "_Draft") -> bool:
    if day.span is None:
        return True
    if draft.seen is None:
        first = min(draft.check_ins, key=lambda one: (one.stated_at, one.id))
        return first.id not in {one.id for one in day.stated_around}
    return to_microseconds(day.span.start_at) <= draft.began_us < to_microseconds(day.span.end_at)


def _goes_on(day: DayEvidence, draft: "_Draft") -> bool:
    """Return whether a visit is of the day before and went on into this one, by its stay or by what was stated."""
    if day.span is None:
        return False
    turned_us = to_microseconds(day.span.start_at)
    presence = None if draft.seen is None else draft.seen.presence
    return draft.began_us < turned_us and is_known_behind(presence, draft.check_ins, turned_us)


def _is_told_by(visit: Visit, other: Visit) -> bool:
    """Return whether a stay that nobody planned or stated is what a worker stated of another site close by.

    Where doors are next to each other a fence may be missed by metres: the statement is believed unless the track
    contradicts it.
    """
    if visit.presence is None or visit.check_ins or visit.stop is not None or visit.is_assigned:
        return False
    if other.presence is not None or other.judgement.verdict is Verdict.CONTRADICTED:
        return False
    from_us, until_us = span_us(visit.presence)
    return any(from_us <= to_microseconds(one.stated_at) <= until_us for one in other.check_ins)


# ---- what belongs together -------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True, eq=False)
class _Statement:
    """What a worker stated of one visit, and what of the track it means."""

    site_id: SiteId
    check_ins: tuple[CheckIn, ...]
    seen: Seen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A visit that is not judged yet."""

    site_id: SiteId
    seen: Seen | None
    check_ins: tuple[CheckIn, ...]
    candidates: tuple[Candidate, ...]
    is_assigned: bool = False

    @property
    def began_us(self) -> int:
        if self.seen is not None:
            return self.seen.presence.entered.at_us
        return min(to_microseconds(check_in.stated_at) for check_in in self.check_ins)


type _Part = tuple[_Draft, Sequence[_Statement]]
"""A visit of a stay, and the statements that are about it."""


def _statements(day: DayEvidence) -> Iterator[_Statement]:
    by_site = defaultdict[SiteId, list[CheckIn]](list)
    stated = (*put_right_each(day.check_ins), *day.stated_around)
    for check_in in sorted(stated, key=lambda one: (one.stated_at, one.id)):
        by_site[check_in.site_id].append(check_in)
    for site_id, check_ins in sorted(by_site.items()):
        seen = [one for one in day.seen if one.site_id == site_id]
        groups: list[_Statement] = []
        fence = seen[0].fence if seen else day.fences.get(site_id)
        meant = partial(_meant, seen=seen, least_s=math.inf if fence is None else least_dwell_s(fence))
        for group in _of_one_visit(check_ins, meant):
            found = meant(group)
            groups.append(_Statement(site_id=site_id, check_ins=group, seen=found))
        yield from _of_one_stay(groups)


def _of_one_stay(statements: Iterable[_Statement]) -> Iterator[_Statement]:
    """Yield statements about a site, those of one stay as one: who says to have gone for lunch has not by the track."""
    by_stay: dict[int, _Statement] = {}
    for one in statements:
        if one.seen is None:
            yield one
        elif id(one.seen) in by_stay:
            by_stay[id(one.seen)].check_ins += one.check_ins
        else:
            by_stay[id(one.seen)] = one
    yield from by_stay.values()


def _meant(check_ins: Sequence[CheckIn], *, seen: Sequence[Seen], least_s: float) -> Seen | None:
    presence = presence_of(check_ins, (one.presence for one in seen), least_s=least_s)
    return next((one for one in seen if one.presence is presence), None)


def _of_one_visit(
    check_ins: Sequence[CheckIn], meant: Callable[[Sequence[CheckIn]], Seen | None]
) -> Iterator[tuple[CheckIn, ...]]:
    """Yield what was stated of one visit after the other."""
    group: list[CheckIn] = []
    for check_in in check_ins:
        if group and _is_of_next(check_in, group, meant):
            yield tuple(group)
            group = []
        group.append(check_in)
    if group:
        yield tuple(group)


def _is_of_next(check_in: CheckIn, group: Sequence[CheckIn], meant: Callable[[Sequence[CheckIn]], Seen | None]) -> bool:
    """Return whether something is stated of another visit than what was before.

    So it is when it means another stay, also where nobody checked out. Where none is meant it is with a check-in after
    a check-out, or long after the last one. Who checks out with no stay ends what was begun: bad reception can leave of
    a stay its two ends alone, each as if somebody passed.
    """
    is_in = check_in.kind is CheckInKind.IN
    if is_in and any(one.kind is CheckInKind.OUT for one in group):
        return True
    own = meant([check_in])
    before = next((found for one in reversed(group) if (found := meant([one])) is not None), None)
    if own is not None and before is not None:
        return own is not before and (is_in or _is_stay(own) or _is_stay(before))
    apart_s = (check_in.stated_at - group[-1].stated_at).total_seconds()
    return is_in and apart_s > STAYED_NEAR_S


def _drafts(day: DayEvidence, statements: Sequence[_Statement]) -> Iterator[_Draft]:
    """Yield a visit for each stay and each site stated during it, then those that no stay bears out."""
    told: set[int] = set()
    visited = Counter[SiteId]()
    said = list(_said_of_passes(day, statements))
    day = replace(day, assignments=tuple(word for word in day.assignments if all(word is not one for one, _ in said)))
    for group in group_stays(day.seen):
        found = list(_of_stay(day, group, statements, visited))
        told |= {id(statement) for _, own in found for statement in own}
        visited.update(draft.site_id for draft, _ in found if _is_own(day, draft))
        yield from (draft for draft, _ in found)
    for one in statements:
        if id(one) not in told:
            words = [word for word, statement in said if statement is one]
            site_id = words[-1].site_id if words else one.site_id
            yield _Draft(
                site_id=site_id, seen=one.seen, check_ins=one.check_ins, candidates=(), is_assigned=bool(words)
            )


def _said_of_passes(day: DayEvidence, statements: Sequence[_Statement]) -> Iterator[tuple[Assignment, _Statement]]:
    """Yield which of people's words are about statements that no stay bears out, rather than about any stay."""
    passes = [one for one in statements if one.seen is not None and not _is_stay(one.seen)]
    for word in day.assignments:
        stay = max((likeness(one, word) for one in day.seen if _is_stay(one)), default=0.0)
        likest = max(passes, key=lambda one: likeness(one.seen, word), default=None)
        if likest is not None and likeness(likest.seen, word) > stay:
            yield word, likest


def _of_stay(
    day: DayEvidence, group: Sequence[Seen], statements: Sequence[_Statement], visited: Counter[SiteId]
) -> Iterator[_Part]:
    """Yield the visits of a stay, each with the statements that are about it."""
    stated = [one for one in statements if one.seen is not None and one.seen in group]
    parts: list[_Part] = [
        (_Draft(site_id=one.site_id, seen=seen, check_ins=one.check_ins, candidates=()), [one])
        for one, seen in zip(stated, _parted(stated), strict=True)
    ]
    if not parts:
        candidates = _candidates(group, day.stops, visited)
        best = next(one for one in group if one.site_id == candidates[0].site_id)
        parts = [(_Draft(site_id=best.site_id, seen=best, check_ins=(), candidates=candidates), [])]
    for word in day.assignments:
        _say(word, parts, group, statements)
    yield from parts


def _say(word: Assignment, parts: list[_Part], group: Sequence[Seen], statements: Sequence[_Statement]) -> None:
    """Have the part of a stay that a person's word is about be of the site it names, with all that was stated of it."""
    likest = max(range(len(parts)), key=lambda at: likeness(parts[at][0].seen, word))
    draft, own = parts[likest]
    if draft.seen is None or not is_about(word, draft.seen.presence):
        return
    told = [one for _, others in parts for one in others]
    more = [
        one for one in statements if one.site_id == word.site_id and one not in told and _is_during(one, draft.seen)
    ]
    there = next((one for one in group if one.site_id == word.site_id), draft.seen)
    parts[likest] = (
        _Draft(
            site_id=word.site_id,
            seen=there if len(parts) == 1 else replace(there, presence=draft.seen.presence),
            check_ins=(*draft.check_ins, *(check_in for one in more for check_in in one.check_ins)),
            candidates=(),
            is_assigned=True,
        ),
        [*own, *more],
    )


def _parted(statements: Sequence[_Statement]) -> list[Seen | None]:
    """Return what each of several customers has of one stay: until the last word at one, from the first at the next.

    When in between the worker went next door nobody knows. Of statements that are not one after the other each has all.
    """
    seen = [one.seen for one in statements]
    order = sorted(range(len(statements)), key=lambda at: _stated_us(statements[at]))
    for before, after in pairwise(order):
        until_us, from_us = _stated_us(statements[before])[1], _stated_us(statements[after])[0]
        is_out = statements[before].check_ins[-1].kind is CheckInKind.OUT
        next_door = Crossing(at_us=until_us if is_out else from_us, earliest_us=until_us, latest_us=from_us)
        one, other = seen[before], seen[after]
        if one is None or other is None or until_us > from_us or not _is_within(next_door, one, other):
            continue
        until = min(one.presence.seen_until_us, from_us)
        seen[before] = replace(one, presence=replace(one.presence, left=next_door, seen_until_us=until))
        seen[after] = replace(other, presence=replace(other.presence, entered=next_door._replace(at_us=from_us)))
    return seen


def _is_within(crossing: Crossing, *seen: Seen) -> bool:
    """Return whether something was during stays, so that they can be parted there."""
    spans_us = [span_us(one.presence) for one in seen]
    return all(from_us < crossing.earliest_us and crossing.latest_us < until_us for from_us, until_us in spans_us)


def _stated_us(statement: _Statement) -> tuple[int, int]:
    moments = [to_microseconds(one.stated_at) for one in statement.check_ins]
    return min(moments), max(moments)


def _is_during(statement: _Statement, seen: Seen) -> bool:
    """Return whether something was stated during a stay."""
    from_us, until_us = span_us(seen.presence)
    return any(from_us <= to_microseconds(one.stated_at) <= until_us for one in statement.check_ins)


def _is_stay(seen: Seen) -> bool:
    return stayed_s(seen.presence) >= least_dwell_s(seen.fence)


def _candidates(group: Sequence[Seen], stops: Sequence[PlannedStop], visited: Counter[SiteId]) -> tuple[Candidate, ...]:
    planned = Counter(stop.site_id for stop in stops) - visited
    odds = {
        one.site_id: min(one.presence.evidence, _MOST_ODDS) + _PLANNED_ODDS * (one.site_id in planned) for one in group
    }
    total = sum(math.exp(value) for value in odds.values())
    shares = [Candidate(site_id=site_id, share=round(math.exp(value) / total, 4)) for site_id, value in odds.items()]
    return tuple(sorted(shares, key=lambda one: (-one.share, one.site_id)))


# ---- what comes of it ------------------------------------------------------------------------------------------------


def _finished(day: DayEvidence, drafts: Sequence[_Draft]) -> Iterator[Visit]:
    counts = Counter[SiteId]()
    for draft in drafts:
        counts[draft.site_id] += 1
        fence, visit = _fence(day, draft), _visit(day, draft, counts[draft.site_id])
        yield visit if fence is None else replace(visit, judgement=_judged(day, visit, fence, draft.seen))


def _visit(day: DayEvidence, draft: _Draft, number: int) -> Visit:
    """Return a visit that is not judged yet."""
    named = dict.fromkeys(photo_id for check_in in draft.check_ins for photo_id in check_in.photo_ids)
    fence = _fence(day, draft)
    return Visit(
        id=visit_id_of(day.worker_id, day.service_on, draft.site_id, number),
        worker_id=day.worker_id,
        service_on=day.service_on,
        site_id=draft.site_id,
        stop=None,
        presence=None if draft.seen is None else draft.seen.presence,
        fence_id=None if fence is None else fence.id,
        fence_version=None if fence is None else fence.version,
        candidates=draft.candidates,
        check_ins=draft.check_ins,
        photos=tuple(day.photos[photo_id] for photo_id in named if photo_id in day.photos),
        judgement=_UNJUDGED,
        is_assigned=draft.is_assigned,
    )


def visit_id_of(worker_id: WorkerId, service_on: date, site_id: SiteId, number: int) -> VisitId:
    """Return what the worker's visit of a number at a site on a day is called, as long as nothing was before."""
    return VisitId(uuid5(_NAMESPACE, f"{worker_id}/{service_on.isoformat()}/{site_id}/{number}"))


def _fence(day: DayEvidence, draft: _Draft) -> Geofence | None:
    """Return the site's fence that a visit is judged by: none for a stay that a person said to be of another site."""
    if draft.seen is None:
        return day.fences.get(draft.site_id)
    return draft.seen.fence if draft.seen.site_id == draft.site_id else None


def _judged(day: DayEvidence, visit: Visit, fence: Geofence, seen: Seen | None) -> Judgement:
    main = 0 if seen is None else seen.device
    tracks = (*day.tracks[main : main + 1], *day.tracks[:main], *day.tracks[main + 1 :])
    return judge_visit(
        Evidence(fence=fence, presence=visit.presence, check_ins=visit.check_ins, photos=visit.photos, tracks=tracks)
    )
