"""Devices and who wears them, clock-ins, fixes in partitions, live positions, and what is derived from them."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geo_engine.db.protection import grant_app, grant_maintenance, protect
from geo_engine.db.securing import secure_statements

revision = "0007"
down_revision = "0006"

_RETENTION_DAYS = (30, 90, 180, 365)


def upgrade() -> None:
    """Create them."""
    text = {"tracking": "shift", "attendance": "none"}
    for name, default in text.items():
        op.add_column("tenant", sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'"), nullable=False))
    days = sa.Column("retention_days", sa.SmallInteger(), server_default=sa.text("90"), nullable=False)
    op.add_column("tenant", days)
    op.create_check_constraint(op.f("ck_tenant_tracking"), "tenant", "tracking in ('shift', 'always')")
    op.create_check_constraint(op.f("ck_tenant_attendance"), "tenant", "attendance in ('none', 'phone')")
    op.create_check_constraint(op.f("ck_tenant_retention"), "tenant", "retention_days in (30, 90, 180, 365)")
    _create_devices()
    _create_fixes()
    _create_live()
    _create_derived()
    for statement in (
        _OPEN_SPANS,
        _ADD_FIX_PARTITION,
        _DROP_EXPIRED_FIXES,
        _RELEASE_SEALED,
        _TIDY_TRACKS,
        _ERASE_SEALED,
    ):
        op.execute(statement)
    op.execute(f"revoke execute on function {', '.join(_OF_THE_OWNER)} from public")
    grant_app("execute", f"function {', '.join(_OF_THE_OWNER)}")


def _create_devices() -> None:
    op.create_table(
        "device",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", _moment(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_device_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_device")),
    )
    protect("device")
    op.create_table(
        "device_key",
        _tenant(),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", _moment(), nullable=False),
        sa.Column("ends_at", _moment(), nullable=True),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        _key("device_key", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "secret_hash", name=op.f("pk_device_key")),
    )
    op.create_index(op.f("ix_device_key_tenant_id_device_id"), "device_key", ["tenant_id", "device_id"])
    protect("device_key")
    op.create_table(
        "device_wearing",
        _tenant(),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("worn_from", _moment(), nullable=False),
        sa.Column("worn_until", _moment(), nullable=True),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("worn_until > worn_from", name=op.f("ck_device_wearing_span")),
        _key("device_wearing", ["device_id"], "device", on_delete="CASCADE"),
        _key("device_wearing", ["worker_id"], "worker", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "worn_from", name=op.f("pk_device_wearing")),
    )
    op.create_index(
        op.f("ix_device_wearing_tenant_id_worker_id_worn_from"),
        "device_wearing",
        ["tenant_id", "worker_id", "worn_from"],
    )
    protect("device_wearing")
    op.create_table(
        "shift_record",
        _tenant(),
        sa.Column("worker_id", sa.Text(collation="C"), nullable=False),
        sa.Column("clocked_in_at", _moment(), nullable=False),
        sa.Column("clocked_out_at", _moment(), nullable=True),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.CheckConstraint("clocked_out_at > clocked_in_at", name=op.f("ck_shift_record_span")),
        _key("shift_record", ["worker_id"], "worker", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "worker_id", "clocked_in_at", name=op.f("pk_shift_record")),
    )
    protect("shift_record")
    days = ["tenant_id", "worker_id", "service_on"]
    op.create_index(op.f("ix_shift_record_tenant_id_worker_id_service_on"), "shift_record", days)
    op.create_index(op.f("ix_shift_tenant_id_worker_id_service_on"), "shift", ["tenant_id", "worker_id", "service_on"])


def _fix_columns() -> list[sa.Column[object]]:
    reals = ("accuracy_m", "altitude_m", "speed_mps", "heading_deg", "battery_percent")
    return [
        _tenant(),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("tracked_at", _moment(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("retention_days", sa.SmallInteger(), nullable=False),
        sa.Column("received_at", _moment(), nullable=False),
        sa.Column("sent_at", _moment(), nullable=True),
        sa.Column("geom", _geometry("POINT"), nullable=False),
        *(sa.Column(name, sa.REAL(), nullable=True) for name in reals),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.SmallInteger(), nullable=False),
    ]


def _create_fixes() -> None:
    op.create_table(
        "fix",
        *_fix_columns(),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "tracked_at", "place", "retention_days", name=op.f("pk_fix")),
        postgresql_partition_by="LIST (retention_days)",
    )
    protect("fix", app="select, insert, delete")
    for days in _RETENTION_DAYS:
        op.execute(f"create table fix_{days} partition of fix for values in ({days}) partition by range (tracked_at)")
        for statement in secure_statements(f"fix_{days}"):
            op.execute(statement)
        grant_maintenance(f"table fix_{days}")
    op.create_table(
        "sealed_fix",
        *_fix_columns(),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "tracked_at", "place", name=op.f("pk_sealed_fix")),
    )
    for statement in secure_statements("sealed_fix"):
        op.execute(statement)
    grant_app("insert", "table sealed_fix")


def _create_live() -> None:
    op.create_table(
        "device_live",
        _tenant(),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("tracked_at", _moment(), nullable=True),
        sa.Column("received_at", _moment(), nullable=True),
        sa.Column("geom", _geometry("POINT"), nullable=True),
        *(sa.Column(name, sa.REAL(), nullable=True) for name in ("accuracy_m", "speed_mps", "heading_deg")),
        sa.Column("battery_percent", sa.REAL(), nullable=True),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("newest_at", _moment(), nullable=False),
        sa.Column("underived_from", _moment(), nullable=True),
        sa.Column("deriving_from", _moment(), nullable=True),
        sa.Column("claim_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _key("device_live", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", name=op.f("pk_device_live")),
    )
    protect("device_live")
    op.create_table(
        "ingest_count",
        _tenant(),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("fix_count", sa.Integer(), nullable=False),
        _key("ingest_count", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "counted_on", "device_id", "outcome", name=op.f("pk_ingest_count")),
    )
    protect("ingest_count")
    op.create_table(
        "rejected_post",
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", _moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _key("rejected_post", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rejected_post")),
    )
    op.create_index(op.f("ix_rejected_post_tenant_id_received_at"), "rejected_post", ["tenant_id", "received_at"])
    protect("rejected_post")


def _create_derived() -> None:
    op.create_table(
        "track_state",
        _tenant(),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("derived_on", sa.Date(), nullable=False),
        sa.Column("restart_at", _moment(), nullable=False),
        sa.Column("final_until", _moment(), nullable=False),
        sa.Column("newest_at", _moment(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=True),
        _key("track_state", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "derived_on", name=op.f("pk_track_state")),
    )
    protect("track_state")
    of_stop = (
        sa.Column("geom", _geometry("POINT"), nullable=False),
        sa.Column("radius_m", sa.Double(), nullable=False),
        sa.Column("fix_count", sa.Integer(), nullable=False),
    )
    of_trip = (
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("fix_count", sa.Integer(), nullable=False),
        sa.Column("driven_m", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("matched", _geometry("MULTILINESTRING"), nullable=True),
    )
    of_gap = (sa.Column("cause", sa.Text(), nullable=False),)
    for name, columns in (("stop", of_stop), ("trip", of_trip), ("gap", of_gap)):
        _create_spans(name, columns)
    op.create_index(
        op.f("ix_trip_tenant_id_started_at"),
        "trip",
        ["tenant_id", "started_at"],
        postgresql_where=sa.text("not is_open and superseded_at is null and driven_m is null"),
    )
    op.create_table(
        "trajectory",
        _tenant(),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("ended_at", _moment(), nullable=False),
        sa.Column("geom", _geometry("LINESTRINGM", dimension=3), nullable=False),
        _key("trajectory", ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "started_at", name=op.f("pk_trajectory")),
    )
    op.create_index("ix_trajectory_tenant_id_geom", "trajectory", ["tenant_id", "geom"], postgresql_using="gist")
    protect("trajectory")


def _create_spans(name: str, columns: tuple[sa.Column[object], ...]) -> None:
    op.create_table(
        name,
        _tenant(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("ended_at", _moment(), nullable=False),
        *columns,
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("derived_at", _moment(), nullable=False),
        sa.Column("superseded_at", _moment(), nullable=True),
        _key(name, ["device_id"], "device", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_tenant_id_device_id_started_at"), name, ["tenant_id", "device_id", "started_at"])
    protect(name)


def downgrade() -> None:
    """Drop them."""
    spans = [f"{name}, timestamptz, timestamptz)" for name in ("open_spans(uuid", "shift_spans(text")]
    for function in (*_OF_THE_OWNER, *spans):
        op.execute(f"drop function {function}")
    op.drop_index(op.f("ix_shift_tenant_id_worker_id_service_on"), "shift")
    for table in (
        *("trajectory", "gap", "trip", "stop", "track_state", "rejected_post", "ingest_count", "device_live"),
        *("sealed_fix", "fix", "shift_record", "device_wearing", "device_key", "device"),
    ):
        op.drop_table(table)
    for name in ("retention_days", "attendance", "tracking"):
        op.drop_column("tenant", name)


def _tenant() -> sa.Column[object]:
    bound = sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid")
    return sa.Column("tenant_id", sa.Uuid(), server_default=bound, nullable=False)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _geometry(kind: str, *, dimension: int = 2) -> Geometry:
    return Geometry(kind, srid=4326, dimension=dimension, spatial_index=False)


def _key(table: str, columns: list[str], other: str, *, on_delete: str) -> sa.ForeignKeyConstraint:
    named = op.f(f"fk_{table}_tenant_id_{'_'.join(columns)}")
    targets = [f"{other}.tenant_id", f"{other}.id"]
    return sa.ForeignKeyConstraint(["tenant_id", *columns], targets, name=named, ondelete=on_delete)


_OF_THE_OWNER = (
    "add_fix_partition(smallint, timestamptz)",
    "drop_expired_fixes()",
    "release_sealed_fixes()",
    "tidy_tracks()",
    "erase_sealed_fixes(uuid, timestamptz, timestamptz)",
)
# When a worker may be tracked: where the company tracks by shift, from clock-in to clock-out of a service day, or else
# in that day's planned shift with a quarter of an hour on both sides. A clock-in without a clock-out lasts 16 hours.
# And when a device may be, and whom: while somebody wears it who may.
_OPEN_SPANS = """
create function shift_spans(asked_worker text, asked_from timestamptz, asked_until timestamptz)
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
            (s.service_on + make_interval(secs => s.earliest_s)) at time zone coalesce(c.timezone, 'UTC')
                - interval '15 minutes',
            (s.service_on + make_interval(secs => s.latest_s)) at time zone coalesce(c.timezone, 'UTC')
                + interval '15 minutes'
        from public.tenant as c join public.shift as s on s.tenant_id = c.tenant_id
        where c.tracking = 'shift' and s.worker_id = asked_worker
            and s.service_on between (asked_from at time zone 'UTC')::date - 3
                and (asked_until at time zone 'UTC')::date + 2
            and not exists (
                select from public.shift_record as r where r.tenant_id = s.tenant_id
                    and r.worker_id = s.worker_id and r.service_on = s.service_on)
    ) as span where span.start_at <= asked_until and span.end_at >= asked_from
