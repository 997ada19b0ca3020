"""Who visits and who is visited: depots, workers, shifts, customers, sites and due visits."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import protect

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "depot",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_depot_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_depot")),
    )
    protect("depot")
    op.create_table(
        "worker",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("start_depot_id", sa.Text(collation="C"), nullable=False),
        sa.Column("end_depot_id", sa.Text(collation="C"), nullable=True),
        sa.Column("shift_earliest_s", sa.Integer(), nullable=False),
        sa.Column("shift_latest_s", sa.Integer(), nullable=False),
        sa.Column("breaks", postgresql.JSONB(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_visits", sa.Integer(), nullable=True),
        sa.Column("max_driving_s", sa.Integer(), nullable=True),
        sa.Column("capacity", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("cost_fixed", sa.Double(), nullable=False),
        sa.Column("cost_per_hour", sa.Double(), nullable=False),
        sa.Column("cost_per_km", sa.Double(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "end_depot_id"],
            ["depot.tenant_id", "depot.id"],
            name=op.f("fk_worker_tenant_id_end_depot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"], ["member.tenant_id", "member.id"], name=op.f("fk_worker_tenant_id_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "start_depot_id"],
            ["depot.tenant_id", "depot.id"],
            name=op.f("fk_worker_tenant_id_start_depot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_worker_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_worker_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_worker")),
        sa.UniqueConstraint("tenant_id", "member_id", name=op.f("uq_worker_tenant_id_member_id")),
    )
    op.create_index(op.f("ix_worker_tenant_id_team_id"), "worker", ["tenant_id", "team_id"], unique=False)
    protect("worker")
    op.create_table(
        "shift",
        _tenant(),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("earliest_s", sa.Integer(), nullable=False),
        sa.Column("latest_s", sa.Integer(), nullable=False),
        sa.CheckConstraint("latest_s > earliest_s", name=op.f("ck_shift_hours")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "worker_id"],
            ["worker.tenant_id", "worker.id"],
            name=op.f("fk_shift_tenant_id_worker_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "service_on", "worker_id", name=op.f("pk_shift")),
    )
    protect("shift")
    op.create_table(
        "customer",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_customer_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer")),
    )
    protect("customer")
    op.create_table(
        "site",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(collation="C"), nullable=True),
        sa.Column("team_id", sa.Text(collation="C"), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("windows", postgresql.JSONB(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("penalty", sa.BigInteger(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("worker_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("amounts", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.CheckConstraint("priority between 0 and 100", name=op.f("ck_site_priority")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("fk_site_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("fk_site_tenant_id_team_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_site_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_tenant_id_customer_id"), "site", ["tenant_id", "customer_id"], unique=False)
    op.create_index("ix_site_tenant_id_geom", "site", ["tenant_id", "geom"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_site_tenant_id_team_id_id"), "site", ["tenant_id", "team_id", "id"], unique=False)
    protect("site")
    op.create_table(
        "due_visit",
        _tenant(),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["site.tenant_id", "site.id"],
            name=op.f("fk_due_visit_tenant_id_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "due_on", "site_id", name=op.f("pk_due_visit")),
    )
    op.create_index(op.f("ix_due_visit_tenant_id_site_id"), "due_visit", ["tenant_id", "site_id"], unique=False)
    protect("due_visit")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("due_visit")
    op.drop_table("site")
    op.drop_table("customer")
    op.drop_table("shift")
    op.drop_table("worker")
    op.drop_table("depot")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)
