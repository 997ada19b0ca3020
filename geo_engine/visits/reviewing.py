"""Use cases of looking at visits: whose took place on a day, which of them somebody should look at, and deciding."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.customers.model import SiteUnknown
from geo_engine.customers.store import find_teams as find_site_teams
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput, NotFound
from geo_engine.geofences.presences import ended_us
from geo_engine.ids import DecisionId, SiteId, VisitId, WorkerId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.model import RETENTION_DAYS
from geo_engine.tenancy.store import find_names, get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.worker_days import is_expired
from geo_engine.visits import visit_store as store
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.day import Visit
from geo_engine.visits.kept import Decision, DecisionKind, KeptVisit
from geo_engine.visits.model import LONGEST_NOTE
from geo_engine.visits.service_days import get_service_days
from geo_engine.words import Message
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams

REVIEWED_BACK = timedelta(days=min(RETENTION_DAYS))
"""Of how long back visits wait for review: for so long every company keeps the fixes that a reviewer looks at."""
_A_MOMENT = timedelta(microseconds=1)
_UNDER_WAY = timedelta(hours=1)
QUEUE_LENGTH = 200
"""So many visits are shown for review at once."""
_UTC = ZoneInfo("UTC")


class VisitNotFound(NotFound):
    """There is no such visit."""

    def __init__(self, visit_id: VisitId) -> None:
        super().__init__(Message("There is no visit {id}.", {"id": visit_id}))


class NoteTooLong(InvalidInput):
    """A note is longer than anybody reads."""

    def __init__(self) -> None:
        super().__init__(Message("A note has at most {most} characters.", {"most": LONGEST_NOTE}))


class NothingToAssign(InvalidInput):
    """Only a stay that was seen can have been of another site."""

    def __init__(self) -> None:
        super().__init__(Message("Nothing was seen of this visit that could have been of another site."))


class DayExpired(InvalidInput):
    """The fixes of a day are no longer kept, so its visits cannot be worked out anew."""

    def __init__(self) -> None:
        super().__init__(Message("The positions of that day are no longer kept: its visits stay as they are."))


def list_visits(session: Session, service_on: date, *, by: Access) -> tuple[KeptVisit, ...]:
    """Return the visits of a day as they are believed, by worker and time, of the workers the actor may see.

    Raises
    ------
    NotAllowed
        When the actor may see nobody's tracks but one's own.
    """
    return _named(session, store.list_day(session, service_on, team_ids=by.team_limit(Act.SEE_TRACKS)))


def list_worker_visits(session: Session, worker_id: WorkerId, service_on: date, *, by: Access) -> tuple[KeptVisit, ...]:
    """Return a worker's visits of a day as they are believed, in order of time.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor may not see the worker's tracks.
    """
    _require(session, worker_id, Act.SEE_TRACKS, by=by)
    return _named(session, store.list_worker_day(session, worker_id, service_on))


def list_review_queue(session: Session, *, since: date, by: Access, now: datetime) -> tuple[KeptVisit, ...]:
    """Return the visits since a day that are unproven, contradicted or ambiguous and undecided, the newest first.

    One that has just begun is left out: what speaks for it is still to come.

    Raises
    ------
    NotAllowed
        When the actor may review nobody's.
    """
    limit = by.team_limit(Act.REVIEW_VISITS)
    return store.list_open(session, since, before=now - _UNDER_WAY, team_ids=limit, limit=QUEUE_LENGTH)


def get_visit(session: Session, visit_id: VisitId, *, by: Access) -> tuple[KeptVisit, ...]:
    """Return what was ever believed of a visit, the newest first.

    Raises
    ------
    VisitNotFound
        When there never was one.
    NotAllowed
        When the actor may not see the worker's tracks.
    """
    history = store.list_history(session, visit_id)
    if not history:
        raise VisitNotFound(visit_id)
    _require(session, history[0].visit.worker_id, Act.SEE_TRACKS, by=by)
    return _named(session, history)


def decide_visit(
    session: Session,
    visit_id: VisitId,
    kind: DecisionKind,
    *,
    by: Access,
    now: datetime,
    site_id: SiteId | None = None,
    note: str = "",
) -> Decision:
    """Say of a visit that it took place, that it did not, or of which site it was; the last word holds.

    Raises
    ------
    VisitNotFound, NotAllowed
        As `get_visit`; when the actor may not review the worker's visits.
    SiteUnknown
        When it is assigned to no site that there is.
    NothingToAssign
        When no stay was seen.
    DayExpired
        When it is assigned, and the fixes of its day are no longer kept.
    NoteTooLong
        When the note has more than 2,000 characters.
    """
    (newest, *_) = get_visit(session, visit_id, by=by)
    visit = newest.visit
    _require(session, visit.worker_id, Act.REVIEW_VISITS, by=by)
    _require_said(session, visit, kind, site_id, note)
    if kind is DecisionKind.ASSIGNED:
        tenant = get_tenant(session)
        _, day, _ = get_service_days(session, visit.worker_id, visit.service_on, tenant.zone or _UTC)
        if is_expired(day, tenant.tracking, now):
            raise DayExpired

    decision = Decision(
        id=DecisionId(uuid4()),
        visit_id=visit_id,
        worker_id=visit.worker_id,
        service_on=visit.service_on,
        kind=kind,
        span=span_of_visit(visit),
        decided_at=now,
        site_id=site_id if kind is DecisionKind.ASSIGNED else None,
        note=note,
        decided_by=by.member_id,
    )
    store.add_decision(session, decision)
    if kind is DecisionKind.ASSIGNED:
        store.claim_day(session, visit.worker_id, visit.service_on, now=now)
        enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    facts = {"worker": visit.worker_id, "kind": kind.value, "site": decision.site_id}
    record_act(session, "decide_visit", ("visit", visit_id), by=by.member_id, now=now, **facts)
    return decision


def span_of_visit(visit: Visit) -> TimeSpan:
    """Return when a visit was, by what was seen or stated of it."""
    began_at = to_moment(visit.began_us)
    presence = visit.presence
    if presence is not None:
        ended_at = to_moment(ended_us(presence))
    else:
        ended_at = max(check_in.stated_at for check_in in visit.check_ins)
    return TimeSpan(start_at=began_at, end_at=max(ended_at, began_at + _A_MOMENT))


def days_of_visit(visit: Visit, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the days on which a visit was, by the clocks of a zone: those that a look at its track is a look at.

    In the night these are two, or another one than that of the shift it was made in.
    """
    span = span_of_visit(visit)
    first, last = (at.astimezone(zone).date() for at in (span.start_at, span.end_at - _A_MOMENT))
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def _require_said(session: Session, visit: Visit, kind: DecisionKind, site_id: SiteId | None, note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    if kind is not DecisionKind.ASSIGNED:
        return
    if visit.presence is None:
        raise NothingToAssign
    if site_id is None or site_id not in find_site_teams(session, [site_id]):
        raise SiteUnknown(SiteId("" if site_id is None else site_id))


def _require(session: Session, worker_id: WorkerId, act: Act, *, by: Access) -> None:
    teams = find_teams(session, [worker_id])
    if worker_id not in teams:
        raise WorkerNotFound(worker_id)
    by.require(act, Subject(worker_id=worker_id, team_id=teams[worker_id]))


def _named(session: Session, kept: tuple[KeptVisit, ...]) -> tuple[KeptVisit, ...]:
    """Return visits with the names of who decided about them."""
    ids = {one.decision.decided_by for one in kept if one.decision is not None and one.decision.decided_by is not None}
    names = find_names(session, ids) if ids else {}
    return tuple(
        one
        if one.decision is None or one.decision.decided_by is None
        else replace(one, decision=replace(one.decision, decider=names.get(one.decision.decided_by, "")))
        for one in kept
    )
