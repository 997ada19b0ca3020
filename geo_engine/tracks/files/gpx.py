"""Tracks in GPX 1.0 and 1.1: each `trk` is a track, whatever its segments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.xmlreader import AttributesImpl

from geo_engine.tracks.files.columns import ColumnNames
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.files.texts import moment_texts, number_texts, xml_text
from geo_engine.tracks.files.xml_text import XmlReader, read_xml

_BATCH = 50_000
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="geo-engine" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2" xmlns:fix="urn:geo-engine:fix">\n'
)
_TAIL = "</gpx>\n"


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
        columns = self._names.closest(dict.fromkeys(name for point in self._points for name in point.cells))
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


def render_gpx(tracks: Iterable[NamedTrack]) -> bytes:
    """Return a GPX 1.1 document with a `trk` for each track.

    Notes
    -----
    Speed (m/s) and course stand in Garmin's TrackPointExtension, version 2; what GPX has no place for (accuracy in
    metres, battery, mock, device) in extensions of our own. Moments and numbers are exact.
    """
    parts = [_HEAD, *(part for one in tracks for part in _track_parts(one)), _TAIL]
    return "".join(parts).encode("utf-8", "replace")


def _track_parts(named: NamedTrack) -> Iterator[str]:
    device = f"<extensions><fix:device>{xml_text(named.device)}</fix:device></extensions>" if named.device else ""
    yield f"<trk><name>{xml_text(named.name)}</name>{device}<trkseg>\n"
    track = named.track
    moments = moment_texts(track.times_us)
    places = zip(number_texts(track.lons_deg), number_texts(track.lats_deg), strict=True)
    altitudes = _elements("ele", number_texts(track.altitudes_m))
    for (lon, lat), altitude, moment, told in zip(places, altitudes, moments, _extensions(named), strict=True):
        yield f'<trkpt lat="{lat}" lon="{lon}">{altitude}<time>{moment}</time>{told}</trkpt>\n'
    yield "</trkseg></trk>\n"


def _extensions(named: NamedTrack) -> Iterator[str]:
    track = named.track
    speeds = _elements("gpxtpx:speed", number_texts(track.speeds_mps))
    courses = _elements("gpxtpx:course", number_texts(track.headings_deg))
    accuracies = _elements("fix:accuracy_m", number_texts(track.accuracies_m))
    batteries = _elements("fix:battery_percent", number_texts(track.batteries_percent))
    mocks = _elements("fix:is_mock", ["true" if is_mock else "" for is_mock in track.mocks.tolist()])
    for speed, course, *ours in zip(speeds, courses, accuracies, batteries, mocks, strict=True):
        garmin = f"<gpxtpx:TrackPointExtension>{speed}{course}</gpxtpx:TrackPointExtension>" if speed or course else ""
        told = garmin + "".join(ours)
        yield f"<extensions>{told}</extensions>" if told else ""


def _elements(name: str, texts: Iterable[str]) -> Iterator[str]:
    return (f"<{name}>{text}</{name}>" if text else "" for text in texts)
