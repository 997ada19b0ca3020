"""What a quiet background shows of an extract, and how much of it fits into a number of bytes."""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.basemap.coast import build_sea
from geo_engine.basemap.extract import Feature, Form, read_features, read_header_bounds
from geo_engine.basemap.model import Background, BackgroundKind
from geo_engine.basemap.places import inner_position
from geo_engine.geometry import Position
from geo_engine.geometry.plane import LocalPlane

DEFAULT_BUDGET_BYTES = 2_000_000
ENCODED_SCALE = 100_000

_DRAWING = 1  # raise it when the same extract is drawn otherwise, so that older drawings are made again
_KEYS = ("natural", "waterway", "landuse", "leisure", "building", "highway", "railway", "place")
_MAJOR_ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})
_MINOR_ROADS = frozenset({"tertiary", "unclassified", "residential", "living_street", "service", "road"})
_RAILS = frozenset({"rail", "light_rail", "tram", "narrow_gauge", "funicular"})
_WATERS = frozenset({"natural=water", "waterway=riverbank", "waterway=dock", "landuse=reservoir", "landuse=basin"})
_PARKS = frozenset(
    {"leisure=park", "leisure=garden", "landuse=forest", "landuse=grass", "landuse=cemetery", "natural=wood"}
    | {"landuse=recreation_ground", "landuse=village_green", "leisure=nature_reserve", "leisure=golf_course"}
)
_LABEL_KINDS = ("city", "town", "suburb", "village", "quarter", "neighbourhood")
_LABEL_COUNT = 60
_LEAST_BUILDING_M2 = 30.0
_FAR_BIGGER = 2.0
_OUTLIER_SHARE = 0.002
_EDGE_SHARE = 0.01

type _Path = tuple[tuple[float, float], ...]
type _Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How finely shapes are drawn: what is smaller is left out, minor roads first."""

    tolerance_m: float
    minor_tolerance_m: float
    least_minor_m: float
    least_area_m2: float


# From street level to a whole province; buildings are drawn with the first alone.
_DETAILS = (
    _Detail(2, 2, 0, 50),
    _Detail(3, 6, 0, 200),
    _Detail(5, 10, 60, 600),
    _Detail(8, 16, 150, 2_000),
    _Detail(15, 30, 300, 6_000),
    _Detail(30, 60, 800, 20_000),
    _Detail(60, 120, 2_000, 60_000),
    _Detail(120, 250, 5_000, 200_000),
)
_LEFT_OUT_FIRST = (
    BackgroundKind.ROAD_MINOR, BackgroundKind.RAIL, BackgroundKind.PARK, BackgroundKind.WATER,
    BackgroundKind.ROAD_MAJOR, BackgroundKind.COAST, BackgroundKind.SEA,
)  # fmt: skip


@dataclass(slots=True)
class _Shown:
    """What was read of an extract, not yet simplified; shapes in metres once on the plane."""

    areas: dict[BackgroundKind, list[str]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[BackgroundKind, list[str]] = field(default_factory=lambda: defaultdict(list))
    labels: list[tuple[int, int, str, Position]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """Everything clipped to the bounds, in metres of the plane."""

    areas: Mapping[BackgroundKind, _Shapes]
    lines: Mapping[BackgroundKind, _Shapes]
    labels: tuple[tuple[str, Position], ...]
    bounds: tuple[float, float, float, float]
    plane: LocalPlane


def drawn_background(extract: Path, *, kept_in: Path) -> str:
    """Return an extract's background as `encode_background` writes it, drawn the first time and kept.

    Whoever asks while another thread or process draws it waits, and takes what that one has drawn.

    Parameters
    ----------
    kept_in
        A folder that belongs to this extract alone; a drawing older than the extract is made again.
        Where the folder cannot be written, nothing is kept.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.
    """
    drawing = kept_in / f"background-{_DRAWING}.json"
    if (kept := _kept(drawing, extract)) is not None:
        return kept
    with _locked(kept_in):
        if (kept := _kept(drawing, extract)) is not None:
            return kept
        encoded = encode_background(build_background(extract))
        _keep(drawing, encoded)
        return encoded


def _kept(drawing: Path, extract: Path) -> str | None:
    """Return what was drawn of the extract as it is now; None when nothing was."""
    with suppress(FileNotFoundError):
        if drawing.stat().st_mtime >= extract.stat().st_mtime:
            return drawing.read_text(encoding="utf-8")
    return None


def _keep(drawing: Path, encoded: str) -> None:
    unfinished = drawing.with_name(f".{drawing.name}.{uuid4().hex}.part")
    with suppress(OSError):
        try:
            unfinished.write_text(encoded, encoding="utf-8")
            unfinished.replace(drawing)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other threads and processes out of a folder's drawing; where a folder cannot be locked, keep nobody out."""
    with ExitStack() as stack:
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)  # of this opening alone, so that threads exclude each other as well
        yield


