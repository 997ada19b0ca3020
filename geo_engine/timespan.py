"""Time as the field uses it: spans that exclude their end, windows that include both ends.

A *clock* window is written in local wall-clock time and belongs to no day yet; `on` places it on a
service day in a time zone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from geo_engine.errors import InvalidInput
from geo_engine.words import Message

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(\+1)?")
DAY_S = 86_400
_LATEST_CLOCK_S = 2 * DAY_S - 1
_LONGEST_OVERNIGHT_S = 16 * 3600


def _require_aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise InvalidInput(Message("A moment without a time zone: {moment}", {"moment": moment.isoformat()}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """A span of time ``[start_at, end_at)``: its end is not in it."""

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        _require_aware(self.start_at, self.end_at)
        if self.end_at <= self.start_at:
            raise InvalidInput(Message("A time span must end after it starts."))

    @property
    def duration(self) -> timedelta:
        """How long the span is."""
        return self.end_at - self.start_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """When something may begin, ``[earliest_at, latest_at]``: both ends are in it."""

    earliest_at: datetime
    latest_at: datetime

    def __post_init__(self) -> None:
        _require_aware(self.earliest_at, self.latest_at)
        if self.latest_at < self.earliest_at:
            raise InvalidInput(Message("A time window must not end before it starts."))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ClockWindow:
    """A window of wall-clock time, in seconds after local midnight; it may reach into the next day."""

    earliest_s: int
    latest_s: int

    def on(self, service_on: date, zone: tzinfo) -> TimeWindow:
        """Return the window on a service day."""
        return TimeWindow(
            earliest_at=clock_on(self.earliest_s, service_on, zone),
            latest_at=clock_on(self.latest_s, service_on, zone),
        )


def clock_on(clock_s: int, service_on: date, zone: tzinfo) -> datetime:
    """Return the moment (UTC) a wall clock in `zone` shows `clock_s` seconds after midnight of `service_on`.

    A clock time that summer time skips is the moment the clock jumps; one it repeats is the first of the two.
    """
    day = service_on + timedelta(days=clock_s // DAY_S)
    wall = datetime.combine(day, time(clock_s % DAY_S // 3600, clock_s % 3600 // 60, clock_s % 60), tzinfo=zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    return _jump_between(wall.replace(fold=1).astimezone(UTC), moment, zone)


def _jump_between(before_at: datetime, after_at: datetime, zone: tzinfo) -> datetime:
    """Return the moment, to the second, at which the zone's offset changes between two moments (UTC)."""
    offset = before_at.astimezone(zone).utcoffset()
    while after_at - before_at > timedelta(seconds=1):
        middle_at = before_at + timedelta(seconds=(after_at - before_at) // timedelta(seconds=2))
        if middle_at.astimezone(zone).utcoffset() == offset:
            before_at = middle_at
        else:
            after_at = middle_at
    return after_at


def parse_clock(text: str) -> int:
    """Return seconds after midnight of ``HH:MM`` or ``HH:MM:SS``; hours up to 47, or ``+1`` behind, mean the next day.

    Raises
    ------
    InvalidInput
        When the text is not a clock time.

    Examples
    --------
    >>> parse_clock("08:30")
    30600
    """
    found = _CLOCK.fullmatch(text.strip())
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        clock_s = hour * 3600 + minute * 60 + second + (DAY_S if found[4] else 0)
        if minute < 60 and second < 60 and clock_s <= _LATEST_CLOCK_S:
            return clock_s
    raise InvalidInput(Message("“{text}” is not a clock time such as 08:30.", {"text": text.strip()}))


def parse_clock_window(text: str) -> ClockWindow:
    """Return the window written as ``09:00-11:00``; an end before the start lies on the next day.

    Raises
    ------
    InvalidInput
        When the text is not two clock times with a dash between them, or its end is not meant for the next day.

    Examples
    --------
    >>> parse_clock_window("22:00-02:00")
    ClockWindow(earliest_s=79200, latest_s=93600)
    """
    parts = re.split(r"\s*[-–—~～至到]\s*", text.strip().replace("：", ":"))
    if len(parts) != 2:
        raise InvalidInput(Message("“{text}” is not a time window such as 09:00-11:00.", {"text": text.strip()}))
    earliest_s, latest_s = parse_clock(parts[0]), parse_clock(parts[1])
    if latest_s < earliest_s:
        latest_s += DAY_S
        if latest_s - earliest_s > _LONGEST_OVERNIGHT_S:
            raise InvalidInput(Message("“{text}” ends before it begins.", {"text": text.strip()}))
    return ClockWindow(earliest_s=earliest_s, latest_s=latest_s)


def clock_text(clock_s: int) -> str:
    """Return seconds after midnight as `parse_clock` reads them; times of the next day carry ``+1``.

    Examples
    --------
    >>> clock_text(30600), clock_text(30615), clock_text(90000)
    ('08:30', '08:30:15', '01:00+1')
    """
    days, second = divmod(clock_s, DAY_S)
    seconds = f":{second % 60:02d}" if second % 60 else ""
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}{seconds}" + (f"{days:+d}" if days else "")


def local_clock(moment: datetime, *, service_on: date, zone: tzinfo) -> str:
    """Return the clock time of a moment, such as ``08:30``; after midnight of the service day ``01:00+1``."""
    local = moment.astimezone(zone)
    days = (local.date() - service_on).days
    return clock_text(days * DAY_S + local.hour * 3600 + local.minute * 60)


def moment_text(moment: datetime) -> str:
    """Return a moment (UTC) as ISO 8601, with a fraction of a second only where it has one.

    Examples
    --------
    >>> moment_text(datetime(2026, 11, 26, 8, tzinfo=UTC)), moment_text(datetime(2026, 11, 26, 8, 0, 0, 500_000, UTC))
    ('2026-11-26T08:00:00Z', '2026-11-26T08:00:00.500Z')
    """
    if moment.microsecond == 0:
        precision = "seconds"
    else:
        precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def window_text(window: ClockWindow, *, dash: str = "–") -> str:
    """Return a window as ``09:00–11:00``, as `parse_clock_window` reads it; files are written with a plain dash.

    Examples
    --------
    >>> window_text(ClockWindow(earliest_s=79200, latest_s=93600), dash="-")
    '22:00-02:00+1'
    """
    return f"{clock_text(window.earliest_s)}{dash}{clock_text(window.latest_s)}"
