"""`geo-engine convert`: coordinates from one reference system into another."""

import json
import math
import sys
from collections.abc import Iterable, Iterator

import click
import numpy as np

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs, LonLatArray, array_from_wgs84, array_to_wgs84
from geo_engine.tables.json_text import find_json
from geo_engine.words import Message

type Row = dict[str, object]

_SYSTEMS = click.Choice([crs.value for crs in Crs])
_AT_ONCE = 10_000
_DECIMALS = 9
"""A tenth of a millimetre: what is written can be read back as it was."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--from", "source", type=_SYSTEMS, required=True, help="What the coordinates are written in.")
@click.option("--to", "target", type=_SYSTEMS, required=True, help="What they are to be written in.")
@click.argument("place", nargs=-1, type=float, metavar="[LON LAT]")
def command(source: str, target: str, place: tuple[float, ...]) -> None:
    """Print LON LAT, or each place of standard input, in another reference system: lines of JSON with lon and lat.

    What else stands in a line is kept. GCJ-02 and BD-09 are WGS 84 outside mainland China.
    """
    rows = [_row_of(place)] if place else _rows(sys.stdin.buffer)
    for part in _parts(rows):
        for row, (lon, lat) in zip(part, _converted(part, Crs(source), Crs(target)), strict=True):
            click.echo(_text_of(row | {"lon": lon, "lat": lat}))


def _text_of(row: Row) -> bytes:
    """Return a line of JSON; half a character, which JSON can spell, is spelled again."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _row_of(place: tuple[float, ...]) -> Row:
    if len(place) != 2:
        raise InvalidInput(Message("A place is two numbers: its longitude and its latitude."))
    row: Row = {"lon": place[0], "lat": place[1]}
    _require_place(row, "LON LAT")
    return row


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        line_name, row = Message("Line {n}", {"n": number}), find_json(line)
        if not isinstance(row, dict):
            raise InvalidInput(Message("{where}: this is no JSON object with lon and lat.", {"where": line_name}))
        _require_place(row, line_name)
        yield row


def _require_place(row: Row, where: Message | str) -> None:
    """Raise unless a row has two coordinates that are on earth."""
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        if name not in row:
            raise InvalidInput(Message("{where}: {name} is missing.", {"where": where, "name": name}))
        value = row[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or abs(value) > most:  # type: ignore[arg-type]
            facts = {"where": where, "name": name, "most": most}
            raise InvalidInput(Message("{where}: {name} is no number from -{most} to {most}.", facts))


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _converted(rows: list[Row], source: Crs, target: Crs) -> list[list[float]]:
    written: LonLatArray = np.array([[row["lon"], row["lat"]] for row in rows], dtype=np.float64)
    if source is not target:
        written = array_from_wgs84(array_to_wgs84(written, crs=source), crs=target).round(_DECIMALS)
    places: list[list[float]] = written.tolist()
    return places
