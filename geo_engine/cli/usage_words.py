"""In which language click says what is wrong with a command line: its sentences are gettext's, ours lie beside."""

import gettext
import os
from pathlib import Path

import click

from geo_engine.words import Language

gettext.bindtextdomain(gettext.textdomain(), str(Path(__file__).parents[1] / "locale"))


def speak(_context: click.Context, _option: click.Parameter, language: str) -> Language:
    """Have click speak a language from now on, and return it: the callback of an option."""
    os.environ["LANGUAGE"] = language.replace("-", "_")  # where gettext looks first
    return Language(language)