def build_background(extract: Path, *, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> Background:
    """Return an extract's sea, water, parks, roads, rails, buildings and names, simplified to a budget.

    Parameters
    ----------
    budget_bytes
        What `encode_background` may take, in bytes of UTF-8.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    Simplified by Douglas–Peucker in metres. Over the budget, buildings go first (the smallest before
    the biggest), then detail by detail, minor roads before all else; under it, buildings fill the rest.
    Coordinates are rounded to 10⁻⁵ degrees. O(n log n); Monaco takes about 2 s.
    """
    sheet = _sheet(_read(extract), read_header_bounds(extract))
    for detail in _DETAILS:
        background = _drawn(sheet, detail)
        spare_bytes = budget_bytes - _size_bytes(background)
        if spare_bytes >= 0:
            return _with_buildings(background, sheet, spare_bytes) if detail is _DETAILS[0] else background
    return _emptied(background, budget_bytes)


def encode_background(background: Background) -> str:
    """Return a background as compact JSON: rings and lines are integers, each point as its step from the last.

    Notes
    -----
    A path is ``[x0, y0, dx1, dy1, …]`` in units of 1 ÷ `ENCODED_SCALE` degree; decoding is a running sum.
    """
    west, south, east, north = background.bounds
    encoded = {
        "scale": ENCODED_SCALE,
        "bounds": [round(degrees, 5) for degrees in (west, south, east, north)],
        "areas": [
            {"kind": kind, "polygons": [[_steps(ring) for ring in polygon] for polygon in polygons]}
            for kind, polygons in background.areas.items()
        ],
        "lines": [
            {"kind": kind, "parts": [_steps(part) for part in parts]} for kind, parts in background.lines.items()
        ],
        "labels": [[name, *_steps(((spot.lon, spot.lat),))] for name, spot in background.labels],
    }
    return json.dumps(encoded, ensure_ascii=False, separators=(",", ":"))


def _steps(path: Sequence[tuple[float, float]]) -> list[int]:
    points = np.rint(np.array(path) * ENCODED_SCALE).astype(np.int64)
    steps: list[int] = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return steps


def _size_bytes(background: Background) -> int:
    return len(encode_background(background).encode())


def _read(extract: Path) -> _Shown:
    shown = _Shown()
    for feature in read_features(extract, keys=_KEYS):
        if feature.form is Form.AREA:
            kind = _area_kind(feature.tags)
            if kind:
                shown.areas[kind].append(feature.wkb)
        elif feature.form is Form.WAY:
            kind = _line_kind(feature.tags)
            if kind:
                shown.lines[kind].append(feature.wkb)
        if feature.form in (Form.NODE, Form.AREA):
            shown.labels.extend(_labels(feature))
    return shown


def _area_kind(tags: Mapping[str, str]) -> BackgroundKind | None:
    stated = {f"{key}={tags[key]}" for key in ("natural", "waterway", "landuse", "leisure") if key in tags}
    if stated & _WATERS:
        return BackgroundKind.WATER
    if stated & _PARKS:
        return BackgroundKind.PARK
    return BackgroundKind.BUILDING if tags.get("building", "no") != "no" else None


def _line_kind(tags: Mapping[str, str]) -> BackgroundKind | None:
    road = tags.get("highway", "").removesuffix("_link")
    if tags.get("natural") == "coastline":
        return BackgroundKind.COAST
    if tags.get("area") == "yes":
        return None
    if road in _MAJOR_ROADS:
        return BackgroundKind.ROAD_MAJOR
    if road in _MINOR_ROADS:
        return BackgroundKind.ROAD_MINOR
    return BackgroundKind.RAIL if tags.get("railway") in _RAILS else None


def _labels(feature: Feature) -> Iterator[tuple[int, int, str, Position]]:
    kind, name = feature.tags.get("place"), feature.tags.get("name")
    if name and kind in _LABEL_KINDS:
        people = feature.tags.get("population", "")
        yield _LABEL_KINDS.index(kind), -int(people) if people.isdecimal() else 0, name, inner_position(feature)


def _sheet(shown: _Shown, header: tuple[float, float, float, float] | None) -> _Sheet:
    areas = {kind: shapely.from_wkb(wkbs) for kind, wkbs in shown.areas.items()}
    lines = {kind: shapely.from_wkb(wkbs) for kind, wkbs in shown.lines.items()}
    bounds = _bounds([*areas.values(), *lines.values()], header)
    plane = LocalPlane(lon=(bounds[0] + bounds[2]) / 2, lat=(bounds[1] + bounds[3]) / 2)
    box = shapely.Polygon(shapely.get_coordinates(plane.to_plane(np.array([shapely.box(*bounds)], dtype=object))))
    flat_areas = {kind: _clipped(plane.to_plane(shapes), box, 2) for kind, shapes in areas.items()}
    coasts = plane.to_plane(lines.pop(BackgroundKind.COAST, np.array([], dtype=object)))
    flat_lines = {kind: _merged(_clipped(plane.to_plane(shapes), box, 1)) for kind, shapes in lines.items()}
    sea = build_sea(list(coasts), box)
    if sea:
        flat_areas[BackgroundKind.SEA] = np.array(sea, dtype=object)
    elif len(coasts):
        flat_lines[BackgroundKind.COAST] = _merged(_clipped(coasts, box, 1))
    return _Sheet(areas=flat_areas, lines=flat_lines, labels=_ranked(shown, bounds), bounds=bounds, plane=plane)


def _bounds(
    shapes: Iterable[_Shapes], header: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float]:
    """Return the header's box unless it is missing or far bigger than the data; then the data's own extent."""
    groups = list(shapes)
    points = shapely.get_coordinates(np.concatenate(groups)) if groups else np.empty((0, 2))
    if not len(points):
        return header or (0.0, 0.0, 0.0, 0.0)
    # A motorway or a forest kept whole may reach far outside of the rest.
    low, high = np.quantile(points, [_OUTLIER_SHARE, 1 - _OUTLIER_SHARE], axis=0)
    edge = (high - low) * _EDGE_SHARE
    data = (*(low - edge).tolist(), *(high + edge).tolist())
    if header is None or _extent_deg2(header) > _FAR_BIGGER * _extent_deg2(data):
        return data[0], data[1], data[2], data[3]
    return header


def _extent_deg2(bounds: Sequence[float]) -> float:
    west, south, east, north = bounds
    return (east - west) * (north - south)


def _clipped(shapes: _Shapes, box: shapely.Polygon, dimension: int) -> _Shapes:
    """Return the simple parts of shapes that lie in the box, lines (dimension 1) or polygons (2)."""
    near = shapes[shapely.intersects(shapes, box)]
    whole = shapely.contains_properly(box, near)
    cut = shapely.intersection(shapely.make_valid(near[~whole]), box)
    parts: _Shapes = shapely.get_parts(shapely.get_parts(np.concatenate([near[whole], cut])))
    simple: _Shapes = parts[shapely.get_dimensions(parts) == dimension]
    return simple


def _merged(lines: _Shapes) -> _Shapes:
    if not len(lines):
        return lines
    parts: _Shapes = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(lines))))
    return parts


