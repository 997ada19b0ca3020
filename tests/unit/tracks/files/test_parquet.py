"""GeoParquet is read as geopandas and others write it, and frames become tracks."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo_engine.errors import InvalidInput
from geo_engine.tracks import from_gdf
from geo_engine.tracks.files import read_tracks
from geo_engine.tracks.model import to_moment
from geo_engine.words import Language

MOMENTS = np.array(["2026-03-01T08:00:01", "2026-03-01T08:00:00"], dtype="datetime64[us]")
POINTS = shapely.points([[-8.61, 41.15, 88.5], [-8.62, 41.16, 89.0]])


def frame(**columns: object) -> gpd.GeoDataFrame:
    """Return a frame of two fixes with these columns."""
    return gpd.GeoDataFrame({"time": MOMENTS} | columns, geometry=POINTS, crs="EPSG:4326")


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_points_are_read_in_both_encodings(tmp_path: Path, encoding: str) -> None:
    """A row is a fix; rows of one device are a track in the order of time."""
    path = tmp_path / "day.parquet"
    frame(user_id=[7, 7], speed=[1.5, None]).to_parquet(path, geometry_encoding=encoding)

    (one,) = read_tracks(path).tracks

    assert (one.device, one.track.lons_deg.tolist()) == ("7", [-8.62, -8.61])
    assert one.track.altitudes_m.tolist() == [89, 88.5]
    assert [str(speed) for speed in one.track.speeds_mps] == ["nan", "1.5"]


def test_two_columns_of_degrees_do_without_a_geometry(tmp_path: Path) -> None:
    """Also a table that is no GeoParquet; a row without a time is named."""
    path = tmp_path / "day.parquet"
    table = pa.table({"time": [datetime(2026, 3, 1, 8, tzinfo=UTC), None], "lon": [-8.61, 1], "lat": [41.15, 2]})
    pq.write_table(table, path)

    found = read_tracks(path)

    assert found.tracks[0].track.lats_deg.tolist() == [41.15]
    assert [(one.line, one.column) for one in found.problems] == [(2, "time")]


def test_moments_without_a_zone_are_in_the_zone_that_is_named(tmp_path: Path) -> None:
    """What lies beyond the calendar is no moment, with a zone or without."""
    path = tmp_path / "day.parquet"
    seconds = pa.array([1_772_352_000, 2**42], pa.timestamp("s"))
    pq.write_table(pa.table({"time": seconds, "lon": [1, 1], "lat": [2, 2]}), path)

    found = read_tracks(path, zone=ZoneInfo("Asia/Shanghai"))

    assert to_moment(int(found.tracks[0].track.times_us[0])) == datetime(2026, 3, 1, tzinfo=UTC)
    assert [(one.line, one.column) for one in found.problems] == [(2, "time")]


def test_columns_that_a_fix_cannot_have_are_left_out(tmp_path: Path) -> None:
    """Lists, bytes and times of day tell nothing, whatever they are called."""
    path = tmp_path / "day.parquet"
    odd = {"speed": [[1.0]], "accuracy": [b"5"], "heading": [time(8)]}
    pq.write_table(pa.table({"tracked_at": ["2026-03-01T08:00:00Z"], "lon": [1], "lat": [2], **odd}), path)

    found = read_tracks(path)

    assert not found.problems
    assert str(found.tracks[0].track.speeds_mps) == "[nan]"


@pytest.mark.parametrize("crs", ["EPSG:3857", None])
def test_a_file_in_another_reference_system_is_refused(tmp_path: Path, crs: str | None) -> None:
    """So is one that says that nobody knows which."""
    path = tmp_path / "day.parquet"
    frame().set_crs(crs, allow_override=True).to_parquet(path)

    with pytest.raises(InvalidInput, match="only WGS 84 is read"):
        read_tracks(path)


def test_a_frame_of_other_libraries_becomes_a_track() -> None:
    """Its moments may be the index, its reference system any, its columns called as files call them."""
    moving = frame(accuracy=[5.0, 6.0]).set_index("time").tz_localize("Asia/Shanghai").to_crs("EPSG:3857")

    track = from_gdf(moving)

    assert track.lons_deg == pytest.approx([-8.62, -8.61])
    assert track.accuracies_m.tolist() == [6, 5]
    assert track.times_us[0] == np.datetime64("2026-03-01T00:00:00", "us").astype(np.int64)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (frame().set_crs(None, allow_override=True), "The GeoDataFrame names no reference system (crs)."),
        (frame().drop(columns="time"), "GeoDataFrame needs tracked_at; its columns are: lon, lat."),
        (frame(time=[MOMENTS[0], None]), "Row 2, time: The time is missing."),
        (frame().set_geometry([POINTS[0], None], crs="EPSG:4326"), "Row 2, lon: lon is missing."),
    ],
)
def test_a_frame_is_a_track_as_a_whole_or_not_at_all(broken: gpd.GeoDataFrame, sentence: str) -> None:
    """A caller's own data are not silently shortened."""
    with pytest.raises(InvalidInput) as refused:
        from_gdf(broken)

    assert refused.value.render(Language.EN) == sentence
