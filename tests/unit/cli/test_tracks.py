"""`geo-engine tracks` converts files, tells of bad rows on stderr, and ends with a code that a script can trust."""

import json
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geo_engine.cli import geo_engine

ROWS = "TIME,E,N,V\n2026-03-01 08:00:00,116.403963,39.915119,36\nnever,1,2,3\n"


def run(folder: Path, *arguments: str, lang: str = "en") -> Result:
    """Run `geo-engine tracks convert` in a folder."""
    with chdir(folder):
        return CliRunner().invoke(geo_engine, ["--lang", lang, "tracks", "convert", *arguments])


def test_a_table_becomes_what_it_is_asked_to_be(tmp_path: Path) -> None:
    """The file's own column names, reference system, units and zone are told by options; one line is the result."""
    (tmp_path / "day.csv").write_text(ROWS)
    (tmp_path / "out").mkdir()
    options = ["--columns", "tracked_at=TIME,lon=E,lat=N,speed_kmh=V", "--from-crs", "gcj02", "--tz", "Asia/Shanghai"]

    done = run(tmp_path, "day.csv", "out/day.geojson", *options)

    assert (done.exit_code, json.loads(done.stdout)) == (
        0,
        {"path": "out/day.geojson", "tracks": 1, "fixes": 1, "problems": 1},
    )
    assert done.stderr.startswith("day.csv:3 time: “never” is not a moment such as ")
    (feature,) = json.loads((tmp_path / "out" / "day.geojson").read_text())["features"]
    assert feature["geometry"]["coordinates"] == pytest.approx([116.39772, 39.913714], abs=1e-5)
    assert feature["properties"]["tracked_at"] == "2026-03-01T00:00:00Z"
    assert feature["properties"]["speed_mps"] == pytest.approx(10)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["nope.csv", "out.gpx"], 2, "nope.csv 不存在。"),
        (["day.csv", "out.doc"], 2, "out.doc 的扩展名不是轨迹文件的扩展名"),
        (["day.csv", "out.gpx", "--columns", "tracked_at"], 2, "没有按 tracked_at=TIME,lon=X 的方式指定列"),
        (["day.csv", "out.gpx", "--tz", "Mars/Base"], 2, "Mars/Base"),
        (["day.csv", "day.csv/out.gpx"], 2, "无法写入 day.csv/out.gpx：文件夹 day.csv 不存在。"),
        (["day.csv", "deep/down/out.gpx"], 2, "无法写入 deep/down/out.gpx：文件夹 deep/down 不存在。"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], code: int, sentence: str
) -> None:
    """In the reader's language, on stderr, with the code for unusable input."""
    (tmp_path / "day.csv").write_text(ROWS)

    done = run(tmp_path, *arguments, lang="zh-CN")

    assert (done.exit_code, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["day.csv"]


def test_a_file_without_a_fix_tells_of_every_row(tmp_path: Path) -> None:
    """Why each was left out, and then that none is left."""
    (tmp_path / "day.csv").write_text("time,lon,lat\nnever,1,2\n")

    done = run(tmp_path, "day.csv", "out.gpx")

    assert done.exit_code == 2
    assert done.stderr.splitlines()[0].startswith("day.csv:2 time: “never” is not a moment")
    assert done.stderr.splitlines()[1] == "day.csv has no fixes that can be read."
