"""Rows of what is locked: which stops of a day are to stay, and in what, whatever version has them."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.session import Session
from geo_engine.ids import JobId, MemberId
from geo_engine.planning.replan.progress import Lock
from geo_engine.planning.versions.rows import StopLockRow


def put_lock(
    session: Session,
    service_on: date,
    job_id: JobId,
    kinds: Collection[Lock],
    *,
    by: MemberId | None,
    now: datetime,
) -> None:
    """Write what of a stop is locked, instead of what was; nothing unlocks it."""
    row = StopLockRow
    if not kinds:
        session.execute(delete(row).where(row.service_on == service_on, row.job_id == job_id))
        return
    values = {"kinds": sorted(kind.value for kind in kinds), "locked_by": by, "locked_at": now}
    statement = insert(row).values(service_on=service_on, job_id=job_id, **values)
    session.execute(statement.on_conflict_do_update(constraint="pk_stop_lock", set_=values))


def list_locks(session: Session, service_on: date) -> dict[JobId, frozenset[Lock]]:
    """Return what is locked of the stops of a day."""
    query = select(StopLockRow.job_id, StopLockRow.kinds).where(StopLockRow.service_on == service_on)
    return {JobId(job_id): frozenset(map(Lock, kinds)) for job_id, kinds in session.execute(query)}
