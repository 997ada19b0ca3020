"""How Alembic runs our migrations: on the connection it is given, in one transaction."""

from alembic import context
from geoalchemy2 import alembic_helpers

from geo_engine.db.migrate import CONNECTION
from geo_engine.schema import all_tables, is_ours


def _include(*asked: object) -> bool:
    """Return whether Alembic looks at an object: what PostGIS and the queue bring is theirs."""
    return alembic_helpers.include_object(*asked) and is_ours(str(asked[1]))


context.configure(
    connection=context.config.attributes[CONNECTION],
    target_metadata=all_tables(),
    include_object=_include,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
)
with context.begin_transaction():
    context.run_migrations()
