"""How fences are written so that they read back the same, here and elsewhere."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo_engine.geofences.files.model import FenceFormat
from geo_engine.geofences.files.traccar import area_text
from geo_engine.geofences.model import EVERY_DAY, Circle, Corridor, Geofence, Polygon, Shape
from geo_engine.tables.csv_sheets import render_sheet
from geo_engine.tables.formulas import inert
from geo_engine.timespan import window_text

type Properties = dict[str, str | int | float]

_COLUMNS = ("id", "name", "site_id", "radius_m", "width_m", "windows", "weekdays", "dwell_s")
_WKT = "wkt"
_MILLIMETRES = 3


def render_fences(fences: Sequence[Geofence], form: FenceFormat) -> tuple[str, tuple[Geofence, ...]]:
    """Return fences as the text of a file that `read_fences` reads back, and those the format cannot hold.

    Notes
    -----
    Positions are written to the last bit, a radius or width to the millimetre. Traccar knows no holes and neither
    several areas nor several lines: such fences are left out.
    """
    match form:
        case FenceFormat.GEOJSON:
            return _geojson(fences), ()
        case FenceFormat.CSV:
            return render_sheet([(*_COLUMNS, _WKT), *map(_cells, fences)]), ()
        case FenceFormat.TRACCAR:
            texts = [area_text(fence.shape) for fence in fences]
            known = [_traccar(fence, text) for fence, text in zip(fences, texts, strict=True) if text is not None]
            missing = (fence for fence, text in zip(fences, texts, strict=True) if text is None)
            return json.dumps(known, ensure_ascii=False, indent=1) + "\n", tuple(missing)


def fence_properties(fence: Geofence) -> Properties:
    """Return what a fence is beside its geometry, in the words of files; what it does not say is left out."""
    said = {
        "id": fence.id,
        "name": fence.name,
        "site_id": fence.site_id,
        "radius_m": _rounded(fence.shape.radius_m) if isinstance(fence.shape, Circle) else None,
        "width_m": _rounded(fence.shape.width_m) if isinstance(fence.shape, Corridor) else None,
        "windows": ";".join(window_text(window, dash="-") for window in fence.schedule.windows) or None,
        "weekdays": ";".join(map(str, sorted(fence.schedule.weekdays))),
        "dwell_s": fence.dwell_s,
    }
    if fence.schedule.weekdays == EVERY_DAY:
        del said["weekdays"]
    return {name: value for name, value in said.items() if value is not None}


def fence_geometry(shape: Shape) -> BaseGeometry:
    """Return what is written of a shape beside its radius or width, (lon, lat): one area or line stands alone."""
    match shape:
        case Circle():
            return shapely.Point(shape.centre.lon, shape.centre.lat)
        case Polygon():
            return _alone(shape.areas)
        case Corridor():
            return _alone(shape.lines)


def fence_feature(fence: Geofence) -> dict[str, object]:
    """Return a fence as a GeoJSON feature."""
    geometry = mapping(fence_geometry(fence.shape))
    return {"type": "Feature", "id": fence.id, "properties": fence_properties(fence), "geometry": geometry}


def _geojson(fences: Iterable[Geofence]) -> str:
    """Return a FeatureCollection (RFC 7946), a feature on each line."""
    lines = ",\n".join(json.dumps(fence_feature(fence), ensure_ascii=False) for fence in fences)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _cells(fence: Geofence) -> list[object]:
    said = fence_properties(fence)
    wkt = _wkt(mapping(fence_geometry(fence.shape)))
    return [*(_cell(said.get(column, "")) for column in _COLUMNS), wkt]


def _cell(value: str | float) -> str | float:
    return inert(value) if isinstance(value, str) else value


def _wkt(geometry: Mapping[str, Any]) -> str:
    """Return a geometry as well-known text; GEOS' own writer rounds the last bit off."""

    def inside(coordinates: Sequence[Any]) -> str:
        if isinstance(coordinates[0], float):
            return " ".join(map(repr, coordinates))
        told = (inside(one) if isinstance(one[0], float) else f"({inside(one)})" for one in coordinates)
        return ", ".join(told)

    return f"{geometry['type'].upper()} ({inside(geometry['coordinates'])})"


def _traccar(fence: Geofence, text: str) -> dict[str, object]:
    extra: dict[str, object] = {
        name: value for name, value in fence_properties(fence).items() if name not in {"name", "radius_m", "width_m"}
    }
    if isinstance(fence.shape, Corridor):
        extra["polylineDistance"] = _rounded(fence.shape.width_m) / 2
    return {"name": fence.name, "area": text, "attributes": extra}


def _alone(several: shapely.MultiPolygon | shapely.MultiLineString) -> BaseGeometry:
    return several.geoms[0] if len(several.geoms) == 1 else several


def _rounded(length_m: float) -> float:
    return round(length_m, _MILLIMETRES)
