"""`geo-engine day`: a company's day — plan it through the queue, publish it, read it back."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "plan": ("day_plan", "Have the day planned by a worker of the queue, and wait for the plan."),
    "publish": ("day_publish", "Give the workers a version of the plan."),
    "stops": ("day_stops", "Print the workers' ordered stops, as published."),
    "withdraw": ("day_withdraw", "Take the published plan back from the workers."),
    "write": ("day_write", "Write the plan's files from the rows."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """Plan a company's day, publish the plan or withdraw it, and read it back."""
