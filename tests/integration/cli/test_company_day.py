"""A company's day by the command line alone: rows in PostGIS, a plan through the queue, read back."""

import json
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.databases import Databases
from support.program import MONACO, PROGRAM, Run, write_csv

from geo_engine.basemap.places import read_places
from geo_engine.db.roles import DatabaseRole
from geo_engine.reports.stop_sheets import stop_sheet_names

DAY = "2026-11-25"
BUDGET = ("--solution-limit", "20")


class Office:
    """Where a company is run from: a folder, and the program with a database of its own."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self.env = {**os.environ, **urls}

    def run(self, *arguments: object, lang: str = "en") -> Run:
        """Run `geo-engine`."""
        command = [str(PROGRAM), "--lang", lang, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, timeout=120
        )
        return Run(code=done.returncode, out=done.stdout, err=done.stderr)

    def result(self, *arguments: object) -> dict[str, Any]:
        """Run `geo-engine`, which must succeed, and return the line of JSON it prints."""
        run = self.run(*arguments)
        assert run.code == 0, run.err
        document: dict[str, Any] = json.loads(run.out)
        return document

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have a worker of the queue at work; it ends well when it is told to."""
        with subprocess.Popen([PROGRAM, "worker"], env=self.env, stderr=subprocess.PIPE, text=True) as process:
            yield
            process.terminate()
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office whose company has imported a day of Monaco's places and planned it."""
    with databases.clone() as own:
        urls = {
            "DATABASE_URL": own.url(),
            "DATABASE_OWNER_URL": own.url(DatabaseRole.OWNER),
            "DATABASE_MAINTENANCE_URL": own.url(DatabaseRole.MAINTENANCE),
        }
        made = Office(tmp_path_factory.mktemp("office"), urls)
        _write_files(made.folder)
        made.result("tenant", "add", "acme", "--name", "Acme 公司", "--roads", MONACO)
        yield made


@pytest.fixture(scope="module")
def planned(office: Office) -> dict[str, Any]:
    """Return what `day plan` said of the published plan."""
    files = ("--sites", "sites.csv", "--workers", "workers.csv")
    assert office.result("tenant", "import", "acme", *files, "--due", DAY)["site_count"] == 40
    office.result("tenant", "member", "acme", "taken", "--name", "A", "--role", "worker", "--worker", "W1")
    with office.worker():
        return office.result("day", "plan", "acme", "--date", DAY, *BUDGET, "--publish")


def _write_files(folder: Path) -> None:
    chance = random.Random(20261124)
    places = chance.sample(read_places(MONACO), 44)
    sites = [
        {
            "id": f"S{number:02d}",
            "name": place.name if number else "<script>alert(1)</script>",
            "lon": f"{place.position.lon:.6f}",
            "lat": f"{place.position.lat:.6f}",
            "address": place.address,
            "service_min": chance.choice([10, 15, 30]),
            "windows": chance.choice(["", "", "09:00-11:00", "08:30-09:30;16:00-17:30"]),
            "skills": chance.choice(["", "", "gas", "magic"]) if number != 1 else "magic",
            "priority": chance.choice([0, 10, 100]),
            "worker": "W1" if number == 7 else "",
            "customer": f"C{number % 5}",
        }
        for number, place in enumerate(places[:40])
    ]
    workers = [
        {
            "id": f"W{number}",
            "name": f"王芳 {number}",
            "start_lon": f"{home.position.lon:.6f}",
            "start_lat": f"{home.position.lat:.6f}",
            "end": "open" if number == 2 else "",
            "breaks": ("60@11:30-13:30", "45@12:00-13:00;15@06:00-06:30")[number % 2],
            "skills": ("gas", "")[number % 2],
        }
        for number, home in enumerate(places[40:])
    ]
    write_csv(folder / "sites.csv", sites)
    write_csv(folder / "workers.csv", workers)


