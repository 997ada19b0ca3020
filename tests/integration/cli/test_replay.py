"""`geo-engine replay` makes a page of a track file, and refuses what it cannot play with the reason."""

import json
from pathlib import Path

import pytest
from support.program import MONACO, run_program, write_csv
from support.replays import at, day_track
from support.walks import METRES_PER_DEGREE

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.tracks.files import NamedTrack, write_tracks


@pytest.mark.parametrize("ending", ["csv", "gpx", "geojson", "kml"])
def test_a_day_of_any_format_becomes_a_page_and_one_line(tmp_path: Path, ending: str) -> None:
    """Standard output is one line of JSON with the figures of the day; the page is there; clocks are the place's."""
    file = tmp_path / f"day.{ending}"
    write_tracks(file, (NamedTrack(device=None, name="day", track=day_track()),))

    run = run_program("replay", file, "-o", tmp_path / "replay.html")

    told = json.loads(run.out)
    assert run.code == 0, run.err
    assert run.out.count("\n") == 1
    assert told["path"] == str(tmp_path / "replay.html")
    assert (told["timezone"], told["started_at"]) == ("Europe/Paris", "2026-10-25T08:00:00+01:00")
    assert (told["fix_count"], told["stop_count"], told["gap_count"]) == (205, 1, 1)
    assert Path(told["path"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "Europe/Paris" in run.err


def test_a_track_is_put_on_roads_and_drawn_before_their_map(tmp_path: Path) -> None:
    """With roads the way along them is told and drawn, as is the extract's background."""
    west, east, lat = 7.4160, 7.4260, 43.7365
    rows = [
        {"tracked_at": at(step / 4).isoformat(), "lon": west + (east - west) * step / 40, "lat": lat + step / 9_000}
        for step in range(41)
    ]
    straight_m = geodesic_m(Position(west, lat), Position(east, lat + 40 / 9_000))

    run = run_program("replay", write_csv(tmp_path / "t.csv", rows), "-o", tmp_path / "t.html", "--roads", MONACO)

    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert run.code == 0, run.err
    assert json.loads(run.out)["driven_m"] > straight_m * 0.9
    assert 'id="plan-background">{' in page
    assert "© OpenStreetMap" in page


def test_a_zone_that_is_named_is_that_of_the_clocks_and_of_bare_times(tmp_path: Path) -> None:
    """Times that name no zone are shown as they stand in the file."""
    rows = [{"tracked_at": f"2026-03-02 08:0{n}:00", "lon": 116.3 + n / 100, "lat": 39.9} for n in range(4)]
    file = write_csv(tmp_path / "t.csv", rows)

    run = run_program("replay", file, "-o", tmp_path / "t.html", "--tz", "Asia/Shanghai")

    assert json.loads(run.out)["started_at"] == "2026-03-02T08:00:00+08:00"


def test_of_several_devices_one_is_chosen(tmp_path: Path) -> None:
    """Two devices in one file are not played as one; naming one plays it, naming another tells which there are."""
    rows = [
        {"tracked_at": at(n).isoformat(), "lon": 7.4 + place, "lat": 43.7 + n * 50 / METRES_PER_DEGREE, "device": name}
        for n in range(5)
        for name, place in (("van 1", 0.0), ("van 2", 0.5))
    ]
    file, out = write_csv(tmp_path / "t.csv", rows), tmp_path / "t.html"

    both = run_program("replay", file, "-o", out)
    one = run_program("replay", file, "-o", out, "--device", "van 2")
    none = run_program("replay", file, "-o", out, "--device", "van 3")

    assert (both.code, one.code, none.code) == (2, 0, 2)
    assert "van 1, van 2" in both.err
    assert json.loads(one.out)["fix_count"] == 5
    assert "van 1, van 2" in none.err


def test_a_page_is_written_into_a_folder_that_is_there(tmp_path: Path) -> None:
    """A folder that is missing is not made: the page would be where nobody looks for it."""
    file = tmp_path / "day.csv"
    write_tracks(file, (NamedTrack(device=None, name="day", track=day_track()),))

    run = run_program("--lang", "en", "replay", "day.csv", "-o", "deep/replay.html", folder=tmp_path)

    assert (run.code, run.out) == (2, "")
    assert run.err == "deep/replay.html cannot be written: there is no folder deep.\n"
    assert [one.name for one in tmp_path.iterdir()] == ["day.csv"]


def test_a_file_without_a_fix_is_refused_with_its_rows(tmp_path: Path) -> None:
    """Nothing is written, the bad row is named on standard error, and the exit code says unusable input."""
    file = write_csv(tmp_path / "t.csv", [{"tracked_at": "2026-03-02T08:00:00Z", "lon": 7.4, "lat": 91}])

    run = run_program("replay", file, "-o", tmp_path / "t.html")

    assert (run.code, run.out) == (2, "")
    assert "t.csv:2" in run.err
    assert not (tmp_path / "t.html").exists()
