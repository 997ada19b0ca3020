"""Sign-in, files that are sent, what stop lists say of sites, what plans save, and which changes were read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import protect, unforced

revision = "0006"
down_revision = "0005"

_BASELINES = ("nearest_m", "nearest_s", "by_list_m", "by_list_s")


def upgrade() -> None:
    """Create them."""
    for name in ("phone", "notes"):
        op.add_column("site", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "credential",
        _tenant(),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_key", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_credential_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", name=op.f("pk_credential")),
        sa.UniqueConstraint("tenant_id", "session_key", name=op.f("uq_credential_tenant_id_session_key")),
    )
    protect("credential")
    op.add_column("tenant", sa.Column("price_per_km", sa.Double(), nullable=True))
    op.add_column("tenant", sa.Column("currency", sa.Text(), nullable=True))
    for name in _BASELINES:
        op.add_column("plan", sa.Column(name, sa.Integer(), nullable=True))
    # What nearest neighbour takes is kept as it is, no longer as the difference; of its hours nothing was known.
    with unforced("plan"):
        op.execute("update plan set nearest_m = travel_m + saved_m")
    op.drop_column("plan", "saved_m")
    op.create_table(
        "publication_seen",
        _tenant(),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id", "number"],
            ["publication.tenant_id", "publication.plan_id", "publication.number"],
            name=op.f("fk_publication_seen_tenant_id_plan_id_number"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_publication_seen_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "plan_id", "number", "member_id", "is_end", name=op.f("pk_publication_seen")
        ),
    )
    op.create_index(
        op.f("ix_publication_seen_tenant_id_member_id"), "publication_seen", ["tenant_id", "member_id"], unique=False
    )
    protect("publication_seen", app="select, insert")
    _create_drafts()


def _create_drafts() -> None:
    op.create_table(
        "import_draft",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("placed", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('sites', 'workers')", name=op.f("ck_import_draft_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_import_draft_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_import_draft_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_import_draft_tenant_id_made_by"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_draft")),
    )
    op.create_index(op.f("ix_import_draft_tenant_id_made_at"), "import_draft", ["tenant_id", "made_at"])
    op.create_index(op.f("ix_import_draft_tenant_id_made_by"), "import_draft", ["tenant_id", "made_by"])
    protect("import_draft")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("import_draft")
    op.add_column("plan", sa.Column("saved_m", sa.Integer(), nullable=True))
    with unforced("plan"):
        op.execute("update plan set saved_m = nearest_m - travel_m")
    for name in _BASELINES:
        op.drop_column("plan", name)
    op.drop_column("tenant", "currency")
    op.drop_column("tenant", "price_per_km")
    op.drop_table("publication_seen")
    op.drop_table("credential")
    for name in ("notes", "phone"):
        op.drop_column("site", name)


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)
