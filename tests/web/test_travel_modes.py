"""How workers travel, from their file to the dispatcher's page."""

import json
import re
from typing import Any

import pytest
from support.companies import NOW, SCOPE, SERVICE_ON, plan_company
from support.pages import Pages

from geo_engine.geometry.crs import Crs
from geo_engine.ids import WorkerId
from geo_engine.planning import service as planning
from geo_engine.roads.straight import StraightRouter
from geo_engine.tables import TableFile
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce.files import read_workers
from geo_engine.workforce.service import import_workers

DAY = f"/dispatch?date={SERVICE_ON}"
FILE = "工号,姓名,经度,纬度,技能,出行方式\nW1,王芳,116.397,39.908,,自行车\nW2,Li,116.397,39.908,gas,步行\n"


def _data(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="plan-data">(.*?)</script>', page, re.DOTALL)
    data: dict[str, Any] = json.loads(text)
    return data


def _send_workers(pages: Pages) -> None:
    read = read_workers(TableFile(name="workers.csv", content=FILE.encode()), crs=Crs.WGS84, resolve=None)
    assert read.problems == ()
    with pages.mine.database.bound(pages.mine.tenant_id) as session:
        import_workers(session, read.workers, source=RowSource(file="workers.csv"), by=OPERATOR, now=NOW)


def test_a_file_that_says_bicycle_gives_a_bicycles_times_on_the_page(own_pages: Pages) -> None:
    """The route's leg takes what the bicycle takes, its mode stands beside it, and in the plan that was kept."""
    _send_workers(own_pages)
    plan_company(own_pages.mine.database, own_pages.mine.tenant_id)

    data = _data(own_pages.person("dispatcher").get(DAY).text)

    assert {route["worker_id"]: route["mode"]["en"] for route in data["routes"]}.items() <= {
        "W1": "by bicycle",
        "W2": "on foot",
    }.items()
    assert data["routes"]
    with own_pages.mine.database.bound(own_pages.mine.tenant_id) as session:
        plan = planning.get_plan(session, SCOPE, by=OPERATOR).day_plan
    for route in plan.plan.routes:
        roads = StraightRouter().of_mode(plan.workers[route.worker_id].mode)
        leg = roads.matrix([route.start, route.planned_visits[0].position])
        assert 0 <= route.planned_visits[0].travel_s - leg.durations_s[0, 1] < 1
    assert plan.workers["W1"].mode is TravelMode.BICYCLE


def test_the_page_is_told_what_the_plan_saves(own_pages: Pages) -> None:
    """Against the given order in metres, seconds and assumed yuan; of last month nothing is known, and it says so."""
    summary = _data(own_pages.person("dispatcher").get(DAY).text)["summary"]

    assert set(summary["savings"]) == {"given_order", "nearest", "last_month"}
    assert summary["savings"]["given_order"]["travel_m"] == summary["list_saved_m"]
    assert summary["savings"]["given_order"]["money"] == pytest.approx(summary["list_saved_m"] / 1000 * 0.608, abs=0.01)
    assert summary["savings"]["last_month"] is None
    assert (summary["currency"], summary["prices_assumed"]) == ("CNY", True)


def test_a_worker_is_told_how_the_day_is_gone_and_led_that_way(own_pages: Pages) -> None:
    """The list of stops says it, and map apps are opened for it."""
    _send_workers(own_pages)
    company = own_pages.mine
    made = plan_company(company.database, company.tenant_id)
    before = own_pages.person("worker").get(f"/field?date={SERVICE_ON}").text
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, made, instead_of=company.plan_id, by=OPERATOR, now=NOW)
        days = [planning.get_worker_day(session, WorkerId("W2"), SERVICE_ON, by=OPERATOR)]

    page = own_pages.person("worker").get(f"/field?date={SERVICE_ON}").text

    assert days[0].mode is TravelMode.FOOT
    assert "on foot" in page
    assert "mode=walk" in page
    assert "mode=car" in before
    assert "on foot" not in before
