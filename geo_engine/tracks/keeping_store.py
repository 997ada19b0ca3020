"""How fixes leave: moved to another class, or erased with all that was derived from them."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, exists, func, or_, select, update

from geo_engine.db.session import Session
from geo_engine.ids import DeviceId, TenantId
from geo_engine.tracks.rows import (
    FIX_COLUMNS,
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

_MOVED = ", ".join("t.retention_days" if name == "retention_days" else f"m.{name}" for name in FIX_COLUMNS)
_MOVE = f"""
with chosen as (
    select f.device_id, f.tracked_at, f.place, f.retention_days from fix as f, tenant as t
    where f.retention_days = %(days)s::smallint and f.retention_days <> t.retention_days limit %(limit)s::int
), moved as (
    delete from fix as f using chosen as c where f.retention_days = c.retention_days and f.device_id = c.device_id
        and f.tracked_at = c.tracked_at and f.place = c.place
    returning f.*
), kept as (
    insert into fix (tenant_id, {", ".join(FIX_COLUMNS)}) select m.tenant_id, {_MOVED} from moved as m, tenant as t
    where m.tracked_at >= %(now)s::timestamptz - make_interval(days => t.retention_days)
    on conflict do nothing
)
select count(*) from moved
"""  # noqa: S608 - names of ours
_DAYS = """
select distinct date_trunc('day', f.tracked_at) from fix as f where f.retention_days = %(days)s::smallint
"""
_OF_SPAN: tuple[type[Any], ...] = (StopRow, TripRow, GapRow, TrajectoryRow)
_OF_DEVICE: tuple[type[Any], ...] = (TrackStateRow, DeviceLiveRow, IngestCountRow, RejectedPostRow)


def list_days(session: Session, *, retention_days: int) -> tuple[datetime, ...]:
    """Return the beginnings of the days (UTC) of which a class has fixes of the bound tenant."""
    return tuple(session.connection().exec_driver_sql(_DAYS, {"days": retention_days}).scalars())


def move_some(session: Session, *, retention_days: int, limit: int, now: datetime) -> int:
    """Move some fixes of a class to that of the bound tenant, drop what has expired there, and return how many."""
    values = {"days": retention_days, "limit": limit, "now": now}
    return int(session.connection().exec_driver_sql(_MOVE, values).scalar_one())


def erase_span(session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime) -> dict[str, int]:
    """Delete the fixes of a device within a span and all that was derived from it, and return how many rows of each.

    What is derived is deleted where it reaches into the span; states and counts are the device's as a whole.
    """
    counts = {"fix": _delete(session, FixRow, FixRow.device_id == device_id, *_within(from_at, until_at))}
    sealed = func.erase_sealed_fixes(device_id, from_at, until_at)
    counts["sealed_fix"] = int(session.scalar(select(sealed)) or 0)
    for row in _OF_SPAN:
        reaches = (row.device_id == device_id, row.started_at < until_at, row.ended_at >= from_at)
        counts[row.__tablename__] = _delete(session, row, *reaches)
    for row in _OF_DEVICE:
        counts[row.__tablename__] = _delete(session, row, row.device_id == device_id)
    return counts


def count_span(session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime) -> dict[str, int]:
    """Return how many rows `erase_span` would delete, but for what is sealed, which nobody reads."""
    within = (FixRow.device_id == device_id, *_within(from_at, until_at))
    counts = {"fix": _count(session, FixRow, *within)}
    for row in _OF_SPAN:
        counts[row.__tablename__] = _count(
            session, row, row.device_id == device_id, row.started_at < until_at, row.ended_at >= from_at
        )
    for row in _OF_DEVICE:
        counts[row.__tablename__] = _count(session, row, row.device_id == device_id)
    return counts


def list_companies(session: Session) -> tuple[TenantId, ...]:
    """Return all companies there are."""
    return tuple(TenantId(one) for one in session.scalars(select(func.tracked_companies())))


def tidy(session: Session) -> None:
    """Have the database delete what the bound tenant keeps too long, and make the partitions of the days to come."""
    session.execute(select(func.tidy_tracks()))


def settle_trips(session: Session, *, ended_before: datetime) -> int:
    """Have the open trips of the bound tenant that ended before a moment be believed for good; return how many."""
    row = TripRow
    chosen = (row.is_open, row.superseded_at.is_(None), row.ended_at < ended_before)
    return cast("CursorResult[Any]", session.execute(update(row).where(*chosen).values(is_open=False))).rowcount


def is_waiting(session: Session, *, received_before: datetime) -> bool:
    """Whether fixes of the bound tenant that were received before a moment are still to be derived."""
    live = DeviceLiveRow
    waits = or_(live.underived_from.is_not(None), live.deriving_from.is_not(None))
    return bool(session.scalar(select(exists().where(waits, live.received_at < received_before))))


def drop_expired(session: Session) -> tuple[str, ...]:
    """Have the database drop the partitions in which all is expired, and return their names.

    Whoever reads or writes fixes meanwhile is not waited for longer than a moment.
    """
    session.execute(select(func.set_config("lock_timeout", "2s", True)))  # noqa: FBT003
    return tuple(session.scalars(select(func.drop_expired_fixes())))


def _within(from_at: datetime, until_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return FixRow.tracked_at >= from_at, FixRow.tracked_at < until_at


def _delete(session: Session, row: type[Any], *chosen: ColumnElement[bool]) -> int:
    return cast("CursorResult[Any]", session.execute(delete(row).where(*chosen))).rowcount


def _count(session: Session, row: type[Any], *chosen: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).select_from(row).where(*chosen)).one()
