"""`geo-engine db`: the database. Nothing here touches the system's own PostgreSQL service."""

import json
from collections.abc import Iterable

import click

from geo_engine.cli.lazy import LazyGroup
from geo_engine.cli.screen import say
from geo_engine.db.addresses import database_address, private_cluster
from geo_engine.db.cluster_tools import find_tools
from geo_engine.db.provision import Provision, missing_provisions, server_versions
from geo_engine.db.refusals import DatabaseUnavailable
from geo_engine.db.revision import REVISION, find_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import Unavailable
from geo_engine.settings import Settings, read_settings
from geo_engine.words import Language, Message

_NOT_RUNNING = 3


_COMMANDS = {
    "migrate": ("db_migrate", "Give the database the tables of this version."),
    "provision": ("db_provision", "Give another server roles, database and extensions."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Make, start and stop the database; DATABASE_URL uses another server instead."""


@command.command()
@click.pass_obj
def up(language: Language) -> None:
    """Start the private database, making it the first time, and print its status.

    Where DATABASE_URL names another server nothing is started; what it lacks is told on stderr.
    """
    settings = read_settings()
    if settings.database_url is None:
        private_cluster(settings).up(on_step=lambda step: say(step.render(language)))
    else:
        _tell_lacks(missing_provisions(database_address(settings, DatabaseRole.APP)), language)
    click.echo(json.dumps(_status(settings)))


@command.command()
@click.pass_obj
def down(language: Language) -> None:
    """Stop the private database; its data stay."""
    settings = read_settings()
    if settings.database_url is None:
        private_cluster(settings).down()
    else:
        say(Message("DATABASE_URL is set: its server is left as it is.").render(language))


@command.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Print one line of JSON on the database; exit 3 when it does not run."""
    try:
        found = _status(read_settings())
    except DatabaseUnavailable as error:
        say(error.render(context.obj))
        found = {"running": False}
    click.echo(json.dumps(found))
    context.exit(0 if found["running"] else _NOT_RUNNING)


@command.command()
@click.option("--owner", "role", flag_value=DatabaseRole.OWNER.value, help="As the role that migrates.")
@click.option("--maintenance", "role", flag_value=DatabaseRole.MAINTENANCE.value, help="As the role that backs up.")
def url(role: str | None) -> None:
    """Print the URL, with password, that the app (or another role) connects to."""
    click.echo(database_address(read_settings(), DatabaseRole(role or DatabaseRole.APP)))


@command.command()
def programs() -> None:
    """Print the folder of the PostgreSQL programs that `up` uses, or what to type to get them."""
    click.echo(find_tools(bin_dir=read_settings().postgres_bin).bin_dir)


def _tell_lacks(lacks: Iterable[Provision], language: Language) -> None:
    """Tell what a server lacks and what its administrator can run; refuse one that cannot be worked with."""
    told = list(lacks)
    for provision in told:
        say(f"{provision.lack.render(language)}\n  {provision.statement}")
    if any(provision.is_required for provision in told):
        raise Unavailable(Message("The database cannot be used before its administrator has run these statements."))


def _status(settings: Settings) -> dict[str, object]:
    """Return what can be told of the database; no password is in it."""
    if settings.database_url is not None:
        return {"running": True, "private": False, **_versions(database_address(settings, DatabaseRole.APP))}
    cluster = private_cluster(settings)
    found = cluster.status()
    facts = {
        "running": found.is_running,
        "private": True,
        "port": found.port,
        "data_dir": None if found.data_dir is None else str(found.data_dir),
    }
    if not found.is_running:
        return {
            **facts,
            "postgres": None if found.major is None else str(found.major),
            "postgis": None,
            "migrated": None,
        }
    return {**facts, **_versions(cluster.url(DatabaseRole.APP))}


def _versions(address: str) -> dict[str, object]:
    versions = server_versions(address)
    return {
        "postgres": versions.postgres,
        "postgis": versions.postgis,
        "migrated": find_revision(address) == REVISION,
    }
