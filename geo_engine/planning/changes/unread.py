"""What a worker has not read of the own day: what changed since it was last read, or a list to be opened."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.planning.changes.readings import is_read, known_list
from geo_engine.planning.changes.stops import StopChange, compare_stops
from geo_engine.planning.versions import publication_store, store
from geo_engine.planning.versions.model import Notice, PlanNotFound, WorkerPublication
from geo_engine.tenancy import Access, Act, Subject


class DayChangeKind(StrEnum):
    """What became of a worker's list of stops: it is another one, went to others, or was withdrawn for everyone."""

    CHANGED = "changed"
    GIVEN_AWAY = "given_away"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """A change of a worker's day.

    Parameters
    ----------
    stops
        What changed, by time; all that there was, as removed, where the worker has no list any more.
    """

    kind: DayChangeKind
    changed_at: datetime
    stops: tuple[StopChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNews:
    """What a worker has not read of the own day yet.

    Parameters
    ----------
    notice
        What to say when it was read.
    change
        What changed; None where a list is there that is told as no change, so that opening it is reading it.
    """

    notice: Notice
    change: DayChange | None


def find_day_news(session: Session, service_on: date, *, by: Access) -> DayNews | None:
    """Return what the actor has not read of the own day; None when there is nothing.

    A list is compared with the last one that was read, so that two changes in a row are told as one. Where none was
    read, or that there is none any more was read since, it is a new list and no change, nor is one with the same stops.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    if by.worker_id is None or by.member_id is None:
        return None
    by.require(Act.SEE_PLANS, Subject(worker_id=by.worker_id))
    had = publication_store.list_worker_publications(session, by.worker_id, service_on, member_id=by.member_id)
    if not had or is_read(had[0]):
        return None
    newest = had[0]
    if newest.ended_at is not None:
        taken = _taken(session, newest, newest.ended_at, by.worker_id)
        return DayNews(notice=newest.notice(is_end=True), change=taken)
    known = known_list(had)
    change = None if known is None else _changed(session, known, newest, by.worker_id)
    if change is None and known is not None:
        return None
    return DayNews(notice=newest.notice(is_end=False), change=change)


def acknowledge_change(session: Session, service_on: date, notice: Notice, *, by: Access, now: datetime) -> None:
    """Keep that the actor has read what is told of the own day; a second time changes nothing.

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
    session: Session, known: WorkerPublication, newest: WorkerPublication, worker_id: WorkerId
) -> DayChange | None:
    before, after = (store.get_worker_day(session, one.plan_id, worker_id) for one in (known, newest))
    stops = compare_stops(before.ordered_visits, after.ordered_visits)
    if not stops:
        return None
    return DayChange(
        kind=DayChangeKind.CHANGED,
        changed_at=newest.published_at,
        stops=stops,
    )


def _taken(session: Session, last: WorkerPublication, ended_at: datetime, worker_id: WorkerId) -> DayChange:
    is_replaced = publication_store.find_published_id(session, last.scope) is not None
    before = store.get_worker_day(session, last.plan_id, worker_id)
    return DayChange(
        kind=DayChangeKind.GIVEN_AWAY if is_replaced else DayChangeKind.WITHDRAWN,
        changed_at=ended_at,
        stops=compare_stops(before.ordered_visits, ()),
    )
