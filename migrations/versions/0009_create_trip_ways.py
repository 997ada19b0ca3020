"""The ways of trips with their time, instead of their lines alone; what wakes whoever derives; devices by name."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo_engine.db.protection import grant_app, protect, unforced

revision = "0009"
down_revision = "0008"

_WAKE_TRACKS = "wake_tracks()"


def upgrade() -> None:
    """Create them; trips that were matched are matched again, with their time."""
    op.create_table(
        "trip_way",
        _tenant(),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("least_m", sa.Double(), nullable=False),
        sa.Column("most_m", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "trip_id"],
            ["trip.tenant_id", "trip.id"],
            name=op.f("fk_trip_way_tenant_id_trip_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "trip_id", "number", name=op.f("pk_trip_way")),
    )
    protect("trip_way")
    op.drop_column("trip", "matched")
    _forget_driven()
    op.create_index(
        op.f("ix_trip_tenant_id_ended_at"),
        "trip",
        ["tenant_id", "ended_at"],
        postgresql_where=sa.text("is_open and superseded_at is null"),
    )
    op.create_index(op.f("ix_device_tenant_id_protocol_name"), "device", ["tenant_id", "protocol", "name"])
    op.execute(_CREATE_WAKE_TRACKS)
    op.execute(f"revoke execute on function {_WAKE_TRACKS} from public")
    grant_app("execute", f"function {_WAKE_TRACKS}")


def downgrade() -> None:
    """Drop them; trips are matched again, by what knows no time of their ways."""
    op.execute(f"drop function {_WAKE_TRACKS}")
    op.drop_index(op.f("ix_device_tenant_id_protocol_name"), "device")
    op.drop_index(op.f("ix_trip_tenant_id_ended_at"), "trip")
    matched = Geometry("MULTILINESTRING", srid=4326, dimension=2, spatial_index=False)
    op.add_column("trip", sa.Column("matched", matched, nullable=True))
    op.drop_table("trip_way")
    _forget_driven()


def _forget_driven() -> None:
    with unforced("trip"):
        op.execute("update trip set driven_m = null, confidence = null where driven_m is not null")


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


# Of every company: trips that nothing followed for an hour are believed for good by the clock, and who has any of these
# is told, as is who has fixes that nobody derives, since whoever took them died before asking for it.
_CREATE_WAKE_TRACKS = """
create function wake_tracks() returns setof uuid language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    bound text := current_setting('app.tenant_id', true);
    company record;
    is_settled boolean;
begin
    for company in select d.tenant_id from public.tenant_directory as d order by 1 loop
        perform set_config('app.tenant_id', company.tenant_id::text, true);
        update public.trip set is_open = false
        where is_open and superseded_at is null and ended_at < now() - interval '1 hour';
        is_settled := found;
        if is_settled or exists (
            select from public.device_live where coalesce(underived_from, deriving_from) is not null
                and received_at < now() - interval '1 minute')
        then
            return next company.tenant_id;
        end if;
    end loop;
    perform set_config('app.tenant_id', coalesce(bound, ''), true);
end $$
"""
