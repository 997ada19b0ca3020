"""`geo-engine db`: the database. Nothing here needs the system's own PostgreSQL service."""

import click

from geo_engine.cli.screen import say
from geo_engine.db.addresses import database_address, private_cluster
from geo_engine.db.roles import DatabaseRole
from geo_engine.settings import read_settings
from geo_engine.words import Language


@click.group()
def command() -> None:
    """Make, start and stop the database; DATABASE_URL uses another server instead."""


@command.command()
@click.pass_obj
def up(language: Language) -> None:
    """Start the private database, making it the first time."""
    settings = read_settings()
    private_cluster(settings).up(on_step=lambda step: say(step.render(language)))


@command.command()
def down() -> None:
    """Stop the private database; its data stay."""
    private_cluster(read_settings()).down()


@command.command()
@click.option("--owner", "role", flag_value=DatabaseRole.OWNER.value, help="As the role that migrates.")
@click.option("--maintenance", "role", flag_value=DatabaseRole.MAINTENANCE.value, help="As the role that backs up.")
def url(role: str | None) -> None:
    """Print the URL, with password, that the app (or another role) connects to."""
    click.echo(database_address(read_settings(), DatabaseRole(role or DatabaseRole.APP)))
