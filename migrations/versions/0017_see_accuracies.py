"""How exact the fixes of a worker's day were at each fence where the worker stayed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from geo_engine.db.protection import protect

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create it; it fills as days are derived."""
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    op.create_table(
        "fence_accuracy",
        sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False),
        sa.Column("fence_id", sa.Text(collation="C"), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counts", ARRAY(sa.SmallInteger(), dimensions=1), nullable=False),
        sa.CheckConstraint("cardinality(counts) = 12", name=op.f("ck_fence_accuracy_counts")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_fence_accuracy_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "worker_id"],
            ["worker.tenant_id", "worker.id"],
            name=op.f("fk_fence_accuracy_tenant_id_worker_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fence_id", "service_on", "worker_id", name=op.f("pk_fence_accuracy")),
    )
    protect("fence_accuracy")
    op.create_index(
        op.f("ix_fence_accuracy_tenant_id_service_on_worker_id"),
        "fence_accuracy",
        ["tenant_id", "service_on", "worker_id"],
    )


def downgrade() -> None:
    """Drop it: days that are derived again tell it again."""
    op.drop_table("fence_accuracy")
