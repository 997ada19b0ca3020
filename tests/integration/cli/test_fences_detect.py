"""`geo-engine fences detect`: transitions of files at the command line, with no database."""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.program import Run, run_program

# Two trips of taxi 20000004 in Porto on 1 July 2013, a fix each 15 s (ECML/PKDD 15, UCI, CC BY 4.0).
TAXI = (
    (1372642569, ("-8.61984,41.148009 -8.619849,41.148009 -8.620191,41.147586 -8.620344,41.147397 -8.620353,41.147397"
     " -8.620398,41.147208 -8.620155,41.146173 -8.618409,41.146272 -8.617563,41.145885 -8.617383,41.145048"
     " -8.616465,41.145039 -8.615034,41.145678 -8.613675,41.146002 -8.612289,41.146047 -8.610885,41.146065"
     " -8.611434,41.145129 -8.612658,41.1444 -8.614035,41.143599 -8.614953,41.142825 -8.61525,41.141988"
     " -8.615232,41.140944")),
    (1372644810, ("-8.612478,41.14602 -8.612172,41.146065 -8.61219,41.14656 -8.612172,41.147568 -8.613,41.148117"
     " -8.621712,41.147604 -8.623359,41.148 -8.625024,41.148612 -8.625753,41.14989 -8.62587,41.151555")),
)  # fmt: skip
STAND, CORNER, RIVER = (-8.6123, 41.14605), (-8.61745, 41.1454), (-8.60, 41.14)
WITHOUT_DATABASE = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def circle(name: str, place: tuple[float, float], radius_m: float, **rest: object) -> dict[str, Any]:
    """Return a circle as a feature."""
    known = {"id": name, "name": name, "radius_m": radius_m, **rest}
    return {"type": "Feature", "properties": known, "geometry": {"type": "Point", "coordinates": place}}


