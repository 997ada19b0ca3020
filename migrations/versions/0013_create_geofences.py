"""Geofences in their versions, and how wide those of sites are that nobody has drawn one for."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from geo_engine.db.protection import protect

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create them; a version never changes but for its end."""
    op.create_table(
        "geofence",
        _tenant(),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("size_m", sa.Double(), nullable=True),
        sa.Column("box", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("windows", postgresql.JSONB(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("dwell_s", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), server_default=sa.text("'infinity'"), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'circle' and size_m is not null and geometrytype(geom) = 'POINT')"
            " or (kind = 'polygon' and size_m is null and geometrytype(geom) = 'MULTIPOLYGON')"
            " or (kind = 'corridor' and size_m is not null and geometrytype(geom) = 'MULTILINESTRING')",
            name=op.f("ck_geofence_shape"),
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_geofence_span")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_geofence_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", "version", name=op.f("pk_geofence")),
    )
    op.create_index(op.f("ix_geofence_tenant_id_valid_until"), "geofence", ["tenant_id", "valid_until"])
    op.create_index(op.f("ix_geofence_tenant_id_site_id"), "geofence", ["tenant_id", "site_id"])
    op.create_index("ix_geofence_tenant_id_box", "geofence", ["tenant_id", "box"], postgresql_using="gist")
    is_current = sa.text("valid_until = 'infinity'")
    op.create_index("uq_geofence_current", "geofence", ["tenant_id", "id"], unique=True, postgresql_where=is_current)
    op.create_index(
        "uq_geofence_automatic",
        "geofence",
        ["tenant_id", "site_id"],
        unique=True,
        postgresql_where=sa.text("is_automatic and valid_until = 'infinity'"),
    )
    protect("geofence", app="select, insert, update (valid_until)")
    op.create_table(
        "site_fence_rule",
        _tenant(),
        sa.Column("radius_m", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_site_fence_rule_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_site_fence_rule")),
    )
    protect("site_fence_rule", app="select, insert, update")


def downgrade() -> None:
    """Drop them; whoever may not is told so before anything is, and nobody draws meanwhile."""
    op.execute("lock table geofence, site_fence_rule")
    op.drop_table("site_fence_rule")
    op.drop_table("geofence")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)
