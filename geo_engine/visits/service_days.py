"""Whose day a moment is of: a worker's day changes at midnight, but not in a shift, and a stay is of where it began."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.timespan import ClockWindow, TimeSpan, clock_on
from geo_engine.tracks.worker_days import day_span
from geo_engine.visits.stays import LONGEST_OVER
from geo_engine.workforce.store import find_hours

HEARD_WITHIN = timedelta(hours=2)
"""Of a device that was silent for longer before a day ended, or after it, nobody knows that its stay went on: a company
that tracks shifts alone would have all who work at one site every day stay there for weeks."""
_AFTER_SHIFT, _BEFORE_SHIFT = timedelta(hours=2), timedelta(hours=1)
"""How much later than a shift people still do its work, and how much sooner they begin with it."""
_LATEST = timedelta(hours=20)
_A_DAY = timedelta(days=1)

type Days = tuple[TimeSpan, TimeSpan, TimeSpan]
"""The day before, the day, and the one behind."""


def turn_at(midnight_at: datetime, before: TimeSpan | None, behind: TimeSpan | None) -> datetime:
    """Return when one day of a worker ends and the next begins.

    That is at midnight, but not until two hours after the shift of the day before, and not later than an hour before
    the shift of the day behind; where there is no such moment it is when that one begins.

    Parameters
    ----------
    before, behind
        The shifts of the two days, if there are any.

    Examples
    --------
    >>> from datetime import UTC
    >>> midnight_at = datetime(2026, 11, 26, tzinfo=UTC)
    >>> night = TimeSpan(start_at=midnight_at - timedelta(hours=2), end_at=midnight_at + timedelta(hours=6))
    >>> turn_at(midnight_at, None, None).hour, turn_at(midnight_at, night, None).hour
    (0, 8)
    """
    at = midnight_at if behind is None else min(midnight_at, behind.start_at - _BEFORE_SHIFT)
    if before is not None:
        at = max(at, before.end_at + _AFTER_SHIFT)
    if behind is not None:
        at = min(at, behind.start_at)
    return min(at, midnight_at + _LATEST)


def get_service_days(session: Session, worker_id: WorkerId, service_on: date, zone: ZoneInfo) -> Days:
    """Return from when until when what begins is of a worker's day: of the day before, the day, and the one behind."""
    shifts = _shifts(find_hours(session, worker_id, _dates(service_on - 2 * _A_DAY, service_on + 2 * _A_DAY)), zone)
    before, own, behind = (_span(day, shifts, zone) for day in beside(service_on))
    return before, own, behind


def beside(service_on: date) -> tuple[date, date, date]:
    """Return the day before a day, the day, and the one behind it."""
    return service_on - _A_DAY, service_on, service_on + _A_DAY


def looked_at(day: TimeSpan) -> TimeSpan:
    """Return the time around a worker's day of which something may matter for its visits."""
    return TimeSpan(start_at=day.start_at - LONGEST_OVER, end_at=day.end_at + LONGEST_OVER + HEARD_WITHIN)


def list_days_of(
    session: Session,
    worker_id: WorkerId,
    changed: Iterable[tuple[datetime, datetime]],
    zone: ZoneInfo,
    *,
    now: datetime,
) -> set[date]:
    """Return the days of a worker whose visits may be others, as something between some moments is (both ends in it).

    They are the days that those moments are of, and the day behind, where it has begun and they are near its beginning:
    a stay may have gone on into it, or go on no more. The day before is not among them: that something is about a visit
    that went on is found when the day itself is derived.
    """
    spans = list(changed)
    if not spans:
        return set()
    first = min(from_at for from_at, _ in spans).astimezone(zone).date() - _A_DAY
    last = max(until_at for _, until_at in spans).astimezone(zone).date() + _A_DAY
    shifts = _shifts(find_hours(session, worker_id, _dates(first - _A_DAY, last + _A_DAY)), zone)
    days = {service_on: _span(service_on, shifts, zone) for service_on in _dates(first, last)}
    return {
        service_on
        for service_on, day in days.items()
        if any(_touches(day, from_at, until_at, now) for from_at, until_at in spans)
    }


def _touches(day: TimeSpan, from_at: datetime, until_at: datetime, now: datetime) -> bool:
    near_at = day.start_at - LONGEST_OVER if day.start_at <= now else day.start_at
    return from_at < day.end_at and until_at >= near_at


def _span(service_on: date, shifts: Mapping[date, TimeSpan], zone: ZoneInfo) -> TimeSpan:
    midnights = day_span(service_on, zone)
    before, own, behind = map(shifts.get, beside(service_on))
    return TimeSpan(start_at=turn_at(midnights.start_at, before, own), end_at=turn_at(midnights.end_at, own, behind))


def _shifts(hours: Mapping[date, ClockWindow], zone: ZoneInfo) -> dict[date, TimeSpan]:
    return {
        service_on: TimeSpan(
            start_at=clock_on(window.earliest_s, service_on, zone), end_at=clock_on(window.latest_s, service_on, zone)
        )
        for service_on, window in hours.items()
    }


def _dates(first: date, last: date) -> list[date]:
    return [first + number * _A_DAY for number in range((last - first).days + 1)]