def area(name: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return a rectangle as a feature."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"id": name, "name": name}, "geometry": geometry}


def detect(
    folder: Path, features: Sequence[Mapping[str, Any]], *options: object, devices: Sequence[str] = ("taxi",)
) -> Run:
    """Run the command on fences and the taxi's fixes, of each of some devices the same."""
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with (folder / "track.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("device", "tracked_at", "lon", "lat", "accuracy_m"))
        for device in devices:
            for began_s, places in TAXI:
                for number, place in enumerate(places.split()):
                    at = datetime.fromtimestamp(began_s, UTC) + timedelta(seconds=15 * number)
                    writer.writerow((device, at.isoformat(), *place.split(","), 8))
    return run(folder, *options)


def run(folder: Path, *options: object) -> Run:
    """Run the command on the folder's files."""
    given = ("--fences", folder / "fences.geojson", "--track", folder / "track.csv")
    return run_program("fences", "detect", *given, *options, environment=WITHOUT_DATABASE)


def lines(found: Run) -> list[dict[str, Any]]:
    """Return what was printed."""
    assert found.code == 0, found.err
    return [json.loads(line) for line in found.out.splitlines()]


def test_a_taxi_is_told_to_come_and_go(tmp_path: Path) -> None:
    """Past a corner, to a stand and away, and back to the stand: each with its moments, in order of time."""
    found = lines(
        detect(tmp_path, [circle("stand", STAND, 120), circle("corner", CORNER, 110), circle("river", RIVER, 90)])
    )

    assert [(one["kind"], one["fence"]) for one in found] == [
        ("enter", "corner"),
        ("exit", "corner"),
        ("enter", "stand"),
        ("exit", "stand"),
        ("enter", "stand"),
        ("exit", "stand"),
    ]
    assert all(one["earliest"] <= one["at"] <= one["latest"] for one in found)
    assert list(found[0]) == ["kind", "device", "fence", "version", "at", "earliest", "latest", "probability"]
    assert (found[0]["device"], found[0]["version"]) == ("taxi", 1)
    assert "2013-07-01T01:37:50Z" < found[0]["earliest"] < found[0]["latest"] < "2013-07-01T01:39:30Z"


def test_each_device_of_a_file_is_told_by_itself(tmp_path: Path) -> None:
    """Two devices at the same places are two taxis, and none leaps to the other."""
    found = lines(detect(tmp_path, [circle("stand", STAND, 120)], devices=("b", "a")))

    by_device = {name: [one | {"device": None} for one in found if one["device"] == name] for name in ("a", "b")}
    assert by_device["a"] == by_device["b"] != []


def test_a_fence_has_its_hours_by_the_zone_that_is_named(tmp_path: Path) -> None:
    """Half past one at night by UTC is half past nine in the morning in Shanghai."""
    fences = [circle("stand", STAND, 120, windows="09:00-10:30")]

    in_utc, in_shanghai = detect(tmp_path, fences), detect(tmp_path, fences, "--zone", "Asia/Shanghai")

    assert lines(in_utc) == []
    assert "Nobody in track.csv came into a fence." in in_utc.err
    assert lines(in_shanghai)[0]["kind"] == "enter"


def test_coordinates_are_read_as_what_they_are_said_to_be(tmp_path: Path) -> None:
    """In Beijing GCJ-02 is half a kilometre off: both files in it agree, one of them alone does not."""
    (tmp_path / "fences.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [circle("gate", (116.397, 39.909), 100)]})
    )
    rows = [f"2026-03-10T08:{minute:02}:00Z,116.397,39.909" for minute in range(30)]
    (tmp_path / "track.csv").write_text("\n".join(["tracked_at,lon,lat", *rows]))

    both, fences_only = run(tmp_path, "--crs", "gcj02"), run(tmp_path, "--fences-crs", "gcj02")

    assert [one["kind"] for one in lines(both)] == ["enter", "dwell"]
    assert lines(fences_only) == []


def test_a_fence_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    """It is told with its place; only when none is left is there nothing to do."""
    bad = circle("small", STAND, 1)

    some, none = detect(tmp_path, [bad, circle("stand", STAND, 120)]), detect(tmp_path, [bad])

    assert {one["fence"] for one in lines(some)} == {"stand"}
    assert "fences.geojson:1" in some.err
    assert (none.code, none.out) == (2, "")
    assert "fences.geojson has no fence that can be used." in none.err


@pytest.mark.parametrize(
    ("fences", "track", "told"),
    [
        (
            '{"type": "FeatureCollection", "features": []}',
            "tracked_at,lon,lat\n2026-03-10T08:00:00Z,1,1",
            "no features",
        ),
        ("{", "tracked_at,lon,lat\n2026-03-10T08:00:00Z,1,1", "fences.geojson"),
        (json.dumps({"type": "FeatureCollection", "features": [circle("a", (1, 1), 50)]}), "", "track.csv"),
        (
            json.dumps({"type": "FeatureCollection", "features": [circle("a", (1, 1), 50)]}),
            "tracked_at,lon,lat\nyesterday,1,1",
            "track.csv has no fixes",
        ),
        (None, "tracked_at,lon,lat\n2026-03-10T08:00:00Z,1,1", "fences.geojson"),
        (json.dumps({"type": "FeatureCollection", "features": [circle("a", (1, 1), 50)]}), None, "track.csv"),
    ],
    ids=["no fences", "no JSON", "empty track", "no fixes", "fences missing", "track missing"],
)
def test_files_of_no_use_are_told(tmp_path: Path, fences: str | None, track: str | None, told: str) -> None:
    """One sentence, nothing printed, no traceback."""
    for name, text in (("fences.geojson", fences), ("track.csv", track)):
        if text is not None:
            (tmp_path / name).write_text(text)

    refused = run(tmp_path)

    assert (refused.code, refused.out) == (2, "")
    assert told in refused.err
    assert "Traceback" not in refused.err


def test_half_a_country_and_ten_thousand_others_are_looked_through(tmp_path: Path) -> None:
    """A fence of half a country holds the whole track; ten thousand beside the taxi's way hold nothing."""
    many = [circle(f"c{n}", (-9.5 + (n % 100) / 200, 40 + n // 100 / 200), 60) for n in range(10_000)]

    found = lines(detect(tmp_path, [area("half", -12.0, 39.0, -6.0, 43.0), *many]))

    assert [(one["kind"], one["fence"]) for one in found] == [("enter", "half"), ("dwell", "half")]
    assert found[0]["at"] == "2013-07-01T01:36:09Z"
