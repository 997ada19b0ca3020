"""Visits: what workers state, what is derived of a day, what people decide, and which days are to be derived."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo_engine.db.protection import protect

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create them; what was stated and decided is never changed, so the app may not."""
    op.create_table(
        "check_in",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("positions", JSONB(none_as_null=True), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind in ('in', 'out')", name=op.f("ck_check_in_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_check_in_tenant_id")),
        _worker("check_in"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_check_in")),
    )
    protect("check_in", app="select, insert, delete")
    op.create_index(op.f("ix_check_in_tenant_id_worker_id_told_at"), "check_in", ["tenant_id", "worker_id", "told_at"])
    op.create_table(
        "check_in_photo",
        _tenant(),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "check_in_id"],
            ["check_in.tenant_id", "check_in.id"],
            name=op.f("fk_check_in_photo_tenant_id_check_in_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "photo_id", "check_in_id", name=op.f("pk_check_in_photo")),
    )
    protect("check_in_photo", app="select, insert, delete")
    op.create_index(op.f("ix_check_in_photo_tenant_id_check_in_id"), "check_in_photo", ["tenant_id", "check_in_id"])

    op.create_table(
        "visit",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("derived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("is_ambiguous", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("told", JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('confirmed', 'likely', 'insufficient', 'contradicted')", name=op.f("ck_visit_verdict")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_visit_tenant_id")),
        _worker("visit"),
        sa.PrimaryKeyConstraint("tenant_id", "id", "derived_at", name=op.f("pk_visit")),
    )
    protect("visit", app="select, insert, update, delete")
    op.create_index(op.f("ix_visit_tenant_id_service_on_worker_id"), "visit", ["tenant_id", "service_on", "worker_id"])
    op.create_index(op.f("ix_visit_tenant_id_site_id_began_at"), "visit", ["tenant_id", "site_id", "began_at"])
    op.create_index(
        "uq_visit_current", "visit", ["tenant_id", "id"], unique=True, postgresql_where="superseded_at is null"
    )

    op.create_table(
        "visit_decision",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('accepted', 'rejected', 'assigned')", name=op.f("ck_visit_decision_kind")),
        sa.CheckConstraint("(kind = 'assigned') = (site_id is not null)", name=op.f("ck_visit_decision_site")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_visit_decision_tenant_id")),
        _worker("visit_decision"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_decision")),
    )
    protect("visit_decision", app="select, insert, delete")
    op.create_index(
        op.f("ix_visit_decision_tenant_id_service_on_worker_id"),
        "visit_decision",
        ["tenant_id", "service_on", "worker_id"],
    )

    op.create_table(
        "visit_claim",
        _tenant(),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_visit_claim_tenant_id")),
        _worker("visit_claim"),
        sa.PrimaryKeyConstraint("tenant_id", "worker_id", "service_on", name=op.f("pk_visit_claim")),
    )
    protect("visit_claim")
    op.create_index(op.f("ix_visit_claim_tenant_id_asked_at"), "visit_claim", ["tenant_id", "asked_at"])

    op.create_table(
        "photo_reuse",
        _tenant(),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("examined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("same_ids", ARRAY(sa.Uuid(), dimensions=1), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_photo_reuse_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "photo_id"],
            ["photo.tenant_id", "photo.id"],
            name=op.f("fk_photo_reuse_tenant_id_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "photo_id", name=op.f("pk_photo_reuse")),
    )
    protect("photo_reuse", app="select, insert, delete")


def downgrade() -> None:
    """Drop them: visits can be derived again, what was stated and decided is lost."""
    op.execute("lock table check_in in access exclusive mode")
    for table in ("photo_reuse", "visit_claim", "visit_decision", "visit", "check_in_photo", "check_in"):
        op.drop_table(table)


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


def _worker(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "worker_id"],
        ["worker.tenant_id", "worker.id"],
        name=op.f(f"fk_{table}_tenant_id_worker_id"),
    )
