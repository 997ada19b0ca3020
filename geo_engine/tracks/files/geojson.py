"""Tracks in GeoJSON: lines with a time for each position, or points with a time each."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_engine.errors import InvalidInput
from geo_engine.tracks.files.columns import GEOMETRY, ColumnNames
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.files.positions import (
    position_cells,
    position_numbers,
    require_wgs84,
    told_amounts,
    told_device,
    told_name,
)
from geo_engine.tracks.files.series import Series, add_series
from geo_engine.tracks.files.texts import moment_texts
from geo_engine.words import Message

_TIMES = ("times", "coordTimes", "coord_times", "coordinateTimes", "timestamps", "datetimes")
_PER_POSITION = "coordinateProperties"
_LINES = ("LineString", "MultiPoint", "MultiLineString")
_OF_THE_LINE = frozenset({"tracked_at", "lon", "lat", "device", "track"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feature:
    number: int
    kind: str
    coordinates: list[Any]
    properties: Mapping[str, Any]


def read_geojson_tracks(document: object, names: ColumnNames, gatherer: Gatherer) -> None:
    """Take the positions of a GeoJSON document that have a time.

    Raises
    ------
    InvalidInput
        When it is no GeoJSON, or in a reference system other than WGS 84.

    Notes
    -----
    RFC 7946, with times as toGeoJSON and others write them: ``coordTimes`` or ``coordinateProperties.times`` beside
    a line, one for each position; other lists there are read as columns. Each line is a track.
    Points have a property such as ``time``; those of one device and track name are one track. Features count from 1.
    """
    require_wgs84(gatherer.file, document)
    points: list[_Feature] = []
    for feature in _features(document, gatherer):
        if feature.kind == "Point":
            points.append(feature)
        elif feature.kind in _LINES:
            _add_line(feature, names, gatherer)
        else:
            gatherer.fail(feature.number, "", Message("A {kind} is no part of a track.", {"kind": feature.kind}))
    _add_points(points, names, gatherer)


def _features(document: object, gatherer: Gatherer) -> Iterator[_Feature]:
    for number, feature in enumerate(_members(document, gatherer.file), start=1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        properties = (feature.get("properties") or {}) if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or not isinstance(geometry, dict | None):
            gatherer.fail(number, "", Message("This is not a GeoJSON Feature."))
        elif geometry is None:
            gatherer.fail(number, "", Message("The feature has no position."))
        elif not isinstance(geometry.get("coordinates", []), list):
            gatherer.fail(number, "", Message("The geometry of the feature cannot be read."))
        else:
            coordinates = geometry.get("coordinates", [])
            kind = str(geometry.get("type"))
            yield _Feature(number=number, kind=kind, coordinates=coordinates, properties=properties)


def _members(document: object, file: str) -> Sequence[object]:
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(document, dict) and kind == "FeatureCollection" and isinstance(document.get("features"), list):
        features: list[object] = document["features"]
        return features
    if kind == "Feature":
        return [document]
    if kind == "Point" or kind in _LINES:
        return [{"type": "Feature", "geometry": document, "properties": document}]
    raise InvalidInput(Message("{file} is not GeoJSON with points or lines.", {"file": file}))


def _add_line(line: _Feature, names: ColumnNames, gatherer: Gatherer) -> None:
    positions = _flat(line.coordinates) if line.kind == "MultiLineString" else line.coordinates
    per_position = line.properties.get(_PER_POSITION)
    told = {**line.properties, **(per_position if isinstance(per_position, dict) else {})}
    lists = {name: _flat(value) for name, value in told.items() if isinstance(value, list)}
    columns = names.closest(lists)
    heading = next((name for name in _TIMES if name in lists), None)
    heading = heading or next((name for name, column in columns.items() if column.name == "tracked_at"), _TIMES[0])
    others = {name: column for name, column in columns.items() if column.name not in _OF_THE_LINE}
    series = Series(
        line=line.number,
        positions=position_cells(positions),
        heading=heading,
        times=lists.get(heading),
        columns=others,
        cells=lists,
    )
    track = gatherer.new_track(device=told_device(line.properties, names), name=told_name(line.properties))
    add_series(series, track, gatherer)


def _add_points(points: Sequence[_Feature], names: ColumnNames, gatherer: Gatherer) -> None:
    columns = names.closest(dict.fromkeys(name for point in points for name in point.properties))
    columns = {name: column for name, column in columns.items() if column.name not in {"lon", "lat"}}
    positions = position_cells([point.coordinates for point in points])
    cells = {name: [point.properties.get(name) for point in points] for name in columns} | positions
    columns |= {name: GEOMETRY[name] for name in positions}
    numbers = [point.number for point in points]
    tracks = gatherer.tracks_of(columns, cells)
    gatherer.add(RawFixes(lines=numbers, columns=columns, cells=cells, tracks=tracks))


def _flat(values: list[Any]) -> list[Any]:
    """Return the values of the parts of a line one after the other; those of a line without parts as they are."""
    return [value for part in values for value in (part if isinstance(part, list) else [part])]


def render_geojson(tracks: Iterable[NamedTrack]) -> bytes:
    """Return a FeatureCollection with a LineString for each track, a Point for a track of one fix.

    Notes
    -----
    RFC 7946. Beside a line stand ``coordinateProperties``: ``times`` and what else is known of each position, null
    where it is not. Altitudes stand in the positions when all are known. Moments and numbers are exact.
    """
    features = [_point(one) if len(one.track) == 1 else _line(one) for one in tracks if len(one.track)]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _line(named: NamedTrack) -> dict[str, object]:
    device = {"device": named.device} if named.device else {}
    told = {"times": moment_texts(named.track.times_us), **told_amounts(named.track)}
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": position_numbers(named.track)},
        "properties": {"name": named.name, **device, _PER_POSITION: told},
    }


def _point(named: NamedTrack) -> dict[str, object]:
    device = {"device": named.device} if named.device else {}
    told = {name: values[0] for name, values in told_amounts(named.track).items()}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": position_numbers(named.track)[0]},
        "properties": {"track": named.name, **device, "tracked_at": moment_texts(named.track.times_us)[0], **told},
    }
