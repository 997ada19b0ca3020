"""`geo-engine stops`: the stops of a track file, as lines of JSON."""

import json
from pathlib import Path

import pytest
from support.program import run_program

HEAD = "tracked_at,lon,lat,accuracy_m,speed_mps"


def _rows(*parts: tuple[int, int, float, float]) -> str:
    """Return a file of parts: from a minute until another, at a place, a fix each half a minute."""
    lines = [
        f"2026-11-26T08:{second // 60:02d}:{second % 60:02d}Z,{lon},43.73,8,{speed}"
        for begin, end, lon, speed in parts
        for second in range(60 * begin, 60 * end, 30)
    ]
    return "\n".join([HEAD, *lines]) + "\n"


DRIVE = [(minute, minute + 1, 7.42 + 0.005 * (minute - 9), 13.0) for minute in range(10, 20)]


def test_a_stay_is_a_line(tmp_path: Path) -> None:
    """With its span in UTC, its middle and its radius, and nothing else on standard output."""
    path = tmp_path / "track.csv"
    path.write_text(_rows((0, 10, 7.42, 0.0), *DRIVE))

    done = run_program("stops", str(path))

    (stop,) = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert list(stop) == ["started_at", "ended_at", "lon", "lat", "radius_m"]
    assert stop["started_at"] == "2026-11-26T08:00:00Z"
    assert "2026-11-26T08:09:00" <= stop["ended_at"] <= "2026-11-26T08:10:30"
    assert (stop["lon"], stop["lat"]) == pytest.approx((7.42, 43.73), abs=1e-4)


def test_a_track_without_a_stop_says_so(tmp_path: Path) -> None:
    """That is a result: nothing is printed, and the program ends with 0."""
    path = tmp_path / "track.csv"
    path.write_text(_rows(*DRIVE))

    done = run_program("stops", str(path))

    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == "track.csv has no stop."


def test_an_unusable_file_is_told(tmp_path: Path) -> None:
    """What cannot be read is named, with exit 2."""
    path = tmp_path / "track.csv"
    path.write_text("a,b\n1,2\n")

    done = run_program("stops", str(path))

    assert (done.code, done.out) == (2, "")
    assert "track.csv" in done.err
