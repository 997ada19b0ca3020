"""How Traccar writes geofences: a JSON list, and texts like WKT with the latitude first."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import shapely

from geo_engine.errors import InvalidInput
from geo_engine.geofences.model import Circle, Corridor, Polygon, Shape, UnusableFence
from geo_engine.geofences.shapes import Drawn
from geo_engine.geometry import LonLat
from geo_engine.tables.csv_text import decode_text
from geo_engine.tables.json_text import read_json
from geo_engine.tables.model import RowProblem, Table, TableFile
from geo_engine.tables.rows import Header, build_table, column_name
from geo_engine.tables.sheet import cell_text
from geo_engine.words import Message

_AREA = re.compile(r"(CIRCLE|POLYGON|LINESTRING)\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_RING = re.compile(r"\(([^()]*)\)")
_SHOWN = 40
USUAL_DISTANCE_M = 25.0
"""Traccar's `geofence.polylineDistance`: how far from a line is inside, where the fence does not say."""


def traccar_table(file: TableFile) -> Table:
    """Return the rows of a JSON list as Traccar's API gives it; what stands in ``attributes`` is a column as well.

    Raises
    ------
    InvalidInput
        When it is no JSON, no list, empty or too long.
    """
    document = read_json(file.name, decode_text(file.name, file.content))
    if not isinstance(document, list) or not document:
        raise InvalidInput(Message("{file} is not a list of geofences.", {"file": file.name}))
    rows: dict[int, Mapping[str, str]] = {}
    problems: list[RowProblem] = []
    for line, one in enumerate(document, start=1):
        if isinstance(one, dict):
            rows[line] = _cells(one)
        else:
            reason = Message("This is not a geofence of Traccar's.")
            problems.append(RowProblem(file=file.name, line=line, column="", reason=reason))
    columns = list(dict.fromkeys(name for cells in rows.values() for name in cells)) or ["name"]
    lines = ((line, [cells.get(name, "") for name in columns]) for line, cells in rows.items())
    return build_table(file=file.name, header=Header(line=0, texts=columns), lines=lines, problems=problems)


def read_area(text: str) -> Drawn:
    """Return the geometry that Traccar's text of an area says.

    Raises
    ------
    UnusableFence
        When it says none.

    Examples
    --------
    >>> read_area("CIRCLE (39.9 116.4, 80)")
    Drawn(geometry=<POINT (116.4 39.9)>, radius_m=80.0, width_m=None)
    """
    try:
        return _drawn(text.strip())
    except ValueError:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise UnusableFence(
            Message("“{text}” is no area as Traccar writes it, such as CIRCLE (lat lon, radius).", {"text": shown})
        ) from None


def area_text(shape: Shape) -> str | None:
    """Return a shape as Traccar's text; None for several areas or lines, or an area with holes: it knows none.

    Examples
    --------
    >>> area_text(Polygon(areas=shapely.MultiPolygon([shapely.box(1.0, 2.0, 3.0, 4.0)])))
    'POLYGON ((2.0 3.0, 4.0 3.0, 4.0 1.0, 2.0 1.0, 2.0 3.0))'
    """
    match shape:
        case Circle():
            return f"CIRCLE ({shape.centre.lat!r} {shape.centre.lon!r}, {shape.radius_m!r})"
        case Polygon():
            areas = list(shape.areas.geoms)
            is_plain = len(areas) == 1 and not areas[0].interiors
            return f"POLYGON (({_pairs_text(areas[0].exterior.coords)}))" if is_plain else None
        case Corridor():
            lines = list(shape.lines.geoms)
            return f"LINESTRING ({_pairs_text(lines[0].coords)})" if len(lines) == 1 else None


def _cells(one: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of a geofence by column; of its attributes those that a fence of ours has."""
    attributes = one.get("attributes")
    own = {column_name(name): _text(value) for name, value in one.items() if name in {"id", "name", "area"}}
    named = attributes if isinstance(attributes, dict) else {}
    extra = {column_name(name): _text(value) for name, value in named.items()}
    is_line = own.get("area", "").strip().upper().startswith("LINESTRING")
    usual = {"polylinedistance": cell_text(USUAL_DISTANCE_M)} if is_line else {}
    return usual | {name: extra[name] for name in _ATTRIBUTES if extra.get(name)} | own | _own_id(extra)


_ATTRIBUTES = ("polylinedistance", "site_id", "windows", "weekdays", "dwell_s")
"""What a fence of ours has that Traccar has not: kept with its geofence, where any may be."""


def _own_id(extra: Mapping[str, str]) -> dict[str, str]:
    return {"id": extra["id"]} if extra.get("id") else {}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else cell_text(value)


def _drawn(text: str) -> Drawn:
    found = _AREA.fullmatch(text)
    kind, inside = ("", "") if found is None else (found[1].upper(), found[2])
    if kind == "CIRCLE":
        place, radius = inside.split(",")
        return Drawn(geometry=shapely.Point(_lon_lat(place)), radius_m=float(radius))
    if kind == "LINESTRING":
        return Drawn(geometry=shapely.LineString(_pairs(inside)))
    shell, *holes = (_pairs(ring) for ring in _RING.findall(inside))
    return Drawn(geometry=shapely.Polygon(shell, holes))


def _pairs(text: str) -> list[LonLat]:
    return [_lon_lat(pair) for pair in text.split(",")]


def _lon_lat(text: str) -> LonLat:
    lat, lon = map(float, text.split())
    return lon, lat


def _pairs_text(coordinates: Iterable[Sequence[float]]) -> str:
    return ", ".join(f"{lat!r} {lon!r}" for lon, lat in coordinates)
