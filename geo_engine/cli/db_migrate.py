"""`geo-engine db migrate`: the tables of this version."""

import json
from urllib.parse import unquote, urlsplit

import click

from geo_engine.db.addresses import AddressMissingError, database_address
from geo_engine.db.migrate import HEAD, migrate
from geo_engine.db.revision import REVISION, find_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.settings import Settings, read_settings


@click.command()
@click.option("--revision", default=HEAD, help="Another one than the newest; “base” takes every table away.")
def command(revision: str) -> None:
    """Give the database the tables of this version; all steps or none."""
    settings = read_settings()
    app_url = database_address(settings, DatabaseRole.APP)
    if revision != HEAD or find_revision(app_url) != REVISION:
        migrate(
            database_address(settings, DatabaseRole.OWNER),
            app_role=_login(app_url),
            maintenance_role=_maintenance_role(settings),
            revision=revision,
        )
    click.echo(json.dumps({"revision": find_revision(app_url)}))


def _maintenance_role(settings: Settings) -> str | None:
    try:
        return _login(database_address(settings, DatabaseRole.MAINTENANCE))
    except AddressMissingError:
        return None


def _login(url: str) -> str:
    return unquote(urlsplit(url).username or "")
