"""Moments as a plan's readers see them: in the plan's own zone, counted from its day."""

from datetime import date, datetime, tzinfo

from geo_engine.timespan import clock_text


def local_iso(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in ISO 8601 with the zone's offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def local_clock(moment: datetime, *, service_on: date, zone: tzinfo) -> str:
    """Return the clock time of a moment, such as ``08:30``; after midnight of the service day ``01:00+1``."""
    local = moment.astimezone(zone)
    days = (local.date() - service_on).days
    return clock_text(days * 86_400 + local.hour * 3600 + local.minute * 60)