def test_the_database_gives_the_plan_the_files_give(office: Office, planned: dict[str, Any]) -> None:
    """plan.json, made from the rows a worker of the queue recorded, is the one `plan` writes, to the last letter."""
    files = ("--sites", "sites.csv", "--workers", "workers.csv", "--roads", MONACO, "--date", DAY, "--out", "files")
    assert office.run("plan", *files, *BUDGET).code == 0

    office.result("day", "write", "acme", "--date", DAY, "--out", "rows")

    from_files = (office.folder / "files" / "plan.json").read_text(encoding="utf-8")
    from_rows = (office.folder / "rows" / "plan.json").read_text(encoding="utf-8")
    assert json.loads(from_rows) == json.loads(from_files)
    assert from_rows == from_files
    assert {left["reason"] for left in json.loads(from_rows)["unassigned"]} == {"no_skill"}
    assert planned["placed_count"] == json.loads(from_files)["summary"]["placed_count"] > 25
    names = stop_sheet_names(route["worker_id"] for route in json.loads(from_rows)["routes"])
    for sheet in names.values():
        assert (office.folder / "rows" / sheet).read_bytes() == (office.folder / "files" / sheet).read_bytes()


def test_the_stops_are_read_back_in_order(office: Office, planned: dict[str, Any]) -> None:
    """Each worker's published stops come from the database in the order of the plan, in local time."""
    office.result("day", "write", "acme", "--date", DAY, "--out", "rows")
    document = json.loads((office.folder / "rows" / "plan.json").read_text(encoding="utf-8"))

    for route in document["routes"]:
        run = office.run("day", "stops", "acme", "--date", DAY, "--worker", route["worker_id"])

        lines = [line for line in run.out.splitlines() if line[:3].strip().isdigit()]
        assert [line[5:].split("  ", 1) for line in lines] == [
            [f"{visit['start_at'][11:16]}–{visit['end_at'][11:16]}", visit["name"]] for visit in route["planned_visits"]
        ]
    assert planned["published"] is True


def test_a_second_version_takes_the_place_of_the_first(office: Office, planned: dict[str, Any]) -> None:
    """Planning again makes version 2; the workers keep version 1 until it is published, and can go back to it."""
    with office.worker():
        second = office.result("day", "plan", "acme", "--date", DAY, *BUDGET)

    assert (second["version"], second["published"]) == (planned["version"] + 1, False)
    assert office.result("day", "publish", "acme", "--date", DAY)["version"] == second["version"]
    assert office.result("day", "publish", "acme", "--date", DAY, "--version", 1)["version"] == 1


