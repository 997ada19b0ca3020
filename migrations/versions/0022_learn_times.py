"""What is learned of service and travel times, and whether a company and a request to plan want it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from geo_engine.db.protection import protect

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create it; nothing is learned yet, and what will be is used unless that is switched off."""
    for table in ("tenant", "plan_request"):
        op.add_column(table, sa.Column("uses_learned", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_table(
        "learning",
        _tenant(),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=False),
        sa.Column("travel_factor", sa.Double(), nullable=True),
        sa.Column("leg_count", sa.Integer(), nullable=False),
        sa.Column("hours", JSONB(none_as_null=True), nullable=False),
        sa.Column("held_out", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_learning_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_learning")),
    )
    protect("learning")
    op.create_table(
        "learned_service",
        _tenant(),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("given_s", sa.Integer(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("visit_count", sa.Integer(), nullable=False),
        sa.Column("hours", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["site.tenant_id", "site.id"],
            name=op.f("fk_learned_service_tenant_id_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "site_id", name=op.f("pk_learned_service")),
    )
    protect("learned_service")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


def downgrade() -> None:
    """Forget it."""
    op.drop_table("learned_service")
    op.drop_table("learning")
    for table in ("plan_request", "tenant"):
        op.drop_column(table, "uses_learned")