$$;
create function open_spans(asked_device uuid, asked_from timestamptz, asked_until timestamptz)
returns table (worker_id text, start_at timestamptz, end_at timestamptz) language sql stable as $$
    with worn as (
        select w.worker_id, greatest(w.worn_from, asked_from) as worn_from,
            least(coalesce(w.worn_until, 'infinity'), asked_until) as worn_until
        from public.device_wearing as w where w.device_id = asked_device and w.worn_from <= asked_until
            and coalesce(w.worn_until, 'infinity') > asked_from
    )
    select worn.worker_id, greatest(working.start_at, worn.worn_from), least(working.end_at, worn.worn_until)
    from worn cross join lateral public.shift_spans(worn.worker_id, worn.worn_from, worn.worn_until) as working
$$
"""
# A partition of a day, a week or a month, by the class; of twenty years, so that nobody fills the catalogue. It is
# attached, not made in place: reading and writing go on meanwhile.
_ADD_FIX_PARTITION = """
create function add_fix_partition(days smallint, tracked timestamptz) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    step text := case days when 30 then 'day' when 90 then 'week' else 'month' end;
    first_on timestamp := date_trunc(step, tracked at time zone 'UTC');
    last_on timestamp := first_on + ('1 ' || step)::interval;
    part text := format('fix_%s_%s', days, to_char(first_on, 'YYYYMMDD'));
    reader record;
