"""Tracks are read from GPX as loggers, phones and watches write it."""

from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tables import RowProblem
from geo_engine.tracks.files import NoFixesError, ReadTracks, read_tracks
from geo_engine.words import Language

GPX_10 = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.0" creator="GPSLogger" xmlns="http://www.topografix.com/GPX/1/0">
<time>2026-03-01T08:00:00Z</time><bounds minlat="41" minlon="-9" maxlat="42" maxlon="-8"/>
<wpt lat="1" lon="2"><time>2026-03-01T07:00:00Z</time><name>home</name></wpt>
<rte><rtept lat="1" lon="2"><time>2026-03-01T07:00:00Z</time></rtept></rte>
<trk><name>morning</name><trkseg/>
<trkseg><trkpt lat="41.15" lon="-8.61"><ele>88.5</ele><time>2026-03-01T08:00:00Z</time>
<course>270</course><speed>3.5</speed><hdop>0.9</hdop><sat>11</sat></trkpt></trkseg>
<trkseg><trkpt lat="41.16" lon="-8.62"><time>2026-03-01T10:00:01.5+02:00</time></trkpt></trkseg></trk></gpx>
"""
GPX_11 = """<gpx version="1.1" creator="watch" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
<metadata><name>all of it</name><time>2026-03-01T08:00:00Z</time></metadata>
<trk><name>one &amp; two</name><trkseg>
<trkpt lat="41.15" lon="-8.61"><ele>88.5</ele><time>2026-03-01T08:00:00Z</time><extensions>
<gpxtpx:TrackPointExtension><gpxtpx:speed>3.5</gpxtpx:speed><gpxtpx:course>270</gpxtpx:course></gpxtpx:TrackPointExtension>
<accuracy>6.5</accuracy></extensions></trkpt>
<trkpt lat="41.15" lon="-8.61"/>
</trkseg></trk>
<trk><trkseg><trkpt lat="41.17" lon="-8.63"><time>2026-03-01T09:00:00Z</time></trkpt></trkseg></trk>
</gpx>
"""


def read(tmp_path: Path, content: str | bytes, name: str = "ride.gpx") -> ReadTracks:
    """Return the tracks of a file with this content."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tracks(path)


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: line, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


def test_gpx_1_0_has_speed_and_course_in_its_points(tmp_path: Path) -> None:
    """Segments are one track; waypoints, routes and dilution of precision tell nothing of it."""
    found = read(tmp_path, GPX_10)

    (one,) = found.tracks
    assert not found.problems
    assert (one.name, len(one.track)) == ("morning", 2)
    assert (one.track.speeds_mps[0], one.track.headings_deg[0], one.track.altitudes_m[0]) == (3.5, 270, 88.5)
    assert one.track.times_us[1] - one.track.times_us[0] == 1_500_000
    assert str(one.track.accuracies_m[0]) == "nan"


def test_gpx_1_1_has_them_in_extensions(tmp_path: Path) -> None:
    """Each `trk` is a track; a point without a time is a problem at its line."""
    found = read(tmp_path, GPX_11)

    first, second = found.tracks
    assert [first.name, second.name] == ["one & two", "ride 2"]
    assert (first.track.speeds_mps[0], first.track.headings_deg[0], first.track.accuracies_m[0]) == (3.5, 270, 6.5)
    assert [told(problem) for problem in found.problems] == [(8, "time", "The time is missing.")]


def test_a_file_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    """The track of a phone whose battery ran out is not lost."""
    found = read(tmp_path, GPX_11[: GPX_11.index('<trkpt lat="41.17"') + 20])

    assert [len(one.track) for one in found.tracks] == [1]
    line, _, sentence = told(found.problems[-1])
    assert line == 10
    assert sentence.startswith("The file cannot be read beyond this line: ")


def test_a_route_that_nobody_drove_has_no_times(tmp_path: Path) -> None:
    """A file without any time says so once, not once a point."""
    with pytest.raises(InvalidInput, match=r"ride\.gpx has no times") as refused:
        read(tmp_path, GPX_10.replace("time>", "note>"))

    assert not isinstance(refused.value, NoFixesError)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "iso-8859-1"])
def test_the_encoding_is_what_the_document_says(tmp_path: Path, encoding: str) -> None:
    """Also the Chinese one, which the parser itself does not know."""
    name = "été" if encoding == "iso-8859-1" else "早班"
    text = GPX_10.replace("UTF-8", encoding).replace("morning", name)

    assert read(tmp_path, text.encode(encoding)).tracks[0].name == name
