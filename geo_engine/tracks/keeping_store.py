"""How fixes leave, moved to another class or kept long enough, and whose tracks wait for somebody."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, exists, func, or_, select, update

from geo_engine.db.session import Session
from geo_engine.tracks.rows import FIX_COLUMNS, DeviceLiveRow, TripRow

_MOVED = ", ".join("t.retention_days" if name == "retention_days" else f"m.{name}" for name in FIX_COLUMNS)
# In an order, so that the days are those of what is moved then.
_CHOSEN = """
select f.device_id, f.tracked_at, f.place, f.retention_days from fix as f, tenant as t
where f.retention_days = %(days)s::smallint and f.retention_days <> t.retention_days
order by f.device_id, f.tracked_at, f.place limit %(limit)s::int
"""
_MOVE = f"""
with chosen as ({_CHOSEN}), moved as (
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
_DAYS = f"select distinct date_trunc('day', c.tracked_at) from ({_CHOSEN}) as c"  # noqa: S608 - names of ours


def list_days(session: Session, *, retention_days: int, limit: int) -> tuple[datetime, ...]:
    """Return the beginnings of the days (UTC) of the fixes that `move_some` would move."""
    return tuple(session.connection().exec_driver_sql(_DAYS, {"days": retention_days, "limit": limit}).scalars())


def move_some(session: Session, *, retention_days: int, limit: int, now: datetime) -> int:
    """Move some fixes of a class to that of the bound tenant, drop what has expired there, and return how many."""
    values = {"days": retention_days, "limit": limit, "now": now}
    return int(session.connection().exec_driver_sql(_MOVE, values).scalar_one())


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
