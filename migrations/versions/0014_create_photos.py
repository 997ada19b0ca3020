"""Photos: what is known of each, with its fingerprint and the hashes of its files."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo_engine.db.protection import protect

revision = "0014"
down_revision = "0013"

_HASH = "~ '^[0-9a-f]{64}$'"
_INDEXES = (
    ["tenant_id", "worker_id", "received_at"],
    ["tenant_id", "sent_by"],
    ["tenant_id", "original_sha256"],
    ["tenant_id", "display_sha256"],
    ["tenant_id", "thumbnail_sha256"],
)


def upgrade() -> None:
    """Create it; a photo that was kept is never changed, so the app may not."""
    op.create_table(
        "photo",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        *(
            column
            for name in ("original", "display", "thumbnail")
            for column in (
                sa.Column(f"{name}_sha256", sa.Text(collation="C"), nullable=False),
                sa.Column(f"{name}_bytes", sa.Integer(), nullable=False),
            )
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_certainty", sa.Text(), nullable=True),
        sa.Column("clock_at", sa.Text(), nullable=True),
        sa.Column("gps_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("position_error_m", sa.Double(), nullable=True),
        sa.Column("make", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("software", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind in ('jpeg', 'png', 'webp', 'heic')", name=op.f("ck_photo_kind")),
        sa.CheckConstraint(
            "taken_certainty in ('offset', 'satellites', 'zone')", name=op.f("ck_photo_taken_certainty")
        ),
        sa.CheckConstraint("(taken_at is null) = (taken_certainty is null)", name=op.f("ck_photo_taken")),
        sa.CheckConstraint(
            f"original_sha256 {_HASH} and display_sha256 {_HASH} and thumbnail_sha256 {_HASH}",
            name=op.f("ck_photo_hashes"),
        ),
        sa.CheckConstraint("octet_length(fingerprint) = 228", name=op.f("ck_photo_fingerprint")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_photo_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "worker_id"],
            ["worker.tenant_id", "worker.id"],
            name=op.f("fk_photo_tenant_id_worker_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sent_by"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_photo_tenant_id_sent_by"),
            ondelete="SET NULL (sent_by)",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_photo")),
    )
    protect("photo", app="select, insert, delete")
    for columns in _INDEXES:
        op.create_index(op.f("ix_photo_" + "_".join(columns)), "photo", columns)


def downgrade() -> None:
    """Drop it; the files stay where they are kept."""
    op.drop_table("photo")
