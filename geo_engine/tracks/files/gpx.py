"""Tracks in GPX 1.0 and 1.1: each `trk` is a track, whatever its segments."""

from dataclasses import dataclass
from xml.sax.xmlreader import AttributesImpl

from geo_engine.tracks.files.columns import ColumnNames
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.xml_text import XmlReader, read_xml

_BATCH = 50_000


def read_gpx_tracks(content: bytes, names: ColumnNames, gatherer: Gatherer) -> None:
    """Take the track points of a GPX document; waypoints and routes are none.

    Raises
    ------
    InvalidInput
        As `read_xml` does.

    Notes
    -----
    GPX 1.0 has speed (m/s) and course in the point, 1.1 in extensions such as Garmin's TrackPointExtension; any
    element in a point counts that `ColumnNames` knows. `hdop` is no accuracy in metres and is left out.
    """
    reader = _GpxReader(names, gatherer)
    broken = read_xml(content, reader)
    reader.flush()
    if broken:
        line, reason = broken
        gatherer.fail(line, "", reason)


class _GpxReader(XmlReader):
    def __init__(self, names: ColumnNames, gatherer: Gatherer) -> None:
        super().__init__(gatherer.file)
        self._names = names
        self._gatherer = gatherer
        self._points: list[_Point] = []
        self._point: _Point | None = None
        self._track = _Track()

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        """Begin a track or a point."""
        if name == "trk":
            self._track = _Track(number=self._gatherer.new_track())
        elif name == "trkpt" and "trk" in self.path:
            cells = {"lon": attributes.get("lon", ""), "lat": attributes.get("lat", "")}
            self._point = _Point(line=self.line, track=self._track.number, cells=cells)

    def end(self, name: str, text: str) -> None:
        """Take what an element says of the point or track it is in."""
        if self._point is None:
            self._end_in_track(name, text)
        elif name == "trkpt":
            self._points.append(self._point)
            self._point = None
            if len(self._points) == _BATCH:
                self.flush()
        elif text and self._names.find(name):
            self._point.cells.setdefault(name, text)

    def flush(self) -> None:
        """Hand over the points so far."""
        headings = dict.fromkeys(name for point in self._points for name in point.cells)
        columns = {name: column for name in headings if (column := self._names.find(name))}
        self._gatherer.add(
            RawFixes(
                lines=[point.line for point in self._points],
                columns=columns,
                cells={name: [point.cells.get(name) for point in self._points] for name in columns},
                tracks=[point.track for point in self._points],
            )
        )
        self._points = []

    def _end_in_track(self, name: str, text: str) -> None:
        if name == "trk":
            self._gatherer.name_track(self._track.number, device=self._track.device, name=self._track.name)
        elif name == "name" and self.path[-1:] == ["trk"]:
            self._track.name = text
        elif name == "device" and "trk" in self.path:
            self._track.device = text or None


@dataclass(slots=True)
class _Track:
    number: int = 0
    device: str | None = None
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Point:
    line: int
    track: int
    cells: dict[str, str]
