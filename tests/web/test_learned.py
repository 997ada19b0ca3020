"""The dispatcher sees which stops' times were learned and from how many visits, and plans without them."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from support.companies import NOW, SCOPE, SERVICE_ON, Company, work_off
from support.pages import Pages
from support.stays import keep_stays

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.requests import store as request_store
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_uses_learned
from geo_engine.visits.learned import learn_times

DAY = f"/dispatch?date={SERVICE_ON}"
PLAN = {"date": str(SERVICE_ON), "team": "", "time_limit_s": "5"}
YESTERDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def _learned(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of stops whose times were learned."""
    visits = [visit for route in data["routes"] for visit in route["visits"]]
    return {visit["job_id"]: visit["learned"] for visit in visits if visit["learned"] is not None}


def _learn(company: Company) -> None:
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, WorkerId("W1"), SiteId("S001"), took_s=[2_040.0] * 9, last=YESTERDAY)
        learn_times(session, by=OPERATOR, now=NOW)


def _work_off(company: Company) -> None:
    """Make the plan that was asked for, as a worker of the queue does."""
    with company.database.bound(company.tenant_id) as session:
        asked = request_store.find_open_request(session, SCOPE)
    assert asked is not None
    work_off(company.database, company.tenant_id, asked.id)


def _chosen(page: str) -> list[str]:
    """Return which of the times the page offers is chosen."""
    (select,) = re.findall(r'<select name="times".*?</select>', page, re.DOTALL)
    return re.findall(r'value="(\w+)" selected', select)


def test_a_stop_says_what_was_learned_and_the_plan_what_that_changes(own_pages: Pages) -> None:
    """34 min a visit where 15 are given: the stop says both and from nine visits, the summary what all would take."""
    company, dispatcher = own_pages.mine, own_pages.person("dispatcher")
    before = _data(dispatcher.get(DAY).text)["summary"]
    _learn(company)

    asked = dispatcher.post("/dispatch/plan", **PLAN, times="learned")
    _work_off(company)

    data = _data(dispatcher.get(DAY).text)
    (told,), summary = _learned(data).values(), data["summary"]
    assert asked.status_code == 303
    assert (told["given_s"], told["visit_count"]) == (900, 9)
    assert told["learned_s"] == pytest.approx(2_040, abs=150)
    assert summary["learned_count"] == 1
    assert summary["service_given_s"] == before["service_s"]
    assert summary["service_s"] - summary["service_given_s"] == told["learned_s"] - 900


def test_learned_times_are_switched_off_where_the_day_is_planned(own_pages: Pages) -> None:
    """Chosen given times hold for the plan, are chosen again for the next, and no stop says that it was learned."""
    company, dispatcher = own_pages.mine, own_pages.person("dispatcher")
    _learn(company)
    offered = _chosen(dispatcher.get(DAY).text)

    dispatcher.post("/dispatch/plan", **PLAN, times="given")
    _work_off(company)

    page = dispatcher.get(DAY).text
    data = _data(page)
    assert (offered, _chosen(page)) == (["learned"], ["given"])
    assert _learned(data) == {}
    assert (data["summary"]["learned_count"], data["summary"]["service_given_s"]) == (None, None)


def test_a_company_that_wants_none_is_offered_given_times(own_pages: Pages) -> None:
    """On a day without a plan what the company has set is chosen."""
    company, dispatcher = own_pages.mine, own_pages.person("dispatcher")
    other_day = "/dispatch?date=2026-11-30"
    before = _chosen(dispatcher.get(other_day).text)
    with company.database.bound(company.tenant_id) as session:
        set_uses_learned(session, uses_learned=False, by=OPERATOR, now=NOW)

    after = _chosen(dispatcher.get(other_day).text)

    assert (before, after) == (["learned"], ["given"])


def test_the_choice_says_how_well_learned_times_hold(own_pages: Pages) -> None:
    """Beside the choice stands how far off both were on days that were not learned from."""
    page = own_pages.person("dispatcher").get(DAY).text

    assert "On the last days learned service times were off by 2.0 min, given ones by 14.0 min." in page


def test_other_times_are_refused(own_pages: Pages) -> None:
    """What is neither learned nor given is an error, and nothing is planned."""
    answer = own_pages.person("dispatcher").post("/dispatch/plan", **PLAN, times="guessed")

    assert answer.status_code == 422