def _ranked(shown: _Shown, bounds: tuple[float, float, float, float]) -> tuple[tuple[str, Position], ...]:
    west, south, east, north = bounds
    names: dict[str, Position] = {}
    for _, _, name, spot in sorted(shown.labels, key=lambda label: label[:3]):
        if west <= spot.lon <= east and south <= spot.lat <= north:
            names.setdefault(name, spot)
    return tuple(names.items())[:_LABEL_COUNT]


def _drawn(sheet: _Sheet, detail: _Detail) -> Background:
    """Return the sheet without its buildings, simplified to a detail."""
    areas = {}
    for kind in (BackgroundKind.SEA, BackgroundKind.PARK, BackgroundKind.WATER):
        shapes = sheet.areas.get(kind, np.array([], dtype=object))
        kept = shapes[shapely.area(shapes) >= detail.least_area_m2]
        areas[kind] = _polygons(sheet.plane, shapely.simplify(kept, detail.tolerance_m))
    lines = {}
    for kind, shapes in sheet.lines.items():
        is_minor = kind is BackgroundKind.ROAD_MINOR
        kept = shapes[shapely.length(shapes) >= detail.least_minor_m] if is_minor else shapes
        tolerance_m = detail.minor_tolerance_m if is_minor else detail.tolerance_m
        lines[kind] = _paths(sheet.plane, shapely.simplify(kept, tolerance_m))
    return Background(
        areas={kind: polygons for kind, polygons in areas.items() if polygons},
        lines={kind: parts for kind, parts in lines.items() if parts},
        labels=sheet.labels,
        bounds=sheet.bounds,
    )


