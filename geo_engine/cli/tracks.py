"""`geo-engine tracks`: tracks in files and in a company's rows, and who was where by them."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "at": ("tracks_at", "Print where a worker was at a moment."),
    "convert": ("tracks_convert", "Write the tracks of one file into another, in another format."),
    "erase": ("tracks_erase", "Delete everything recorded of where a worker was."),
    "export": ("tracks_export", "Write what a worker's devices reported into a file."),
    "import": ("tracks_import", "Keep the tracks of a file as what workers wore."),
    "where": ("tracks_where", "Print who was near a place, and when."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Convert, import and export tracks, and look who was where."""
