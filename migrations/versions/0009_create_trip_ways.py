"""The ways of trips with their time, devices by name, tidying by company, and one answer to clocks that jump."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo_engine.db.protection import grant_app, protect, unforced

revision = "0009"
down_revision = "0008"

_SPANS = ("stop", "trip", "gap", "trajectory")
_TIDY, _COMPANIES = "tidy_tracks()", "tracked_companies()"


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
    for name in _SPANS:
        op.create_index(op.f(f"ix_{name}_tenant_id_ended_at"), name, ["tenant_id", "ended_at"])
    op.create_index(op.f("ix_device_tenant_id_protocol_name"), "device", ["tenant_id", "protocol", "name"])
    for statement in (_CLOCK_JUMP, _CLOCK_ON, _shift_spans(_CLOCK), _TRACKED_COMPANIES):
        op.execute(statement)
    _grant(_COMPANIES)
    _replace_tidying(_TIDY_TRACKS)


def downgrade() -> None:
    """Drop them; trips are matched again, by what knows no time of their ways."""
    _replace_tidying(_TIDY_ALL_TRACKS)
    op.execute(f"drop function {_COMPANIES}")
    op.execute(_shift_spans(_CLOCK_BEFORE))
    op.execute("drop function clock_on(int, date, text)")
    op.execute("drop function clock_jump(timestamp, text)")
    op.drop_index(op.f("ix_device_tenant_id_protocol_name"), "device")
    for name in _SPANS:
        op.drop_index(op.f(f"ix_{name}_tenant_id_ended_at"), name)
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


# A clock time on a day, as `timespan.clock_on` has it: skipped by summer time it is the moment of the jump, repeated it
# is the first of the two. One expression without a query, so that it is worked out in place: phones ask all day.
_CLOCK_JUMP = """
create function clock_jump(wall timestamp, zone text) returns timestamptz language sql immutable as $$
    select min(m) from (select wall at time zone zone as later) as t, generate_series(
        t.later - ((t.later at time zone zone) - wall), t.later, interval '1 minute') as m
    where (m at time zone zone) - (m at time zone 'UTC')
        = (t.later at time zone zone) - (t.later at time zone 'UTC')
$$
"""
_WALL = "(service_on + make_interval(secs => clock_s))"
_CLOCK_ON = f"""
create function clock_on(clock_s int, service_on date, zone text) returns timestamptz language sql immutable as $$
    select case
        when (({_WALL} at time zone zone) at time zone zone) <> {_WALL} then public.clock_jump({_WALL}, zone)
        when (({_WALL} at time zone zone - interval '1 hour') at time zone zone) = {_WALL}
            then {_WALL} at time zone zone - interval '1 hour'
        when (({_WALL} at time zone zone - interval '30 minutes') at time zone zone) = {_WALL}
            then {_WALL} at time zone zone - interval '30 minutes'
        else {_WALL} at time zone zone end
$$
"""
_SHIFT_SPANS = """
create or replace function shift_spans(asked_worker text, asked_from timestamptz, asked_until timestamptz)
returns table (start_at timestamptz, end_at timestamptz) language sql stable as $$
    select span.start_at, span.end_at from (
        select asked_from as start_at, asked_until as end_at from public.tenant as c where c.tracking = 'always'
        union all
        select r.clocked_in_at, least(coalesce(r.clocked_out_at, 'infinity'), r.clocked_in_at + interval '16 hours')
        from public.tenant as c join public.shift_record as r on r.tenant_id = c.tenant_id
        where c.tracking = 'shift' and r.worker_id = asked_worker
            and r.clocked_in_at between asked_from - interval '2 days' and asked_until
        union all
        select
            {earliest} - interval '15 minutes',
            {latest} + interval '15 minutes'
        from public.tenant as c join public.shift as s on s.tenant_id = c.tenant_id
        where c.tracking = 'shift' and s.worker_id = asked_worker
            and s.service_on between (asked_from at time zone 'UTC')::date - 3
                and (asked_until at time zone 'UTC')::date + 2
            and s.service_on + make_interval(secs => s.earliest_s)
                <= asked_until at time zone 'UTC' + interval '16 hours'
            and s.service_on + make_interval(secs => s.latest_s) >= asked_from at time zone 'UTC' - interval '16 hours'
            and not exists (
                select from public.shift_record as r where r.tenant_id = s.tenant_id
                    and r.worker_id = s.worker_id and r.service_on = s.service_on)
    ) as span where span.start_at <= asked_until and span.end_at >= asked_from
