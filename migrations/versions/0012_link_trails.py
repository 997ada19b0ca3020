"""The chain of audit events: salts for what can be personal in them, links, and nothing of both ever changed."""

import sqlalchemy as sa
from alembic import op

from geo_engine.db.protection import grant_app, protect, unforced

revision = "0012"
down_revision = "0011"

_TABLES = ("audit_event", "audit_link")
_ERASE = "erase_audit_matters(bigint[], bytea[], uuid)"
_SALT = "uuid_send(gen_random_uuid())"  # 122 random bits, without an extension


def upgrade() -> None:
    """Give every event that there is its salts, and make the table of links."""
    for name in ("who_salt", "matter_salt"):
        op.add_column("audit_event", sa.Column(name, sa.LargeBinary(), server_default=sa.text(_SALT), nullable=False))
    op.add_column("audit_event", sa.Column("matter_commitment", sa.LargeBinary(), nullable=True))
    for name in ("subject_id", "facts", "matter_salt"):
        op.alter_column("audit_event", name, nullable=True)
    op.create_check_constraint(op.f("ck_audit_event_clear_or_erased"), "audit_event", _CLEAR_OR_ERASED)
    op.create_table(
        "audit_link",
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            server_default=sa.text("nullif(current_setting('app.tenant_id', true), '')::uuid"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.Column("settled_number", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.SmallInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.tenant_id"], name=op.f("fk_audit_link_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "position", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("tenant_id", "event_number", name=op.f("uq_audit_link_tenant_id_event_number")),
    )
    protect("audit_link", app="select, insert")
    for statement in (_KEEP_TRAIL, _ERASE_MATTERS):
        op.execute(statement)
    op.execute(f"revoke execute on function keep_trail(), {_ERASE} from public")
    grant_app("execute", f"function {_ERASE}")
    for table in _TABLES:
        op.execute(_TRIGGERS.format(table=table))


def downgrade() -> None:
    """Take links and salts away; of an erased event nothing comes back."""
    op.execute(f"lock table {', '.join(_TABLES)}")  # both at once, or a sealer would wait for one with the other
    for table in _TABLES:
        op.execute(f"drop trigger keep_trail on {table}")
        op.execute(f"drop trigger keep_whole_trail on {table}")
    op.execute(f"drop function {_ERASE}")
    op.execute("drop function keep_trail()")
    op.drop_table("audit_link")
    op.drop_constraint(op.f("ck_audit_event_clear_or_erased"), "audit_event")
    with unforced("audit_event"):
        op.execute("update audit_event set subject_id = '', facts = '{}' where subject_id is null")
    for name in ("subject_id", "facts"):
        op.alter_column("audit_event", name, nullable=False)
    for name in ("matter_commitment", "matter_salt", "who_salt"):
        op.drop_column("audit_event", name)


_CLEAR_OR_ERASED = (
    "num_nonnulls(subject_id, facts, matter_salt) = case when matter_commitment is null then 3 else 0 end"
)
# The app has no right to change either table; this keeps the owner from doing it by mistake. Of an event the matter
# may be replaced by its commitment, once, and nothing else.
_KEEP_TRAIL = """
create function keep_trail() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    matter constant text[] := '{subject_id,facts,matter_salt,matter_commitment}';
begin
    if tg_op = 'UPDATE' and tg_table_name = 'audit_event' then
        if to_jsonb(old) ->> 'matter_commitment' is null and to_jsonb(new) ->> 'matter_commitment' is not null
            and to_jsonb(old) - matter = to_jsonb(new) - matter
        then
            return new;
        end if;
    end if;
    raise exception 'what is written in the trail is never changed' using errcode = 'insufficient_privilege';
end $$
"""
_TRIGGERS = """
create trigger keep_trail before update or delete on {table} for each row execute function keep_trail();
create trigger keep_whole_trail before truncate on {table} for each statement execute function keep_trail()
"""
# Whoever erases is on record: nothing is erased without an event that says so, and that one never is.
_ERASE_MATTERS = """
create function erase_audit_matters(asked bigint[], commitments bytea[], actor uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    erased bigint;
begin
    with gone as (
        update public.audit_event as e
        set subject_id = null, facts = null, matter_salt = null, matter_commitment = g.commitment
        from unnest(asked, commitments) as g (number, commitment)
        where e.number = g.number and e.matter_commitment is null and g.commitment is not null
            and e.act <> 'erase_event'
        returning e.number
    )
    insert into public.audit_event (happened_at, member_id, act, subject_kind, subject_id, facts)
    select now(), actor, 'erase_event', 'audit_event', gone.number::text, '{}' from gone order by gone.number;
    get diagnostics erased = row_count;
    return erased;
end $$
"""