begin
    if tracked not between now() - interval '20 years' and now() + interval '40 days' then
        return false;
    end if;
    perform pg_advisory_xact_lock(7346155);
    if to_regclass('public.' || part) is not null then
        return true;
    end if;
    execute format('create table public.%I (like public.fix including defaults)', part);
    execute format('alter table public.%I enable row level security', part);
    execute format('alter table public.%I force row level security', part);
    execute format(
        'create policy of_tenant on public.%I '
        'using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) '
        'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', part);
    execute format(
        'alter table public.fix_%s attach partition public.%I for values from (%L) to (%L)',
        days, part, first_on at time zone 'UTC', last_on at time zone 'UTC');
    for reader in select r.rolname from pg_class as c, aclexplode(c.relacl) as held join pg_roles as r
        on r.oid = held.grantee where c.oid = format('public.fix_%s', days)::regclass
        and r.oid <> c.relowner and held.privilege_type = 'SELECT' loop
        execute format('grant select on public.%I to %I', part, reader.rolname);
    end loop;
    return true;
end $$
"""
_DROP_EXPIRED_FIXES = """
create function drop_expired_fixes() returns setof text language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    part record;
begin
    for part in
        select leaf.relname, split_part(leaf.relname, '_', 2)::int as days,
            substring(pg_get_expr(leaf.relpartbound, leaf.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz as end_at
        from pg_partition_tree('public.fix') as t join pg_class as leaf on leaf.oid = t.relid where t.isleaf
    loop
        if part.end_at <= now() - make_interval(days => part.days) then
            execute format('drop table public.%I', part.relname);
            return next part.relname;
        end if;
    end loop;
end $$
"""
# Of the bound tenant: what a clock-in covers by now becomes ordinary fixes; what nobody covered within 48 hours goes.
_RELEASE_SEALED = """
create function release_sealed_fixes() returns table (device_id uuid, earliest_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform public.add_fix_partition(p.retention_days, p.day) from (
        select distinct f.retention_days, date_trunc('day', f.tracked_at) + interval '12 hours' as day
        from public.sealed_fix as f) as p;
    return query
        with spans as materialized (
            select d.device_id, s.start_at, s.end_at from (
                select f.device_id, min(f.tracked_at) as first_at, max(f.tracked_at) as last_at
                from public.sealed_fix as f group by f.device_id
            ) as d cross join lateral public.open_spans(d.device_id, d.first_at, d.last_at) as s
        ), freed as (
            delete from public.sealed_fix as f where exists (
                select from spans where spans.device_id = f.device_id
                    and f.tracked_at >= spans.start_at and f.tracked_at <= spans.end_at)
            returning f.*
        ), kept as (
            insert into public.fix select freed.* from freed on conflict do nothing
        )
        select freed.device_id, min(freed.tracked_at) from freed group by freed.device_id;
    delete from public.sealed_fix as f where f.received_at < now() - interval '48 hours';
end $$
"""
# Of every company, whether anything of it still arrives or not: what is sealed, rejected or derived too long ago goes,
# and the partitions of the days to come are made.
_TIDY_TRACKS = """
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
_ERASE_SEALED = """
create function erase_sealed_fixes(asked_device uuid, asked_from timestamptz, asked_until timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    erased bigint;
begin
    delete from public.sealed_fix
    where device_id = asked_device and tracked_at >= asked_from and tracked_at < asked_until;
    get diagnostics erased = row_count;
    return erased;
end $$
"""
