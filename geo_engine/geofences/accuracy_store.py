"""Rows of how exact fixes were at fences: of each worker's day, so that it is told once however often it is derived."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, CheckConstraint, CursorResult, Index, SmallInteger, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import Code, TenantRow, tenant_key
from geo_engine.db.session import Session, bound_tenant
from geo_engine.geofences.detectability import AccuraciesSeen
from geo_engine.geofences.model import Geofence
from geo_engine.ids import GeofenceId, WorkerId

_CLASS_COUNT = len(AccuraciesSeen().counts)


class FenceAccuracyRow(TenantRow):
    """How exact the fixes of a worker's day were at a fence, as `AccuraciesSeen` counts them, and by which version."""

    __tablename__ = "fence_accuracy"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        CheckConstraint(f"cardinality(counts) = {_CLASS_COUNT}", name="counts"),
        Index(None, "tenant_id", "service_on", "worker_id"),
    )

    fence_id: Mapped[Code] = mapped_column(primary_key=True)
    service_on: Mapped[date] = mapped_column(primary_key=True)
    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    version: Mapped[int]
    counts: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger, dimensions=1))


class SeenAt(NamedTuple):
    """What was seen at a fence, and which version of it that was."""

    version: int
    accuracies: AccuraciesSeen


def replace_day(session: Session, worker_id: WorkerId, service_on: date, seen: Mapping[GeofenceId, SeenAt]) -> int:
    """Have what was seen on a worker's day be this, and return how many rows were written; what is the same stays."""
    row = FenceAccuracyRow
    of_day = (row.service_on == service_on, row.worker_id == worker_id)
    kept = {one.fence_id: (one.version, *one.counts) for one in session.scalars(select(row).where(*of_day))}
    gone = kept.keys() - seen.keys()
    if gone:
        session.execute(delete(row).where(*of_day, among(row.fence_id, gone)))
    changed = {
        fence_id: one for fence_id, one in seen.items() if kept.get(fence_id) != (one.version, *one.accuracies.counts)
    }
    if changed:
        writing = insert(row)
        told = {"version": writing.excluded.version, "counts": writing.excluded.counts}
        key = ["tenant_id", "fence_id", "service_on", "worker_id"]
        values = [
            {
                "fence_id": fence_id,
                "service_on": service_on,
                "worker_id": worker_id,
                "version": one.version,
                "counts": list(one.accuracies.counts),
            }
            for fence_id, one in changed.items()
        ]
        session.execute(writing.on_conflict_do_update(index_elements=key, set_=told), values)
    return len(changed)


def find_seen(
    session: Session, fences: Sequence[Geofence], *, since: date, until: date
) -> dict[GeofenceId, AccuraciesSeen]:
    """Return what was seen at fences from a day to another, both included, where anything was.

    What was seen by another fence of the site, or by another version, counts where that was at the same place: who
    draws a fence for a site need not wait until it is known again how exact phones are there.
    """
    values = {
        "tenant_id": bound_tenant(session),
        "ids": [fence.id for fence in fences],
        "versions": [fence.version for fence in fences],
        "since": since,
        "until": until,
    }
    return {GeofenceId(one[0]): AccuraciesSeen(counts=tuple(one[1:])) for one in session.execute(_SEEN, values)}


def delete_before(session: Session, service_on: date) -> None:
    """Delete what was seen before a day."""
    session.execute(delete(FenceAccuracyRow).where(FenceAccuracyRow.service_on < service_on))


def delete_worker(session: Session, worker_id: WorkerId) -> int:
    """Delete what was seen of a worker, and return how many rows that was."""
    deleting = delete(FenceAccuracyRow).where(FenceAccuracyRow.worker_id == worker_id)
    return cast("CursorResult[Any]", session.execute(deleting)).rowcount


_SUMS = ", ".join(f"sum(a.counts[{number}])" for number in range(1, _CLASS_COUNT + 1))
_SEEN = text(f"""
select shown.id, {_SUMS}
from unnest(cast(:ids as text[]), cast(:versions as int[])) as asked (id, version)
join geofence as shown on shown.tenant_id = :tenant_id and shown.id = asked.id and shown.version = asked.version
join geofence as f on f.tenant_id = :tenant_id and f.site_id = shown.site_id and f.box && shown.box
join fence_accuracy as a on a.tenant_id = :tenant_id and a.fence_id = f.id and a.version = f.version
where a.service_on between :since and :until
group by shown.id
""")  # noqa: S608 - numbers of ours
