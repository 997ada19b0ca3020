"""`geo-engine plan` on a day with every constraint: files that hold, on the bundled extract's roads."""

import copy
import csv
import json
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.checker import Row, Travel, check_plan, places_of, read_rows, travel_of
from support.program import MONACO, PROGRAM, write_csv

from geo_engine.basemap.places import read_places
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import Settings

type Document = dict[str, Any]
SKILLS = ("", "", "gas", "power", "gas;power")
WINDOWS = ("", "", "09:00-11:00", "13:00-15:30", "08:30-09:30;16:00-17:30")


class Day:
    """A day planned once for all tests here."""

    def __init__(self, folder: Path) -> None:
        chance = random.Random(20261123)
        places = chance.sample(read_places(MONACO), 48)
        sites = [
            {
                "id": f"S{number:02d}",
                "name": place.name,
                "lon": f"{place.position.lon:.6f}",
                "lat": f"{place.position.lat:.6f}",
                "service_min": chance.choice([10, 15, 30, 7.5]),
                "windows": chance.choice(WINDOWS),
                "skills": chance.choice(SKILLS),
                "priority": chance.choice([0, 10, 100]),
                "worker": "W1" if number == 7 else "",
                "amounts": chance.choice(["", "1", "2;1"]),
            }
            for number, place in enumerate(places[:42])
        ]
        workers = [
            {
                "id": f"W{number}",
                "name": f"Worker {number}",
                "start_lon": f"{home.position.lon:.6f}",
                "start_lat": f"{home.position.lat:.6f}",
                "end": "open" if number == 3 else "",
                "shift": ("08:30-17:30", "09:00-18:00")[number % 2],
                "breaks": ("60@11:30-13:30", "45@12:00-13:00;15@15:30-16:30", "")[number % 3],
                "skills": ("gas", "power", "gas;power")[number % 3],
                "max_visits": ("", "9")[number % 2],
                "max_driving_min": ("", "90")[number % 2],
                "capacity": ("", "14;6")[number % 2],
            }
            for number, home in enumerate(places[42:47])
        ]
        self.folder = folder
        write_csv(folder / "sites.csv", sites)
        write_csv(folder / "workers.csv", workers)
        self.run = subprocess.run(self.command("--solution-limit", "60"), capture_output=True, text=True, check=False)
        self.sites: dict[int, Row] = read_rows(folder / "sites.csv")
        self.workers: dict[int, Row] = read_rows(folder / "workers.csv")

    def command(self, *options: str, roads: str = str(MONACO), out: str = "out") -> list[str]:
        """Return the command that plans this day."""
        files = ["--sites", f"{self.folder}/sites.csv", "--workers", f"{self.folder}/workers.csv"]
        given = ["plan", *files, "--roads", roads, "--date", "2026-11-23", "--out", f"{self.folder}/{out}"]
        return [str(PROGRAM), *given, *options]

    @property
    def text(self) -> str:
        """The text of plan.json."""
        return (self.folder / "out" / "plan.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Return the planned day."""
    return Day(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def travel(day: Day) -> Iterator[Travel]:
    """Yield travel between all places of the day, as the roads of the extract give it."""
    with OsrmRouter(build_graph(MONACO, cache_dir=Settings().cache_dir)) as router:
        yield travel_of(router, places_of(day.sites, day.workers))


def test_a_day_with_every_constraint_passes_the_second_opinion(day: Day, travel: Travel) -> None:
    """The run ends well and the checker, which shares no code with the planner, finds nothing wrong."""
    assert day.run.returncode == 0, day.run.stderr
    assert check_plan(day.text, day.sites, day.workers, travel) == []
    assert json.loads(day.text)["summary"]["placed_count"] >= 38


def test_standard_output_is_one_line_of_json_alone(day: Day) -> None:
    """The summary is all that is printed there; everything for people is on standard error."""
    (line,) = day.run.stdout.splitlines()

    assert json.loads(line) == json.loads(day.text)["summary"]


def test_the_other_files_say_the_same(day: Day) -> None:
    """plan.geojson is a feature collection, and each used worker has a sheet with a row per visit and break."""
    plan = json.loads(day.text)
    features = json.loads((day.folder / "out" / "plan.geojson").read_text(encoding="utf-8"))
    sheets = {path.name for path in (day.folder / "out").glob("stops-*.csv")}

    assert features["type"] == "FeatureCollection"
    assert sheets == {f"stops-{route['worker_id']}.csv" for route in plan["routes"]}
    for route in plan["routes"]:
        with (day.folder / "out" / f"stops-{route['worker_id']}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {visit["name"] for visit in route["planned_visits"]} <= {cell for row in rows for cell in row.values()}
    assert (day.folder / "out" / "plan.html").stat().st_size > 10_000


def test_a_budget_of_solutions_gives_the_same_plan_again_also_from_a_graph(day: Day) -> None:
    """Planning the same day on the graph made from the extract before gives the same plan to the last figure."""
    graph = build_graph(MONACO, cache_dir=Settings().cache_dir)

    again = subprocess.run(
        day.command("--solution-limit", "60", roads=str(graph.folder), out="again"), capture_output=True, check=False
    )

    second = json.loads((day.folder / "again" / "plan.json").read_text(encoding="utf-8"))
    assert again.returncode == 0
    assert second | {"road_source": ""} == json.loads(day.text) | {"road_source": ""}
    assert second["summary"]["estimated"] is False


def test_a_time_limit_gives_a_plan_that_holds_too(day: Day, travel: Travel) -> None:
    """A wall-clock limit of a second ends with a good plan."""
    timed = subprocess.run(day.command("--time-limit", "1", out="timed"), capture_output=True, check=False)

    text = (day.folder / "timed" / "plan.json").read_text(encoding="utf-8")
    assert timed.returncode == 0
    assert check_plan(text, day.sites, day.workers, travel) == []


def test_ctrl_c_keeps_the_best_plan_so_far(day: Day, travel: Travel) -> None:
    """An interrupt while the search of two minutes runs writes the plan and ends well."""
    command = day.command("--time-limit", "120", out="stopped")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        seen = ""
        for character in iter(lambda: process.stderr.read(1), ""):
            seen += character
            if "left out" in seen:
                break
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)

    text = (day.folder / "stopped" / "plan.json").read_text(encoding="utf-8")
    assert process.returncode == 0
    assert json.loads(out)["placed_count"] > 0
    assert check_plan(text, day.sites, day.workers, travel) == []


def _longest(plan: Document) -> Document:
    return max(plan["routes"], key=lambda route: len(route["planned_visits"]))


def _shift_visit(visit: Document, minutes: int) -> None:
    for key in ("arrival_at", "start_at", "end_at"):
        hour, minute = int(visit[key][11:13]), int(visit[key][14:16])
        moved = 60 * hour + minute + minutes
        visit[key] = f"{visit[key][:11]}{moved // 60:02d}:{moved % 60:02d}{visit[key][16:]}"


def _rested(plan: Document) -> Document:
    return next(route for route in plan["routes"] if route["breaks"])


def _windowed(day: Day, plan: Document) -> Document:
    strict = {row["id"] for row in day.sites.values() if row["windows"] == "09:00-11:00"}
    return next(v for route in plan["routes"] for v in route["planned_visits"] if v["job_id"] in strict)


def _forget_visit(_: Day, plan: Document) -> None:
    _longest(plan)["planned_visits"].pop()


def _double_visit(_: Day, plan: Document) -> None:
    visits = _longest(plan)["planned_visits"]
    visits.append(copy.deepcopy(visits[0]))


def _invent_site(_: Day, plan: Document) -> None:
    plan["unassigned"].append({"job_id": "S99", "name": "", "reason": "no_room", "detail": ""})


def _swap_workers(_: Day, plan: Document) -> None:
    first, second = plan["routes"][:2]
    first["worker_id"], second["worker_id"] = second["worker_id"], first["worker_id"]


def _arrive_sooner(_: Day, plan: Document) -> None:
    _longest(plan)["planned_visits"][1]["travel_s"] -= 1


def _count_wrong(_: Day, plan: Document) -> None:
    plan["summary"]["travel_m"] += 1


def _miss_window(day: Day, plan: Document) -> None:
    _shift_visit(_windowed(day, plan), 200)


def _serve_shorter(_: Day, plan: Document) -> None:
    visit = _longest(plan)["planned_visits"][0]
    visit["end_at"] = visit["start_at"]


def _work_late(_: Day, plan: Document) -> None:
    route = _longest(plan)
    route["end_at"] = route["end_at"][:11] + "23:00:00" + route["end_at"][19:]


def _skip_break(_: Day, plan: Document) -> None:
    _rested(plan)["breaks"].clear()


def _rest_by_night(_: Day, plan: Document) -> None:
    rest = _rested(plan)["breaks"][0]
    rest["start_at"] = rest["start_at"][:11] + "03:00:00" + rest["start_at"][19:]


def _rest_in_service(_: Day, plan: Document) -> None:
    route = _rested(plan)
    visit = route["planned_visits"][0]
    route["breaks"][0] = {"start_at": visit["start_at"], "end_at": visit["end_at"]}


def _leave_early(_: Day, plan: Document) -> None:
    route = next(route for route in plan["routes"] if not route["breaks"] or route["start_at"][11:13] > "08")
    route["start_at"] = route["start_at"][:11] + "08:30:00" + route["start_at"][19:]


def _hide_violation(_: Day, plan: Document) -> None:
    plan["violations"].append({"kind": "shift"})


def _move_stop(_: Day, plan: Document) -> None:
    _longest(plan)["planned_visits"][0]["lon"] += 0.01


CORRUPTIONS: dict[str, Callable[[Day, Document], None]] = {
    "is not in the plan": _forget_visit,
    "appears 2 times": _double_visit,
    "is in no file": _invent_site,
    "W": _swap_workers,
    "roads say": _arrive_sooner,
    "travel_m is": _count_wrong,
    "outside 09:00-11:00": _miss_window,
    "serves": _serve_shorter,
    "outside the shift": _work_late,
    "misses a break": _skip_break,
    "by no rule": _rest_by_night,
    "during a service": _rest_in_service,
    "leaves earlier": _leave_early,
    "the plan itself says shift": _hide_violation,
    "elsewhere": _move_stop,
}


@pytest.mark.parametrize("said", CORRUPTIONS)
def test_the_second_opinion_sees_what_is_wrong(said: str, day: Day, travel: Travel) -> None:
    """Each way of spoiling a good plan is found and named."""
    plan = json.loads(day.text)

    CORRUPTIONS[said](day, plan)

    found = check_plan(json.dumps(plan), day.sites, day.workers, travel)
    assert any(said in words for words in found), found


ROW_CORRUPTIONS = {
    "lacks a skill": ("sites", {"skills": "alchemy"}),
    "may not visit": ("sites", {"worker": "W99"}),
    "carries too much": ("workers", {"capacity": "0;0"}),
    "has too many visits": ("workers", {"max_visits": "1"}),
    "drives too long": ("workers", {"max_driving_min": "1"}),
    "outside the shift": ("workers", {"shift": "20:00-21:00"}),
}


@pytest.mark.parametrize("said", ROW_CORRUPTIONS)
def test_the_second_opinion_sees_what_other_rows_would_forbid(said: str, day: Day, travel: Travel) -> None:
    """Against rows that forbid what the plan does, each broken limit is named."""
    which, cells = ROW_CORRUPTIONS[said]
    rows = {"sites": day.sites, "workers": day.workers}
    rows[which] = {line: {**row, **cells} for line, row in rows[which].items()}

    found = check_plan(day.text, rows["sites"], rows["workers"], travel)

    assert any(said in words for words in found), found
