"""Road graphs, requests to plan, and versions of plans with their routes and visits."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "road_graph",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("extract_name", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_road_graph_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_road_graph")),
    )
    protect("road_graph")
    op.create_table(
        "plan_request",
        _tenant(),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("time_limit_s", sa.Double(), nullable=False),
        sa.Column("solution_limit", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("elapsed_s", sa.Double(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("unassigned_count", sa.Integer(), nullable=True),
        sa.Column("failure", postgresql.JSONB(), nullable=True),
        sa.Column("failure_family", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('queued', 'solving', 'planned', 'failed')", name=op.f("ck_plan_request_state")),
        sa.CheckConstraint(
            "failure_family in ('invalid_input', 'forbidden', 'not_found', 'conflict', 'unavailable')",
            name=op.f("ck_plan_request_failure_family"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_plan_request_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_plan_request_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plan_request")),
    )
    op.create_index(
        op.f("ix_plan_request_tenant_id_service_on"), "plan_request", ["tenant_id", "service_on"], unique=False
    )
    protect("plan_request", app="select, insert, update")
    op.create_table(
        "plan",
        _tenant(),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("road_graph_id", sa.Text(collation="C"), nullable=False),
        sa.Column("road_source", sa.Text(), nullable=False),
        sa.Column("is_estimate", sa.Boolean(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("travel_m", sa.Integer(), nullable=False),
        sa.Column("saved_m", sa.Integer(), nullable=True),
        sa.Column("first_plan_s", sa.Double(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("violations", postgresql.JSONB(), nullable=False),
        sa.Column("worker_notes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["plan_request.tenant_id", "plan_request.id"],
            name=op.f("fk_plan_tenant_id_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "road_graph_id"],
            ["road_graph.tenant_id", "road_graph.id"],
            name=op.f("fk_plan_tenant_id_road_graph_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_plan_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_plan_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plan")),
        sa.UniqueConstraint("tenant_id", "request_id", name=op.f("uq_plan_tenant_id_request_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "service_on",
            "team_id",
            "version",
            name=op.f("uq_plan_tenant_id_service_on_team_id_version"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    # A version never changes; that the workers have it is written beside it, and so is that they no longer do.
    protect("plan", app="select, insert")
    op.create_table(
        "publication",
        _tenant(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["plan.tenant_id", "plan.id"],
            name=op.f("fk_publication_tenant_id_plan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_publication_tenant_id_team_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", "number", name=op.f("pk_publication")),
    )
    op.create_index(
        "uq_publication_current",
        "publication",
        ["tenant_id", "service_on", "team_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    protect("publication", app="select, insert, update (ended_at, ended_by)")
    op.create_table(
        "route",
        _tenant(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("end_geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breaks", postgresql.JSONB(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("travel_m", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["plan.tenant_id", "plan.id"],
            name=op.f("fk_route_tenant_id_plan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "worker_id"], ["worker.tenant_id", "worker.id"], name=op.f("fk_route_tenant_id_worker_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", "worker_id", name=op.f("pk_route")),
    )
    op.create_index(op.f("ix_route_tenant_id_worker_id"), "route", ["tenant_id", "worker_id"], unique=False)
    protect("route", app="select, insert")
    op.create_table(
        "planned_visit",
        _tenant(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("travel_m", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id", "worker_id"],
            ["route.tenant_id", "route.plan_id", "route.worker_id"],
            name=op.f("fk_planned_visit_tenant_id_plan_id_worker_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"], ["site.tenant_id", "site.id"], name=op.f("fk_planned_visit_tenant_id_site_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", "worker_id", "number", name=op.f("pk_planned_visit")),
        sa.UniqueConstraint("tenant_id", "plan_id", "job_id", name=op.f("uq_planned_visit_tenant_id_plan_id_job_id")),
    )
    op.create_index(op.f("ix_planned_visit_tenant_id_site_id"), "planned_visit", ["tenant_id", "site_id"], unique=False)
    protect("planned_visit", app="select, insert")
    op.create_table(
        "unassigned",
        _tenant(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["plan.tenant_id", "plan.id"],
            name=op.f("fk_unassigned_tenant_id_plan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"], ["site.tenant_id", "site.id"], name=op.f("fk_unassigned_tenant_id_site_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", "job_id", name=op.f("pk_unassigned")),
    )
    op.create_index(op.f("ix_unassigned_tenant_id_site_id"), "unassigned", ["tenant_id", "site_id"], unique=False)
    protect("unassigned", app="select, insert")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("unassigned")
    op.drop_table("planned_visit")
    op.drop_table("route")
    op.drop_table("publication")
    op.drop_table("plan")
    op.drop_table("plan_request")
    op.drop_table("road_graph")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)
