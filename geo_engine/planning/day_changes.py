"""What changed of a worker's own day since the worker last read it, and that it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.planning import publication_store, store
from geo_engine.planning.changes import StopChange, compare_stops
from geo_engine.planning.versions import Notice, PlanNotFound, WorkerPublication
from geo_engine.tenancy import Access, Act, Subject


class DayChangeKind(StrEnum):
    """What became of a worker's list of stops: it is another one, went to others, or was withdrawn for everyone."""

    CHANGED = "changed"
    GIVEN_AWAY = "given_away"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """A change of a worker's day that the worker has not read yet.

    Parameters
    ----------
    notice
        What to say when it was read.
    stops
        What changed, by time; all that there was, as removed, where the worker has no list any more.
    """

    kind: DayChangeKind
    notice: Notice
    changed_at: datetime
    stops: tuple[StopChange, ...]


def find_day_change(session: Session, service_on: date, *, by: Access) -> DayChange | None:
    """Return what changed of the actor's own day since it was last read; None when nothing did.

    A list is compared with the last one that was read, so that two changes in a row are told as one; where none was
    read, with the first one there was. The first list of a day is no change, nor is one with the same stops.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    if by.worker_id is None or by.member_id is None:
        return None
    by.require(Act.SEE_PLANS, Subject(worker_id=by.worker_id))
    had = publication_store.list_worker_publications(session, by.worker_id, service_on, member_id=by.member_id)
    if not had:
        return None
    newest, *earlier = had
    if newest.ended_at is not None:
        return _taken(session, newest, newest.ended_at, by.worker_id)
    if not earlier or newest.is_read:
        return None
    return _changed(session, newest, earlier, by.worker_id)


def acknowledge_change(session: Session, service_on: date, notice: Notice, *, by: Access, now: datetime) -> None:
    """Keep that the actor has read a change of the own day; a second time changes nothing.

    Raises
    ------
    PlanNotFound
        When the actor was never told such a thing.
    NotAllowed
        When the actor may not.
    """
    if by.worker_id is None or by.member_id is None:
        raise PlanNotFound(notice.plan_id)
    by.require(Act.SEE_PLANS, Subject(worker_id=by.worker_id))
    had = publication_store.list_worker_publications(session, by.worker_id, service_on, member_id=by.member_id)
    if notice not in {one.notice(is_end=is_end) for one in had for is_end in {False, one.ended_at is not None}}:
        raise PlanNotFound(notice.plan_id)

    publication_store.add_seen(session, notice, by=by.member_id, now=now)


def _changed(
    session: Session, newest: WorkerPublication, earlier: Sequence[WorkerPublication], worker_id: WorkerId
) -> DayChange | None:
    known = next((one for one in earlier if one.is_read or one.is_end_read), earlier[-1])
    before, after = (store.get_worker_day(session, one.plan_id, worker_id) for one in (known, newest))
    stops = compare_stops(before.ordered_visits, after.ordered_visits)
    if not stops:
        return None
    return DayChange(
        kind=DayChangeKind.CHANGED,
        notice=newest.notice(is_end=False),
        changed_at=newest.published_at,
        stops=stops,
    )


def _taken(session: Session, last: WorkerPublication, ended_at: datetime, worker_id: WorkerId) -> DayChange | None:
    if last.is_end_read:
        return None
    is_replaced = publication_store.find_published_id(session, last.scope) is not None
    before = store.get_worker_day(session, last.plan_id, worker_id)
    return DayChange(
        kind=DayChangeKind.GIVEN_AWAY if is_replaced else DayChangeKind.WITHDRAWN,
        notice=last.notice(is_end=True),
        changed_at=ended_at,
        stops=compare_stops(before.ordered_visits, ()),
    )
