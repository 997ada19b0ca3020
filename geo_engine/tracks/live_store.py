"""Queries of where devices are now."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, and_, exists, func, select

from geo_engine.db.among import among
from geo_engine.db.base import to_position
from geo_engine.db.session import Session
from geo_engine.ids import DeviceId, TeamId, WorkerId
from geo_engine.tracks.live_model import LivePosition
from geo_engine.tracks.rows import DeviceLiveRow
from geo_engine.workforce.device_store import DeviceWearingRow
from geo_engine.workforce.store import WorkerRow


def find_oldest_open(session: Session) -> int:
    """Return the oldest transaction under way: what earlier ones wrote can be seen."""
    oldest = func.pg_snapshot_xmin(func.pg_current_snapshot()).cast(Text).cast(BigInteger)
    return session.scalars(select(oldest)).one()


def list_live(
    session: Session, *, changed_since: int, team_ids: Iterable[TeamId] | None, now: datetime
) -> tuple[LivePosition, ...]:
    """Return the newest positions that were written in a transaction or a later one, by worker and device.

    Parameters
    ----------
    team_ids
        Of whose workers; None is everybody's.

    Notes
    -----
    A position is told as its wearer's of that moment, and only while the wearer still wears the device: who is given
    a phone does not show where the one before was.
    """
    live, worn, worker = DeviceLiveRow, DeviceWearingRow, WorkerRow
    worn_then = and_(
        worn.tenant_id == live.tenant_id,
        worn.device_id == live.device_id,
        worn.worn_until.is_(None),
        worn.worn_from <= live.tracked_at,
    )
    is_worker = (worker.tenant_id == worn.tenant_id) & (worker.id == worn.worker_id)
    open_now = func.open_spans(live.device_id, now, now).table_valued("worker_id").alias("open_now")
    query = (
        select(live, worker.id, worker.name, exists(select(open_now.c.worker_id)))
        .join(worn, worn_then)
        .join(worker, is_worker)
        .where(live.changed_in >= changed_since)
        .order_by(worker.id, live.device_id)
    )
    if team_ids is not None:
        query = query.where(among(worker.team_id, team_ids))
    return tuple(_live(*row) for row in session.execute(query))


def _live(row: Any, worker_id: str, name: str, is_on_shift: bool) -> LivePosition:  # noqa: ANN401, FBT001 - its columns are not null where it was tracked
    return LivePosition(
        device_id=DeviceId(row.device_id),
        worker_id=WorkerId(worker_id),
        worker_name=name,
        tracked_at=row.tracked_at,
        received_at=row.received_at,
        position=to_position(row.geom),
        accuracy_m=row.accuracy_m,
        speed_mps=row.speed_mps,
        heading_deg=row.heading_deg,
        battery_percent=row.battery_percent,
        is_on_shift=is_on_shift,
        changed_in=row.changed_in,
    )
