"""`geo-engine audit`: the trail of who did what: read, sealed, verified."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "list": ("audit_list", "Print the newest events of a company."),
    "seal": ("audit_seal", "Link what was written since, and anchor the chain."),
    "verify": ("audit_verify", "Find what was changed, taken away or slipped in."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Read the trail of who did what, seal it and verify it."""
