"""`geo-engine`: every ability of the engine on files. Results go to stdout, everything else to stderr.

Exit 0 = result written, 2 = unusable input, 3 = something needed is missing.
"""

import sys

import click

from geo_engine.cli.lazy import LazyGroup
from geo_engine.cli.screen import default_language, say
from geo_engine.cli.usage_words import speak
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.system_errors import reason_of
from geo_engine.words import Language, Message

_COMMANDS = {
    "audit": ("audit", "Seal the trail of who did what, and verify it."),
    "convert": ("convert", "Write coordinates in another reference system."),
    "day": ("day", "Plan a company's day, publish it and read it back."),
    "db": ("db", "Make, start and stop the database."),
    "decode": ("decode", "Print what a position client posts as fixes."),
    "devices": ("devices", "Add phones and trackers, hand them over, give them other keys."),
    "fences": ("fences", "List, draw, import and export geofences."),
    "periods": ("periods", "Plan weeks from visiting rules."),
    "photos": ("photos", "Look at pictures as evidence."),
    "plan": ("plan", "Plan a day's routes from two files."),
    "replay": ("replay", "Write a page that plays a track."),
    "roads": ("roads", "Make road graphs."),
    "sample": ("sample", "Write sites and workers from an extract's places."),
    "serve": ("serve", "Serve the pages."),
    "show": ("show", "Print the ordered stops of a plan."),
    "simulate": ("simulate", "Have workers drive a plan, and their phones report it to a server."),
    "solve": ("solve", "Solve a problem in VROOM's JSON."),
    "stops": ("stops", "Print where the device of a track file stayed."),
    "tenant": ("tenant", "Add companies, their teams and members, their roads, sites and workers."),
    "tracks": ("tracks", "Convert tracks, and look who was where."),
    "up": ("up", "Run everything: the database, the pages, a worker."),
    "visits": ("visits", "List visits, and give their evidence out."),
    "worker": ("worker", "Do the queue's work."),
}
_UNUSABLE_INPUT = 2
_SOMETHING_MISSING = 3
_INTERRUPTED = 130
_WRONG_PATH = (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError)


class _Commands(LazyGroup):
    """The commands; what goes wrong in one is told in the reader's language and by the exit code."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except GeoEngineError as error:
            say(error.render(context.obj or default_language()))
            context.exit(_SOMETHING_MISSING if isinstance(error, Unavailable) else _UNUSABLE_INPUT)
        except BrokenPipeError:
            raise  # whoever read the results has seen enough; click ends quietly
        except OSError as error:
            facts = {"path": error.filename or "", "reason": reason_of(error)}
            say(Message("{path} cannot be used: {reason}", facts).render(context.obj or default_language()))
            context.exit(_UNUSABLE_INPUT if isinstance(error, _WRONG_PATH) else _SOMETHING_MISSING)


@click.group(cls=_Commands, modules=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default=lambda: default_language().value,
    callback=speak,
    is_eager=True,
    help="Language of sentences in files and messages; the environment's unless given.",
)
@click.version_option(package_name="geo-engine")
@click.pass_context
def geo_engine(context: click.Context, lang: Language) -> None:
    """Plan routes of field forces on real roads."""
    context.obj = lang


def main() -> None:
    """Run the command line and leave with its exit code; interrupted, with that of a SIGINT."""
    try:
        sys.exit(geo_engine.main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
