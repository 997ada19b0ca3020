"""How a command is told what a track file says in its own way, and tells what of it could not be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import wraps
from pathlib import Path

import click

from geo_engine.cli.screen import say_problems
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.zones import parse_zone
from geo_engine.tracks import Track
from geo_engine.tracks.files import NoFixesError, ReadTracks, merged_track, read_tracks
from geo_engine.words import Language, Message

_MOST_NAMED = 10
device_option = click.option("--device", help="Whose track, of a file that has several devices.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a file does not say of itself.

    Parameters
    ----------
    columns
        What the file calls the columns of a fix, by our names.
    crs
        What its coordinates are written in.
    zone
        In which times that say nothing of their zone are meant.
    """

    columns: Mapping[str, str]
    crs: Crs
    zone: tzinfo


def dialect_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--columns``, ``--from-crs`` and ``--tz``, which the command is given as its `dialect`."""

    @click.option("--columns", metavar="A=B,…", help="What the file calls its columns: tracked_at=TIME,speed_kmh=V.")
    @click.option(
        "--from-crs",
        "--crs",
        "from_crs",
        type=click.Choice([crs.value for crs in Crs]),
        default=Crs.WGS84.value,
        show_default=True,
    )
    @click.option("--tz", help="Time zone, such as Asia/Shanghai, of times that name none; UTC unless given.")
    @wraps(command)
    def with_dialect(*arguments: object, columns: str | None, from_crs: str, tz: str | None, **rest: object) -> None:
        zone = UTC if tz is None else parse_zone(tz)
        dialect = Dialect(columns=_named_columns(columns or ""), crs=Crs(from_crs), zone=zone)
        command(*arguments, dialect=dialect, **rest)

    return with_dialect


def read_track_file(path: Path, dialect: Dialect, language: Language) -> ReadTracks:
    """Return the tracks of a file, and print what of it could not be read.

    Raises
    ------
    InvalidInput
        As `read_tracks` does.
    """
    try:
        found = read_tracks(path, columns=dialect.columns, crs=dialect.crs, zone=dialect.zone)
    except NoFixesError as refused:
        say_problems(refused.problems, language)
        raise
    say_problems(found.problems, language)
    return found


def device_track(file: Path, read: ReadTracks, device: str | None) -> Track:
    """Return the track of one device of a file: two at once would leap between them.

    Raises
    ------
    InvalidInput
        When none of several devices is chosen, or one that the file does not have.
    """
    devices = sorted({one.device for one in read.tracks if one.device is not None})
    names = ", ".join(devices[:_MOST_NAMED]) + (" …" if len(devices) > _MOST_NAMED else "")
    if device is None and len(devices) > 1:
        facts = {"file": file.name, "names": names}
        raise InvalidInput(Message("{file} has several devices: choose one with --device ({names}).", facts))
    chosen = [one for one in read.tracks if device is None or one.device == device]
    if not chosen:
        facts = {"file": file.name, "device": device or "", "names": names}
        raise InvalidInput(Message("{file} has no device {device}; it has: {names}", facts))
    return merged_track(chosen)


def _named_columns(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for name, sign, heading in pairs:
        if not (name.strip() and sign and heading.strip()):
            raise InvalidInput(Message("“{text}” does not name columns as tracked_at=TIME,lon=X does.", {"text": text}))
    return {name.strip(): heading.strip() for name, _, heading in pairs}
