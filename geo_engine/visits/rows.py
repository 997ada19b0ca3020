"""Rows of visits: statements, what was derived, what people decided, and which days wait to be derived."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import BigInt, Code, Document, TenantRow, tenant_key


class CheckInRow(TenantRow):
    """What a worker stated; it never changes. The site may be gone by now.

    It is of the day on which it was stated by the phone's clock as that was put right when it came.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        CheckConstraint("kind in ('in', 'out')", name="kind"),
        Index(None, "tenant_id", "worker_id", "stated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    worker_id: Mapped[Code]
    site_id: Mapped[Code]
    told_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    positions: Mapped[Document]
    device_id: Mapped[UUID | None]
    note: Mapped[str]
    stated_by: Mapped[UUID | None]
    stated_at: Mapped[datetime]


class CheckInPhotoRow(TenantRow):
    """A photo that a statement names; it may not have arrived yet."""

    __tablename__ = "check_in_photo"
    __table_args__ = (
        tenant_key(["check_in_id"], "check_in", on_delete="CASCADE"),
        Index(None, "tenant_id", "check_in_id"),
    )

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)
    check_in_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]


class VisitRow(TenantRow):
    """What was believed of a visit, from when until when."""

    __tablename__ = "visit"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        CheckConstraint("verdict in ('confirmed', 'likely', 'insufficient', 'contradicted')", name="verdict"),
        Index(None, "tenant_id", "service_on", "worker_id"),
        Index(None, "tenant_id", "site_id", "began_at"),
        Index("uq_visit_current", "tenant_id", "id", unique=True, postgresql_where="superseded_at is null"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    derived_at: Mapped[datetime] = mapped_column(primary_key=True)
    superseded_at: Mapped[datetime | None]
    worker_id: Mapped[Code]
    service_on: Mapped[date]
    site_id: Mapped[Code]
    began_at: Mapped[datetime]
    verdict: Mapped[str]
    is_ambiguous: Mapped[bool]
    rules: Mapped[str]
    told: Mapped[Document]


class VisitLegRow(TenantRow):
    """A worker's way to a visit, or to the end of the day, as it is believed now; metres.

    What can have been infinitely far at the most is null there.
    """

    __tablename__ = "visit_leg"
    __table_args__ = (tenant_key([], "tenant"), tenant_key(["worker_id"], "worker"))

    service_on: Mapped[date] = mapped_column(primary_key=True)
    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID | None]
    planned_m: Mapped[float | None]
    direct_m: Mapped[float | None]
    driven_least_m: Mapped[float]
    driven_m: Mapped[float]
    driven_most_m: Mapped[float | None]
    off_least_m: Mapped[float | None]
    off_m: Mapped[float | None]
    off_most_m: Mapped[float | None]


class VisitDecisionRow(TenantRow):
    """What a person decided about a visit; it never changes, the newest holds."""

    __tablename__ = "visit_decision"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        CheckConstraint("kind in ('accepted', 'rejected', 'assigned')", name="kind"),
        CheckConstraint("(kind = 'assigned') = (site_id is not null)", name="site"),
        Index(None, "tenant_id", "service_on", "worker_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID]
    worker_id: Mapped[Code]
    service_on: Mapped[date]
    kind: Mapped[str]
    site_id: Mapped[Code | None]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    note: Mapped[str]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime]


class VisitClaimRow(TenantRow):
    """A worker's day whose visits are to be derived: since when, and how often that was asked for meanwhile."""

    __tablename__ = "visit_claim"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        Index(None, "tenant_id", "asked_at"),
    )

    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    service_on: Mapped[date] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    number: Mapped[BigInt]


class PhotoReuseRow(TenantRow):
    """Which other photos show the same picture as one, once it was looked at."""

    __tablename__ = "photo_reuse"
    __table_args__ = (tenant_key([], "tenant"), tenant_key(["photo_id"], "photo", on_delete="CASCADE"))

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)
    examined_at: Mapped[datetime]
    same_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid, dimensions=1))
