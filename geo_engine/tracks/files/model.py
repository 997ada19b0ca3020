"""The words of track files: formats, limits, and what reading a file gives."""

from dataclasses import dataclass
from enum import StrEnum

from geo_engine.errors import InvalidInput
from geo_engine.tables import RowProblem
from geo_engine.tracks.model import Track
from geo_engine.words import Message


class TrackFormat(StrEnum):
    """A format that tracks are written in; all of them are read."""

    CSV = "csv"
    GPX = "gpx"
    KML = "kml"
    KMZ = "kmz"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"
    MF_JSON = "mf-json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """How much of a file is read before it is refused.

    Parameters
    ----------
    max_bytes
        Of the file as it is: a week at 1 Hz as GPX with speed and course is about 150 MB.
    max_json_bytes
        Of a JSON document, which is in memory as a whole and takes up to 25 bytes there for one in the file: a week at
        1 Hz as lines, three days as points.
    max_inflated_bytes
        Of what is unpacked from it: a KMZ's document, a GeoParquet file's columns.
    max_members
        How many files a KMZ may hold; only its document is unpacked.
    max_fixes
        Rows that cannot be read are counted as well.
    """

    max_bytes: int = 200_000_000
    max_json_bytes: int = 50_000_000
    max_inflated_bytes: int = 200_000_000
    max_members: int = 1_000
    max_fixes: int = 2_000_000


DEFAULT_LIMITS = FileLimits()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedTrack:
    """A track of a file, and what the file says of it.

    Parameters
    ----------
    device
        What the file calls the device; None when it names none.
    name
        What the file calls the track; else the device; else the file's name without its ending.
    """

    device: str | None
    name: str
    track: Track


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadTracks:
    """What could be read of a file, and what could not.

    Parameters
    ----------
    tracks
        In the order of the file, each with at least one fix.
    problems
        Fixes that are left out, and what is left out of the others, in the order of the file: the first 10,000, and
        one that says how many there are more.
    problem_count
        How many there are.
    """

    tracks: tuple[NamedTrack, ...]
    problems: tuple[RowProblem, ...]
    problem_count: int


class NoFixesError(InvalidInput):
    """A file has no fix that can be read.

    Parameters
    ----------
    problems
        Why, row by row.
    """

    def __init__(self, file: str, problems: tuple[RowProblem, ...]) -> None:
        super().__init__(Message("{file} has no fixes that can be read.", {"file": file}))
        self.problems = problems
