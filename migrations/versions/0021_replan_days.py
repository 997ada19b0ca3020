"""What a dispatcher has locked of a day, and requests to replan one from a moment on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import protect

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create them; what was asked for before is to plan a day as a whole."""
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    op.add_column("plan_request", sa.Column("replan", postgresql.JSONB(), nullable=True))
    op.create_table(
        "stop_lock",
        sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("job_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_stop_lock_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "service_on", "job_id", name=op.f("pk_stop_lock")),
    )
    protect("stop_lock")


def downgrade() -> None:
    """Forget what is locked; a request to replan that is open becomes one to plan the day."""
    op.drop_table("stop_lock")
    op.drop_column("plan_request", "replan")
