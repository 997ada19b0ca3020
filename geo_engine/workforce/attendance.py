"""Use cases of clocking in and out: a worker's own statement of when work begins and ends."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import Conflict, InvalidInput
from geo_engine.ids import WorkerId
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.model import Attendance
from geo_engine.tenancy.store import get_tenant
from geo_engine.words import Message
from geo_engine.workforce import device_store as store
from geo_engine.workforce.device_model import ShiftRecord
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_shifts, find_teams, lock_worker

_BEGINS_EARLY_BY = timedelta(hours=6)
LONGEST_SHIFT = timedelta(hours=16)
"""A shift that nobody ended ends after so long; `shift_spans` in the database says the same."""


class AlreadyClockedIn(Conflict):
    """The worker is at work already."""

    def __init__(self, worker_id: WorkerId) -> None:
        super().__init__(Message("{worker} has clocked in already.", {"worker": worker_id}))


class NotClockedIn(Conflict):
    """The worker is not at work, or was not yet at that moment."""

    def __init__(self, worker_id: WorkerId) -> None:
        super().__init__(Message("{worker} has not clocked in before that.", {"worker": worker_id}))


class ClockInTooEarly(Conflict):
    """The worker was still at work, by an earlier clock-in."""

    def __init__(self, worker_id: WorkerId) -> None:
        super().__init__(
            Message("{worker} was still at work then: the shift before had not ended.", {"worker": worker_id})
        )


class ShiftTooLong(InvalidInput):
    """A shift would have lasted longer than any does."""

    def __init__(self) -> None:
        super().__init__(Message("No shift lasts longer than {h} hours.", {"h": LONGEST_SHIFT // timedelta(hours=1)}))


class AttendanceElsewhere(Conflict):
    """The company does not take it from its people's phones when they work."""

    def __init__(self) -> None:
        super().__init__(Message("In your company shifts are not started here."))


def clock_in(session: Session, worker_id: WorkerId, *, at: datetime, by: Access, now: datetime) -> None:
    """Say that a worker begins to work at a moment; it may have been a while ago, when the phone had no signal.

    Of a moment before the last shift began it is said that this shift began then, whether it still runs or not: a
    button is pressed late, or by mistake.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    AlreadyClockedIn
        When the worker had clocked in by then, and not out since.
    ClockInTooEarly
        When an earlier shift ended later.
    ShiftTooLong
        When the last shift cannot have begun so long before it ended, or before now while it runs.
    AttendanceElsewhere
        When the actor is the worker, and the company takes no clock-ins from phones.
    InvalidInput
        When it is still to come.
    NotAllowed
        When the actor is not the worker and may not change the worker.
    """
    _require(session, worker_id, at=at, by=by, now=now)
    if worker_id == by.worker_id and get_tenant(session).tracking.attendance is not Attendance.PHONE:
        raise AttendanceElsewhere
    last = store.find_last_record(session, worker_id)
    if last is not None and at < last.clocked_in_at:
        _begin_earlier(session, worker_id, last, at=at, now=now)
    else:
        _require_free(worker_id, last, at=at)
        store.save_clock_in(session, worker_id, at=at, service_on=_service_day(session, worker_id, at))
    record_act(session, "clock_in", ("worker", worker_id), by=by.member_id, now=now, at=at.isoformat())


def clock_out(session: Session, worker_id: WorkerId, *, at: datetime, by: Access, now: datetime) -> None:
    """Say that a worker has ended work at a moment.

    Raises
    ------
    WorkerNotFound, InvalidInput, NotAllowed
        As `clock_in`.
    NotClockedIn
        When the worker is not at work, began later, or so long ago that the shift ended by itself.
    """
    _require(session, worker_id, at=at, by=by, now=now)
    open_at = store.find_open_record(session, worker_id)
    if open_at is None or not open_at < at < open_at + LONGEST_SHIFT:
        raise NotClockedIn(worker_id)

    store.save_clock_out(session, worker_id, clocked_in_at=open_at, at=at)
    record_act(session, "clock_out", ("worker", worker_id), by=by.member_id, now=now, at=at.isoformat())


def find_clocked_in_at(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> datetime | None:
    """Return since when a worker is at work; None when not at work.

    Raises
    ------
    NotAllowed
        When the actor is not the worker and may not see the worker.
    """
    if worker_id != by.worker_id:
        team_id = find_teams(session, [worker_id]).get(worker_id)
        by.require(Act.SEE_WORKERS, Subject(worker_id=worker_id, team_id=team_id))
    open_at = store.find_open_record(session, worker_id)
    return open_at if open_at is not None and now < open_at + LONGEST_SHIFT else None


def _require_free(worker_id: WorkerId, last: ShiftRecord | None, *, at: datetime) -> None:
    """Raise unless the last shift had ended by a moment; one that nobody ended has after a while."""
    if last is None:
        return
    if last.clocked_out_at is None and at < last.clocked_in_at + LONGEST_SHIFT:
        raise AlreadyClockedIn(worker_id)
    if last.clocked_out_at is not None and at < last.clocked_out_at:
        raise ClockInTooEarly(worker_id)


def _begin_earlier(session: Session, worker_id: WorkerId, last: ShiftRecord, *, at: datetime, now: datetime) -> None:
    """Have the last shift begin at an earlier moment, when no other one ran."""
    before = store.find_last_record(session, worker_id, before=last.clocked_in_at)
    if before is not None and at < (before.clocked_out_at or before.clocked_in_at + LONGEST_SHIFT):
        raise ClockInTooEarly(worker_id)
    if (last.clocked_out_at or now) - at > LONGEST_SHIFT:
        raise ShiftTooLong
    store.move_clock_in(session, worker_id, last, at=at, service_on=_service_day(session, worker_id, at))


def _require(session: Session, worker_id: WorkerId, *, at: datetime, by: Access, now: datetime) -> None:
    teams = find_teams(session, [worker_id])
    if worker_id not in teams:
        raise WorkerNotFound(worker_id)
    if worker_id != by.worker_id:
        by.require(Act.CHANGE_WORKERS, Subject(worker_id=worker_id, team_id=teams[worker_id]))
    if at > now:
        raise InvalidInput(Message("Nobody clocks in or out in the future."))
    lock_worker(session, worker_id)


def _service_day(session: Session, worker_id: WorkerId, at: datetime) -> date:
    """Return the day a clock-in belongs to: that of a shift that begins within six hours, else the local date."""
    zone = get_tenant(session).zone or ZoneInfo("UTC")
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        hours = find_shifts(session, day).get(worker_id)
        if hours is not None:
            window = hours.on(day, zone)
            if window.earliest_at - _BEGINS_EARLY_BY <= at <= window.latest_at:
                return day
    return today
