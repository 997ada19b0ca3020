"""`geo-engine tracks`: tracks in files."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "convert": ("tracks_convert", "Write the tracks of one file into another, in another format."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Convert tracks from one format to another."""
