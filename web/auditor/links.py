"""Where a worker's day is opened by who asks now, and at which moment and place a link shows it."""

from datetime import UTC, date, datetime

from flask import url_for

from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, WorkerId
from web.auditor.tokens import Said, sign_day
from web.people import me

_NEAR_ZOOM = 17


def day_url(worker_id: WorkerId, service_on: date, said: Said, *, device_id: DeviceId | None = None) -> str:
    """Return where a day is opened for what was said; one's own needs nothing."""
    token = None if worker_id == me().access.worker_id else sign_day(worker_id, service_on, said)
    day, device = service_on.isoformat(), None if device_id is None else str(device_id)
    return url_for("tracks.day", worker_id=worker_id, day=day, device=device, said=token)


def at_moment(moment: datetime, place: Position) -> str:
    """Return the part of an address that leads a replay to a moment, its map to a place."""
    at = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"#t={at}&map={_NEAR_ZOOM}/{place.lat:.6f}/{place.lon:.6f}"
