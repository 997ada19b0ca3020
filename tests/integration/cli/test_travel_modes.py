"""Workers who travel by other means than a car, from each kind of file to the plan's files and what is printed."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from support.program import MONACO, Planner

from geo_engine.geometry.crs import Crs
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce.files import read_workers

SITES = [{"id": f"S{i}", "lon": 7.415 + 0.002 * i, "lat": 43.731 + 0.0012 * i, "service_min": 10} for i in range(6)]
HOME = (7.4185, 43.7335)
ROWS = [
    {"id": "B", "start_lon": HOME[0], "start_lat": HOME[1], "mode": "Bicycle", "max_visits": 3},
    {"id": "F", "start_lon": HOME[0], "start_lat": HOME[1], "mode": "步行", "max_visits": 3},
]


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    """Return the program in a folder of its own."""
    return Planner(tmp_path)


def _xlsx(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(ROWS[0]))
    for row in ROWS:
        sheet.append(list(row.values()))
    book.save(folder / "workers.xlsx")
    return folder / "workers.xlsx"


def _geojson(folder: Path) -> Path:
    items = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["start_lon"], row["start_lat"]]},
            "properties": {"id": row["id"], "travel_mode": row["mode"], "max_visits": row["max_visits"]},
        }
        for row in ROWS
    ]
    path = folder / "workers.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")
    return path


def test_each_kind_of_file_gives_the_same_plan_by_each_workers_mode(planner: Planner) -> None:
    """CSV, XLSX and GeoJSON say it; the plan's files and what is printed say whose route is which."""
    plans = []
    assert planner(SITES, ROWS).code == 0
    plans.append(planner.result())
    for path in (_xlsx(planner.folder), _geojson(planner.folder)):
        done = planner.plan("--sites", planner.folder / "sites.csv", "--workers", path)
        assert done.code == 0, done.err
        plans.append(planner.result())

    assert plans[0]["routes"] == plans[1]["routes"] == plans[2]["routes"]
    assert {one["worker_id"]: one["travel_mode"] for one in plans[0]["routes"]} == {"B": "bicycle", "F": "foot"}
    by_bicycle, on_foot = plans[0]["routes"]
    assert on_foot["travel_m"] / on_foot["travel_s"] < 1.5 < by_bicycle["travel_m"] / by_bicycle["travel_s"]
    features = json.loads((planner.folder / "out" / "plan.geojson").read_text(encoding="utf-8"))["features"]
    legs = [one["properties"] for one in features if one["properties"]["kind"] == "leg"]
    assert {(leg["worker_id"], leg["travel_mode"]) for leg in legs} == {("B", "bicycle"), ("F", "foot")}
    shown = planner.run("--lang", "zh-CN", "show", "out").out
    assert "，自行车" in shown
    assert "，步行" in shown
    with (planner.folder / "out" / "stops-F.csv").open(encoding="utf-8-sig") as file:
        assert "on foot" in next(csv.DictReader(file)).values()


def test_an_unknown_mode_is_told_by_row_and_column(planner: Planner) -> None:
    """The others are planned all the same."""
    rows = [*ROWS, {"id": "R", "start_lon": HOME[0], "start_lat": HOME[1], "mode": "rocket"}]

    done = planner(SITES, rows, "--roads", "straight")

    assert done.code == 0, done.err
    (problem,) = planner.result()["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("workers.csv", 4, "mode")
    assert problem["reason"] == "“rocket” is not a travel mode: car, ebike, bicycle or foot."


def test_savings_are_told_in_the_money_that_is_asked_for(planner: Planner) -> None:
    """A stated price counts a car's kilometres; walking is free, and what nobody knows is said."""
    cars = [{**row, "mode": "car"} for row in ROWS]

    done = planner(SITES, cars, "--roads", "straight", "--price", "car=2", "--currency", "EUR")

    summary = json.loads(done.out)
    assert summary["currency"] == "EUR"
    assert summary["travel_money"] == pytest.approx(2 * summary["travel_m"] / 1000, abs=0.01)
    given = summary["savings"]["given_order"]
    assert given["travel_m"] == summary["list_saved_m"]
    assert given["money"] == pytest.approx(2 * given["travel_m"] / 1000, abs=0.01)
    assert summary["savings"]["last_month"] is None
    told = planner.run("show", "out").out
    assert f"money {given['money']:.2f} EUR" in told
    assert "Saved against last month: not known." in told


@pytest.mark.parametrize("price", ["car", "rocket=2", "car=much", "car=-1"])
def test_a_price_that_is_none_is_refused(planner: Planner, price: str) -> None:
    """Nothing is planned with it."""
    done = planner(SITES, ROWS, "--roads", "straight", "--price", price)

    assert done.code != 0
    assert "Traceback" not in done.err
    assert not (planner.folder / "out" / "plan.json").exists()


def test_a_sample_of_several_modes_is_read_back(planner: Planner) -> None:
    """The written file says how each worker travels, and it is read as that."""
    options = ("--sites", 10, "--workers", 5, "--mode", "ebike", "--mode", "foot")

    assert planner.run("sample", MONACO, "--out", ".", *options).code == 0

    read = read_workers(planner.folder / "workers.csv", crs=Crs.WGS84, resolve=None)
    assert read.problems == ()
    ebike, foot = TravelMode.EBIKE, TravelMode.FOOT
    assert [worker.mode for worker in read.workers] == [ebike, foot, ebike, foot, ebike]
