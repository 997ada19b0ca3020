"""Queries of where devices are now, and of when people may be tracked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, and_, exists, func, select, update

from geo_engine.db.among import among
from geo_engine.db.session import Session
from geo_engine.geometry import Position
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
    session: Session,
    *,
    changed_since: int,
    tracked_since: datetime,
    team_ids: Iterable[TeamId] | None,
    now: datetime,
) -> tuple[LivePosition, ...]:
    """Return the newest positions that were written in a transaction or a later one, by worker and device.

    Parameters
    ----------
    tracked_since
        Older ones are left out.
    team_ids
        Of whose workers; None is everybody's.

    Notes
    -----
    A position is told as its wearer's of that moment, and only while the wearer still wears the device: who is given
    a phone does not show where the one before was. 10,000 rows take twice as long as objects of the ORM.
    """
    live, worn, worker = DeviceLiveRow, DeviceWearingRow, WorkerRow
    worn_then = and_(
        worn.tenant_id == live.tenant_id,
        worn.device_id == live.device_id,
        worn.worn_until.is_(None),
        worn.worn_from <= live.tracked_at,
    )
    is_worker = (worker.tenant_id == worn.tenant_id) & (worker.id == worn.worker_id)
    working = func.shift_spans(worker.id, now, now).table_valued("start_at").alias("working")
    query = (
        select(
            *(live.device_id, worker.id, worker.name, live.tracked_at, live.received_at),
            *(func.ST_X(live.geom), func.ST_Y(live.geom)),
            *(live.accuracy_m, live.speed_mps, live.heading_deg, live.battery_percent),
            exists(select(working.c.start_at)),
            live.changed_in,
        )
        .join(worn, worn_then)
        .join(worker, is_worker)
        .where(live.changed_in >= changed_since, live.tracked_at >= tracked_since)
        .order_by(worker.id, live.device_id)
    )
    if team_ids is not None:
        query = query.where(among(worker.team_id, team_ids))
    return tuple(_live(row) for row in session.connection().execute(query))


def list_shift_spans(
    session: Session, worker_id: WorkerId, *, earliest_at: datetime, latest_at: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Return when a worker may be tracked: all spans that have a part within the one asked for, in order, whole."""
    spans = func.shift_spans(worker_id, earliest_at, latest_at).table_valued("start_at", "end_at")
    rows = session.execute(select(spans.c.start_at, spans.c.end_at).order_by(spans.c.start_at))
    return tuple((start_at, end_at) for start_at, end_at in rows)


def mark_changed(session: Session, worker_id: WorkerId) -> None:
    """Have where a worker is told again to whoever asks what changed, as something about the worker did."""
    live, worn = DeviceLiveRow, DeviceWearingRow
    now_worn = select(worn.device_id).where(worn.worker_id == worker_id, worn.worn_until.is_(None))
    current = func.pg_current_xact_id().cast(Text).cast(BigInteger)
    session.execute(update(live).where(live.device_id.in_(now_worn)).values(changed_in=current))


def _live(row: Any) -> LivePosition:  # noqa: ANN401 - as it was selected
    device_id, worker_id, name, tracked_at, received_at, lon, lat, *figures, is_on_shift, changed_in = row
    accuracy_m, speed_mps, heading_deg, battery_percent = figures
    return LivePosition(
        device_id=DeviceId(device_id),
        worker_id=WorkerId(worker_id),
        worker_name=name,
        tracked_at=tracked_at,
        received_at=received_at,
        position=Position(lon, lat),
        accuracy_m=accuracy_m,
        speed_mps=speed_mps,
        heading_deg=heading_deg,
        battery_percent=battery_percent,
        is_on_shift=is_on_shift,
        changed_in=changed_in,
    )
