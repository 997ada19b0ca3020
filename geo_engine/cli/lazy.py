"""A group of commands, each loaded only when it is asked for: what one needs costs no other a second."""

import importlib
from collections.abc import Mapping

import click


class LazyGroup(click.Group):
    """A group some of whose commands, or all, are the ``command`` of modules.

    Parameters
    ----------
    modules
        By command name: the module within `geo_engine.cli`, and a line of help.
    """

    def __init__(self, *args: object, modules: Mapping[str, tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._modules = modules

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted([*super().list_commands(context), *self._modules])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, loading it."""
        if name not in self._modules:
            return super().get_command(context, name)
        command: click.Command = importlib.import_module(f"geo_engine.cli.{self._modules[name][0]}").command
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' names and help without loading any."""
        lines = {name: help_line for name, (_, help_line) in self._modules.items()}
        lines |= {name: one.get_short_help_str() for name, one in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(lines.items()))
