"""Moments as a plan's readers see them: in the plan's own zone, counted from its day."""

from datetime import datetime, tzinfo


def local_iso(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in ISO 8601 with the zone's offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
