"""`geo-engine tenant`: companies, and what each begins with."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "add": ("tenant_add", "Add a company."),
    "import": ("tenant_import", "Import sites and workers from files."),
    "learning": ("tenant_learning", "Say whether days are planned with learned times."),
    "member": ("tenant_member", "Add a person who signs in."),
    "password": ("tenant_password", "Give a person who signs in a new password."),
    "people": ("tenant_people", "Add a person of every role, to try the pages."),
    "price": ("tenant_price", "Say what a kilometre costs, so that savings are told in money."),
    "roads": ("tenant_roads", "Choose the roads that routes are planned on."),
    "speeds": ("tenant_speeds", "Say how fast people get on at each hour of the day."),
    "team": ("tenant_team", "Add a team."),
    "tracking": ("tenant_tracking", "Say when people are tracked, and for how long that is kept."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Add companies, their teams and members, their roads, sites and workers."""
