"""A company's day by the command line alone: rows in PostGIS, a plan through the queue, read back."""

import json
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.databases import Databases
from support.ingest_server import ingest_server, write_devices
from support.program import MONACO, PROGRAM, LoadedProcess, Run, run_program, write_csv

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
        return run_program("--lang", lang, *arguments, folder=self.folder, environment=self.env)

    def result(self, *arguments: object) -> dict[str, Any]:
        """Run `geo-engine`, which must succeed, and return the line of JSON it prints."""
        run = self.run(*arguments)
        assert run.code == 0, run.err
        document: dict[str, Any] = json.loads(run.out)
        return document

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have a worker of the queue at work; it ends well when it is told to."""
        with tempfile.TemporaryFile() as said:
            process = LoadedProcess([PROGRAM.name, "worker"], out=said, err=said, environment=self.env)
            try:
                yield
                process.terminate()
                code = process.wait(60)
            finally:
                process.kill()
            said.seek(0)
            assert code == 0, said.read().decode()


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


def test_a_plan_is_drawn_on_the_roads_it_was_planned_on(office: Office, planned: dict[str, Any]) -> None:
    """Another choice of roads draws no old plan anew; where its roads are missing, that is said and nothing written."""
    office.result("day", "write", "acme", "--date", DAY, "--out", "before")
    office.result("tenant", "roads", "acme", "straight")
    try:
        office.result("day", "write", "acme", "--date", DAY, "--out", "after")
        elsewhere = Office(office.folder, {**office.env, "GEO_ENGINE_CACHE_DIR": str(office.folder / "no-roads")})
        missing = elsewhere.run("day", "write", "acme", "--date", DAY, "--out", "missing")
    finally:
        office.result("tenant", "roads", "acme", MONACO)

    before, after = (office.folder / out / "plan.geojson" for out in ("before", "after"))
    assert after.read_bytes() == before.read_bytes()
    assert (missing.code, missing.out) == (3, "")
    assert "The roads of monaco.osm.pbf are not on this machine" in missing.err
    assert not (office.folder / "missing").exists()


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


def test_the_published_plan_is_driven_and_reported(office: Office, planned: dict[str, Any]) -> None:
    """Simulated workers are truly at each of their stops, and their phones lose nothing to a server that fails."""
    given = [("W0", "traccar"), ("W1", "overland"), ("W2", "osmand"), ("W3", "owntracks"), ("W9", "batch")]
    write_devices(office.folder / "devices.jsonl", given)
    office.result("day", "write", "acme", "--date", DAY, "--out", "driven")
    plan = json.loads((office.folder / "driven" / "plan.json").read_text(encoding="utf-8"))
    routes = {route["worker_id"]: route for route in plan["routes"]}
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    with ingest_server(lambda number: 503 if number < 2 else 200) as server:
        run = office.run(
            *("simulate", "--devices", "devices.jsonl", "--tenant", "acme", "--date", DAY, "--server", server.url),
            *("--start", yesterday, "--speed", "0", "--every", "300", "--truth", "truth", "--ledger", "acks.jsonl"),
        )

    assert run.code == 0, run.err
    summary = json.loads(run.out)
    assert "W9 has no route of 2026-11-25 and stays at home." in run.err
    assert (summary["devices"], summary["unsent"]) == (len(routes), 0)
    assert summary["acknowledged"] == len(server.taken) == len(_lines(office.folder / "acks.jsonl")) > 50
    stays = _lines(office.folder / "truth" / "stays.jsonl")
    for worker_id, route in routes.items():
        at = [(stay["lon"], stay["lat"]) for stay in stays if stay["worker"] == worker_id]
        for visit in route["planned_visits"]:
            assert min(abs(lon - visit["lon"]) + abs(lat - visit["lat"]) for lon, lat in at) < 0.0006, visit


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_second_version_takes_the_place_of_the_first(office: Office, planned: dict[str, Any]) -> None:
    """Planning again makes version 2; the workers keep version 1 until it is published, and can go back to it."""
    with office.worker():
        second = office.result("day", "plan", "acme", "--date", DAY, *BUDGET)

    assert (second["version"], second["published"]) == (planned["version"] + 1, False)
    assert office.result("day", "publish", "acme", "--date", DAY)["version"] == second["version"]
    assert office.result("day", "publish", "acme", "--date", DAY, "--version", 1)["version"] == 1


def test_a_published_plan_can_be_withdrawn(office: Office, planned: dict[str, Any]) -> None:
    """Afterwards nobody has a list and nothing is left to withdraw; the version can be published again."""
    published = office.result("day", "publish", "acme", "--date", DAY, "--version", 1)

    taken = office.result("day", "withdraw", "acme", "--date", DAY)
    again, stops = (office.run("day", what, "acme", "--date", DAY) for what in ("withdraw", "stops"))

    assert taken == published
    assert [(run.code, run.out) for run in (again, stops)] == [(2, "")] * 2
    assert "No route of 2026-11-25 is published." in again.err
    assert office.result("day", "publish", "acme", "--date", DAY, "--version", 1) == published


def test_without_a_worker_the_wait_can_be_left(office: Office, planned: dict[str, Any]) -> None:
    """A request that nobody takes up says what is missing; Ctrl-C leaves it in the queue, and says so."""
    command = [PROGRAM, "day", "plan", "acme", "--date", DAY, *BUDGET]
    with subprocess.Popen(command, env=office.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        seen = b""
        while b"geo-engine worker" not in seen:
            seen += process.stderr.read1(4096)
        process.send_signal(signal.SIGINT)
        assert "stays in the queue" in process.stderr.read().decode()
    assert process.returncode == 3
    with office.worker():
        again = office.run("day", "plan", "acme", "--date", DAY, *BUDGET)

    assert again.code == 2
    assert "Somebody else changed the plan" in again.err


BEYOND = str(10**11)
BAD = {
    "a day at the end of the calendar": (("day", "stops", "acme", "--date", "9999-12-31"), "the years 1970 to 2200"),
    "a day at its beginning": (("day", "plan", "acme", "--date", "0001-01-01"), "the years 1970 to 2200"),
    "due at the end of the calendar": (
        ("tenant", "import", "acme", "--sites", "sites.csv", "--due", "9999-12-31"),
        "the years 1970 to 2200",
    ),
    "more solutions than are counted": (
        ("day", "plan", "acme", "--date", DAY, "--solution-limit", BEYOND),
        "is not in the range",
    ),
    "more versions than are counted": (
        ("day", "publish", "acme", "--date", DAY, "--version", BEYOND),
        "is not in the range",
    ),
    "no such company": (("day", "stops", "nobody", "--date", DAY), "no company with the code nobody"),
    "code": (("tenant", "add", "A_b"), "is not a code"),
    "taken": (("tenant", "add", "acme"), "already taken"),
    "there with no such zone": (
        ("tenant", "add", "acme", "--tz", "Europe/Berlin", "--exist-ok"),
        "The company acme is there with “Europe/Monaco”, not with “Europe/Berlin”.",
    ),
    "there under another name": (("tenant", "add", "acme", "--name", "Other", "--exist-ok"), "not with “Other”"),
    "there with no such language": (("tenant", "add", "acme", "--language", "en", "--exist-ok"), "not with “en”"),
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


def test_a_company_that_is_there_is_taken_as_it_is(office: Office) -> None:
    """What is said of it may be so already; its zone may be said where nobody has, and no other afterwards."""
    words = ("tenant", "add", "zoned", "--name", "Zoned")
    made = office.result(*words)

    zoned = office.result(*words, "--tz", "Europe/Berlin", "--exist-ok")
    again = office.result(*words, "--tz", "Europe/Berlin", "--language", "zh-CN", "--exist-ok")
    other = office.run(*words, "--tz", "Europe/Paris", "--exist-ok")

    assert made == zoned == again
    assert other.code == 2
    assert "“Europe/Berlin”, not with “Europe/Paris”" in other.err


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
    assert json.loads(lenient.out) == {"crs": "wgs84", "site_count": 1, "worker_count": 0, "problem_count": 2}
    assert "bad.csv:3 team: 没有团队 nowhere。" in lenient.err


def test_roads_that_no_worker_has_end_the_wait_as_something_missing(
    office: Office, planned: dict[str, Any], tmp_path: Path
) -> None:
    """A worker without the company's roads gives the task back until nobody is left to ask; the wait ends with 3."""
    elsewhere = Office(office.folder, {**office.env, "GEO_ENGINE_CACHE_DIR": str(tmp_path)})

    with elsewhere.worker():
        run = office.run("day", "plan", "acme", "--date", DAY, *BUDGET)

    assert (run.code, run.out) == (3, ""), run.err
    assert "The roads of monaco.osm.pbf are not on this machine" in run.err


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

    assert read == {"crs": "wgs84", "site_count": 0, "worker_count": 2, "problem_count": 0}
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


def test_a_company_whose_roads_cannot_be_used_is_not_added(office: Office) -> None:
    """A mistyped path leaves nothing behind: the same command with the right one adds the company."""
    wrong = office.run("tenant", "add", "later", "--roads", "nowhere.osm.pbf")

    assert (wrong.code, wrong.out) == (2, "")
    assert office.result("tenant", "add", "later", "--roads", "straight")["code"] == "later"
