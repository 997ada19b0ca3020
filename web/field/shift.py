"""The worker's own shift: whether it runs, and in words what is recorded of where the worker is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.tenancy import Access
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.timespan import TimeSpan, clock_on, local_clock, parse_clock
from geo_engine.tracks.shifts import Recording, find_recording
from geo_engine.words import Message
from geo_engine.workforce.attendance import LONGEST_SHIFT, find_clocked_in_at

ALWAYS = Message("Your company records your position at all times, also outside your shifts.")
FROM_START_TO_END = Message("Your position is recorded from start to end of your shift only.")
NOT_PLANNED = Message(
    "Your position is recorded in your planned shift only, with a quarter of an hour on both sides. "
    "No shift is planned for you today."
)
SEALED = Message(
    "What your phone sends before you start is locked away unread, and deleted after 48 hours unless you say that you "
    "began earlier."
)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnShift:
    """What the page of a worker's own day says of the shift.

    Parameters
    ----------
    since_at
        When it began; None while none runs.
    is_here
        Whether it is begun and ended on this page.
    is_recorded
        Whether positions are recorded at this moment; None when the worker wears no device.
    sentences
        What is recorded and when, in order of weight; none when the worker wears no device.
    """

    since_at: datetime | None
    is_here: bool
    is_recorded: bool | None
    sentences: tuple[Message, ...]


def own_shift(
    session: Session, worker_id: WorkerId, rule: TrackingRule, *, zone: ZoneInfo, by: Access, now: datetime
) -> OwnShift | None:
    """Return what there is to say of a worker's own shift now; None when there is nothing."""
    today = now.astimezone(zone).date()
    within = TimeSpan(start_at=clock_on(0, today, zone), end_at=clock_on(0, today + _A_DAY, zone))
    since_at = find_clocked_in_at(session, worker_id, by=by, now=now)
    recording = find_recording(session, worker_id, within=within, by=by, now=now)
    is_here = since_at is not None or rule.attendance is Attendance.PHONE
    if not is_here and recording is None:
        return None
    if recording is None:
        return OwnShift(since_at=since_at, is_here=is_here, is_recorded=None, sentences=())
    # Of shifts that people begin themselves only what is still to come can be one that was planned.
    since = now if rule.attendance is Attendance.PHONE else within.start_at
    spans = _spans_text(recording, since, today=today, zone=zone)
    sentences = tuple(_sentences(recording, since_at, spans))
    return OwnShift(since_at=since_at, is_here=is_here, is_recorded=recording.is_now, sentences=sentences)


def began_at(text: str | None, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when a clock last showed a time; now when none is said.

    Raises
    ------
    InvalidInput
        When it is no clock time.
    """
    if not text:
        return now
    clock_s, today = parse_clock(text), now.astimezone(zone).date()
    at, before = (clock_on(clock_s, day, zone) for day in (today, today - _A_DAY))
    # What would be longer ago than any shift lasts was meant for later today: it is refused as such.
    return before if at > now and now - before < LONGEST_SHIFT else at


def _sentences(recording: Recording, since_at: datetime | None, spans: str) -> Iterator[Message]:
    rule = recording.rule
    if rule.gate is TrackingGate.ALWAYS:
        yield ALWAYS
    elif since_at is not None:
        yield FROM_START_TO_END
    elif rule.attendance is Attendance.PHONE:
        unless_started = Message(
            "Your position is recorded from start to end of your shift only; unless you start it yourself, in your "
            "planned shift, with a quarter of an hour on both sides: today {spans}.",
            {"spans": spans},
        )
        yield unless_started if spans else FROM_START_TO_END
        yield SEALED
    elif spans:
        yield Message(
            "Your position is recorded in your planned shift only, with a quarter of an hour on both sides: "
            "today {spans}.",
            {"spans": spans},
        )
    else:
        yield NOT_PLANNED
    yield Message("Positions are deleted after {n} days.", {"n": rule.retention_days})


def _spans_text(recording: Recording, since: datetime, *, today: date, zone: ZoneInfo) -> str:
    """Return the part of today in which positions are recorded and that is not over since a moment."""
    begins_at = clock_on(0, today, zone)
    return ", ".join(
        "–".join(local_clock(moment, service_on=today, zone=zone) for moment in (max(start_at, begins_at), end_at))
        for start_at, end_at in recording.spans
        if end_at >= since
    )
