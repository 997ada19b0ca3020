"""The tables of planning: requests, plans and when workers had them, routes, locks, what was left out or learned."""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import BigInt, Code, Document, TenantRow, point_column, tenant_key


class AttemptRow(TenantRow):
    """Something that was asked for, which the queue's workers attempt until one attempt ends it."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("gen_random_uuid()"))
    state: Mapped[str]
    attempt: Mapped[int]
    stop_asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failure: Mapped[Document | None]
    failure_family: Mapped[str | None]


def attempt_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Return what the database checks of every `AttemptRow`."""
    return (
        CheckConstraint("state in ('queued', 'solving', 'planned', 'failed')", name="state"),
        CheckConstraint(
            "failure_family in ('invalid_input', 'forbidden', 'not_found', 'conflict', 'unavailable')",
            name="failure_family",
        ),
    )


class PlanRequestRow(AttemptRow):
    """A request to plan a day."""

    __tablename__ = "plan_request"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["team_id"], "team"),
        *attempt_checks(),
        Index(None, "tenant_id", "service_on"),
    )

    service_on: Mapped[date]
    team_id: Mapped[Code | None]
    time_limit_s: Mapped[float]
    solution_limit: Mapped[int | None]
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    base_version: Mapped[int]
    elapsed_s: Mapped[float | None]
    cost: Mapped[BigInt | None]
    unassigned_count: Mapped[int | None]
    replan: Mapped[Document | None]
    uses_learned: Mapped[bool] = mapped_column(server_default=text("true"))


class PlanRow(TenantRow):
    """One version of a day's plan."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("gen_random_uuid()"))
    service_on: Mapped[date]
    team_id: Mapped[Code | None]
    version: Mapped[int]
    request_id: Mapped[UUID | None]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    timezone: Mapped[str]
    road_graph_id: Mapped[Code]
    road_source: Mapped[str]
    is_estimate: Mapped[bool]
    cost: Mapped[BigInt]
    travel_s: Mapped[int]
    travel_m: Mapped[int]
    nearest_m: Mapped[int | None]
    nearest_s: Mapped[int | None]
    by_list_m: Mapped[int | None]
    by_list_s: Mapped[int | None]
    first_plan_s: Mapped[float | None]
    inputs: Mapped[Document]
    violations: Mapped[Document]
    worker_notes: Mapped[Document]
    savings: Mapped[Document | None]

    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["team_id"], "team"),
        tenant_key(["request_id"], "plan_request"),
        tenant_key(["road_graph_id"], "road_graph"),
        UniqueConstraint("tenant_id", "service_on", "team_id", "version", postgresql_nulls_not_distinct=True),
        UniqueConstraint("tenant_id", "request_id"),
    )


class PublicationRow(TenantRow):
    """A version's time with the workers: the day and team are its plan's, so that a scope has one current version."""

    __tablename__ = "publication"

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    service_on: Mapped[date]
    team_id: Mapped[Code | None]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]

    __table_args__ = (
        tenant_key(["plan_id"], "plan", on_delete="CASCADE"),
        tenant_key(["team_id"], "team"),
        Index(
            "uq_publication_current",
            "tenant_id",
            "service_on",
            "team_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at is null"),
        ),
    )


class PublicationSeenRow(TenantRow):
    """That a member has read what a version gave or changed of the own day, or that it was taken away."""

    __tablename__ = "publication_seen"

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_end: Mapped[bool] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

    __table_args__ = (
        tenant_key(["plan_id", "number"], "publication", on_delete="CASCADE"),
        tenant_key(["member_id"], "member", on_delete="CASCADE"),
        Index(None, "tenant_id", "member_id"),
    )


class StopLockRow(TenantRow):
    """What of a stop of a day is to stay as it is."""

    __tablename__ = "stop_lock"
    __table_args__ = (tenant_key([], "tenant"),)

    service_on: Mapped[date] = mapped_column(primary_key=True)
    job_id: Mapped[Code] = mapped_column(primary_key=True)
    kinds: Mapped[Document]
    locked_by: Mapped[UUID | None]
    locked_at: Mapped[datetime]


class RouteRow(TenantRow):
    """One worker's route in a plan."""

    __tablename__ = "route"
    __table_args__ = (
        tenant_key(["plan_id"], "plan", on_delete="CASCADE"),
        tenant_key(["worker_id"], "worker"),
        Index(None, "tenant_id", "worker_id"),
    )

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    number: Mapped[int]
    start_geom: Mapped[WKBElement] = point_column()
    end_geom: Mapped[WKBElement | None] = point_column(nullable=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    breaks: Mapped[Document]
    travel_s: Mapped[int]
    travel_m: Mapped[int]
    cost: Mapped[BigInt]


class PlannedVisitRow(TenantRow):
    """A job on a route, at its place in the order, and the site it is at."""

    __tablename__ = "planned_visit"
    __table_args__ = (
        tenant_key(["plan_id", "worker_id"], "route", on_delete="CASCADE"),
        tenant_key(["site_id"], "site"),
        UniqueConstraint("tenant_id", "plan_id", "job_id"),
        Index(None, "tenant_id", "site_id"),
    )

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[Code]
    site_id: Mapped[Code]
    geom: Mapped[WKBElement] = point_column()
    arrival_at: Mapped[datetime]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    travel_s: Mapped[int]
    travel_m: Mapped[int]


class UnassignedRow(TenantRow):
    """A job that is on no route, the site it is at, and why."""

    __tablename__ = "unassigned"
    __table_args__ = (
        tenant_key(["plan_id"], "plan", on_delete="CASCADE"),
        tenant_key(["site_id"], "site"),
        Index(None, "tenant_id", "site_id"),
    )

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[Code] = mapped_column(primary_key=True)
    site_id: Mapped[Code]
    number: Mapped[int]
    reason: Mapped[str]
    detail: Mapped[Document]


class LearningRow(TenantRow):
    """What was learned of a company's days last, but for its sites: one row a company."""

    __tablename__ = "learning"
    __table_args__ = (tenant_key([], "tenant"),)

    learned_at: Mapped[datetime]
    since_on: Mapped[date]
    before_on: Mapped[date]
    travel_factor: Mapped[float | None]
    leg_count: Mapped[int]
    hours: Mapped[Document]
    held_out: Mapped[Document]


class LearnedServiceRow(TenantRow):
    """How long the service at a site takes, as its visits tell."""

    __tablename__ = "learned_service"
    __table_args__ = (tenant_key(["site_id"], "site", on_delete="CASCADE"),)

    site_id: Mapped[Code] = mapped_column(primary_key=True)
    given_s: Mapped[int]
    service_s: Mapped[int]
    visit_count: Mapped[int]
    hours: Mapped[Document]
