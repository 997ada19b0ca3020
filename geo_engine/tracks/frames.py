"""Tracks as GeoDataFrames, for analysis and for the files that geopandas writes."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.tracks.files.cells import Cells
from geo_engine.tracks.files.columns import GEOMETRY, Column, ColumnNames, known_columns
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.geometries import geometry_cells
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.model import Track
from geo_engine.words import Message

WGS84 = "EPSG:4326"
_FRAME = "GeoDataFrame"
_MOMENTS = "M"
_COLUMNS = {
    "accuracy_m": "accuracies_m",
    "speed_mps": "speeds_mps",
    "heading_deg": "headings_deg",
    "altitude_m": "altitudes_m",
    "battery_percent": "batteries_percent",
    "is_mock": "mocks",
}
_NO_FIXES = Track.of([])


def to_gdf(track: Track) -> gpd.GeoDataFrame:
    """Return one row per fix in the order of the track, with its position (Point, EPSG:4326).

    The columns are ``tracked_at`` (UTC, to the microsecond), ``accuracy_m``, ``speed_mps``, ``heading_deg``,
    ``altitude_m``, ``battery_percent`` (NaN where unknown), ``is_mock`` and ``geometry``.

    Examples
    --------
    >>> len(to_gdf(Track.of([])))
    0
    """
    return _frame([track])


def tracks_to_gdf(tracks: Iterable[NamedTrack]) -> gpd.GeoDataFrame:
    """Return one row per fix as `to_gdf` does, track by track, with the columns ``device`` and ``track`` (its name)."""
    kept = tuple(tracks)
    counts = [len(one.track) for one in kept]
    frame = _frame([one.track for one in kept])
    frame["device"] = np.repeat(np.array([one.device for one in kept], dtype=np.object_), counts)
    frame["track"] = np.repeat(np.array([one.name for one in kept], dtype=np.object_), counts)
    return frame


def render_geoparquet(tracks: Iterable[NamedTrack]) -> bytes:
    """Return the rows of `tracks_to_gdf` as GeoParquet: points as WKB, moments in UTC to the microsecond."""
    written = io.BytesIO()
    tracks_to_gdf(tracks).to_parquet(written, index=False)
    return written.getvalue()


def from_gdf(frame: gpd.GeoDataFrame) -> Track:
    """Return the rows of a frame as one track, whatever devices they are of.

    Parameters
    ----------
    frame
        A point each; a column or an index of moments, UTC where they have no zone; the columns of `to_gdf`, or
        others that files call so too: a frame of trackintel's positionfixes or of a MovingPandas trajectory.

    Raises
    ------
    InvalidInput
        When the frame names no reference system, or a row has no moment or no position, or something else that
        cannot be read.
    """
    if frame.crs is None:
        raise InvalidInput(Message("The GeoDataFrame names no reference system (crs)."))
    if frame.empty:
        return Track.of([])
    gatherer = Gatherer(_FRAME, crs=Crs.WGS84, zone=UTC, max_fixes=len(frame))
    columns, cells = _columns(frame)
    lines = range(1, len(frame) + 1)
    gatherer.add(RawFixes(lines=lines, columns=columns, cells=cells, tracks=[gatherer.new_track()] * len(frame)))
    for problem in gatherer.problems():
        facts = {"line": problem.line, "column": problem.column, "reason": problem.reason}
        raise InvalidInput(Message("Row {line}, {column}: {reason}", facts))
    return gatherer.finish().tracks[0].track


def _frame(tracks: Sequence[Track]) -> gpd.GeoDataFrame:
    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(track, name) for track in tracks] or [getattr(_NO_FIXES, name)])

    moments = {"tracked_at": column("times_us").astype("datetime64[us]")}
    told = {name: column(of_track) for name, of_track in _COLUMNS.items()}
    points = shapely.points(column("lons_deg"), column("lats_deg"))
    frame = gpd.GeoDataFrame(moments | told, geometry=points, crs=WGS84)
    frame["tracked_at"] = frame["tracked_at"].dt.tz_localize("UTC")
    return frame


def _columns(frame: gpd.GeoDataFrame) -> tuple[dict[str, Column], dict[str, Cells]]:
    told = {str(name): frame[name] for name in frame.columns if name != frame.geometry.name}
    names = ColumnNames({})
    has_moments = any(column.name == "tracked_at" for column in map(names.find, told) if column)
    if frame.index.dtype.kind == _MOMENTS and not has_moments:
        told["tracked_at"] = frame.index.to_series()
    columns = known_columns(_FRAME, [*told, "lon", "lat"], names)
    columns = {name: column for name, column in columns.items() if column.name not in {"lon", "lat"}}
    cells = {name: _cells(told[name]) for name in columns}
    cells |= geometry_cells(np.asarray(frame.geometry.to_crs(WGS84).array, dtype=np.object_))
    return columns | {name: GEOMETRY[name] for name in cells if name in GEOMETRY}, cells


def _cells(series: Any) -> Cells:  # noqa: ANN401  # pandas has no types
    if series.dtype.kind == _MOMENTS:
        return np.asarray(series.to_numpy(dtype="datetime64[us]"))
    cells: list[object] = series.tolist()
    return cells
