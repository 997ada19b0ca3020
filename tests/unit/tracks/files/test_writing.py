"""Tracks are written in the format that a file's ending names, at once or not at all."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
from defusedxml.ElementTree import fromstring

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.files import NamedTrack, TrackFormat, format_of, read_tracks, write_tracks

FIXES = [
    Fix(
        device="d",
        tracked_at=datetime(2026, 3, 1, 8, 0, at, tzinfo=UTC),
        position=Position(-8.61 - at / 1e8, 41.15),
        accuracy_m=12.5,
        altitude_m=88.5 if at else None,
        speed_mps=3.5,
        heading_deg=270,
        battery_percent=81,
        is_mock=bool(at),
    )
    for at in range(2)
]
RIDE = NamedTrack(device="d", name="ride & back", track=Track.of(FIXES))
ENDINGS = ["csv", "gpx", "kml", "kmz", "geojson", "json", "parquet", "geoparquet", "mfjson", "mf.json"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_replaced_as_a_whole(tmp_path: Path, ending: str) -> None:
    """In the format that its ending names; nothing else is left beside it."""
    path = tmp_path / f"Ride.{ending.upper()}"
    path.write_text("old")

    write_tracks(path, [RIDE])

    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert [(one.device, one.name, len(one.track)) for one in read_tracks(path).tracks] == [("d", "ride & back", 2)]


def test_a_format_can_be_chosen(tmp_path: Path) -> None:
    """Whatever the file's ending is."""
    write_tracks(tmp_path / "ride.txt", [RIDE], track_format=TrackFormat.GPX)

    assert fromstring((tmp_path / "ride.txt").read_text()).tag == "{http://www.topografix.com/GPX/1/1}gpx"


def test_an_ending_that_names_no_format_is_refused() -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidInput, match=r"ride\.doc does not end as a file of tracks does: \.csv, \.gpx"):
        format_of(Path("ride.doc"))


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder in the way stays what it is."""
    path = tmp_path / "ride.csv"
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        write_tracks(path, [RIDE])

    assert [one.name for one in tmp_path.iterdir()] == ["ride.csv"]


@pytest.mark.parametrize("track_format", TrackFormat)
def test_no_track_is_a_file_without_fixes(tmp_path: Path, track_format: TrackFormat) -> None:
    """An export of a day on which nobody moved is written, and reads as what it is."""
    path = tmp_path / "none"
    write_tracks(path, [], track_format=track_format)

    with pytest.raises(InvalidInput, match="none has no fixes that can be read"):
        read_tracks(path)


def test_numbers_and_moments_are_written_as_everybody_reads_them(tmp_path: Path) -> None:
    """No exponent, no more digits than are meant, whole seconds without a fraction."""
    path = tmp_path / "ride.csv"

    write_tracks(path, [RIDE])

    assert path.read_text().splitlines()[1:] == [
        "2026-03-01T08:00:00Z,-8.61,41.15,12.5,3.5,270,,81,0,d,ride & back",
        "2026-03-01T08:00:01Z,-8.61000001,41.15,12.5,3.5,270,88.5,81,1,d,ride & back",
    ]


def test_gpx_has_what_watches_read(tmp_path: Path) -> None:
    """Speed and course are where Garmin has them."""
    path = tmp_path / "ride.gpx"

    write_tracks(path, [RIDE])

    garmin = "{http://www.garmin.com/xmlschemas/TrackPointExtension/v2}"
    told = {element.tag: element.text for element in fromstring(path.read_text()).iter()}
    assert (told[f"{garmin}speed"], told[f"{garmin}course"]) == ("3.5", "270")
    assert told["{http://www.topografix.com/GPX/1/1}time"] == "2026-03-01T08:00:01Z"


def test_geojson_has_a_time_for_each_position(tmp_path: Path) -> None:
    """As toGeoJSON writes it, so that others find it."""
    path = tmp_path / "ride.geojson"

    write_tracks(path, [RIDE])

    (feature,) = json.loads(path.read_text())["features"]
    assert feature["geometry"] == {"type": "LineString", "coordinates": [[-8.61, 41.15], [-8.61000001, 41.15]]}
    assert feature["properties"]["coordinateProperties"]["times"] == ["2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z"]
    assert feature["properties"]["coordinateProperties"]["altitude_m"] == [None, 88.5]


def test_kmz_holds_the_document_where_earth_looks(tmp_path: Path) -> None:
    """It is doc.kml."""
    write_tracks(tmp_path / "ride.kmz", [RIDE])

    with zipfile.ZipFile(tmp_path / "ride.kmz") as archive:
        assert archive.namelist() == ["doc.kml"]


def test_geoparquet_opens_as_a_frame(tmp_path: Path) -> None:
    """With its reference system and its times."""
    write_tracks(tmp_path / "ride.parquet", [RIDE])

    frame = gpd.read_parquet(tmp_path / "ride.parquet")
    assert frame.crs.to_epsg() == 4326
    assert str(frame["tracked_at"].dtype) == "datetime64[us, UTC]"
    assert frame["track"].tolist() == ["ride & back"] * 2
