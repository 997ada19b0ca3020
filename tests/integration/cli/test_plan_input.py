"""What `geo-engine plan` makes of odd rows, options and broken files, and how it ends."""

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from support.program import MONACO, Cells, Planner, with_defaults, write_csv

from geo_engine.cli import geo_engine
from geo_engine.geometry import Position
from geo_engine.geometry.measure import distance_matrix_m

STRAIGHT = ("--roads", "straight")

ODD_SITES: list[Cells] = [
    {"id": "A", "lon": 7.4200, "lat": 43.7350},
    {"id": "B", "lon": 7.4250, "lat": 43.7400, "required": "yes", "priority": 50},
    {"id": "no position"},
    {"id": "A", "lon": 7.4250, "lat": 43.7400},
    {"id": "swapped", "lon": 43.7400, "lat": 97.4250},
    {"id": "syntax", "lon": 7.4250, "lat": 43.7400, "windows": "9 to 11"},
    {"id": "skilled", "lon": 7.4250, "lat": 43.7400, "skills": "alchemy"},
    {"id": "night", "lon": 7.4250, "lat": 43.7400, "windows": "22:00-23:00"},
    {"id": "at sea", "lon": 7.5300, "lat": 43.6700},
    {"id": "kept", "lon": 7.4250, "lat": 43.7400, "worker": "ghost"},
    {"id": "must, cannot", "lon": 7.4250, "lat": 43.7400, "required": "yes", "windows": "23:00-23:30"},
    {"id": "cheap", "lon": 7.4280, "lat": 43.7415, "penalty": 0},
    {"id": "long", "lon": 7.4280, "lat": 43.7415, "service_min": 600},
    {"id": "heavy", "lon": 7.4280, "lat": 43.7415, "amounts": "6"},
    {"id": "address", "address": "6 Quai Antoine 1er, Monaco"},
    {"id": "no such address", "address": "Zyxwv Boulevard 12345, Atlantis"},
]
ODD_WORKERS: list[Cells] = [
    {"id": "W", "start_lon": 7.4210, "start_lat": 43.7360, "breaks": "60@11:30-13:30", "capacity": "5"},
    {"id": "swimmer", "start_lon": 7.5300, "start_lat": 43.6700},
    {"id": "bad shift", "start_lon": 7.4210, "start_lat": 43.7360, "shift": "morning"},
    {"id": "bad break", "start_lon": 7.4210, "start_lat": 43.7360, "breaks": "60 at noon"},
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Planner, dict[str, Any]]:
    """Return a run on odd rows and its plan."""
    planner = Planner(tmp_path_factory.mktemp("odd"))
    done = planner(ODD_SITES, ODD_WORKERS)
    assert done.code == 0, done.err
    return planner, planner.result()


def test_rows_that_cannot_be_read_are_named_and_the_others_planned(odd: tuple[Planner, dict[str, Any]]) -> None:
    """Each bad row has its file, line, column and a reason; every good one is on a route or unassigned."""
    plan = odd[1]

    named = {(problem["file"], problem["line"], problem["column"]) for problem in plan["problems"]}
    assert named == {
        ("sites.csv", 4, ""),
        ("sites.csv", 5, "id"),
        ("sites.csv", 6, "lat"),
        ("sites.csv", 7, "windows"),
        ("sites.csv", 17, "address"),
        ("workers.csv", 4, "shift"),
        ("workers.csv", 5, "breaks"),
    }
    assert all(problem["reason"] for problem in plan["problems"])
    placed = [visit["job_id"] for route in plan["routes"] for visit in route["planned_visits"]]
    assert sorted(placed) == ["A", "B", "address"]
    assert plan["summary"]["job_count"] == 11


def test_good_rows_nobody_can_do_are_unassigned_with_the_right_reason(odd: tuple[Planner, dict[str, Any]]) -> None:
    """A dispatcher reads why, and leaving out a required visit is a violation."""
    planner, plan = odd

    assert planner.reasons() == {
        "skilled": "no_skill",
        "night": "outside_shifts",
        "at sea": "far_from_road",
        "kept": "worker_unknown",
        "must, cannot": "outside_shifts",
        "cheap": "penalty_cheaper",
        "long": "too_long",
        "heavy": "over_capacity",
    }
    assert [(broken["kind"], broken["job_id"]) for broken in plan["violations"]] == [("required", "must, cannot")]
    assert plan["worker_notes"][0]["worker_id"] == "swimmer"


def test_an_address_is_resolved_from_the_extract(odd: tuple[Planner, dict[str, Any]]) -> None:
    """Its place, source, score and candidates are kept; one that fits nothing is listed as not confident."""
    found = {one["job_id"]: one for one in odd[1]["geocoded"]}

    resolved = found["address"]
    place = Position(resolved["lon"], resolved["lat"])
    assert distance_matrix_m([place, Position(7.4257905, 43.7329221)])[0, 1] < 60
    assert resolved["confident"]
    assert 0.5 < resolved["score"] <= 1
    assert resolved["source"].startswith("extract:")
    assert not found["no such address"]["confident"]


