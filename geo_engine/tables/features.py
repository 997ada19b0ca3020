"""How a GeoJSON feature reads as a row: its properties are the cells, its geometry is lon and lat."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import shapely
from shapely.errors import GEOSException

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import decode_text, without_controls
from geo_engine.tables.json_text import read_json
from geo_engine.tables.model import RowProblem, Table
from geo_engine.tables.rows import Header, build_table, column_name, require_row_limit
from geo_engine.tables.sheet import cell_text
from geo_engine.words import Message


def read_features(file: str, content: bytes) -> Table:
    """Return the features of a GeoJSON FeatureCollection, or one alone, each a row with its number from 1 as line.

    Raises
    ------
    InvalidInput
        When it is no JSON, holds NaN or Infinity, or is neither.

    Notes
    -----
    RFC 7946. A geometry that is no point stands for a point inside it; a feature without one may have
    an address. The feature's own ``id`` is a cell unless its properties have one.
    """
    features = feature_list(file, content)
    require_row_limit(file, len(features))
    rows: dict[int, _Cells] = {}
    problems: list[RowProblem] = []
    for line, feature in enumerate(features, start=1):
        try:
            rows[line] = _cells(feature)
        except InvalidInput as error:
            problems.append(RowProblem(file=file, line=line, column="", reason=error.message))
    columns = list(dict.fromkeys(name for cells in rows.values() for name in cells.texts)) or ["id"]
    lines = ((line, [cells.texts.get(name, "") for name in columns]) for line, cells in rows.items())
    table = build_table(file=file, header=Header(line=0, texts=columns), lines=lines, problems=problems)
    nested = (replace(row, lists=rows[row.line].lists, objects=rows[row.line].objects) for row in table.rows)
    return replace(table, rows=tuple(nested))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The texts of one feature by column, and the columns that held more than one value."""

    texts: Mapping[str, str]
    lists: frozenset[str]
    objects: frozenset[str]


def feature_list(file: str, content: bytes) -> list[object]:
    """Return what a GeoJSON FeatureCollection lists, whether each is a feature or not, or a feature that is alone.

    Raises
    ------
    InvalidInput
        As `read_features`.
    """
    document = read_json(file, decode_text(file, content))
    if isinstance(document, dict) and document.get("type") == "Feature":
        return [document]
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise InvalidInput(Message("{file} is not a GeoJSON FeatureCollection.", {"file": file}))
    if not features:
        raise InvalidInput(Message("{file} has no features.", {"file": file}))
    return features


def _cells(feature: object) -> _Cells:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InvalidInput(Message("This is not a GeoJSON Feature."))
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InvalidInput(Message("The properties of the feature are not an object."))
    texts: dict[str, str] = {}
    values: dict[str, object] = {}
    own = {"id": feature["id"]} if feature.get("id") is not None else {}
    for name, value in (own | properties).items():
        column = column_name(name)
        if texts.get(column):
            raise InvalidInput(Message("The feature has two properties called {column}.", {"column": column}))
        values[column] = value
        # JSON can spell half a character (a lone surrogate), which no file or screen can show.
        texts[column] = without_controls(_property_text(value)).encode("utf-8", "replace").decode("utf-8")
    position = _position_cells(feature.get("geometry"))
    nested = {column: value for column, value in values.items() if texts[column] and column not in position}
    return _Cells(
        texts=texts | position,
        lists=frozenset(column for column, value in nested.items() if isinstance(value, list)),
        objects=frozenset(column for column, value in nested.items() if _is_object(value)),
    )


def _is_object(value: object) -> bool:
    """Whether a property is an object, or a list that holds more than single values."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))


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
