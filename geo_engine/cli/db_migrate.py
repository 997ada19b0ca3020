"""`geo-engine db migrate`: the tables of this version."""

import json

import click

from geo_engine.db.addresses import AddressMissingError, database_address, login_of
from geo_engine.db.migrate import HEAD, migrate
from geo_engine.db.revision import REVISION, find_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import InvalidInput
from geo_engine.settings import Settings, read_settings
from geo_engine.words import Message


@click.command()
@click.option("--revision", default=HEAD, help="Another one than the newest; “base” takes every table away.")
def command(revision: str) -> None:
    """Give the database the tables of this version; all steps or none."""
    click.echo(json.dumps({"revision": migrate_to(read_settings(), revision)}))


def migrate_to(settings: Settings, revision: str = HEAD) -> str | None:
    """Bring the installation's database to a revision, if it is not there, and return where it is.

    Raises
    ------
    Unavailable
        When it cannot be reached, or it is not said how its owner reaches it.
    """
    app_url = database_address(settings, DatabaseRole.APP)
    app_role = login_of(app_url)
    if app_role == _login(settings, DatabaseRole.OWNER):
        raise InvalidInput(
            Message(
                "DATABASE_URL and DATABASE_OWNER_URL both name the role {role}: who owns the tables is not held by "
                "their row-level security. Name a role in DATABASE_URL that owns nothing.",
                {"role": app_role},
            )
        )
    if revision != HEAD or find_revision(app_url) != REVISION:
        migrate(
            database_address(settings, DatabaseRole.OWNER),
            app_role=app_role,
            maintenance_role=_login(settings, DatabaseRole.MAINTENANCE),
            revision=revision,
        )
    return find_revision(app_url)


def _login(settings: Settings, role: DatabaseRole) -> str | None:
    try:
        return login_of(database_address(settings, role))
    except AddressMissingError:
        return None