def test_show_prints_every_stop_break_and_reason(odd: tuple[Planner, dict[str, Any]]) -> None:
    """What is in plan.json can be read in the terminal, from the file or its folder, in both languages."""
    planner, plan = odd

    english = planner.run("show", "out")
    chinese = planner.run("--lang", "zh-CN", "show", "out/plan.json")

    assert english.code == chinese.code == 0
    for route in plan["routes"]:
        assert all(visit["name"] in english.out for visit in route["planned_visits"])
        assert len(route["breaks"]) == english.out.count("break")
    assert all(f"{left['name']}: {left['detail']}" in english.out for left in plan["unassigned"])
    offers = [offer["detail"] for left in plan["unassigned"] for offer in left["why_not"]["offers"]]
    assert offers
    assert all(offer in english.out for offer in offers)
    assert "3 of 11 visits" in english.out
    assert "11" in chinese.out
    assert "visits" not in chinese.out


def test_strict_refuses_any_bad_row(plan: Planner, near: list[Cells], one: list[Cells]) -> None:
    """Exit 2, the rows named on standard error, no plan."""
    done = plan([*near, {"id": "D", "lon": "x", "lat": 43.7}], one, *STRAIGHT, "--strict")

    assert (done.code, done.out) == (2, "")
    assert "sites.csv:5 lon" in done.err
    assert not (plan.folder / "out" / "plan.json").exists()


def test_strict_plans_good_files(plan: Planner, near: list[Cells], one: list[Cells]) -> None:
    """With nothing to refuse, strictness changes nothing; straight lines are marked as an estimate."""
    done = plan(near, one, *STRAIGHT, "--strict")

    found = plan.result()
    assert done.code == 0
    assert json.loads(done.out)["placed_count"] == 3
    assert found["summary"]["estimated"] is True
    assert found["road_source"] == "straight"


def test_columns_that_are_not_used_are_named_and_strictness_is_about_rows(
    plan: Planner, near: list[Cells], one: list[Cells]
) -> None:
    """One sentence a file on standard error and among the notices of plan.json; the plan is made."""
    done = plan([{**site, "remark": "x"} for site in near], [{**one[0], "phone": "1"}], *STRAIGHT, "--strict")

    notices = [(each["file"], each["line"], each["reason"]) for each in plan.result()["notices"]]
    assert done.code == 0
    assert notices == [
        ("sites.csv", 1, "Columns that are not used: remark."),
        ("workers.csv", 1, "Columns that are not used: phone."),
    ]
    assert [f"{file}:{line}: {reason}" in done.err for file, line, reason in notices] == [True, True]
    assert plan.result()["problems"] == []


def test_the_time_zone_may_be_given(plan: Planner, near: list[Cells], one: list[Cells]) -> None:
    """Windows are read and times written in it."""
    near[0]["windows"] = "09:30-09:31"

    done = plan(near, one, *STRAIGHT, "--tz", "Asia/Shanghai")

    found = plan.result()
    starts = {visit["job_id"]: visit["start_at"] for visit in found["routes"][0]["planned_visits"]}
    assert done.code == 0
    assert found["timezone"] == "Asia/Shanghai"
    assert starts["A"].startswith("2026-11-23T09:3")
    assert starts["A"].endswith("+08:00")


def test_gcj02_changes_nothing_outside_china_and_sentences_may_be_chinese(
    plan: Planner, near: list[Cells], one: list[Cells]
) -> None:
    """Monaco in GCJ-02 is Monaco in WGS 84; reasons, notes and messages are Chinese when asked for."""
    near[2]["skills"] = "gas"

    done = plan(near, one, *STRAIGHT, "--crs", "gcj02", lang="zh-CN")

    found = plan.result()
    places = {v["job_id"]: (v["lon"], v["lat"]) for v in found["routes"][0]["planned_visits"]}
    assert done.code == 0
    assert places["A"] == (7.42, 43.735)
    assert found["unassigned"][0]["detail"] == "可以承担的人员都不具备技能：gas。"


