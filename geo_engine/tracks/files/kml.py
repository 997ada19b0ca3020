"""Tracks in KML: `gx:Track`, and points and lines that have times."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.xmlreader import AttributesImpl

from geo_engine.tracks.files.cells import Cells
from geo_engine.tracks.files.columns import GEOMETRY, Column, ColumnNames
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.files.series import Series, add_series
from geo_engine.tracks.files.texts import is_known, moment_texts, number_texts, xml_text
from geo_engine.tracks.files.xml_text import XmlReader, read_xml
from geo_engine.words import Message

_ARRAYS = {
    "accuracy_m": "accuracies_m",
    "speed_mps": "speeds_mps",
    "heading_deg": "headings_deg",
    "altitude_m": "altitudes_m",
    "battery_percent": "batteries_percent",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>\n'
    '<Schema id="fix">'
    + "".join(f'<gx:SimpleArrayField name="{name}" type="float"/>' for name in _ARRAYS)
    + '<gx:SimpleArrayField name="is_mock" type="bool"/></Schema>\n'
)
_TAIL = "</Document></kml>\n"
_PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the first that an archive can tell: the same tracks give the same archive
_ALTITUDE = "coordinates[2]"
_WHEN = {"when": Column("tracked_at", 1.0, 0)}


def read_kml_tracks(content: bytes, names: ColumnNames, gatherer: Gatherer) -> None:
    """Take what a KML document says of positions and their times.

    Raises
    ------
    InvalidInput
        As `read_xml` does.

    Notes
    -----
    KML 2.2 with Google's extensions. In a `gx:Track` the n-th `when` belongs to the n-th `gx:coord` and the n-th
    value of each `gx:SimpleArrayData`; the tracks of a `gx:MultiTrack` are one. A placemark's point is a fix at its
    `TimeStamp`, or at the begin of its `TimeSpan`; such points of one device are one track. Of a line that has a
    `TimeSpan`, only the ends have times. Where all altitudes of a track are 0 it has none: KML has no way to leave
    the altitude out, and by default it does not count.
    """
    reader = _KmlReader(names, gatherer)
    broken = read_xml(content, reader)
    reader.finish()
    if broken:
        line, reason = broken
        gatherer.fail(line, "", reason)


@dataclass(slots=True)
class _Series:
    """The positions of a `gx:Track` as they are read: the n-th of each list belong together."""

    line: int
    lines: list[int] = field(default_factory=list)
    whens: list[str] = field(default_factory=list)
    positions: list[list[str]] = field(default_factory=list)
    arrays: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Placemark:
    line: int = 0
    name: str = ""
    when: str = ""
    end: str = ""
    told: dict[str, str] = field(default_factory=dict)
    point: list[str] | None = None
    line_positions: list[list[str]] = field(default_factory=list)
    series: list[_Series] = field(default_factory=list)


class _KmlReader(XmlReader):
    def __init__(self, names: ColumnNames, gatherer: Gatherer) -> None:
        super().__init__(gatherer.file)
        self._names = names
        self._gatherer = gatherer
        self._placemark = _Placemark()
        self._points: list[_Placemark] = []
        self._data_name = ""

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        """Begin a placemark, a track in it, or something that has a name."""
        if name == "Placemark":
            self._placemark = _Placemark(line=self.line)
        elif name == "Track":
            self._placemark.series.append(_Series(line=self.line))
        elif name in {"Data", "SimpleData", "SimpleArrayData"}:
            self._data_name = attributes.get("name", "")

    def end(self, name: str, text: str) -> None:
        """Take what an element says of the placemark it is in."""
        parent = self.path[-1] if self.path else ""
        if parent == "Track" and name in {"when", "coord"}:
            self._end_in_track(name, text)
        elif parent == "SimpleArrayData" and self._placemark.series:
            self._placemark.series[-1].arrays.setdefault(self._data_name, []).append(text)
        elif parent == "Data" or name == "SimpleData":
            self._placemark.told[self._data_name] = text
        elif name == "name" and parent == "Placemark":
            self._placemark.name = text
        elif self.path[-2:-1] == ["Placemark"] and name in {"when", "begin"}:
            self._placemark.when = text
        elif self.path[-2:-1] == ["Placemark"] and name == "end":
            self._placemark.end = text
        elif name == "coordinates":
            self._end_coordinates(parent, [position.split(",") for position in text.split()])
        elif name == "Placemark":
            self._end_placemark(self._placemark)

    def finish(self) -> None:
        """Hand over the points, which belong together wherever they stand."""
        points, self._points = self._points, []
        columns = self._names.closest(dict.fromkeys(name for point in points for name in point.told))
        cells: dict[str, Cells] = {name: [point.told.get(name) for point in points] for name in columns}
        cells |= {"when": [point.when for point in points]} | _position_cells([point.point or [] for point in points])
        columns |= _WHEN | {name: GEOMETRY[name] for name in cells if name in GEOMETRY}
        lines = [point.line for point in points]
        tracks = self._gatherer.tracks_of(columns, cells)
        self._gatherer.add(RawFixes(lines=lines, columns=columns, cells=cells, tracks=tracks))

    def _end_in_track(self, name: str, text: str) -> None:
        series = self._placemark.series[-1]
        if name == "when":
            series.whens.append(text)
            series.lines.append(self.line)
        else:
            series.positions.append(text.split())

    def _end_coordinates(self, parent: str, positions: list[list[str]]) -> None:
        if parent == "Point":
            self._placemark.point = positions[0] if positions else []
        elif parent == "LineString":
            self._placemark.line_positions += positions

    def _end_placemark(self, placemark: _Placemark) -> None:
        if placemark.point is not None:
            self._points.append(placemark)
        if placemark.line_positions:
            placemark.series.append(self._ends(placemark))
        if placemark.series:
            devices = [text for name, text in placemark.told.items() if _tells(self._names.find(name), "device")]
            track = self._gatherer.new_track(device=devices[0] if devices else None, name=placemark.name)
            for series in placemark.series:
                self._add(series, track)

    def _ends(self, placemark: _Placemark) -> _Series:
        """Return the first and the last position of a line at the begin and the end of its time."""
        positions = placemark.line_positions
        if not (placemark.when and placemark.end and len(positions) > 1):
            lines = [placemark.line] * len(positions)
            return _Series(placemark.line, lines=lines, whens=[""] * len(positions), positions=positions)
        if len(positions) > 2:
            reason = Message("Only the first and the last of {count} positions have a time.", {"count": len(positions)})
            self._gatherer.fail(placemark.line, "", reason)
        whens, ends = [placemark.when, placemark.end], [positions[0], positions[-1]]
        return _Series(placemark.line, lines=[placemark.line] * 2, whens=whens, positions=ends)

    def _add(self, read: _Series, track: int) -> None:
        series = Series(
            line=read.line,
            positions=_position_cells(read.positions),
            heading="when",
            times=read.whens,
            columns=self._names.closest(read.arrays),
            cells=read.arrays,
            lines=read.lines,
        )
        add_series(series, track, self._gatherer)


def _tells(column: Column | None, name: str) -> bool:
    return column is not None and column.name == name


def _position_cells(positions: Sequence[Sequence[str]]) -> dict[str, Cells]:
    cells: dict[str, Cells] = {
        name: [position[at] if len(position) > at else None for position in positions]
        for at, name in enumerate(GEOMETRY)
    }
    if all(altitude is None or _is_zero(altitude) for altitude in cells[_ALTITUDE]):
        del cells[_ALTITUDE]
    return cells


def _is_zero(text: object) -> bool:
    return isinstance(text, str) and not text.strip("+-0.")


def render_kml(tracks: Iterable[NamedTrack]) -> bytes:
    """Return a KML document with a placemark and its `gx:Track` for each track.

    Notes
    -----
    KML 2.2 with Google's extensions. What is known beside the position, the altitude included, stands in
    `gx:SimpleArrayData` under our own names: a `gx:coord` cannot leave the altitude out. Moments and numbers are exact.
    """
    parts = [_HEAD, *(part for one in tracks for part in _placemark_parts(one)), _TAIL]
    return "".join(parts).encode("utf-8", "replace")


def render_kmz(tracks: Iterable[NamedTrack]) -> bytes:
    """Return the archive of the document that `render_kml` gives."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo("doc.kml", _PACKED_AT)
        archive.writestr(member, render_kml(tracks), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _placemark_parts(named: NamedTrack) -> Iterator[str]:
    track = named.track
    device = f'<Data name="device"><value>{xml_text(named.device)}</value></Data>' if named.device else ""
    told = f"<ExtendedData>{device}</ExtendedData>" if device else ""
    yield f"<Placemark><name>{xml_text(named.name)}</name>{told}<gx:Track>\n"
    yield from (f"<when>{moment}</when>\n" for moment in moment_texts(track.times_us))
    altitudes = [altitude or "0" for altitude in number_texts(track.altitudes_m)]
    positions = zip(number_texts(track.lons_deg), number_texts(track.lats_deg), altitudes, strict=True)
    yield from (f"<gx:coord>{lon} {lat} {altitude}</gx:coord>\n" for lon, lat, altitude in positions)
    yield '<ExtendedData><SchemaData schemaUrl="#fix">\n'
    for name, column in _ARRAYS.items():
        if is_known(getattr(track, column)):
            yield from _array_parts(name, number_texts(getattr(track, column)))
    if track.mocks.any():
        yield from _array_parts("is_mock", ["1" if is_mock else "0" for is_mock in track.mocks.tolist()])
    yield "</SchemaData></ExtendedData></gx:Track></Placemark>\n"


def _array_parts(name: str, texts: Iterable[str]) -> Iterator[str]:
    yield f'<gx:SimpleArrayData name="{name}">\n'
    yield from (f"<gx:value>{text}</gx:value>\n" for text in texts)
    yield "</gx:SimpleArrayData>\n"
