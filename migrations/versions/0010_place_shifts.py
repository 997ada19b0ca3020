"""When each planned shift begins and ends, worked out when it is written: phones ask for it all day."""

import sqlalchemy as sa
from alembic import op

from geo_engine.db.protection import unforced

revision = "0010"
down_revision = "0009"

_MOMENTS = ("start_at", "end_at")
_FUNCTIONS = ("place_shift()", "place_shifts_anew()")


def upgrade() -> None:
    """Add both moments to shifts, kept in step by triggers, and have them read."""
    for name in _MOMENTS:
        op.add_column("shift", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for statement in (_PLACE_SHIFT, _PLACE_SHIFTS_ANEW):
        op.execute(statement)
    for function in _FUNCTIONS:
        op.execute(f"revoke execute on function {function} from public")
    with unforced("shift", "tenant"):
        op.execute("update shift set service_on = service_on")
    for name in _MOMENTS:
        op.alter_column("shift", name, nullable=False)
    op.execute(_SHIFT_SPANS.format(**_WRITTEN))


def downgrade() -> None:
    """Work them out whenever they are asked for, as before."""
    op.execute("drop trigger place_shifts_anew on tenant")
    op.execute("drop trigger place_shift on shift")
    op.execute(_SHIFT_SPANS.format(**_WORKED_OUT))
    for function in _FUNCTIONS:
        op.execute(f"drop function {function}")
    for name in _MOMENTS:
        op.drop_column("shift", name)


# The zone is held until the shift is there: whoever changed it meanwhile would not see the shift to place it anew.
_PLACE_SHIFT = """
create function place_shift() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    select public.clock_on(new.earliest_s, new.service_on, z.zone),
        public.clock_on(new.latest_s, new.service_on, z.zone)
    into new.start_at, new.end_at
    from (
        select coalesce(c.timezone, 'UTC') as zone from public.tenant as c where c.tenant_id = new.tenant_id for share
    ) as z;
    return new;
end $$;
create trigger place_shift before insert or update on shift for each row execute function place_shift()
"""
_PLACE_SHIFTS_ANEW = """
create function place_shifts_anew() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    update public.shift as s set service_on = s.service_on where s.tenant_id = new.tenant_id;
    return null;
end $$;
create trigger place_shifts_anew after update of timezone on tenant for each row
when (old.timezone is distinct from new.timezone) execute function place_shifts_anew()
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
        select {start} - interval '15 minutes', {end} + interval '15 minutes'
        from public.tenant as c join public.shift as s on s.tenant_id = c.tenant_id
        where c.tracking = 'shift' and s.worker_id = asked_worker
            and s.service_on between (asked_from at time zone 'UTC')::date - 3
                and (asked_until at time zone 'UTC')::date + 2
            and {is_near}
            and not exists (
                select from public.shift_record as r where r.tenant_id = s.tenant_id
                    and r.worker_id = s.worker_id and r.service_on = s.service_on)
    ) as span where span.start_at <= asked_until and span.end_at >= asked_from
$$
"""
_WRITTEN = {
    "start": "s.start_at",
    "end": "s.end_at",
    "is_near": "s.start_at - interval '15 minutes' <= asked_until and s.end_at + interval '15 minutes' >= asked_from",
}
_WORKED_OUT = {
    "start": "public.clock_on(s.earliest_s, s.service_on, coalesce(c.timezone, 'UTC'))",
    "end": "public.clock_on(s.latest_s, s.service_on, coalesce(c.timezone, 'UTC'))",
    "is_near": "s.service_on + make_interval(secs => s.earliest_s)"
    " <= asked_until at time zone 'UTC' + interval '16 hours'"
    " and s.service_on + make_interval(secs => s.latest_s) >= asked_from at time zone 'UTC' - interval '16 hours'",
}