def test_excel_and_geojson_are_read_like_csv(plan: Planner, near: list[Cells]) -> None:
    """A day in .xlsx and .geojson is planned, Chinese column names included."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["编号", "姓名", "经度", "纬度", "班次"])
    sheet.append(["W", "王芳", 7.4210, 43.7360, "08:30-18:30"])
    book.save(plan.folder / "workers.xlsx")
    features = [
        {
            "type": "Feature",
            "properties": {"id": row["id"], "service_min": 5},
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        }
        for row in near
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (plan.folder / "sites.geojson").write_text(text, encoding="utf-8")

    done = plan.plan("--sites", "sites.geojson", "--workers", "workers.xlsx", *STRAIGHT)

    assert done.code == 0, done.err
    assert json.loads(done.out)["placed_count"] == 3
    assert plan.result()["routes"][0]["worker_name"] == "王芳"


REFUSALS: dict[str, tuple[tuple[str, ...], str]] = {
    "sites missing": (("--sites", "nowhere.csv"), "nowhere.csv"),
    "workers missing": (("--workers", "nowhere.csv"), "nowhere.csv"),
    "sites a folder": (("--sites", "."), ". is not a table"),
    "roads missing": (("--roads", "nowhere.osm.pbf"), "nowhere.osm.pbf"),
    "roads broken": (("--roads", "broken.osm.pbf"), "broken.osm.pbf"),
    "roads cut off": (("--roads", "cut.osm.pbf"), "cut.osm.pbf"),
    "roads an empty folder": (("--roads", "empty"), "empty"),
    "no such zone": ((*STRAIGHT, "--tz", "Mars/Phobos"), "Mars/Phobos"),
    "no such day": ((*STRAIGHT, "--date", "2026-02-30"), "2026-02-30"),
    "no such crs": ((*STRAIGHT, "--crs", "wgs85"), "wgs85"),
    "out is a file": ((*STRAIGHT, "--out", "sites.csv"), "sites.csv"),
    "out below a file": ((*STRAIGHT, "--out", "sites.csv/out"), "sites.csv"),
    "out cannot be made": ((*STRAIGHT, "--out", "/proc/out"), "/proc/out"),
    "no good row": ((*STRAIGHT, "--sites", "bad.csv"), "bad.csv:2"),
    "no rows": ((*STRAIGHT, "--sites", "none.csv"), "none.csv"),
    "sites as workers": (
        (*STRAIGHT, "--workers", "shops.csv"),
        "shops.csv looks like a file of sites, not of workers: it has level, 服务时长, and no column that only workers",
    ),
    "no column id": ((*STRAIGHT, "--sites", "nameless.csv"), "nameless.csv needs id"),
}


@pytest.mark.parametrize("claim", REFUSALS)
def test_unusable_input_is_refused_in_one_sentence(
    claim: str, plan: Planner, near: list[Cells], one: list[Cells]
) -> None:
    """Exit 2, nothing on standard output, and what is wrong named on standard error."""
    options, said = REFUSALS[claim]
    _lay_traps(plan.folder, near, one)

    with chdir(plan.folder):
        done = CliRunner().invoke(geo_engine, ["--lang", "en", "plan", *with_defaults(options)])

    assert (done.exit_code, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("claim", ["sites missing", "roads cut off", "out is a file"])
def test_the_installed_program_refuses_without_a_traceback(
    claim: str, plan: Planner, near: list[Cells], one: list[Cells]
) -> None:
    """The same as a process of its own: exit 2 and one sentence."""
    options, said = REFUSALS[claim]
    _lay_traps(plan.folder, near, one)

    done = plan.plan(*options)

    assert (done.code, done.out) == (2, ""), done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_service_without_its_key_is_refused(plan: Planner, near: list[Cells], one: list[Cells]) -> None:
    """An address that only a service could resolve says that its key is missing."""
    done = plan([*near, {"id": "D", "address": "somewhere"}], one, *STRAIGHT, "--geocoder", "amap")

    assert done.code == 3
    assert done.out == ""
    assert "key" in done.err
    assert "Traceback" not in done.err


def test_show_refuses_what_is_no_plan(plan: Planner, near: list[Cells]) -> None:
    """A folder without a plan, a file that is none and JSON of another kind are exit 2."""
    write_csv(plan.folder / "sites.csv", near)
    (plan.folder / "list.json").write_text("[1]", encoding="utf-8")
    (plan.folder / "hollow.json").write_text('{"routes": [{}], "unassigned": [], "summary": {}}', encoding="utf-8")

    (plan.folder / "deep.json").write_text("[" * 100_000, encoding="utf-8")

    for what in (".", "sites.csv", "list.json", "deep.json", "hollow.json", "nowhere"):
        with chdir(plan.folder):
            done = CliRunner().invoke(geo_engine, ["show", what])
        assert (done.exit_code, done.stdout) == (2, ""), what
        assert isinstance(done.exception, SystemExit)


def _lay_traps(folder: Path, near: list[Cells], one: list[Cells]) -> None:
    write_csv(folder / "sites.csv", near)
    write_csv(folder / "workers.csv", one)
    write_csv(folder / "bad.csv", [{"id": "A", "lon": "east", "lat": "north"}])
    write_csv(folder / "shops.csv", [{"id": "A", "lon": 7.42, "lat": 43.73, "level": "A", "服务时长": 20}])
    write_csv(folder / "nameless.csv", [{"name": "A", "lon": 7.42, "lat": 43.73}])
    (folder / "none.csv").write_text("id,lon,lat\n", encoding="utf-8")
    (folder / "broken.osm.pbf").write_bytes(b"this is no extract" * 99)
    (folder / "cut.osm.pbf").write_bytes(MONACO.read_bytes()[:200_000])
    (folder / "empty").mkdir()
