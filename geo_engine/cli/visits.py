"""`geo-engine visits`: what really happened, and the evidence for it."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "learn": ("visits_learn", "Learn from past visits how long services and ways take."),
    "list": ("visits_list", "Print the visits of a day with their verdicts."),
    "pack": ("visits_pack", "Write a visit with all behind it to a file."),
    "verify": ("visits_verify", "Say whether such a file was changed since."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """List visits, learn from them, and give their evidence out."""
