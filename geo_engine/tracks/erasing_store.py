"""How the rows of a span in which a device was worn go, and which of them are left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, case, delete, func, null, or_, select, update

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.tracks.fix_store import find_first
from geo_engine.tracks.rows import (
    DeviceLiveRow,
    FixRow,
    GapRow,
    IngestCountRow,
    RejectedPostRow,
    StopRow,
    TrackStateRow,
    TrajectoryRow,
    TripRow,
)
from geo_engine.workforce.device_store import DeviceRow

_FIXES_AT_ONCE = 10_000
_OF_SPAN: tuple[type[Any], ...] = (StopRow, TripRow, GapRow, TrajectoryRow)
_OF_DEVICE: tuple[type[Any], ...] = (IngestCountRow, RejectedPostRow)
_OF_POSITION = ("tracked_at", "received_at", "geom", "accuracy_m", "speed_mps", "heading_deg", "battery_percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class WornSpan:
    """What a device said from one moment until before another is of one wearer."""

    device_id: DeviceId
    from_at: datetime
    until_at: datetime

    def has(self, moment: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column
        """Return the condition that a moment lies in it."""
        return and_(moment >= self.from_at, moment < self.until_at)


def erase_span(session: Session, span: WornSpan) -> dict[str, int]:
    """Delete the fixes of a span and all that was derived from them, and return how many rows of each.

    What is derived is deleted where it reaches into the span, and what the derivation remembers since then; counts of
    what was not kept are the device's as a whole.
    """
    counts = {"fix": _delete_fixes(session, span)}
    sealed = func.erase_sealed_fixes(span.device_id, span.from_at, span.until_at)
    counts["sealed_fix"] = int(session.scalar(select(sealed)) or 0)
    for row in _OF_SPAN:
        reaches = (row.started_at < span.until_at, row.ended_at >= span.from_at)
        counts[row.__tablename__] = _delete(session, row, row.device_id == span.device_id, *reaches)
    state = TrackStateRow
    since = (state.device_id == span.device_id, state.newest_at >= span.from_at)
    counts["track_state"] = _delete(session, state, *since)
    for row in _OF_DEVICE:
        counts[row.__tablename__] = _delete(session, row, row.device_id == span.device_id)
    # Whoever commits a fix of the device meanwhile has its live row: it is waited for, and its fix goes too.
    live = DeviceLiveRow
    session.execute(select(live.device_id).where(live.device_id == span.device_id).with_for_update())
    counts["fix"] += _delete_fixes(session, span)
    return counts


def release_live(session: Session, span: WornSpan) -> bool:
    """Have a device's live row tell nothing of an erased span; False when it tells of nobody else and is deleted.

    What others said since the span began is to be derived anew.
    """
    live, of_device = DeviceLiveRow, DeviceLiveRow.device_id == span.device_id
    newest_at = session.scalar(select(func.max(FixRow.tracked_at)).where(FixRow.device_id == span.device_id))
    if newest_at is None:
        session.execute(delete(live).where(of_device))
        return False
    again_at = find_first(session, span.device_id, from_at=span.from_at) or newest_at
    is_its = span.has(live.tracked_at)
    values: dict[str, Any] = {name: case((is_its, null()), else_=getattr(live, name)) for name in _OF_POSITION}
    values |= {
        "newest_at": newest_at,
        "underived_from": func.least(case((live.underived_from < span.from_at, live.underived_from)), again_at),
    }
    session.execute(update(live).where(of_device).values(values))
    return True


def lock_devices(session: Session, device_ids: Iterable[DeviceId]) -> None:
    """Wait for who writes the first row that belongs to one of some devices, and keep others from it until the end."""
    row = DeviceRow
    session.execute(select(row.id).where(row.id.in_(sorted(device_ids))).order_by(row.id).with_for_update())


def count_span(session: Session, span: WornSpan) -> dict[str, int]:
    """Return how many rows tell of a span, but for what is sealed, which nobody reads.

    What is derived does when it begins or ends there: a gap of others that spans it all tells nothing of it.
    """
    counts = {"fix": _count(session, FixRow, span, span.has(FixRow.tracked_at))}
    for row in _OF_SPAN:
        counts[row.__tablename__] = _count(session, row, span, or_(span.has(row.started_at), span.has(row.ended_at)))
    counts["track_state"] = _count(session, TrackStateRow, span, span.has(TrackStateRow.newest_at))
    counts["device_live"] = _count(session, DeviceLiveRow, span, span.has(DeviceLiveRow.tracked_at))
    counts["rejected_post"] = _count(session, RejectedPostRow, span, span.has(RejectedPostRow.received_at))
    return counts


def _delete_fixes(session: Session, span: WornSpan) -> int:
    count, chosen = 0, (FixRow.device_id == span.device_id, span.has(FixRow.tracked_at))
    while True:
        some = select(FixRow.tracked_at).where(*chosen).order_by(FixRow.tracked_at).limit(_FIXES_AT_ONCE).subquery()
        last_at = select(func.max(some.c.tracked_at)).scalar_subquery()
        deleted = _delete(session, FixRow, *chosen, FixRow.tracked_at <= last_at)
        count += deleted
        if deleted < _FIXES_AT_ONCE:
            return count


def _delete(session: Session, row: type[Any], *chosen: ColumnElement[bool]) -> int:
    return cast("CursorResult[Any]", session.execute(delete(row).where(*chosen))).rowcount


def _count(session: Session, row: type[Any], span: WornSpan, *chosen: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(row).where(row.device_id == span.device_id, *chosen)
    return session.scalars(query).one()