$$
"""
_CLOCK = "public.clock_on(s.{name}, s.service_on, coalesce(c.timezone, 'UTC'))"
_CLOCK_BEFORE = "(s.service_on + make_interval(secs => s.{name})) at time zone coalesce(c.timezone, 'UTC')"
# Whose tracks are looked after, whether anything of them arrives or not.
_TRACKED_COMPANIES = """
create function tracked_companies() returns setof uuid language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select d.tenant_id from public.tenant_directory as d order by 1
$$
"""
# Of the bound company: what is sealed, rejected or derived too long ago goes, what is sealed takes the company's class,
# and the partitions of the days to come are made.
_TIDY_TRACKS = """
create function tidy_tracks() returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    expired_at timestamptz;
begin
    select now() - make_interval(days => t.retention_days) into expired_at from public.tenant as t;
    perform public.add_fix_partition(t.retention_days, now() + n * interval '1 day')
    from public.tenant as t, unnest('{0,1,2,7,32}'::int[]) as n;
    delete from public.sealed_fix where received_at < now() - interval '48 hours';
    update public.sealed_fix as f set retention_days = t.retention_days
    from public.tenant as t where t.tenant_id = f.tenant_id and t.retention_days <> f.retention_days;
    delete from public.rejected_post where received_at < now() - interval '1 hour';
    delete from public.trajectory where ended_at < expired_at;
    delete from public.stop where ended_at < expired_at;
    delete from public.trip where ended_at < expired_at;
    delete from public.gap where ended_at < expired_at;
    delete from public.track_state where newest_at < expired_at;
    delete from public.device_live where newest_at < expired_at;
end $$
"""
_TIDY_ALL_TRACKS = """
create function tidy_tracks() returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    bound text := current_setting('app.tenant_id', true);
    company record;
    expired_at timestamptz;
begin
    for company in select d.tenant_id from public.tenant_directory as d order by 1 loop
        perform set_config('app.tenant_id', company.tenant_id::text, true);
        delete from public.sealed_fix where received_at < now() - interval '48 hours';
        delete from public.rejected_post where received_at < now() - interval '1 hour';
        select now() - make_interval(days => t.retention_days) into expired_at from public.tenant as t;
        perform public.add_fix_partition(t.retention_days, now() + n * interval '1 day')
        from public.tenant as t, unnest('{0,1,2,7,32}'::int[]) as n;
        delete from public.trajectory where ended_at < expired_at;
        delete from public.stop where ended_at < expired_at;
        delete from public.trip where ended_at < expired_at;
        delete from public.gap where ended_at < expired_at;
        delete from public.track_state where newest_at < expired_at;
        delete from public.device_live where newest_at < expired_at;
    end loop;
    perform set_config('app.tenant_id', coalesce(bound, ''), true);
end $$
"""


def _shift_spans(clock: str) -> str:
    return _SHIFT_SPANS.format(earliest=clock.format(name="earliest_s"), latest=clock.format(name="latest_s"))


def _replace_tidying(statement: str) -> None:
    op.execute(f"drop function {_TIDY}")
    op.execute(statement)
    _grant(_TIDY)


def _grant(function: str) -> None:
    op.execute(f"revoke execute on function {function} from public")
    grant_app("execute", f"function {function}")
