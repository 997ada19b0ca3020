"""A company's speeds by the hour reach its plans, the plans kept, and changes to them by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.companies import NOW, QUICK, Company, add_alpha, plan_company
from support.databases import Databases, OwnDatabase
from support.problems import job_at, matrix_of, shift_at
from support.program import run_program, write_csv

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, TenantId, WorkerId
from geo_engine.planning.day import DayPlan, DayRequest, plan_day
from geo_engine.planning.edits import with_moved
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.problem import build_problem, places_of
from geo_engine.planning.replan.progress import DayProgress
from geo_engine.planning.replan.rest_day import rest_of_day
from geo_engine.planning.rules import PlanRules
from geo_engine.planning.search.scope import kernel_plans
from geo_engine.planning.solver.solve import Budget, solve
from geo_engine.planning.travel.learned import LearnedTimes, LearnedTravel
from geo_engine.planning.travel.speeds import HourlySpeeds
from geo_engine.planning.versions import store
from geo_engine.reports.map_data import page_data
from geo_engine.reports.model import PlanReport
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR, service
from geo_engine.workforce import Worker

HALF = (50,) * 24


@pytest.fixture(scope="module")
def alpha(databases: Databases) -> Iterator[tuple[OwnDatabase, Company]]:
    """Give one database for all tests, and the company in it, which has a day to plan."""
    with databases.clone_filled(add_alpha) as made:
        yield made


@pytest.fixture(scope="module")
def shared(alpha: tuple[OwnDatabase, Company]) -> OwnDatabase:
    """Return the database."""
    return alpha[0]


@pytest.fixture(scope="module")
def tenant_id(alpha: tuple[OwnDatabase, Company]) -> TenantId:
    """Return the company."""
    return alpha[1].tenant_id


def _planned(database: OwnDatabase, tenant_id: TenantId) -> DayPlan:
    plan_id = plan_company(database.app, tenant_id)
    with database.app.bound(tenant_id) as session:
        return store.get_plan(session, plan_id).day_plan


def test_a_plan_is_made_and_kept_with_the_company_s_speeds(shared: OwnDatabase, tenant_id: TenantId) -> None:
    """At half speed the same way takes twice as long; the plan says so, and so does its page; unsaid again, it ends."""
    usual = _planned(shared, tenant_id)
    with shared.app.bound(tenant_id) as session:
        service.set_speeds(session, {"car": HALF}, by=OPERATOR, now=NOW)
        assert service.get_speeds(session) == {"car": HALF}

    slow = _planned(shared, tenant_id)

    assert not usual.speeds
    assert slow.speeds == {"car": HALF}
    route = slow.plan.routes[0]
    first = route.planned_visits[0]
    one_way = StraightRouter().matrix([route.start, first.position])
    assert first.travel_s == pytest.approx(2 * one_way.durations_s[0, 1], abs=2)
    assert page_data(PlanReport(day_plan=slow))["summary"]["speeds"] == {"car": list(HALF)}
    with shared.app.bound(tenant_id) as session:
        service.set_speeds(session, {}, by=OPERATOR, now=NOW)
    assert not _planned(shared, tenant_id).speeds


def test_a_stop_moved_by_hand_is_timed_by_the_plan_s_own_speeds(shared: OwnDatabase, tenant_id: TenantId) -> None:
    """Whatever the company says by then: what was made at half speed stays so."""
    with shared.app.bound(tenant_id) as session:
        service.set_speeds(session, {"car": HALF}, by=OPERATOR, now=NOW)
    slow = _planned(shared, tenant_id)
    route = slow.plan.routes[0]

    last_id = route.planned_visits[-1].job_id
    moved = with_moved(slow, last_id, worker_id=route.worker_id, number=1, router=StraightRouter())

    assert moved.speeds == {"car": HALF}
    again = moved.plan.routes[0]
    one_way = StraightRouter().matrix([again.start, again.planned_visits[0].position])
    assert again.planned_visits[0].travel_s == pytest.approx(2 * one_way.durations_s[0, 1], abs=2)


def test_files_are_planned_with_the_speeds_that_are_named(tmp_path: Path) -> None:
    """`plan --speeds` slows the hours it names, by text or file; what is none is refused in words."""
    site = {"id": "S1", "name": "S1", "lon": 7.44, "lat": 43.73, "windows": "09:30-10:00"}
    write_csv(tmp_path / "sites.csv", [site])
    worker = {"id": "W", "name": "W", "start_lon": 7.42, "start_lat": 43.73, "end": "open", "shift": "08:00-17:00"}
    write_csv(tmp_path / "workers.csv", [worker])
    (tmp_path / "rush.txt").write_text("\n".join(["100"] * 9 + ["50"] + ["100"] * 14), encoding="utf-8")
    given = ["plan", "--sites", "sites.csv", "--workers", "workers.csv", "--roads", "straight"]
    given += ["--date", "2026-11-23", "--tz", "Europe/Monaco", "--out", "out", "--solution-limit", "5"]

    usual, by_text, by_file = (
        run_program(*given, *options, folder=tmp_path)
        for options in ([], ["--speeds", "9:50"], ["--speeds", "rush.txt"])
    )
    refused = run_program("--lang", "zh-CN", *given, "--speeds", "rush", folder=tmp_path)

    taken_s = [json.loads(run.out)["travel_s"] for run in (usual, by_text, by_file)]
    assert taken_s[1] == taken_s[2] == pytest.approx(2 * taken_s[0], abs=2)
    assert json.loads(by_text.out)["speeds"]["car"][8:11] == [100, 50, 100]
    assert refused.code
    assert "分时速度" in refused.err


def test_what_the_kernel_cannot_state_is_planned_by_the_hour_all_the_same() -> None:
    """At the slowest hour's speed the model would be too late for both: asked at the mean as well it finds the plan."""
    jobs = (job_at("a", 20, (560, 570)), job_at("b", 25, (560, 700)))
    breaks = tuple((5, 900 + 10 * number, 905 + 10 * number) for number in range(6))
    percents = tuple(30 if hour == 12 else 100 for hour in range(24))
    rules = PlanRules(speeds={"car": HourlySpeeds(percents=percents, zone=ZoneInfo("UTC"))})
    shifts = [shift_at((540, 1020), *breaks)]
    east = np.array([round(position.lon / 0.001) for position in places_of(jobs, shifts)])
    problem = build_problem(jobs, shifts, matrix_of(np.abs(east[:, None] - east[None, :])), rules)

    found = solve(problem, Budget(solution_limit=20))

    assert not kernel_plans(problem)
    assert found.orders == {WorkerId("w"): ["a", "b"]}


def test_a_day_that_is_replanned_is_timed_by_the_hour_and_by_what_was_learned() -> None:
    """At half speed, by people who take half as long again, every leg takes three times what the roads say."""
    sites = tuple(
        Site(id=SiteId(f"S{number}"), name="", position=Position(7.44 + 0.01 * number, 43.73), service_s=600)
        for number in range(2)
    )
    worker = Worker(id=WorkerId("W"), name="W", start=Position(7.42, 43.73), end=Position(7.42, 43.73))
    usual = DayRequest(
        service_on=date(2026, 11, 23), zone=ZoneInfo("UTC"), sites=sites, workers=(worker,), budget=QUICK
    )
    before = plan_day(usual, StraightRouter())
    learned = LearnedTimes(travel=LearnedTravel(factor=1.5, leg_count=9))
    slow = replace(usual, speeds={"car": HALF}, learned=learned)

    progress = DayProgress(now=datetime(2026, 11, 23, tzinfo=UTC), stops={})
    rest = rest_of_day(slow, StraightRouter(), before=before, progress=progress)

    judged = evaluate(rest.problem, rest.rest.orders)
    assert not judged.violations
    assert judged.travel_s == pytest.approx(3 * before.plan.travel_s, abs=9)
