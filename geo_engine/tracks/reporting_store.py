"""Queries of how the bound company's devices report."""

from datetime import date, datetime

from sqlalchemy import select

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.tracks.arrivals import Outcome
from geo_engine.tracks.rows import DeviceLiveRow, IngestCountRow, RejectedPostRow


def find_last(session: Session) -> dict[DeviceId, tuple[datetime, datetime | None]]:
    """Return when the newest fix of each device was, and when its newest position was received."""
    live = DeviceLiveRow
    rows = session.execute(select(live.device_id, live.newest_at, live.received_at))
    return {DeviceId(device_id): (newest_at, received_at) for device_id, newest_at, received_at in rows}


def find_not_kept(session: Session, counted_on: date) -> dict[DeviceId, dict[Outcome, int]]:
    """Return what became of how many fixes of each device that were acknowledged on a day (UTC) and not kept then.

    Those that were sealed may have been released since: the count is of their arrival.
    """
    found: dict[DeviceId, dict[Outcome, int]] = {}
    for row in session.scalars(select(IngestCountRow).where(IngestCountRow.counted_on == counted_on)):
        found.setdefault(DeviceId(row.device_id), {})[Outcome(row.outcome)] = row.fix_count
    return found


def find_reasons(session: Session, *, since: datetime) -> dict[DeviceId, list[str]]:
    """Return why something each device posted after a moment could not be understood, the newest first.

    A reason is on record once an hour, and may be told twice.
    """
    found: dict[DeviceId, list[str]] = {}
    post = RejectedPostRow
    query = select(post.device_id, post.reason).where(post.received_at > since)
    for device_id, reason in session.execute(query.order_by(post.received_at.desc(), post.id)):
        found.setdefault(DeviceId(device_id), []).append(reason)
    return found
