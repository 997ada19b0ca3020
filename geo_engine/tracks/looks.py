"""Who looks at whose track or photos: at no track of others without a purpose, and all read who looked at theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from geo_engine.audit import AuditEvent
from geo_engine.audit.model import Fact
from geo_engine.audit.service import record_act, record_once
from geo_engine.audit.store import list_events_about
from geo_engine.db.session import Session
from geo_engine.errors import Forbidden, InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import MemberId, VisitId, WorkerId, parse_name
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import find_names
from geo_engine.timespan import TimeSpan
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce import store as workers
from geo_engine.workforce.service import WorkerNotFound

LOOK_LASTS = timedelta(minutes=15)
"""For how long a look that was recorded goes on: a page asks for its day in parts, and for its photos one by one."""
_MOST_TOLD = 200


class PurposeMissing(InvalidInput):
    """Whoever looks at somebody's track says what for."""

    def __init__(self) -> None:
        super().__init__(Message("Say what you look at the track for: the worker can read it."))


class LookOver(Forbidden):
    """The look was somebody else's, or was begun too long ago."""

    def __init__(self) -> None:
        super().__init__(Message("This look at a track is over: open the page again."))


class LookKind(StrEnum):
    """What was looked at; the value is the act in the audit trail."""

    DAY = "look_at_track"
    MOMENT = "look_at_position"
    PLACE = "find_near_place"
    PHOTOS = "look_at_photos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at a worker's day that is on record, or at one's own, which needs no record.

    Parameters
    ----------
    member_id
        Whose look it is: nobody else can read on with it. None is the installation's own operator.
    """

    member_id: MemberId | None
    worker_id: WorkerId
    service_on: date
    began_at: datetime

    def require_open(self, *, by: Access, now: datetime) -> None:
        """Raise unless somebody may still read on with it.

        Raises
        ------
        LookOver
            When it is not theirs, or over.
        """
        if self.member_id != by.member_id or not timedelta(0) <= now - self.began_at <= LOOK_LASTS:
            raise LookOver


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLook:
    """A look at a worker's track or photos, as the worker is told of it.

    Parameters
    ----------
    looker
        The name of whoever looked; None when that is nobody of the company, or nobody any more.
    is_operator
        Whether it was the installation's own operator.
    purpose
        None of a look at photos, which asks for none.
    service_on, at, span
        Which day, which moment or, of a search at a place, which span.
    place, radius_m
        Where a search was for whoever passed; None for any other look.
    visit_id
        Whose photos were looked at; None for any other look.
    """

    kind: LookKind
    happened_at: datetime
    looker: str | None
    is_operator: bool
    purpose: str | None
    service_on: date | None = None
    at: datetime | None = None
    span: TimeSpan | None = None
    place: Position | None = None
    radius_m: float | None = None
    visit_id: VisitId | None = None


def get_watched(session: Session, worker_id: WorkerId, *, by: Access) -> Worker:
    """Return a worker whose track the actor may see.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor may not see the worker's tracks.
    """
    found = workers.get_workers(session, [worker_id])
    if not found:
        raise WorkerNotFound(worker_id)
    by.require(Act.SEE_TRACKS, Subject(worker_id=worker_id, team_id=found[0].team_id))
    return found[0]


def list_watched(session: Session, *, by: Access) -> tuple[Worker, ...]:
    """Return the workers whose tracks the actor may see, by id.

    Raises
    ------
    NotAllowed
        When the actor may see nobody's but one's own.
    """
    return workers.list_workers(session, team_ids=by.team_limit(Act.SEE_TRACKS))


def read_purpose(text: str, *, is_own: bool) -> str | None:
    """Return what is written down of a purpose; None for one's own track, which nobody has to explain.

    Raises
    ------
    PurposeMissing
        When somebody else's is looked at for nothing.
    InvalidInput
        When it is longer than 200 characters, or cannot be shown.
    """
    if is_own:
        return None
    if not text.strip():
        raise PurposeMissing
    return parse_name(text)


def record_look(
    session: Session, kind: LookKind, worker_id: WorkerId, *, by: MemberId | None, now: datetime, **facts: Fact
) -> None:
    """Write down that somebody looked at a worker's track."""
    record_act(session, kind.value, ("worker", worker_id), by=by, now=now, **facts)


def record_look_at_photos(
    session: Session, visit_id: VisitId, worker_id: WorkerId, service_on: date, *, by: MemberId | None, now: datetime
) -> None:
    """Write down that somebody looks at the photos of a worker's visit; for `LOOK_LASTS` all of them are one look.

    Photos that are asked for at once wait for each other until the transaction ends.
    """
    look = AuditEvent(
        act=LookKind.PHOTOS.value,
        subject=("worker", worker_id),
        member_id=by,
        happened_at=now,
        facts={"visit": str(visit_id), "service_on": service_on.isoformat()},
    )
    record_once(session, look, within=LOOK_LASTS)


def list_looks(session: Session, worker_id: WorkerId, *, by: Access, limit: int = _MOST_TOLD) -> tuple[ToldLook, ...]:
    """Return who looked at a worker's track and photos, the newest first.

    Raises
    ------
    NotAllowed
        When it is not the actor's own, and the actor may not read the company's audit trail.
    """
    is_own = worker_id == by.worker_id
    by.require(Act.SEE_TRACKS if is_own else Act.SEE_AUDIT, Subject(worker_id=worker_id))
    events = list_events_about(session, ("worker", worker_id), LookKind, limit=limit)
    names = find_names(session, {event.member_id for event in events if event.member_id is not None})
    return tuple(_told(event, names) for event in events)


def _told(event: AuditEvent, names: Mapping[MemberId, str]) -> ToldLook:
    facts: Mapping[str, Any] = event.facts
    is_place = LookKind(event.act) is LookKind.PLACE
    return ToldLook(
        kind=LookKind(event.act),
        happened_at=event.happened_at,
        looker=None if event.member_id is None else names.get(event.member_id),
        is_operator=event.member_id is None,
        purpose=facts.get("purpose"),
        service_on=date.fromisoformat(facts["service_on"]) if "service_on" in facts else None,
        at=datetime.fromisoformat(facts["at"]) if "at" in facts else None,
        span=_span(facts) if is_place else None,
        place=Position(facts["lon"], facts["lat"]) if is_place else None,
        radius_m=facts["radius_m"] if is_place else None,
        visit_id=VisitId(UUID(facts["visit"])) if "visit" in facts else None,
    )


def _span(facts: Mapping[str, Any]) -> TimeSpan:
    start_at, end_at = (datetime.fromisoformat(facts[name]) for name in ("from_at", "until_at"))
    return TimeSpan(start_at=start_at, end_at=end_at)
