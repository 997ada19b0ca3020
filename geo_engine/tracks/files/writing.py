"""How tracks are written to a file: in the format its ending names, at once or not at all."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

from geo_engine.errors import InvalidInput
from geo_engine.private_files import write_at_once
from geo_engine.tracks.files.csv_tracks import render_csv
from geo_engine.tracks.files.geojson import render_geojson
from geo_engine.tracks.files.gpx import render_gpx
from geo_engine.tracks.files.kml import render_kml, render_kmz
from geo_engine.tracks.files.mf_json import render_mf_json
from geo_engine.tracks.files.model import NamedTrack, TrackFormat
from geo_engine.words import Message

_MODE = 0o666  # but for what the user's umask takes away, as with any file
_ENDINGS: Mapping[str, TrackFormat] = {
    ".csv": TrackFormat.CSV,
    ".gpx": TrackFormat.GPX,
    ".kml": TrackFormat.KML,
    ".kmz": TrackFormat.KMZ,
    ".mf.json": TrackFormat.MF_JSON,
    ".mfjson": TrackFormat.MF_JSON,
    ".geojson": TrackFormat.GEOJSON,
    ".json": TrackFormat.GEOJSON,
    ".parquet": TrackFormat.GEOPARQUET,
    ".geoparquet": TrackFormat.GEOPARQUET,
}


def write_tracks(path: Path, tracks: Iterable[NamedTrack], *, track_format: TrackFormat | None = None) -> None:
    """Write tracks to a file or replace it; whoever reads it meanwhile sees the old content or the new.

    Parameters
    ----------
    tracks
        Those of the same device and name are one when the file is read again; in GPX and KML they stay apart.
    track_format
        The format that the file's ending names unless given: ``.csv``, ``.gpx``, ``.kml``, ``.kmz``, ``.geojson`` or
        ``.json``, ``.parquet`` or ``.geoparquet``, ``.mfjson`` or ``.mf.json``.

    Raises
    ------
    InvalidInput
        When no format is given and the ending names none.
    OSError
        When the file cannot be written.

    Notes
    -----
    WGS 84, UTC. What `read_tracks` reads from the file is what was written, to the last digit. Cost: O(n).
    """
    write_at_once(path, render_tracks(tracks, track_format or format_of(path)), mode=_MODE)


def render_tracks(tracks: Iterable[NamedTrack], track_format: TrackFormat) -> bytes:
    """Return tracks as a file of this format has them."""
    return _RENDERERS[track_format](tracks)


def format_of(path: Path) -> TrackFormat:
    """Return the format that a file's ending names.

    Raises
    ------
    InvalidInput
        When it names none.

    Examples
    --------
    >>> format_of(Path("day.mf.json")).value
    'mf-json'
    """
    name = path.name.lower()
    for ending, track_format in _ENDINGS.items():
        if name.endswith(ending):
            return track_format
    raise InvalidInput(
        Message(
            "{file} does not end as a file of tracks does: {endings}.",
            {"file": path.name, "endings": ", ".join(_ENDINGS)},
        )
    )


def _render_geoparquet(tracks: Iterable[NamedTrack]) -> bytes:
    # Loading geopandas takes longer than writing most files of the other formats.
    rendered: bytes = import_module("geo_engine.tracks.frames").render_geoparquet(tracks)
    return rendered


_RENDERERS: Mapping[TrackFormat, Callable[[Iterable[NamedTrack]], bytes]] = {
    TrackFormat.CSV: render_csv,
    TrackFormat.GPX: render_gpx,
    TrackFormat.KML: render_kml,
    TrackFormat.KMZ: render_kmz,
    TrackFormat.GEOJSON: render_geojson,
    TrackFormat.GEOPARQUET: _render_geoparquet,
    TrackFormat.MF_JSON: render_mf_json,
}
