"""What the map of a preview is told, as values its script reads."""

from collections.abc import Mapping
from typing import Any

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.imports.model import DoubtfulAddress, Preview, Row
from geo_engine.tables.places import UnsureAddress
from geo_engine.words import Language, Message

MAP_COUNT = 5_000
"""How many rows the map shows at most."""

_KEPT = {name: "{" + name + "}" for name in ("name", "line")}
_WORDS = {
    "map": Message("Map of the import"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "zoom_all": Message("Show all rows"),
    "drawing": Message("Drawing the map …"),
    "line": Message("line {line}"),
    "choose_place": Message("Click on the map where “{name}” is."),
    "guessed": Message("Suggested place, not sure"),
    "placed": Message("Placed by hand"),
    "attribution": Message("© OpenStreetMap contributors (ODbL)"),
}


def map_data(preview: Preview, *, language: Language, background_url: str | None) -> dict[str, Any]:
    """Return what the map shows: ready rows, what doubtful addresses may mean, and what was placed by hand."""
    placed_lines = {one.line for one in preview.placed}
    ready = [row for row in preview.rows if row.line not in placed_lines]
    return {
        "language": language.value,
        "words": {language.value: _words(language)},
        "background_url": background_url,
        "ready": [[*_lon_lat(_place(row)), row.name, row.line] for row in ready[:MAP_COUNT]],
        "doubtful": [_doubtful(one) for one in preview.doubtful],
        "placed": [_address(one) | {"at": _lon_lat(one.position)} for one in preview.placed if one.position],
    }


def _words(language: Language) -> Mapping[str, str]:
    return {key: Message(one.template, _KEPT).render(language) for key, one in _WORDS.items()}


def _place(row: Row) -> Position:
    return row.position if isinstance(row, Site) else row.start


def _doubtful(one: DoubtfulAddress) -> dict[str, Any]:
    return _address(one.address) | {"at": None if one.guess is None else _lon_lat(one.guess.position)}


def _address(one: UnsureAddress) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "name": one.name, "address": one.address}


def _lon_lat(position: Position) -> list[float]:
    return [round(position.lon, 6), round(position.lat, 6)]
