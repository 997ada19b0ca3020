"""Moving features are read as the standard's own examples and MobilityDB write them."""

import json
from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tables import RowProblem
from geo_engine.tracks.files import NamedTrack, ReadTracks, TrackFormat, read_tracks, render_tracks
from geo_engine.words import Language

TIMES = ["2011-07-14T22:01:01Z", "2011-07-14T22:01:02Z", "2011-07-14T22:01:03Z"]
PLACES = [[139.757083, 35.627701, 0.5], [139.757399, 35.627701, 2.0], [139.757555, 35.627688, 4.0]]
PRISM = {
    "type": "Feature",
    "crs": {"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    "temporalGeometry": {
        "type": "MovingPoint",
        "datetimes": TIMES,
        "coordinates": PLACES,
        "interpolation": "Linear",
        "orientations": [{"scales": [1, 1, 1], "angles": [0, 0, 0]}],
    },
    "temporalProperties": [
        {
            "datetimes": [TIMES[2], TIMES[0]],
            "speed": {"type": "Measure", "form": "KMH", "values": [36, None]},
            "accuracy": {"type": "Measure", "form": "http://qudt.org/quantity/Length", "values": [1, 2]},
            "message": {"type": "Text", "values": ["A", "B"]},
        },
        {"datetimes": TIMES, "heading_deg": {"type": "Measure", "values": [0, 90, 180]}},
    ],
    "properties": {"name": "car1", "device": "d"},
    "id": "A",
}
TRAJECTORY = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "A",
            "geometry": {"type": "LineString", "coordinates": PLACES},
            "properties": {"datetimes": TIMES, "state": ["walking", "walking"], "typecode": [1, 2]},
        }
    ],
}
MOBILITYDB = {
    "type": "MovingPoint",
    "crs": {"type": "Name", "properties": {"name": "EPSG:4326"}},
    "sequences": [
        {"coordinates": PLACES[:2], "datetimes": ["2011-07-14T22:01:01", "2011-07-14T22:01:02"], "lower_inc": True},
        {"coordinates": PLACES[2], "datetimes": "2011-07-14T22:01:03"},
    ],
    "interpolation": "Linear",
}
COLLECTION = {
    "type": "Feature",
    "temporalGeometry": {
        "type": "MovingGeometryCollection",
        "prisms": [
            {"type": "MovingPoint", "datetimes": TIMES, "coordinates": PLACES},
            {"type": "MovingPolygon", "datetimes": TIMES, "coordinates": [PLACES]},
        ],
    },
}


def read(tmp_path: Path, document: object) -> ReadTracks:
    """Return the tracks of a file that holds this document."""
    path = tmp_path / "car.json"
    path.write_text(json.dumps(document))
    return read_tracks(path)


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: feature, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


@pytest.mark.parametrize("document", [PRISM, TRAJECTORY, MOBILITYDB, COLLECTION])
def test_a_moving_point_is_a_track(tmp_path: Path, document: object) -> None:
    """Of both encodings, of a collection's parts and of MobilityDB's sequences."""
    (one,) = read(tmp_path, document).tracks

    assert one.track.lons_deg.tolist() == [lon for lon, _, _ in PLACES]
    assert one.track.altitudes_m.tolist() == [0.5, 2, 4]
    assert (one.track.times_us - one.track.times_us[0]).tolist() == [0, 1_000_000, 2_000_000]


def test_temporal_properties_count_at_their_moments(tmp_path: Path) -> None:
    """In the unit of their form; one whose unit is not known is left out and named."""
    found = read(tmp_path, PRISM)

    (one,) = found.tracks
    assert (one.device, one.name) == ("d", "car1")
    assert [str(speed) for speed in one.track.speeds_mps] == ["nan", "nan", "10.0"]
    assert one.track.headings_deg.tolist() == [0, 90, 180]
    unit = "The unit “http://qudt.org/quantity/Length” is not known, so the column is left out."
    assert [told(problem) for problem in found.problems] == [(1, "accuracy", unit)]


def test_what_is_no_moving_point_is_named(tmp_path: Path) -> None:
    """A moving polygon is no track."""
    found = read(tmp_path, COLLECTION)

    assert [told(problem) for problem in found.problems] == [(1, "", "A MovingPolygon is no part of a track.")]


def test_another_reference_system_is_refused(tmp_path: Path) -> None:
    """Metres of a national grid are no degrees."""
    elsewhere = {"type": "Name", "properties": {"name": "EPSG:5676"}}

    with pytest.raises(InvalidInput, match=r"car\.json is in the reference system EPSG:5676; only WGS 84 is read"):
        read(tmp_path, MOBILITYDB | {"crs": elsewhere})


def test_a_moving_point_is_at_one_place_at_a_time(tmp_path: Path) -> None:
    """What is written keeps the standard's rule: no feature has a moment twice, and none is lost."""
    (one,) = read(tmp_path, {"features": [PRISM, PRISM], "type": "FeatureCollection"}).tracks

    document = json.loads(render_tracks([NamedTrack(device="d", name="car1", track=one.track)], TrackFormat.MF_JSON))

    datetimes = [feature["temporalGeometry"]["datetimes"] for feature in document["features"]]
    assert datetimes == [TIMES, TIMES]