def _with_buildings(background: Background, sheet: _Sheet, spare_bytes: int) -> Background:
    """Return the background with as many buildings as fit, the biggest first."""
    shapes = sheet.areas.get(BackgroundKind.BUILDING, np.array([], dtype=object))
    sizes_m2 = shapely.area(shapes)
    order = np.argsort(-sizes_m2, kind="stable")
    biggest = shapes[order][sizes_m2[order] >= _LEAST_BUILDING_M2]
    polygons = _polygons(sheet.plane, shapely.simplify(biggest, _DETAILS[0].tolerance_m))
    costs = [len(json.dumps([_steps(ring) for ring in polygon], separators=(",", ":"))) + 1 for polygon in polygons]
    frame_bytes = len('{"kind":"building","polygons":[]},')
    count = int(np.searchsorted(np.cumsum(costs), spare_bytes - frame_bytes, side="right")) if costs else 0
    if not count:
        return background
    return Background(
        areas={**background.areas, BackgroundKind.BUILDING: polygons[:count]},
        lines=background.lines,
        labels=background.labels,
        bounds=background.bounds,
    )


def _emptied(background: Background, budget_bytes: int) -> Background:
    """Return the background without as many kinds as it takes to fit, the least telling first."""
    for kind in _LEFT_OUT_FIRST:
        background = Background(
            areas={one: shapes for one, shapes in background.areas.items() if one is not kind},
            lines={one: shapes for one, shapes in background.lines.items() if one is not kind},
            labels=background.labels,
            bounds=background.bounds,
        )
        if _size_bytes(background) <= budget_bytes:
            return background
    return Background(areas={}, lines={}, labels=(), bounds=background.bounds)


def _polygons(plane: LocalPlane, shapes: _Shapes) -> tuple[tuple[_Path, ...], ...]:
    found = []
    for polygon in plane.to_degrees(shapely.get_parts(shapes)):
        rings = [_rounded(ring) for ring in shapely.get_rings(polygon)]
        if rings and len(rings[0]) >= 4:
            found.append(tuple(ring for ring in rings if len(ring) >= 4))
    return tuple(found)


def _paths(plane: LocalPlane, shapes: _Shapes) -> tuple[_Path, ...]:
    paths = (_rounded(line) for line in plane.to_degrees(shapes))
    return tuple(path for path in paths if len(path) >= 2)


def _rounded(shape: shapely.Geometry) -> _Path:
    """Return the points of a line or ring on the encoding's grid, without repeated ones."""
    grid = np.rint(shapely.get_coordinates(shape) * ENCODED_SCALE)
    moved = np.append(True, np.any(np.diff(grid, axis=0) != 0, axis=1))
    return tuple(map(tuple, (grid[moved] / ENCODED_SCALE).tolist()))
