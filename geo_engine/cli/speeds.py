"""Speeds by the hour, as options of the command line say them."""

from collections.abc import Sequence
from pathlib import Path

import click

from geo_engine.tenancy.speeds import HourPercents, parse_speeds

_SAID = set("0123456789,:- ")

speeds_option = click.option(
    "--speeds",
    metavar="[MODE=]SPEEDS",
    multiple=True,
    help="How fast one gets on at each hour: 24 per cents of the roads' speed, hours such as 7-9:60,17-19:55, or a "
    "file with either; for a way of travelling, car unless named.",
)


def read_speeds(texts: Sequence[str]) -> dict[str, HourPercents]:
    """Return the per cents of each hour by travel mode; the last of two for a mode holds.

    Parameters
    ----------
    texts
        As `parse_speeds` reads them, or with the name of a file in place of the speeds.

    Raises
    ------
    InvalidInput
        When a text says none.
    """
    return dict(parse_speeds(_with_file_read(text)) for text in texts)


def _with_file_read(text: str) -> str:
    mode, mark, said = text.rpartition("=")
    if said.strip() and not set(said) <= _SAID:
        try:
            said = Path(said).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return text
    return f"{mode}{mark}{said}"
