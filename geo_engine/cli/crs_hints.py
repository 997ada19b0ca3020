"""How a person is told that a file's coordinates look otherwise written than was declared."""

from geo_engine.cli.screen import say
from geo_engine.geometry.crs_fit import LikelyCrs
from geo_engine.words import Language, Message


def say_crs_hint(file: str, sentence: Message, likely: LikelyCrs, language: Language) -> None:
    """Print what was found of a file, and the option that would declare it."""
    say(f"{file}: {sentence.render(language)}")
    again = Message("If they are, give the file again with --crs {crs}.", {"crs": likely.likely.value})
    say(again.render(language))
