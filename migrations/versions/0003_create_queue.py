"""The queue: procrastinate's own tables, types and functions, as its pinned version brings them.

They have no tenant and no row-level security: their rows hold nothing but the name of a task and ids. A newer
procrastinate needs a migration of its own; `tests/integration/db/test_migrations.py` says so when it comes.
"""

from alembic import op
from procrastinate.schema import SchemaManager

from geo_engine.db.protection import grant_app, grant_maintenance

revision = "0003"
down_revision = "0002"

_TABLES = ("procrastinate_periodic_defers", "procrastinate_events", "procrastinate_jobs", "procrastinate_workers")


def upgrade() -> None:
    """Create them."""
    # As it is: the functions' bodies hold colons and percent signs that are no parameters.
    op.get_bind().exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})
    tables = ", ".join(_TABLES)
    grant_app("select, insert, update, delete", f"table {tables}")
    sequences = ", ".join(f"{table}_id_seq" for table in _TABLES)
    grant_app("usage", f"sequence {sequences}")
    grant_maintenance(f"table {tables}")
    grant_maintenance(f"sequence {sequences}")


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        op.execute(f"drop table {table} cascade")
    op.execute(_DROP_THE_REST)


_DROP_THE_REST = """
do $$
declare dropped record;
begin
    for dropped in
        select oid::regprocedure as name from pg_proc
        where proname like 'procrastinate\\_%' and pronamespace = 'public'::regnamespace
    loop
        execute 'drop function ' || dropped.name || ' cascade';
    end loop;
    for dropped in
        select oid::regtype as name from pg_type
        where typname like 'procrastinate\\_%' and typnamespace = 'public'::regnamespace
    loop
        execute 'drop type ' || dropped.name || ' cascade';
    end loop;
end $$
"""
