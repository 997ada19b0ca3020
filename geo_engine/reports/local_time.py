"""Moments and clock times as a plan's readers see them: in the plan's own zone."""

from datetime import datetime, tzinfo

from geo_engine.timespan import ClockWindow

_DAY_S = 86_400


def local_iso(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in ISO 8601 with the zone's offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def local_clock(moment: datetime, zone: tzinfo) -> str:
    """Return the clock time of a moment, such as ``08:30``."""
    return moment.astimezone(zone).strftime("%H:%M")


def clock_text(clock_s: int) -> str:
    """Return seconds after midnight as ``08:30``; times of the next day carry ``+1``.

    Examples
    --------
    >>> clock_text(30600), clock_text(90000)
    ('08:30', '01:00+1')
    """
    days, second = divmod(clock_s, _DAY_S)
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}" + (f"+{days}" if days else "")


def window_text(window: ClockWindow) -> str:
    """Return a window as ``09:00–11:00``."""
    return f"{clock_text(window.earliest_s)}–{clock_text(window.latest_s)}"
