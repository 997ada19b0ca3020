"""How tracks are read from a file: what it is shows in its content, whatever its ending says."""

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from importlib import import_module
from pathlib import Path

from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.tables import RowProblem
from geo_engine.tables.csv_text import decode_text
from geo_engine.tables.json_text import read_json
from geo_engine.tables.read import read_content, require_size
from geo_engine.tracks.files.archive import ARCHIVE_BEGINS, unpack_document
from geo_engine.tracks.files.columns import ColumnNames
from geo_engine.tracks.files.csv_tracks import read_csv_tracks
from geo_engine.tracks.files.gather import Gatherer, merged_track
from geo_engine.tracks.files.geojson import read_geojson_tracks
from geo_engine.tracks.files.gpx import read_gpx_tracks
from geo_engine.tracks.files.kml import read_kml_tracks
from geo_engine.tracks.files.mf_json import is_mf_json, read_mf_json_tracks
from geo_engine.tracks.files.model import DEFAULT_LIMITS, FileLimits, ReadTracks
from geo_engine.tracks.files.owntracks import RECORD_BEGINS, add_reports, find_reports, read_records
from geo_engine.tracks.files.xml_text import root_name
from geo_engine.tracks.model import Track
from geo_engine.words import Message

# Each may follow a byte order mark; UTF-16 has a zero byte beside each letter.
_PARQUET_BEGINS = b"PAR1"
_XML_BEGINS = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<")
_JSON_BEGINS = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*[{\[]")


def read_tracks(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    crs: Crs = Crs.WGS84,
    zone: tzinfo = UTC,
    limits: FileLimits = DEFAULT_LIMITS,
) -> ReadTracks:
    """Return the tracks of a file in the order of the file, and what of it could not be read.

    Parameters
    ----------
    path
        CSV, GPX, KML, KMZ, GeoJSON, GeoParquet, MF-JSON, or what the OwnTracks Recorder keeps or answers; what it is
        shows in its content, whatever its ending says.
    columns
        What the file calls the columns of a fix, by our name, where that is none of the usual names:
        ``{"tracked_at": "TIME", "speed_kmh": "V"}``.
    crs
        What the file's coordinates are written in.
    zone
        In which times that say nothing of their zone are meant.

    Raises
    ------
    NoFixesError
        When no fix can be read; it has the problems.
    InvalidInput
        When the file is missing, above a limit, of no format that is read, not what it says it is, or when it has
        no times or no column of a name in `columns`.

    Notes
    -----
    Each track is in the order of time, whatever the order of the file; fixes that stand in it twice stay two.
    Cost: O(n log n); a day at 1 Hz takes about a second as CSV.
    """
    names = ColumnNames(columns or {})
    content = read_content(path, max_bytes=limits.max_bytes)
    if not content or content.isspace():
        raise InvalidInput(Message("{file} is empty.", {"file": path.name}))
    gatherer = Gatherer(path.name, crs=crs, zone=zone, max_fixes=limits.max_fixes)
    _read(content, names, gatherer, limits)
    names.require_named(path.name, gatherer.headings)
    return gatherer.finish()


def read_track(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    crs: Crs = Crs.WGS84,
    zone: tzinfo = UTC,
    limits: FileLimits = DEFAULT_LIMITS,
) -> tuple[Track, tuple[RowProblem, ...]]:
    """Return all fixes of a file as one track, whatever tracks they are in, and what of it could not be read.

    Parameters
    ----------
    path, columns, crs, zone, limits
        As of `read_tracks`.

    Raises
    ------
    InvalidInput
        As `read_tracks` does.
    """
    read = read_tracks(path, columns=columns, crs=crs, zone=zone, limits=limits)
    return merged_track(read.tracks), read.problems


def _read(content: bytes, names: ColumnNames, gatherer: Gatherer, limits: FileLimits) -> None:
    file = gatherer.file
    if content.startswith(_PARQUET_BEGINS):
        # Loading pyarrow takes longer than reading most files of the other formats.
        parquet = import_module("geo_engine.tracks.files.parquet")
        parquet.read_parquet_tracks(content, names, gatherer, limits)
        return
    if content.startswith(ARCHIVE_BEGINS):
        content = unpack_document(file, content, limits)
    if _XML_BEGINS.match(content):
        _read_xml(content, names, gatherer)
    elif _JSON_BEGINS.match(content):
        require_size(file, len(content), max_bytes=limits.max_json_bytes)
        _read_document(read_json(file, decode_text(file, content)), names, gatherer)
    elif RECORD_BEGINS.match(content):
        read_records(content, gatherer)
    else:
        read_csv_tracks(content, names, gatherer)


def _read_document(document: object, names: ColumnNames, gatherer: Gatherer) -> None:
    if is_mf_json(document):
        read_mf_json_tracks(document, names, gatherer)
    elif (reports := find_reports(document)) is not None:
        add_reports(reports, gatherer)
    else:
        read_geojson_tracks(document, names, gatherer)


def _read_xml(content: bytes, names: ColumnNames, gatherer: Gatherer) -> None:
    root = root_name(gatherer.file, content)
    if root == "gpx":
        read_gpx_tracks(content, names, gatherer)
    elif root == "kml":
        read_kml_tracks(content, names, gatherer)
    else:
        facts = {"file": gatherer.file, "root": root or "?"}
        raise InvalidInput(Message("{file} is XML, but neither GPX nor KML: its outermost element is “{root}”.", facts))
