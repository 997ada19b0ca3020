"""`geo-engine`: every ability of the engine on files. Results go to stdout, everything else to stderr.

Exit 0 = result written, 2 = unusable input, 3 = something needed is missing.
"""

import importlib

import click

from geo_engine.cli.screen import default_language, say
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.words import Language, Message

_COMMANDS = {
    "db": "Make, start and stop the database.",
    "plan": "Plan a day's routes from two files.",
    "roads": "Make road graphs.",
    "sample": "Write sites and workers from an extract's places.",
    "show": "Print the ordered stops of a plan.",
}
_UNUSABLE_INPUT = 2
_SOMETHING_MISSING = 3
_WRONG_PATH = (NotADirectoryError, IsADirectoryError, FileExistsError)


class _Commands(click.Group):
    """The commands, each imported only when it is asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"geo_engine.cli.{name}").command
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except GeoEngineError as error:
            say(error.render(context.obj or default_language()))
            context.exit(_SOMETHING_MISSING if isinstance(error, Unavailable) else _UNUSABLE_INPUT)
        except BrokenPipeError:
            raise  # whoever read the results has seen enough; click ends quietly
        except OSError as error:
            facts = {"path": error.filename or "", "reason": error.strerror or str(error)}
            say(Message("{path} cannot be used: {reason}", facts).render(context.obj or default_language()))
            context.exit(_UNUSABLE_INPUT if isinstance(error, _WRONG_PATH) else _SOMETHING_MISSING)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=lambda: default_language().value,
    help="Language of sentences in files and messages; the environment's unless given.",
)
@click.version_option(package_name="geo-engine")
@click.pass_context
def geo_engine(context: click.Context, lang: str) -> None:
    """Plan routes of field forces on real roads."""
    context.obj = Language(lang)


def main() -> None:
    """Run the command line and leave with its exit code."""
    geo_engine()
