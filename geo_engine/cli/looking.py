"""How a command that looks at people's tracks is told what for."""

import click

purpose_option = click.option(
    "--purpose", required=True, help="What it is looked at for: it is written down, and the worker can read it."
)
