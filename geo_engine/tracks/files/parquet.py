"""Tracks in GeoParquet: one row a fix, its position a point or two columns."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.tables.json_text import read_json
from geo_engine.tracks.files.cells import Cells
from geo_engine.tracks.files.columns import GEOMETRY, ColumnNames, known_columns
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.geometries import geometry_cells
from geo_engine.tracks.files.model import FileLimits
from geo_engine.words import Message

type Shapes = NDArray[np.object_]

_NO_SHAPES: Shapes = np.empty(0, dtype=np.object_)
_NO_SHAPE: Shapes = np.array([None], dtype=np.object_)
_WGS84 = {("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84"), ("OGC", "CRS84H")}


def read_parquet_tracks(content: bytes, names: ColumnNames, gatherer: Gatherer, limits: FileLimits) -> None:
    """Take the rows of a GeoParquet file, or of a Parquet file with a column of longitudes and one of latitudes.

    Raises
    ------
    InvalidInput
        When it is damaged or above a limit, lacks a column that a track needs, or is in a reference system other
        than WGS 84.

    Notes
    -----
    GeoParquet 1.1; points as WKB or as GeoArrow's. Texts and geometries are taken as dictionaries, so that a value
    that stands in a million rows is in memory once. Fixes of one device and track name are one track. Rows count
    from 1.
    """
    source = io.BytesIO(content)
    try:
        file = pq.ParquetFile(source)
        _require_limits(gatherer.file, file.metadata, limits)
        texts = [one.name for one in file.schema_arrow if _is_text(one.type) or pa.types.is_binary(one.type)]
        _read(pq.ParquetFile(source, read_dictionary=texts), names, gatherer)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(Message("{file} is not a readable Parquet file.", {"file": gatherer.file})) from error


def _require_limits(name: str, metadata: pq.FileMetaData, limits: FileLimits) -> None:
    if metadata.num_rows > limits.max_fixes:
        raise InvalidInput(Message("{file} has more than {limit} fixes.", {"file": name, "limit": limits.max_fixes}))
    unpacked = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if unpacked > limits.max_inflated_bytes:
        facts = {"file": name, "limit_mb": limits.max_inflated_bytes // 1_000_000}
        raise InvalidInput(Message("{file} unpacks to more than {limit_mb} MB and is not read.", facts))


def _read(file: pq.ParquetFile, names: ColumnNames, gatherer: Gatherer) -> None:
    geometry = _geometry(gatherer.file, file.schema_arrow)
    flat = [one.name for one in file.schema_arrow if one.name not in geometry and _is_plain(one.type)]
    columns = known_columns(gatherer.file, [*flat, *(["lon", "lat"] if geometry else [])], names)
    if geometry:
        columns = {name: column for name, column in columns.items() if column.name not in {"lon", "lat"}}
    count = 0
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=[*columns, *geometry])
        cells = {name: _cells(table.column(name)) for name in columns}
        for name in geometry:
            cells |= geometry_cells(_shapes(table.column(name)))
        told = columns | {name: GEOMETRY[name] for name in cells if geometry and name in GEOMETRY}
        lines = range(count + 1, count + 1 + table.num_rows)
        gatherer.add(RawFixes(lines=lines, columns=told, cells=cells, tracks=gatherer.tracks_of(told, cells)))
        count += table.num_rows


def _geometry(name: str, schema: pa.Schema) -> list[str]:
    """Return the name of the column of points; empty when the file is no GeoParquet."""
    written = (schema.metadata or {}).get(b"geo")
    document = read_json(name, written.decode("utf-8", "replace")) if written else None
    if not isinstance(document, dict):
        return []
    primary, columns = str(document.get("primary_column")), document.get("columns")
    about = columns.get(primary) if isinstance(columns, dict) else None
    if not isinstance(about, dict) or primary not in schema.names:
        raise InvalidInput(Message("{file} is not a readable Parquet file.", {"file": name}))
    if about.get("encoding") not in {"WKB", "point"}:
        raise InvalidInput(Message("A {kind} is no part of a track.", {"kind": about.get("encoding")}))
    _require_wgs84(name, about)
    return [primary]


def _require_wgs84(name: str, about: Mapping[str, Any]) -> None:
    # No word of it means OGC:CRS84 (GeoParquet 1.1); null means that nobody knows.
    crs = about.get("crs", {"id": {"authority": "OGC", "code": "CRS84"}})
    code = crs.get("id") if isinstance(crs, dict) else None
    told = (str(code.get("authority")), str(code.get("code"))) if isinstance(code, dict) else None
    if told not in _WGS84:
        facts = {"file": name, "crs": ":".join(told) if told else "?"}
        raise InvalidInput(Message("{file} is in the reference system {crs}; only WGS 84 is read.", facts))


def _cells(column: pa.ChunkedArray) -> Cells:
    kind = column.type
    if pa.types.is_timestamp(kind):
        options = pc.CastOptions(pa.timestamp("us", kind.tz), allow_time_truncate=True)
        moments = np.asarray(column.cast(options=options).to_numpy(), dtype="datetime64[us]")
        return moments if kind.tz else np.datetime_as_string(moments).tolist()
    if pa.types.is_dictionary(kind):
        return [value for chunk in column.chunks for value in _values(chunk)]
    cells: list[object] = column.to_pylist()
    return cells


def _values(chunk: pa.DictionaryArray) -> Iterator[object]:
    values = chunk.dictionary.to_pylist()
    return (None if at is None else values[at] for at in chunk.indices.to_pylist())


def _shapes(column: pa.ChunkedArray) -> Shapes:
    parts = [_points(chunk) if pa.types.is_struct(column.type) else _read_wkb(chunk) for chunk in column.chunks]
    return np.concatenate([_NO_SHAPES, *parts])


def _points(chunk: pa.StructArray) -> Shapes:
    axes = [field.name for field in chunk.type]
    points = shapely.points(np.column_stack([chunk.field(axis).to_numpy(zero_copy_only=False) for axis in axes]))
    found = np.array(points, dtype=np.object_)
    found[chunk.is_null().to_numpy(zero_copy_only=False)] = None
    return found


def _read_wkb(chunk: pa.DictionaryArray) -> Shapes:
    shapes = shapely.from_wkb(np.array(chunk.dictionary.to_pylist(), dtype=np.object_), on_invalid="ignore")
    with_none = np.concatenate([shapes, _NO_SHAPE])
    found: Shapes = with_none[chunk.indices.fill_null(-1).to_numpy()]
    return found


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_plain(kind: pa.DataType) -> bool:
    """Whether a column holds what a fix has: numbers, moments, yes and no, or texts, which are read as dictionaries."""
    of = kind.value_type if pa.types.is_dictionary(kind) else kind
    checks = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_timestamp,
    )
    return _is_text(of) or pa.types.is_null(of) or any(check(of) for check in checks)
