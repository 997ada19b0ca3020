"""What really happened on a worker's day: each stay and each statement is of a visit, planned or not."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from geo_engine.geofences import Geofence
from geo_engine.geofences.presences import Presence, ended_us
from geo_engine.geofences.transitions import least_dwell_s, stayed_s
from geo_engine.ids import GeofenceId, JobId, PhotoId, SiteId, VisitId, WorkerId
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.attribution import presence_of
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import CheckIn, CheckInKind, DeviceTrack, Evidence, Judgement, PhotoEvidence, Verdict
from geo_engine.visits.verdict import judge_visit

_NAMESPACE = UUID("6f0b6f0e-4d3c-5c55-9f53-0d6f3a8e8a11")
_SHARED_PART = 0.5
_PLANNED_ODDS = 2.0
_MOST_ODDS = 4.0
_UNJUDGED = Judgement(verdict=Verdict.INSUFFICIENT, odds=0.0, reasons=())
SURE_SHARE = 0.8
"""From which share on nobody is asked of which site a stay was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A presence in the fence of a site, as the fence was then; `device` is the number of the track that shows it."""

    presence: Presence
    fence: Geofence
    site_id: SiteId
    device: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """A planned visit of the worker's day, as the plan that was published last has it; `number` is from 1."""

    number: int
    job_id: JobId
    site_id: SiteId
    arrival_at: datetime
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A site that a stay may have been of, and how likely: shares of a stay add up to 1."""

    site_id: SiteId
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A person's word that the stay which lasted so long (microseconds since 1970) was of a site."""

    from_us: int
    until_us: int
    site_id: SiteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What really happened at a site.

    Parameters
    ----------
    id
        The same whenever the day is derived anew, as long as it is the worker's visit of this number at this site.
    stop
        The planned visit it is; None for one that was not planned.
    presence
        What the own track shows; None where only statements say it.
    fence_id, fence_version
        The site's fence as it was then; None where the site had none.
    candidates
        The sites the stay may have been of, the likeliest first; more than one where nothing says which.
    is_assigned
        Whether a person has said of which site it was.
    """

    id: VisitId
    worker_id: WorkerId
    service_on: date
    site_id: SiteId
    stop: PlannedStop | None
    presence: Presence | None
    fence_id: GeofenceId | None
    fence_version: int | None
    candidates: tuple[Candidate, ...]
    check_ins: tuple[CheckIn, ...]
    photos: tuple[PhotoEvidence, ...]
    judgement: Judgement
    is_assigned: bool = False

    @property
    def is_ambiguous(self) -> bool:
        """Whether a person should say of which site it was."""
        return not self.is_assigned and bool(self.candidates) and self.candidates[0].share < SURE_SHARE

    @property
    def began_us(self) -> int:
        """When it began, microseconds since 1970: by the track, else by the first statement."""
        if self.presence is not None:
            return self.presence.entered.at_us
        return min(to_microseconds(check_in.stated_at) for check_in in self.check_ins)

    @property
    def dwell_s(self) -> tuple[float, float, float] | None:
        """How long the worker was there: at least, most likely, at most; None where no track shows both ends."""
        if self.presence is None or self.presence.left is None:
            return None
        entered, left = self.presence.entered, self.presence.left
        spans_us = (
            left.earliest_us - entered.latest_us,
            left.at_us - entered.at_us,
            left.latest_us - entered.earliest_us,
        )
        least_s, likely_s, most_s = (max(span_us, 0) / MICROSECONDS_PER_S for span_us in spans_us)
        return least_s, likely_s, most_s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayEvidence:
    """All that is known of a worker's day.

    Parameters
    ----------
    fences
        Of the sites that statements name, as they were then.
    photos
        By id; only what arrived.
    """

    worker_id: WorkerId
    service_on: date
    tracks: tuple[DeviceTrack, ...] = ()
    seen: tuple[Seen, ...] = ()
    fences: Mapping[SiteId, Geofence] = field(default_factory=dict)
    stops: tuple[PlannedStop, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    photos: Mapping[PhotoId, PhotoEvidence] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()


def build_visits(day: DayEvidence) -> tuple[Visit, ...]:
    """Return the visits of a day, in order of time.

    Each stay is of one visit: of the sites that were checked in at during it (a tower may hold several customers), else
    of the one that is likeliest by where the worker was and what was planned; a person's word goes before both. A
    statement that no stay bears out is a visit as well, for somebody to look at.

    Notes
    -----
    Nothing depends on the order in which anything arrived.
    """
    statements = list(_statements(day))
    drafts = [*_of_stays(day, statements), *_without_stay(day, statements)]
    drafts.sort(key=lambda draft: (draft.began_us, draft.site_id))
    visits = list(_finished(day, drafts))
    return tuple(visit for visit in visits if not any(_is_told_by(visit, other) for other in visits))


def _is_told_by(visit: Visit, other: Visit) -> bool:
    """Return whether a stay that nobody planned or stated is what a worker stated of another site close by.

    Where doors are next to each other a fence may be missed by metres: the statement is believed unless the track
    contradicts it.
    """
    if visit.presence is None or visit.check_ins or visit.stop is not None or visit.is_assigned:
        return False
    if other.presence is not None or other.judgement.verdict is Verdict.CONTRADICTED:
        return False
    from_us, until_us = _span_us(visit.presence)
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


def _statements(day: DayEvidence) -> Iterator[_Statement]:
    by_site = defaultdict[SiteId, list[CheckIn]](list)
    for check_in in sorted(put_right_each(day.check_ins), key=lambda one: (one.stated_at, one.id)):
        by_site[check_in.site_id].append(check_in)
    for site_id, check_ins in sorted(by_site.items()):
        seen = [one for one in day.seen if one.site_id == site_id]
        for group in _of_one_visit(check_ins):
            fence = seen[0].fence if seen else day.fences.get(site_id)
            least_s = math.inf if fence is None else least_dwell_s(fence)
            meant = presence_of(group, (one.presence for one in seen), least_s=least_s)
            found = next((one for one in seen if one.presence is meant), None)
            yield _Statement(site_id=site_id, check_ins=group, seen=found)


def put_right_each(check_ins: Iterable[CheckIn]) -> Iterator[CheckIn]:
    """Yield statements with the clocks of their phones put right, phone by phone."""
    by_phone = defaultdict[str, list[CheckIn]](list)
    for check_in in check_ins:
        by_phone[str(check_in.device_id)].append(check_in)
    for _, own in sorted(by_phone.items()):
        yield from put_right(own)


def _of_one_visit(check_ins: Sequence[CheckIn]) -> Iterator[tuple[CheckIn, ...]]:
    """Yield what was stated of one visit after the other: the next begins with a check-in after a check-out."""
    group: list[CheckIn] = []
    for check_in in check_ins:
        is_over = any(one.kind is CheckInKind.OUT for one in group)
        if is_over and check_in.kind is CheckInKind.IN:
            yield tuple(group)
            group = []
        group.append(check_in)
    if group:
        yield tuple(group)


def _of_stays(day: DayEvidence, statements: Sequence[_Statement]) -> Iterator[_Draft]:
    visited: set[SiteId] = set()
    for group in _stays(day.seen):
        assigned = _assigned(group, day.assignments)
        stated = [one for one in statements if one.seen is not None and one.seen in group]
        if assigned is not None:
            found = next((one for one in group if one.site_id == assigned), None)
            own = tuple(check_in for one in stated if one.site_id == assigned for check_in in one.check_ins)
            yield _Draft(site_id=assigned, seen=found or group[0], check_ins=own, candidates=(), is_assigned=True)
            stated = [one for one in stated if one.site_id != assigned]
            visited.add(assigned)
        for one in stated:
            yield _Draft(site_id=one.site_id, seen=one.seen, check_ins=one.check_ins, candidates=())
            visited.add(one.site_id)
        if assigned is None and not stated:
            candidates = _candidates(group, day.stops, visited)
            best = next(one for one in group if one.site_id == candidates[0].site_id)
            yield _Draft(site_id=best.site_id, seen=best, check_ins=(), candidates=candidates)
            visited.add(best.site_id)


def _without_stay(day: DayEvidence, statements: Sequence[_Statement]) -> Iterator[_Draft]:
    in_stays = {id(one) for group in _stays(day.seen) for one in group}
    for one in statements:
        if one.seen is None or id(one.seen) not in in_stays:
            yield _Draft(site_id=one.site_id, seen=one.seen, check_ins=one.check_ins, candidates=())


def _stays(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Return presences that are the same stay in fences that overlap, each stay in order of its sites."""
    dwelt = [one for one in _first_of_devices(seen) if stayed_s(one.presence) >= least_dwell_s(one.fence)]
    groups: list[list[Seen]] = []
    for one in sorted(dwelt, key=lambda found: (found.presence.entered.at_us, found.site_id)):
        group = next(
            (group for group in groups if all(_is_same_stay(one.presence, other.presence) for other in group)), None
        )
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def _first_of_devices(seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield presences, of a fence that several devices of a worker were in at once that of the first of them."""
    for one in seen:
        others = (other for other in seen if other.fence.id == one.fence.id and other.device < one.device)
        if not any(_shared_us(one.presence, other.presence) > 0 for other in others):
            yield one


def _is_same_stay(one: Presence, other: Presence) -> bool:
    shorter_us = min(_span_us(one)[1] - _span_us(one)[0], _span_us(other)[1] - _span_us(other)[0])
    return _shared_us(one, other) > _SHARED_PART * shorter_us


def _shared_us(one: Presence, other: Presence) -> int:
    (from_us, until_us), (other_from_us, other_until_us) = _span_us(one), _span_us(other)
    return min(until_us, other_until_us) - max(from_us, other_from_us)


def _span_us(presence: Presence) -> tuple[int, int]:
    return presence.entered.at_us, ended_us(presence)


def _assigned(group: Sequence[Seen], assignments: Sequence[Assignment]) -> SiteId | None:
    """Return of which site a person has said a stay to be; the last word of several."""
    from_us, until_us = _span_us(group[0].presence)
    for word in reversed(assignments):
        shared_us = min(until_us, word.until_us) - max(from_us, word.from_us)
        if shared_us > _SHARED_PART * min(until_us - from_us, word.until_us - word.from_us):
            return word.site_id
    return None


def _candidates(group: Sequence[Seen], stops: Sequence[PlannedStop], visited: set[SiteId]) -> tuple[Candidate, ...]:
    planned = {stop.site_id for stop in stops} - visited
    odds = {
        one.site_id: min(one.presence.evidence, _MOST_ODDS) + _PLANNED_ODDS * (one.site_id in planned) for one in group
    }
    total = sum(math.exp(value) for value in odds.values())
    shares = [Candidate(site_id=site_id, share=round(math.exp(value) / total, 4)) for site_id, value in odds.items()]
    return tuple(sorted(shares, key=lambda one: (-one.share, one.site_id)))


# ---- what comes of it ------------------------------------------------------------------------------------------------


def _finished(day: DayEvidence, drafts: Sequence[_Draft]) -> Iterator[Visit]:
    stops = {stop.site_id: stop for stop in day.stops}
    counts = defaultdict[SiteId, int](int)
    for draft in drafts:
        counts[draft.site_id] += 1
        number = counts[draft.site_id]
        name = f"{day.worker_id}/{day.service_on.isoformat()}/{draft.site_id}/{number}"
        photos = tuple(
            day.photos[photo_id]
            for check_in in draft.check_ins
            for photo_id in check_in.photo_ids
            if photo_id in day.photos
        )
        fence = day.fences.get(draft.site_id) if draft.seen is None else draft.seen.fence
        visit = Visit(
            id=VisitId(uuid5(_NAMESPACE, name)),
            worker_id=day.worker_id,
            service_on=day.service_on,
            site_id=draft.site_id,
            stop=stops.get(draft.site_id) if number == 1 else None,
            presence=None if draft.seen is None else draft.seen.presence,
            fence_id=None if fence is None else fence.id,
            fence_version=None if fence is None else fence.version,
            candidates=draft.candidates,
            check_ins=draft.check_ins,
            photos=photos,
            judgement=_UNJUDGED,
            is_assigned=draft.is_assigned,
        )
        yield visit if fence is None else replace(visit, judgement=_judged(day, visit, fence, draft.seen))


def _judged(day: DayEvidence, visit: Visit, fence: Geofence, seen: Seen | None) -> Judgement:
    main = 0 if seen is None else seen.device
    tracks = (*day.tracks[main : main + 1], *day.tracks[:main], *day.tracks[main + 1 :])
    return judge_visit(
        Evidence(fence=fence, presence=visit.presence, check_ins=visit.check_ins, photos=visit.photos, tracks=tracks)
    )
