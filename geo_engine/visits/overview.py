"""Use cases of looking at visits side by side with the plan, and at all there is behind one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.customers.store import get_sites
from geo_engine.db.session import Session
from geo_engine.errors import Conflict
from geo_engine.geofences import Geofence
from geo_engine.geofences.store import list_versions
from geo_engine.ids import DecisionId, MemberId, PhotoId, SiteId, TeamId, VisitId, WorkerId
from geo_engine.photos.model import PhotoNotFound
from geo_engine.photos.stamping import Stamp
from geo_engine.planning.versions.publication_store import list_published_workers
from geo_engine.planning.versions.store import list_ordered_visits, list_travel_m
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.store import find_names, get_tenant, list_team_ids_below
from geo_engine.tracks.looks import record_look_at_photos
from geo_engine.visits import visit_store as store
from geo_engine.visits.day import Visit
from geo_engine.visits.kept import Decision, DecisionKind, KeptVisit
from geo_engine.visits.leg_store import list_legs
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import CheckInPosition
from geo_engine.visits.planned_actual import DayComparison, compare_day, planned_stop_of
from geo_engine.visits.reviewing import (
    decide_visit,
    get_visit,
    list_review_queue,
    list_visits,
    list_worker_visits,
)
from geo_engine.visits.service_days import beside
from geo_engine.visits.verdict_words import VERDICT_NAMES
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce.store import get_workers

_UTC = ZoneInfo("UTC")


class VisitDecidedMeanwhile(Conflict):
    """Somebody decided about a visit, or it was derived anew, since it was looked at."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "Somebody else has decided about this visit, or more became known of it, since you opened it: load the "
                "page again."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerVisits:
    """A worker's plan of a day beside what happened.

    Parameters
    ----------
    kept
        The visits as they are believed, with what was decided about them.
    planned_m
        How far the plan drives, to the end of the route; None without a plan.
    """

    worker: Worker
    comparison: DayComparison
    kept: Mapping[VisitId, KeptVisit]
    planned_m: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVisits:
    """The visits of a day.

    Parameters
    ----------
    workers
        Whoever had a plan or made a visit, by id.
    sites
        All that the visits and plans name and that there still are.
    """

    service_on: date
    workers: tuple[WorkerVisits, ...]
    sites: Mapping[SiteId, Site]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Visits that somebody should look at, and the workers and sites they name that there still are."""

    kept: tuple[KeptVisit, ...]
    workers: Mapping[WorkerId, Worker]
    sites: Mapping[SiteId, Site]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsSeen:
    """What somebody saw of a visit before deciding: as it was believed since then, and the last that was decided."""

    derived_at: datetime
    decision_id: DecisionId | None = None

    @classmethod
    def of(cls, kept: KeptVisit) -> "AsSeen":
        """Return what is seen of a visit as it is kept."""
        return cls(derived_at=kept.derived_at, decision_id=None if kept.decision is None else kept.decision.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says of a visit; `site_id` of an assignment alone."""

    kind: DecisionKind
    note: str = ""
    site_id: SiteId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFile:
    """All there is behind a visit.

    Parameters
    ----------
    history
        What was believed of it, the newest first.
    fence
        The site's fence as it was then; None where there was none.
    decisions
        The newest first.
    leg
        The way there as it is believed now; None where none was seen.
    """

    history: tuple[KeptVisit, ...]
    worker: Worker
    sites: Mapping[SiteId, Site]
    fence: Geofence | None
    decisions: tuple[Decision, ...]
    leg: Leg | None

    @property
    def kept(self) -> KeptVisit:
        """The visit as it was believed last."""
        return self.history[0]


def get_day_visits(
    session: Session, service_on: date, *, by: Access, team_id: TeamId | None = None, worker_id: WorkerId | None = None
) -> DayVisits:
    """Return the visits of a day beside the plan, of the workers the actor may see, of a team and those below, or one.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor may not see the worker's tracks; without a worker, when it may see nobody's but its own.
    """
    if worker_id is not None:
        kept = list_worker_visits(session, worker_id, service_on, by=by)
        workers = get_workers(session, [worker_id])
    else:
        kept = list_visits(session, service_on, by=by)
        ids = {one.visit.worker_id for one in kept} | set(list_published_workers(session, service_on))
        workers = _within(session, get_workers(session, ids), team_id, by=by)
    worker_ids = [worker.id for worker in workers]
    planned = list_ordered_visits(session, service_on, worker_ids)
    planned_m = list_travel_m(session, service_on, worker_ids)
    legs = list_legs(session, service_on, worker_ids)

    stops = {one: tuple(map(planned_stop_of, ordered)) for one, ordered in planned.items()}
    compared = tuple(
        WorkerVisits(
            worker=worker,
            comparison=compare_day(
                stops.get(worker.id, ()), [one.visit for one in own.values()], legs.get(worker.id, ())
            ),
            kept=own,
            planned_m=planned_m.get(worker.id),
        )
        for worker in workers
        for own in ({one.visit.id: one for one in kept if one.visit.worker_id == worker.id},)
    )
    return DayVisits(
        service_on=service_on,
        workers=tuple(one for one in compared if one.kept or one.comparison.planned),
        sites=_sites(
            session,
            (one.visit for one in kept),
            {stop.site_id for of_worker in stops.values() for stop in of_worker},
        ),
    )


