"""Visiting rules, periods planned from them, and who is to make the visits that are due by one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo_engine.db.protection import protect, unforced

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create them; sites that are there have no level, and nobody in particular goes to what is due."""
    op.add_column("site", sa.Column("level", sa.Text(), server_default="", nullable=False))
    op.add_column("due_visit", sa.Column("worker_id", sa.Text(collation="C"), nullable=True))
    with unforced("due_visit", "worker"):
        op.create_foreign_key(
            op.f("fk_due_visit_tenant_id_worker_id"),
            "due_visit",
            "worker",
            ["tenant_id", "worker_id"],
            ["tenant_id", "id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_due_visit_tenant_id_worker_id_due_on"), "due_visit", ["tenant_id", "worker_id", "due_on"])
    _create_rules()
    _create_periods()


def _create_rules() -> None:
    op.create_table(
        "visiting_rule",
        _tenant(),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("min_gap_days", sa.Integer(), nullable=False),
        sa.Column("max_gap_days", sa.Integer(), nullable=False),
        sa.Column("weekdays", ARRAY(sa.SmallInteger(), dimensions=1), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=True),
        sa.Column("closed_on", ARRAY(sa.Date(), dimensions=1), nullable=False),
        sa.CheckConstraint("level <> '' or site_id is not null", name=op.f("ck_visiting_rule_subject")),
        sa.CheckConstraint(
            "visits > 0 and weeks > 0 and min_gap_days between 1 and max_gap_days", name=op.f("ck_visiting_rule_beat")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_visiting_rule_tenant_id")),
        _site("visiting_rule"),
        _worker("visiting_rule"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visiting_rule")),
        sa.UniqueConstraint(
            "tenant_id",
            "level",
            "site_id",
            name=op.f("uq_visiting_rule_tenant_id_level_site_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    protect("visiting_rule")
    op.create_index(op.f("ix_visiting_rule_tenant_id_site_id"), "visiting_rule", ["tenant_id", "site_id"])
    op.create_index(op.f("ix_visiting_rule_tenant_id_worker_id"), "visiting_rule", ["tenant_id", "worker_id"])


def _create_periods() -> None:
    op.create_table(
        "period",
        _tenant(),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("week_count", sa.Integer(), nullable=False),
        sa.Column("today_on", sa.Date(), nullable=False),
        sa.Column("workdays", ARRAY(sa.SmallInteger(), dimensions=1), nullable=False),
        sa.Column("holidays", ARRAY(sa.Date(), dimensions=1), nullable=False),
        sa.Column("search_s", sa.Double(), nullable=False),
        sa.Column("round_limit", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", JSONB(none_as_null=True), nullable=True),
        sa.Column("failure_family", sa.Text(), nullable=True),
        sa.Column("forecast", JSONB(none_as_null=True), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state in ('queued', 'solving', 'planned', 'failed')", name=op.f("ck_period_state")),
        sa.CheckConstraint(
            "failure_family in ('invalid_input', 'forbidden', 'not_found', 'conflict', 'unavailable')",
            name=op.f("ck_period_failure_family"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_period_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_period_tenant_id_team_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_period")),
    )
    protect("period")
    op.create_index(op.f("ix_period_tenant_id_team_id"), "period", ["tenant_id", "team_id"])
    op.create_table(
        "period_visit",
        _tenant(),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "period_id"],
            ["period.tenant_id", "period.id"],
            name=op.f("fk_period_visit_tenant_id_period_id"),
            ondelete="CASCADE",
        ),
        _site("period_visit"),
        _worker("period_visit"),
        sa.PrimaryKeyConstraint("tenant_id", "period_id", "planned_on", "site_id", name=op.f("pk_period_visit")),
    )
    protect("period_visit")
    op.create_index(op.f("ix_period_visit_tenant_id_site_id"), "period_visit", ["tenant_id", "site_id"])
    op.create_index(op.f("ix_period_visit_tenant_id_worker_id"), "period_visit", ["tenant_id", "worker_id"])


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


def _site(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "site_id"],
        ["site.tenant_id", "site.id"],
        name=op.f(f"fk_{table}_tenant_id_site_id"),
        ondelete="CASCADE",
    )


def _worker(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "worker_id"],
        ["worker.tenant_id", "worker.id"],
        name=op.f(f"fk_{table}_tenant_id_worker_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Drop them; what was due by a period stays due."""
    op.drop_table("period_visit")
    op.drop_table("period")
    op.drop_table("visiting_rule")
    op.drop_index(op.f("ix_due_visit_tenant_id_worker_id_due_on"), "due_visit")
    op.drop_column("due_visit", "worker_id")
    op.drop_column("site", "level")
