"""How a database gets the tables of this version, and how it is told that it lacks some."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from geo_engine.db.protection import APP_ROLE, MAINTENANCE_ROLE

CONNECTION = "connection"
METADATA = "metadata"
_SCRIPTS = Path(__file__).parents[2] / "migrations"
_BASE = "base"
HEAD = "head"


def migrate(owner_url: str, *, app_role: str, maintenance_role: str | None, revision: str = HEAD) -> None:
    """Bring a database to a revision, up or down; all steps or none.

    Parameters
    ----------
    owner_url
        A ``postgresql://`` address of the role that owns the tables.
    app_role
        The role that is granted what the app does; it owns nothing.
    maintenance_role
        The role that may read across tenants; None where the server has none.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        When the server refuses a step; nothing is changed.
    """
    engine = create_engine(_with_driver(owner_url), poolclass=NullPool)
    config = migration_config()
    with engine.begin() as connection:
        config.attributes.update({CONNECTION: connection, APP_ROLE: app_role, MAINTENANCE_ROLE: maintenance_role})
        known = MigrationContext.configure(connection).get_current_revision()
        if _is_before(config, revision, known):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    engine.dispose()


def migration_config() -> Config:
    """Return Alembic's configuration of our migrations."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def head_revision() -> str:
    """Return the newest revision there is."""
    return str(ScriptDirectory.from_config(migration_config()).get_current_head())


def _is_before(config: Config, revision: str, known: str | None) -> bool:
    if known is None or revision in (HEAD, known):
        return False
    script = ScriptDirectory.from_config(config)
    return revision == _BASE or revision in {one.revision for one in script.iterate_revisions(known, _BASE)}


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
