"""When each statement was made, by a clock that was put right: days are asked for by it, however wrong a phone's is."""

import sqlalchemy as sa
from alembic import op

from geo_engine.db.protection import unforced

revision = "0018"
down_revision = "0017"

_BY_STATED = "ix_check_in_tenant_id_worker_id_stated_at"
_BY_TOLD = "ix_check_in_tenant_id_worker_id_told_at"


def upgrade() -> None:
    """Work it out for what was stated before, and have the days derived anew on which it may have been missing."""
    op.add_column("check_in", sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True))
    with unforced("check_in", "tenant", "visit_claim"):
        op.execute(_PUT_RIGHT)
        op.execute(_CLAIM)
    op.alter_column("check_in", "stated_at", nullable=False)
    op.create_index(op.f(_BY_STATED), "check_in", ["tenant_id", "worker_id", "stated_at"])
    op.drop_index(op.f(_BY_TOLD), "check_in")


def downgrade() -> None:
    """Ask for days by what phones' clocks say, as before."""
    op.create_index(op.f(_BY_TOLD), "check_in", ["tenant_id", "worker_id", "told_at"])
    op.drop_index(op.f(_BY_STATED), "check_in")
    op.drop_column("check_in", "stated_at")


# As `visits.clocks.clock_ahead` and `Statement.stated_at` say it of one statement.
_PUT_RIGHT = """
update check_in as c set stated_at = least(
    case when ahead <= interval '0' then greatest(c.told_at - ahead, found_at) else c.told_at - ahead end,
    c.received_at
)
from (
    select tenant_id, id, found_at, case
        when least_ahead > interval '1 minute' then least_ahead
        when least_ahead >= interval '-1 minute' then interval '0'
        when least_ahead < interval '-60 days' and coalesce(found, '0') > interval '-60 days' then least_ahead
        when found < interval '-1 minute' then found
        else interval '0' end as ahead
    from (
        select tenant_id, id, greatest(told_at, sent_at) - received_at as least_ahead, found_at,
            told_at - found_at as found
        from check_in, lateral (
            select max((one ->> 'at')::timestamptz) as found_at from jsonb_array_elements(positions) as one
        ) as known
    ) as told
) as known where (known.tenant_id, known.id) = (c.tenant_id, c.id)
"""
_CLAIM = """
insert into visit_claim (tenant_id, worker_id, service_on, asked_at, number)
select distinct c.tenant_id, c.worker_id, (c.stated_at at time zone coalesce(t.timezone, 'UTC'))::date, now(), 1
from check_in as c join tenant as t on t.tenant_id = c.tenant_id where c.stated_at <> c.told_at
on conflict (tenant_id, worker_id, service_on) do update set number = visit_claim.number + 1
"""