def get_visit_file(session: Session, visit_id: VisitId, *, by: Access) -> VisitFile:
    """Return all there is behind a visit.

    Raises
    ------
    VisitNotFound
        When there never was one.
    NotAllowed
        When the actor may not see the worker's tracks.
    """
    history = get_visit(session, visit_id, by=by)
    visit = history[0].visit
    (worker,) = get_workers(session, [visit.worker_id])
    legs = list_legs(session, visit.service_on, [worker.id])
    around = [(visit.worker_id, day) for day in beside(visit.service_on)]
    decisions = [one for one in store.list_decisions(session, around) if one.visit_id == visit_id]
    return VisitFile(
        history=history,
        worker=worker,
        sites=_sites(session, (one.visit for one in history), {one.site_id for one in decisions if one.site_id}),
        fence=_fence_then(session, visit),
        decisions=_with_deciders(session, reversed(decisions)),
        leg=next((leg for leg in legs.get(worker.id, ()) if leg.visit_id == visit_id), None),
    )


def get_review(session: Session, *, since: date, by: Access, now: datetime) -> Review:
    """Return the visits since a day that somebody should look at, the newest first, and whom and what they name.

    Raises
    ------
    NotAllowed
        When the actor may review nobody's.
    """
    kept = list_review_queue(session, since=since, by=by, now=now)
    workers, sites = _names_of(session, kept)
    return Review(kept=kept, workers=workers, sites=sites)


def decide_as_seen(
    session: Session, visit_id: VisitId, word: Word, *, seen: AsSeen, by: Access, now: datetime
) -> Decision:
    """Say something of a visit unless it is no longer what was seen: the second of two reviewers is told.

    Raises
    ------
    VisitDecidedMeanwhile
        When somebody else has decided, or the visit was derived anew.
    VisitNotFound, NotAllowed, SiteUnknown, NothingToAssign, NoteTooLong
        As `decide_visit`.
    """
    store.lock_visit(session, visit_id)
    newest, *_ = get_visit(session, visit_id, by=by)
    if newest.superseded_at is not None or AsSeen.of(newest) != seen:
        raise VisitDecidedMeanwhile
    return decide_visit(session, visit_id, word.kind, by=by, now=now, site_id=word.site_id, note=word.note)


def look_at_photo(session: Session, visit_id: VisitId, photo_id: PhotoId, *, by: Access, now: datetime) -> Stamp:
    """Return what is to be stamped under a photo of a visit that somebody is shown.

    That somebody looks at another's is on record: one look, however many photos of the visit it shows.

    Raises
    ------
    VisitNotFound, NotAllowed
        As `get_visit_file`.
    PhotoNotFound
        When the visit has no such photo.
    """
    newest, *_ = get_visit(session, visit_id, by=by)
    visit = newest.visit
    check_in = next((one for one in visit.check_ins if photo_id in one.photo_ids), None)
    if check_in is None or photo_id not in {photo.id for photo in visit.photos}:
        raise PhotoNotFound
    best = min(check_in.positions, key=_untold_last, default=None)
    workers, sites = _names_of(session, [newest])
    site = sites.get(visit.site_id)
    if visit.worker_id != by.worker_id:
        record_look_at_photos(session, visit_id, visit.worker_id, visit.service_on, by=by.member_id, now=now)
    return Stamp(
        at=check_in.stated_at,
        zone=get_tenant(session).zone or _UTC,
        position=None if best is None else best.position,
        accuracy_m=None if best is None else best.accuracy_m,
        worker=workers[visit.worker_id].name or visit.worker_id,
        site=(site.name if site is not None else "") or visit.site_id,
        verdict=VERDICT_NAMES[visit.judgement.verdict],
    )


def _names_of(session: Session, kept: Iterable[KeptVisit]) -> tuple[Mapping[WorkerId, Worker], Mapping[SiteId, Site]]:
    visits = [one.visit for one in kept]
    workers = get_workers(session, {visit.worker_id for visit in visits})
    return {worker.id: worker for worker in workers}, _sites(session, visits, ())


def _within(session: Session, workers: Iterable[Worker], team_id: TeamId | None, *, by: Access) -> tuple[Worker, ...]:
    """Return those workers that the actor may see and that are in a team or below it."""
    limit = by.team_limit(Act.SEE_TRACKS)
    asked = None if team_id is None else list_team_ids_below(session, team_id)
    return tuple(one for one in workers if all(teams is None or one.team_id in teams for teams in (limit, asked)))


def _sites(session: Session, visits: Iterable[Visit], more: Iterable[SiteId]) -> Mapping[SiteId, Site]:
    wanted = set(more)
    for visit in visits:
        wanted |= {visit.site_id, *(one.site_id for one in visit.candidates)}
    return {site.id: site for site in get_sites(session, wanted)}


def _fence_then(session: Session, visit: Visit) -> Geofence | None:
    if visit.fence_id is None:
        return None
    versions = (one.fence for one in list_versions(session, visit.fence_id))
    return next((fence for fence in versions if fence.version == visit.fence_version), None)


def _with_deciders(session: Session, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    found = tuple(decisions)
    ids = {MemberId(one.decided_by) for one in found if one.decided_by is not None}
    names = find_names(session, ids) if ids else {}
    return tuple(
        one if one.decided_by is None else replace(one, decider=names.get(one.decided_by, "")) for one in found
    )


def _untold_last(position: CheckInPosition) -> float:
    """Return how positions are ordered: the most accurate first, and last those of an accuracy that nobody told."""
    return float("inf") if position.accuracy_m is None else position.accuracy_m