def test_without_a_worker_the_wait_can_be_left(office: Office, planned: dict[str, Any]) -> None:
    """A request that nobody takes up says what is missing on standard error while it waits."""
    command = [PROGRAM, "day", "plan", "acme", "--date", DAY, *BUDGET]
    with subprocess.Popen(command, env=office.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        seen = b""
        while b"geo-engine worker" not in seen:
            seen += process.stderr.read1(4096)
        process.kill()
    with office.worker():
        again = office.run("day", "plan", "acme", "--date", DAY, *BUDGET)

    assert again.code == 2
    assert "Somebody else changed the plan" in again.err


BAD = {
    "no such company": (("day", "stops", "nobody", "--date", DAY), "no company with the code nobody"),
    "code": (("tenant", "add", "A_b"), "is not a code"),
    "taken": (("tenant", "add", "acme"), "already taken"),
    "no due visit": (("day", "plan", "acme", "--date", "2027-01-01"), "No visit is due on 2027-01-01."),
    "no such team": (("day", "plan", "acme", "--date", DAY, "--team", "x"), "There is no team x."),
    "nothing published": (("day", "stops", "acme", "--date", "2027-01-01"), "No route of 2027-01-01"),
    "no such plan": (("day", "write", "acme", "--date", "2027-01-01", "--out", "x"), "There is no plan"),
    "no such version": (("day", "publish", "acme", "--date", DAY, "--version", 99), "There is no plan"),
    "nothing to import": (("tenant", "import", "acme"), "Name a file of sites"),
    "no such file": (("tenant", "import", "acme", "--sites", "nowhere.csv"), "nowhere.csv"),
    "no such parent": (("tenant", "team", "acme", "north", "--parent", "x"), "There is no team x."),
    "no such role": (("tenant", "member", "acme", "a", "--name", "A", "--role", "king"), "There is no role king."),
    "login": (("tenant", "member", "acme", "Taken", "--name", "B", "--role", "worker"), "signs in as taken"),
    "blank login": (("tenant", "member", "acme", " ", "--name", "B", "--role", "worker"), "must not be empty"),
    "blank team": (("tenant", "team", "acme", ""), "must not be empty"),
    "blank name": (("tenant", "team", "acme", "north", "--name", " "), "must not be empty"),
    "team of two lines": (("tenant", "import", "acme", "--sites", "sites.csv", "--team", "a\nb"), "cannot be shown"),
    "no such worker": (
        ("tenant", "member", "acme", "b", "--name", "B", "--role", "worker", "--worker", "W99"),
        "There is no worker W99.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_done_says_why(case: str, office: Office, planned: dict[str, Any]) -> None:
    """Unusable input ends with 2, one sentence on standard error and nothing on standard output."""
    arguments, said = BAD[case]

    run = office.run(*arguments)

    assert (run.code, run.out) == (2, ""), run.err
    assert said in run.err
    assert "Traceback" not in run.err


def test_a_bad_row_costs_no_other_and_strictness_imports_nothing(office: Office, planned: dict[str, Any]) -> None:
    """A row of an unknown team and one that cannot be read are named; with --strict the good one is left out too."""
    rows = [
        {"id": "N1", "lon": "7.42", "lat": "43.73", "team": ""},
        {"id": "N2", "lon": "7.42", "lat": "43.73", "team": "nowhere"},
        {"id": "N3", "lon": "x", "lat": "43.73", "team": ""},
    ]
    write_csv(office.folder / "bad.csv", rows)

    strict = office.run("tenant", "import", "acme", "--sites", "bad.csv", "--strict")
    lenient = office.run("tenant", "import", "acme", "--sites", "bad.csv", lang="zh-CN")

    assert (strict.code, strict.out) == (2, "")
    assert "bad.csv:3 team: There is no team nowhere." in strict.err
    assert json.loads(lenient.out) == {"site_count": 1, "worker_count": 0, "problem_count": 2}
    assert "bad.csv:3 team: 没有团队 nowhere。" in lenient.err


def test_a_team_is_the_same_in_files_and_options(office: Office) -> None:
    """Full-width letters of a team, a role, a worker or a company are plain wherever they are typed."""
    office.result("tenant", "add", "full", "--name", "全（一）", "--roads", "straight")
    assert office.run("tenant", "team", "full", "Ａ区").code == 0
    assert office.run("tenant", "team", "ｆｕｌｌ", "Ｂ区", "--parent", "A区").code == 0
    home = {"start_lon": "7.42", "start_lat": "43.73"}
    write_csv(office.folder / "wide.csv", [{"id": "Ｗ９", "team": "Ａ区", **home}, {"id": "W8", "team": "", **home}])

    read = office.result("tenant", "import", "full", "--workers", "wide.csv", "--team", "Ｂ区")
    member = office.result(
        "tenant", "member", "full", "ｘ", "--name", "X", "--role", "ｗｏｒｋｅｒ", "--team", "Ａ区", "--worker", "Ｗ９"
    )

    assert read == {"site_count": 0, "worker_count": 2, "problem_count": 0}
    assert member["login"] == "x"


def test_a_database_of_another_version_is_told(office: Office, databases: Databases) -> None:
    """Without our tables every command says which one to run, and ends with 3."""
    with databases.clone(template="template0") as empty:
        run = Office(office.folder, {"DATABASE_URL": empty.url()}).run("tenant", "add", "other")

    assert (run.code, run.out) == (3, "")
    assert "geo-engine db migrate" in run.err


def test_an_unreachable_database_is_told_without_its_password(office: Office) -> None:
    """A server that does not answer ends with 3, and no secret is said."""
    url = "postgresql://geo_app:secret-word@127.0.0.1:9/none"

    run = Office(office.folder, {"DATABASE_URL": url}).run("day", "stops", "acme", "--date", DAY)

    assert (run.code, run.out) == (3, "")
    assert "secret-word" not in run.err
