"""`geo-engine devices`: the phones and trackers of a company, who wears them and what they report with."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "add": ("devices_add", "Add a device that a worker wears."),
    "hand-over": ("devices_hand_over", "Have a device worn by another worker."),
    "list": ("devices_list", "Print the devices."),
    "revoke": ("devices_revoke", "Take a device's keys away."),
    "rotate": ("devices_rotate", "Give a device another key."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Add devices, hand them over, give them other keys."""
