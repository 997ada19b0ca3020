"""Tracks in OGC Moving Features JSON: moving points, and the properties that change with them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from geo_engine.tracks.files.columns import Column, ColumnNames
from geo_engine.tracks.files.gather import TRACK_FIELDS, Gatherer, track_at
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
from geo_engine.tracks.model import Track
from geo_engine.words import Message

_PARTS = ("prisms", "members", "sequences")  # of MF-JSON, of its draft, and of MobilityDB
_POINT = "MovingPoint"
_FORMS = {"accuracy_m": "MTR", "speed_mps": "MTS", "altitude_m": "MTR"}
_CRS = {"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
_TRS = {"type": "Name", "properties": {"name": "urn:ogc:data:time:iso8601"}}

type _Values = Mapping[str, tuple[Column, Mapping[object, object]]]
"""By the name of a property what it tells, and its values by datetime."""


def is_mf_json(document: object) -> bool:
    """Whether a document is Moving Features JSON of the kind Prism; that of the kind Trajectory is GeoJSON."""
    return any(map(_temporal_geometry, _features(document)))


def read_mf_json_tracks(document: object, names: ColumnNames, gatherer: Gatherer) -> None:
    """Take the moving points of a document.

    Raises
    ------
    InvalidInput
        When it is in a reference system other than WGS 84.

    Notes
    -----
    OGC 19-045r3, clause 7 (Prism). Temporal properties count at the datetimes that the geometry has as well, in the
    unit of their ``form`` or of their name. Features of one device and name are one track. Features count from 1.
    """
    require_wgs84(gatherer.file, document)
    for number, feature in enumerate(_features(document), start=1):
        geometry = _temporal_geometry(feature)
        if geometry is None:
            gatherer.fail(number, "", Message("The feature has no position."))
            continue
        require_wgs84(gatherer.file, geometry)
        track = _track(feature, names, gatherer)
        values = dict(_values(number, feature, names, gatherer))
        for point in _moving_points(number, geometry, gatherer):
            add_series(_series(number, point, values), track, gatherer)


def _features(document: object) -> Sequence[Any]:
    features = document.get("features") if isinstance(document, dict) else None
    return features if isinstance(features, list) else [document]


def _temporal_geometry(feature: object) -> dict[str, Any] | None:
    if not isinstance(feature, dict):
        return None
    geometry = feature if str(feature.get("type")).startswith("Moving") else feature.get("temporalGeometry")
    return geometry if isinstance(geometry, dict) else None


def _track(feature: Mapping[str, Any], names: ColumnNames, gatherer: Gatherer) -> int:
    properties = feature.get("properties")
    told = properties if isinstance(properties, dict) else {}
    device, name = told_device(told, names), told_name(told) or told_name({"name": feature.get("id")})
    return gatherer.track_of(device=device, name=name) if device or name else gatherer.new_track()


def _moving_points(number: int, geometry: dict[str, Any], gatherer: Gatherer) -> Iterator[Mapping[str, Any]]:
    parts = [part for name in _PARTS for part in _list(geometry.get(name)) if isinstance(part, dict)]
    for part in parts or [geometry]:
        kind = part.get("type", _POINT)
        if kind == _POINT:
            yield part
        else:
            gatherer.fail(number, "", Message("A {kind} is no part of a track.", {"kind": kind}))


def _series(number: int, point: Mapping[str, Any], values: _Values) -> Series:
    datetimes, positions = point.get("datetimes"), _list(point.get("coordinates"))
    if not isinstance(datetimes, list):  # MobilityDB writes a single instant so
        datetimes, positions = [datetimes], [positions]
    return Series(
        line=number,
        positions=position_cells(positions),
        heading="datetimes",
        times=datetimes,
        columns={name: column for name, (column, _) in values.items()},
        cells={name: [by_time.get(_key(at)) for at in datetimes] for name, (_, by_time) in values.items()},
    )


def _values(
    number: int, feature: Mapping[str, Any], names: ColumnNames, gatherer: Gatherer
) -> Iterator[tuple[str, tuple[Column, Mapping[object, object]]]]:
    for group in _list(feature.get("temporalProperties")):
        datetimes = _list(group.get("datetimes")) if isinstance(group, dict) else []
        for name, told in group.items() if datetimes else ():
            if not isinstance(told, dict) or names.find(name) is None:
                continue
            column = _column(name, told.get("form"), names)
            if column:
                yield name, (column, dict(zip(map(_key, datetimes), _list(told.get("values")), strict=False)))
            else:
                unit = Message("The unit “{unit}” is not known, so the column is left out.", {"unit": told.get("form")})
                gatherer.fail(number, name, unit)


def _column(name: str, form: object, names: ColumnNames) -> Column | None:
    # A unit in the property's own name needs no form.
    column = names.find(name)
    is_plain = column is not None and column.rank == 2
    return names.find(f"{name}[{form}]") if is_plain and form else column


def _key(moment: object) -> object:
    return moment if isinstance(moment, str | int | float) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def render_mf_json(tracks: Iterable[NamedTrack]) -> bytes:
    """Return a MovingFeatureCollection (MF-JSON Prism) with a moving point for each track.

    Notes
    -----
    OGC 19-045r3. A moving point is at one place at a time: of a track that has several fixes at one moment the
    second ones are a feature of their own, and so on. What is known of the fixes are temporal properties, null where
    it is not known. Moments and numbers are exact.
    """
    features = [_feature(one, part) for one in tracks for part in _functions_of_time(one.track)]
    document = {"type": "FeatureCollection", "crs": _CRS, "trs": _TRS, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _functions_of_time(track: Track) -> Iterator[Track]:
    """Yield the first fixes of all moments, then the second ones, and so on."""
    moments, counts = np.unique(track.times_us, return_counts=True)
    nth = np.arange(len(track)) - np.repeat(np.searchsorted(track.times_us, moments), counts)
    columns = {name: getattr(track, name) for name in TRACK_FIELDS}
    ends = np.cumsum(np.bincount(nth))[:-1]
    return (track_at(columns, places) for places in np.split(np.argsort(nth, kind="stable"), ends) if len(places))


def _feature(named: NamedTrack, track: Track) -> dict[str, object]:
    moments = moment_texts(track.times_us)
    positions = position_numbers(track)
    told = {name: _property(name, values) for name, values in told_amounts(track).items()}
    return {
        "type": "Feature",
        "temporalGeometry": {
            "type": _POINT,
            "datetimes": moments,
            "coordinates": positions,
            "interpolation": "Linear",
        },
        "temporalProperties": [{"datetimes": moments, **told}] if told else [],
        "properties": {"name": named.name, **({"device": named.device} if named.device else {})},
    }


def _property(name: str, values: Sequence[object]) -> dict[str, object]:
    kind = "Text" if isinstance(values[0], bool) else "Measure"
    form = {"form": _FORMS[name]} if name in _FORMS else {}
    return {"type": kind, **form, "values": values, "interpolation": "Discrete"}
