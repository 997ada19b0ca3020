"""Tracks are read from KML and KMZ as Google Earth, loggers and map services write it."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from geo_engine.tables import RowProblem
from geo_engine.tracks.files import ReadTracks, read_tracks
from geo_engine.words import Language

HEAD = (
    '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>'
    "<name>all of it</name>\n"
)
TOUR = """<Placemark><name>tour</name><LookAt><gx:TimeStamp><when>1999-01-01T00:00:00Z</when></gx:TimeStamp></LookAt>
<gx:MultiTrack><gx:Track>
<when>2026-03-01T08:00:00Z</when>
<when>2026-03-01T08:00:01Z</when>
<gx:coord>-8.61 41.15 88.5</gx:coord>
<gx:coord>-8.62 41.16 89</gx:coord>
<ExtendedData><SchemaData schemaUrl="#schema">
<gx:SimpleArrayData name="accuracy"><gx:value>5</gx:value><gx:value>6</gx:value></gx:SimpleArrayData>
<gx:SimpleArrayData name="bearing"><gx:value>270</gx:value></gx:SimpleArrayData>
<gx:SimpleArrayData name="heartrate"><gx:value>80</gx:value><gx:value>81</gx:value></gx:SimpleArrayData>
</SchemaData></ExtendedData></gx:Track>
<gx:Track><when>2026-03-01T09:00:00Z</when><gx:coord>-8.63 41.17 0</gx:coord></gx:Track>
</gx:MultiTrack></Placemark>
"""
TAIL = "</Document></kml>"


def read(tmp_path: Path, body: str, name: str = "tour.kml") -> ReadTracks:
    """Return the tracks of a document with this body."""
    path = tmp_path / name
    path.write_text(HEAD + body + TAIL, encoding="utf-8")
    return read_tracks(path)


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: line, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


def test_the_nth_time_belongs_to_the_nth_position(tmp_path: Path) -> None:
    """So does the n-th value of each array; the parts of a MultiTrack are one track."""
    found = read(tmp_path, TOUR)

    (one,) = found.tracks
    assert [told(one) for one in found.problems] == [(3, "bearing", "There are 1 values for 2 positions.")]
    assert (one.name, one.track.lons_deg.tolist()) == ("tour", [-8.61, -8.62, -8.63])
    assert one.track.altitudes_m.tolist()[:2] == [88.5, 89]
    assert one.track.accuracies_m.tolist()[:2] == [5, 6]
    assert [str(heading) for heading in one.track.headings_deg] == ["270.0", "nan", "nan"]


def test_an_altitude_that_is_always_0_is_none(tmp_path: Path) -> None:
    """KML has no way to leave it out."""
    found = read(tmp_path, TOUR.replace("88.5", "0").replace(" 89<", " 0.0<"))

    assert str(found.tracks[0].track.altitudes_m.tolist()) == "[nan, nan, nan]"


def test_what_has_no_partner_is_left_out(tmp_path: Path) -> None:
    """A missing time keeps its place; what is over at the end of a list is named."""
    body = TOUR.replace("<when>2026-03-01T08:00:01Z</when>", "<when/>").replace(
        "<when>2026-03-01T09:00:00Z</when>", "<when>2026-03-01T09:00:00Z</when><when>2026-03-01T09:00:01Z</when>"
    )

    found = read(tmp_path, body)

    assert len(found.tracks[0].track) == 2
    assert [told(problem) for problem in found.problems if problem.column == "when"] == [
        (5, "when", "The time is missing."),
        (13, "when", "There are 2 times for 1 positions; the rest is left out."),
    ]


def test_points_with_times_are_a_track_of_each_device(tmp_path: Path) -> None:
    """What is known of a fix stands in the extended data, under usual names and with units."""
    points = "".join(
        f"<Placemark><name>{at}</name><{span}><{when}>2026-03-01T08:00:0{at}Z</{when}></{span}><ExtendedData>"
        f'<Data name="device"><value>d</value></Data><Data name="Speed (km/h)"><value>36</value></Data></ExtendedData>'
        f"<Point><coordinates>-8.6{at},41.1,7</coordinates></Point></Placemark>\n"
        for at, (span, when) in enumerate([("TimeStamp", "when"), ("TimeSpan", "begin")])
    )

    found = read(tmp_path, points + "<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>")

    (one,) = found.tracks
    assert (one.device, one.track.lons_deg.tolist()) == ("d", [-8.6, -8.61])
    assert one.track.speeds_mps.tolist() == pytest.approx([10, 10])
    assert [told(problem) for problem in found.problems] == [(4, "when", "The time is missing.")]


def test_of_a_line_only_the_ends_have_times(tmp_path: Path) -> None:
    """A span says when it began and ended, and nothing of the way between."""
    line = "<LineString><coordinates>-8.6,41.1 -8.61,41.1\n-8.62,41.1</coordinates></LineString></Placemark>"
    span = "<TimeSpan><begin>2026-03-01T08:00:00Z</begin><end>2026-03-01T08:10:00Z</end></TimeSpan>"

    found = read(tmp_path, f"<Placemark><name>ride</name>{span}{line}<Placemark>{line}")

    assert found.tracks[0].track.lons_deg.tolist() == [-8.6, -8.62]
    assert [told(problem)[2] for problem in found.problems] == [
        "Only the first and the last of 3 positions have a time.",
        "None of the 3 positions here has a time.",
    ]


@pytest.mark.parametrize("members", [["doc.kml", "other.kml"], ["files/picture.png", "Track.KML"]])
def test_a_kmz_holds_its_document(tmp_path: Path, members: list[str]) -> None:
    """Its name is doc.kml, else it is the first that ends so, whatever the archive is called."""
    path = tmp_path / "tour.zip"
    with ZipFile(path, "w") as archive:
        for member in members:
            is_document = member in {"doc.kml", "Track.KML"}
            archive.writestr(member, HEAD + TOUR + TAIL if is_document else "<kml/>")

    assert [len(one.track) for one in read_tracks(path).tracks] == [3]
