"""How a GeoJSON feature reads as a row: its properties are the cells, its geometry is lon and lat."""

import json
from collections.abc import Mapping
from typing import NoReturn, cast

import shapely
from shapely.errors import GEOSException

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import decode_text
from geo_engine.tables.model import RowProblem, Table
from geo_engine.tables.rows import build_table, column_name, require_row_limit
from geo_engine.tables.sheet import cell_text
from geo_engine.words import Message


def read_features(file: str, content: bytes) -> Table:
    """Return the features of a GeoJSON FeatureCollection, each a row with its number from 1 as line.

    Raises
    ------
    InvalidInput
        When it is no JSON, holds NaN or Infinity, or is no FeatureCollection.

    Notes
    -----
    RFC 7946. A geometry that is no point stands for a point inside it; a feature without one may have
    an address. The feature's own ``id`` is a cell unless its properties have one.
    """
    features = _features(file, decode_text(file, content))
    require_row_limit(file, len(features))
    rows: dict[int, Mapping[str, str]] = {}
    problems: list[RowProblem] = []
    for line, feature in enumerate(features, start=1):
        try:
            rows[line] = _cells(feature)
        except InvalidInput as error:
            problems.append(RowProblem(file=file, line=line, column="", reason=error.message))
    header = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    lines = ((line, [cells.get(name, "") for name in header]) for line, cells in rows.items())
    return build_table(file=file, header=header or ["id"], lines=lines, problems=problems)


def _features(file: str, text: str) -> list[object]:
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(Message("{file} is not valid JSON.", {"file": file})) from error
    except InvalidInput as error:
        raise InvalidInput(Message("{file}: {reason}", {"file": file, "reason": error.message})) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise InvalidInput(Message("{file} is not a GeoJSON FeatureCollection.", {"file": file}))
    if not features:
        raise InvalidInput(Message("{file} has no features.", {"file": file}))
    return features


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(Message("{name} is not a number in JSON.", {"name": name}))


def _cells(feature: object) -> dict[str, str]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InvalidInput(Message("This is not a GeoJSON Feature."))
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InvalidInput(Message("The properties of the feature are not an object."))
    cells: dict[str, str] = {}
    for name, value in ({"id": feature.get("id")} | properties).items():
        column = column_name(name)
        if cells.get(column):
            raise InvalidInput(Message("The feature has two properties called {column}.", {"column": column}))
        # JSON can spell half a character (a lone surrogate), which no file or screen can show.
        cells[column] = _property_text(value).encode("utf-8", "replace").decode("utf-8")
    return cells | _position_cells(feature.get("geometry"))


def _property_text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(cell_text, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else cell_text(value)


def _position_cells(geometry: object) -> dict[str, str]:
    if geometry is None:
        return {}
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
        point = cast("shapely.Point", shape if shape.geom_type == "Point" else shape.representative_point())
        return {} if point.is_empty else {"lon": repr(point.x), "lat": repr(point.y)}
    except (GEOSException, ValueError) as error:
        raise InvalidInput(Message("The geometry of the feature cannot be read.")) from error
