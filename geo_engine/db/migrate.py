"""How a database gets the tables of this version, and how it is told that it lacks some."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from geo_engine.db.protection import APP_ROLE, MAINTENANCE_ROLE
from geo_engine.db.refusals import DatabaseUnavailable
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.words import Message

CONNECTION = "connection"
_log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).parents[2] / "migrations"
_BASE = "base"
HEAD = "head"
# Of migrations of one database at once the second waits, and finds nothing left to do.
_LOCK_KEY = 7_346_154


class NoSuchRevision(InvalidInput):
    """There is no migration of the name that was asked for."""

    def __init__(self, revision: str) -> None:
        super().__init__(Message("There is no revision {revision} of the tables.", {"revision": revision}))


class DatabaseTooNew(Unavailable):
    """The database has the tables of a version after this one."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            Message(
                "The tables have revision {revision}, which this version does not know: use the version that "
                "made them.",
                {"revision": revision},
            )
        )


class MigrationRefused(Unavailable):
    """The server refused a step, for want of a privilege most of all."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            Message("The server refuses to change the tables, and nothing was changed: {reason}", {"reason": reason})
        )


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
    NoSuchRevision
        When there is none of that name.
    DatabaseTooNew
        When the database is at a revision of a later version.
    DatabaseUnavailable
        When the server cannot be reached or does not let the owner in.
    MigrationRefused
        When it refuses a step; nothing is changed.
    """
    engine = create_engine(_with_driver(owner_url), poolclass=NullPool)
    config = migration_config()
    _require_known(config, revision, NoSuchRevision)
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
            config.attributes.update({CONNECTION: connection, APP_ROLE: app_role, MAINTENANCE_ROLE: maintenance_role})
            known = MigrationContext.configure(connection).get_current_revision()
            _require_known(config, known or _BASE, DatabaseTooNew)
            if _is_before(config, revision, known):
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        if error.statement is not None:
            raise MigrationRefused(reason) from error
        _log.error("%s", reason)
        raise DatabaseUnavailable from error
    finally:
        engine.dispose()


def migration_config() -> Config:
    """Return Alembic's configuration of our migrations."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def head_revision() -> str:
    """Return the newest revision there is."""
    return str(ScriptDirectory.from_config(migration_config()).get_current_head())


def _require_known(config: Config, revision: str, refusal: type[NoSuchRevision | DatabaseTooNew]) -> None:
    try:
        ScriptDirectory.from_config(config).get_revisions(revision)
    except CommandError as error:
        raise refusal(revision) from error


def _is_before(config: Config, revision: str, known: str | None) -> bool:
    if known is None or revision in (HEAD, known):
        return False
    script = ScriptDirectory.from_config(config)
    return revision == _BASE or revision in {one.revision for one in script.iterate_revisions(known, _BASE)}


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
