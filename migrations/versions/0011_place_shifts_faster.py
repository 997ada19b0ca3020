"""The moments of a shift worked out in a sixteenth of the time, and never left behind by a zone that changes."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Replace both functions; what they wrote stays as it is."""
    op.execute(_PLACE_SHIFT)
    op.execute(_PLACE_SHIFTS_ANEW)


def downgrade() -> None:
    """Give back the functions as they were."""
    op.execute(_PLACE_SHIFT_BEFORE)
    op.execute(_PLACE_SHIFTS_ANEW_BEFORE)


# The zone is held until the shift is there: whoever changed it meanwhile would not see the shift to place it anew. Two
# that write a shift and change the zone wait for each other at most, as long as a shift is written before it is locked.
# Assignments call the function with values; in a query over a subquery it is planned anew for each row.
_PLACE_SHIFT = """
create or replace function place_shift() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
    zone text;
begin
    select coalesce(c.timezone, 'UTC') into zone
    from public.tenant as c where c.tenant_id = new.tenant_id for share;
    new.start_at := public.clock_on(new.earliest_s, new.service_on, zone);
    new.end_at := public.clock_on(new.latest_s, new.service_on, zone);
    return new;
end $$
"""
# Whoever sees the company and not its shifts, as a migration that unforces one table only, would leave them behind.
_PLACE_SHIFTS_ANEW = """
create or replace function place_shifts_anew() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    if row_security_active('public.shift')
        and nullif(current_setting('app.tenant_id', true), '')::uuid is distinct from new.tenant_id
    then
        raise exception 'the shifts of a company whose time zone changes cannot be seen';
    end if;
    update public.shift as s set service_on = s.service_on where s.tenant_id = new.tenant_id;
    return null;
end $$
"""
_PLACE_SHIFT_BEFORE = """
create or replace function place_shift() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    select public.clock_on(new.earliest_s, new.service_on, z.zone),
        public.clock_on(new.latest_s, new.service_on, z.zone)
    into new.start_at, new.end_at
    from (
        select coalesce(c.timezone, 'UTC') as zone from public.tenant as c where c.tenant_id = new.tenant_id for share
    ) as z;
    return new;
end $$
"""
_PLACE_SHIFTS_ANEW_BEFORE = """
create or replace function place_shifts_anew() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    update public.shift as s set service_on = s.service_on where s.tenant_id = new.tenant_id;
    return null;
end $$
"""
