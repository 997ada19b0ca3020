"""`geo-engine photos`: what pictures say of themselves, and whether two are the same."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "compare": ("photos_compare", "Print whether two pictures are the same one."),
    "inspect": ("photos_inspect", "Print what pictures say of themselves."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Look at pictures as evidence."""
