"""Tables of fixes, of where devices are now, and of what is derived from fixes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import JSON, REAL, BigInteger, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from geo_engine.db.base import SRID_WGS84, TenantRow, point_column, tenant_key
from geo_engine.workforce.device_store import DeviceRow

FIX_COLUMNS = (
    *("device_id", "tracked_at", "place", "retention_days", "received_at", "sent_at", "geom"),
    *("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent", "flags", "source"),
)
"""The columns of a fix beside its tenant, in the order of the table."""


def _real() -> MappedColumn[Any]:
    return mapped_column(REAL, nullable=True)


class _FixColumns:
    """What fixes have in common, kept or sealed; `place` is the position to 1e-7 degrees, for telling repetitions."""

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    tracked_at: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    geom: Mapped[WKBElement] = point_column()
    accuracy_m: Mapped[float | None] = _real()
    altitude_m: Mapped[float | None] = _real()
    speed_mps: Mapped[float | None] = _real()
    heading_deg: Mapped[float | None] = _real()
    battery_percent: Mapped[float | None] = _real()
    flags: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[int] = mapped_column(SmallInteger)


class FixRow(_FixColumns, TenantRow):
    """A fix, in a partition by how long it is kept and when it was tracked.

    Its device is no foreign key: each fix would be looked up.
    """

    __tablename__ = "fix"
    __table_args__ = {"postgresql_partition_by": "LIST (retention_days)"}  # noqa: RUF012 - SQLAlchemy's own shape

    retention_days: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class SealedFixRow(_FixColumns, TenantRow):
    """A fix outside every shift known so far: no role reads it, a clock-in that covers it releases it."""

    __tablename__ = "sealed_fix"

    retention_days: Mapped[int] = mapped_column(SmallInteger)


class DeviceLiveRow(TenantRow):
    """Where a device is now, in which transaction that was said, and which of its fixes are not derived yet.

    What arrives is noted in `underived_from`; who derives takes it over into `deriving_from` and counts the takings-up.
    """

    __tablename__ = "device_live"
    __table_args__ = (tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),)

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    tracked_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    geom: Mapped[WKBElement | None] = point_column(nullable=True)
    accuracy_m: Mapped[float | None] = _real()
    speed_mps: Mapped[float | None] = _real()
    heading_deg: Mapped[float | None] = _real()
    battery_percent: Mapped[float | None] = _real()
    changed_in: Mapped[int] = mapped_column(BigInteger)
    newest_at: Mapped[datetime]
    underived_from: Mapped[datetime | None]
    deriving_from: Mapped[datetime | None]
    claim_count: Mapped[int] = mapped_column(server_default=text("0"))


class IngestCountRow(TenantRow):
    """How many fixes of a device were acknowledged on a day and not stored, and why."""

    __tablename__ = "ingest_count"
    __table_args__ = (tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),)

    counted_on: Mapped[date] = mapped_column(primary_key=True)
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    fix_count: Mapped[int]


class RejectedPostRow(TenantRow):
    """Why something could not be understood, kept for an hour for whoever helps; the body stays empty."""

    __tablename__ = "rejected_post"
    __table_args__ = (
        tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),
        Index(None, "tenant_id", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[UUID]
    received_at: Mapped[datetime]
    reason: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class TrackStateRow(TenantRow):
    """How far a device's fixes of a day (UTC) and before are derived, and from where on later ones may change that.

    What the derivation remembers, to go on from, stands at the newest day only. It is text: `jsonb` would read some
    numbers back as others (whole ones, zeros without their sign).
    """

    __tablename__ = "track_state"
    __table_args__ = (tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),)

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    derived_on: Mapped[date] = mapped_column(primary_key=True)
    restart_at: Mapped[datetime]
    final_until: Mapped[datetime]
    newest_at: Mapped[datetime]
    rules: Mapped[str]
    state: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class _SpanColumns:
    """What stops, trips and gaps have in common.

    One that is open may still change with the next fixes; every other is never changed, only superseded.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class _Provenance:
    is_open: Mapped[bool]
    rules: Mapped[str]
    derived_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


def _of_device() -> tuple[object, ...]:
    return (
        tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),
        Index(None, "tenant_id", "device_id", "started_at"),
        Index(None, "tenant_id", "ended_at"),
    )


class StopRow(_SpanColumns, _Provenance, TenantRow):
    """A span in which a device stayed within one small place."""

    __tablename__ = "stop"
    __table_args__ = _of_device()

    geom: Mapped[WKBElement] = point_column()
    radius_m: Mapped[float]
    fix_count: Mapped[int]


class TripRow(_SpanColumns, _Provenance, TenantRow):
    """The move between two stops; how far it went along roads is written once that is known."""

    __tablename__ = "trip"
    __table_args__ = (
        *_of_device(),
        Index(
            None,
            "tenant_id",
            "started_at",
            postgresql_where=text("not is_open and superseded_at is null and driven_m is null"),
        ),
    )

    distance_m: Mapped[float]
    fix_count: Mapped[int]
    driven_m: Mapped[float | None]
    confidence: Mapped[float | None]


class TripWayRow(TenantRow):
    """A way on which a trip was driven, with its time: its measure is seconds since 1970."""

    __tablename__ = "trip_way"
    __table_args__ = (tenant_key(["trip_id"], "trip", on_delete="CASCADE"),)

    trip_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(
        Geometry("LINESTRINGM", srid=SRID_WGS84, dimension=3, spatial_index=False), nullable=False
    )
    distance_m: Mapped[float]
    least_m: Mapped[float]
    most_m: Mapped[float]
    confidence: Mapped[float]


class GapRow(_SpanColumns, _Provenance, TenantRow):
    """A span of a shift without a usable fix."""

    __tablename__ = "gap"
    __table_args__ = _of_device()

    cause: Mapped[str]


class TrajectoryRow(TenantRow):
    """Where a device was as a function of time, by hour and without its gaps; the measure is seconds since 1970."""

    __tablename__ = "trajectory"
    __table_args__ = (
        tenant_key(["device_id"], DeviceRow.__tablename__, on_delete="CASCADE"),
        Index("ix_trajectory_tenant_id_geom", "tenant_id", "geom", postgresql_using="gist"),
        Index(None, "tenant_id", "ended_at"),
    )

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    geom: Mapped[WKBElement] = mapped_column(Geometry("LINESTRINGM", srid=SRID_WGS84, dimension=3, spatial_index=False))
