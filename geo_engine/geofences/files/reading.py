"""Which kind of file of fences one is, and where in it each fence's geometry stands."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from geo_engine.geofences.files.fields import DRAWN, NAMED, read_rows
from geo_engine.geofences.files.model import FencesRead
from geo_engine.geofences.files.traccar import read_area, traccar_table
from geo_engine.geofences.model import UnusableFence
from geo_engine.geofences.shapes import Drawn
from geo_engine.geometry.crs import Crs
from geo_engine.tables.features import feature_list, read_features
from geo_engine.tables.fields import RowReader
from geo_engine.tables.formulas import without_mark
from geo_engine.tables.model import Table, TableFile
from geo_engine.tables.read import read_content, read_table
from geo_engine.words import Message

_MARK = b"\xef\xbb\xbf"
_SRID = "SRID=4326;"
_SHOWN = 40


def read_fences(source: Path | TableFile, *, crs: Crs = Crs.WGS84, repairs: bool = False) -> FencesRead:
    """Return the fences in a file; one that cannot be read costs no other.

    Parameters
    ----------
    source
        GeoJSON: a FeatureCollection of points with ``radius_m``, areas, and lines with ``width_m`` (or ``buffer``, half
        of it). A CSV or XLSX table with a column ``wkt``. What Traccar's API gives of geofences: a JSON list with
        ``name`` and ``area``; its texts have the latitude first, also in a table's column ``area``.
    crs
        What the coordinates are written in.
    repairs
        Whether outlines that cross themselves are repaired; else each is a problem.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.

    Notes
    -----
    A fence without an id goes by its name. Cost: O(n).
    """
    file = source if isinstance(source, TableFile) else TableFile(name=source.name, content=read_content(source))
    begins = file.content.removeprefix(_MARK).lstrip()[:1]
    if begins == b"{":
        table = read_features(file.name, file.content)
        return read_rows(table, (NAMED,), _geometry_in(file), crs=crs, repairs=repairs)
    table = traccar_table(file) if begins == b"[" else _sheet(file)
    return read_rows(table, (NAMED, DRAWN), _written, crs=crs, repairs=repairs)


def read_wkt(text: str) -> BaseGeometry:
    """Return the geometry that well-known text says, (lon, lat); PostGIS' ``SRID=4326;`` may stand before it.

    Raises
    ------
    UnusableFence
        When it says none.
    """
    try:
        with np.errstate(invalid="ignore"):  # of a NaN it is told when the shape is made
            return shapely.from_wkt(text.removeprefix(_SRID))
    except GEOSException:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise UnusableFence(Message("“{text}” is no WKT such as POLYGON ((lon lat, …)).", {"text": shown})) from None


def _sheet(file: TableFile) -> Table:
    """Return a table with its texts as they were before they were kept from being run as formulas."""
    table = read_table(file)
    rows = (replace(row, cells={name: without_mark(text) for name, text in row.cells.items()}) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _geometry_in(file: TableFile) -> Callable[[RowReader], Drawn]:
    features = feature_list(file.name, file.content)

    def geometry(reader: RowReader) -> Drawn:
        feature = features[reader.line - 1]
        found = feature.get("geometry") if isinstance(feature, dict) else None
        if found is None:
            raise UnusableFence(Message("The feature has no geometry."))
        return Drawn(geometry=shapely.from_geojson(json.dumps(found)))

    return geometry


def _written(reader: RowReader) -> Drawn:
    area, text = reader.text("area"), reader.text("wkt")
    if area:
        return read_area(area)
    if not text:
        raise UnusableFence(Message("There is no geometry."))
    return Drawn(geometry=read_wkt(text))
