"""What is appended and never changed: audit events, and what the world is to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import grant_maintenance, protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "audit_event",
        _tenant(),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column(
            "written_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_audit_event_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_audit_event")),
    )
    # Its number and the moment of writing are the server's, so that nobody writes an event into the past.
    protect(
        "audit_event",
        app="select, insert (tenant_id, happened_at, member_id, act, subject_kind, subject_id, facts)",
    )
    op.create_table(
        "outbox_event",
        _tenant(),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_outbox_event_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_outbox_event")),
    )
    op.create_index(
        op.f("ix_outbox_event_tenant_id_number"),
        "outbox_event",
        ["tenant_id", "number"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null"),
    )
    protect("outbox_event")
    grant_maintenance("sequence audit_event_number_seq, outbox_event_number_seq")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("outbox_event")
    op.drop_table("audit_event")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)
