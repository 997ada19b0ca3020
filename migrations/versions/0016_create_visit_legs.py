"""Legs of visits: how workers came from one to the next."""

import sqlalchemy as sa
from alembic import op

from geo_engine.db.protection import protect

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create them; days that were derived before have none until they are derived again."""
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    op.create_table(
        "visit_leg",
        sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("planned_m", sa.Float(), nullable=True),
        sa.Column("direct_m", sa.Float(), nullable=True),
        sa.Column("driven_least_m", sa.Float(), nullable=False),
        sa.Column("driven_m", sa.Float(), nullable=False),
        sa.Column("driven_most_m", sa.Float(), nullable=True),
        sa.Column("off_least_m", sa.Float(), nullable=True),
        sa.Column("off_m", sa.Float(), nullable=True),
        sa.Column("off_most_m", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_visit_leg_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "worker_id"], ["worker.tenant_id", "worker.id"], name=op.f("fk_visit_leg_tenant_id_worker_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "service_on", "worker_id", "number", name=op.f("pk_visit_leg")),
    )
    protect("visit_leg", app="select, insert, delete")


def downgrade() -> None:
    """Drop them: they can be derived again."""
    op.drop_table("visit_leg")
