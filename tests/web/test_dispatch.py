"""The dispatcher's page: what it offers, and who has read what it published."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from support.companies import NOW, SERVICE_ON, SOUTH, plan_company
from support.field_days import day_of, publish_moves
from support.pages import Pages, Person

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

DAY = f"/dispatch?date={SERVICE_ON}"
FIELD = f"/field?date={SERVICE_ON}"


def _opened(page: str) -> dict[str, str]:
    """Return what the worker's page sends as soon as it is seen."""
    (form,) = re.findall(r'<form id="opened"[^>]*>(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    del fields["csrf_token"]
    return fields


def _open(person: Person) -> None:
    """Open the worker's page as a browser does."""
    person.post("/field/acknowledge", **_opened(person.get(FIELD).text))


def _unread(page: str) -> list[str]:
    """Return whom a dispatcher's page names as not having read."""
    found = re.search(r'<details class="readers">.*?<ul>(.*?)</ul>', page, re.DOTALL)
    return [] if found is None else re.findall(r"<li>([^<]*?)\s*<", found[1])


def test_the_dispatcher_sees_who_has_opened_the_list(own_pages: Pages) -> None:
    """Asking for the worker's page is not reading it; a page that was seen says so, and then nobody is named."""
    dispatcher, worker = own_pages.person("dispatcher"), own_pages.person("worker")
    worker.get(FIELD)
    before = dispatcher.get(DAY).text

    _open(worker)

    after = dispatcher.get(DAY).text
    assert "Read by 0 of 1" in before
    assert _unread(before) == ["Li alpha"]
    assert "Read by 1 of 1" in after
    assert _unread(after) == []
    assert 'id="opened"' not in worker.get(FIELD).text


def test_a_change_is_asked_for_again(own_pages: Pages) -> None:
    """After another publication whoever has another list is named until the change was acknowledged."""
    _open(own_pages.person("worker"))
    publish_moves(own_pages.mine, [(day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id, "W1", None)])

    page = own_pages.person("dispatcher").get(DAY).text

    assert "Read by 0 of 2" in page
    assert _unread(page) == ["王芳 alpha", "Li alpha"]
    assert 'id="opened"' not in own_pages.person("worker").get(FIELD).text


def test_reading_is_told_of_the_published_version_to_whoever_publishes(own_pages: Pages) -> None:
    """Neither an auditor or manager, nor a page of another version or of another team's day, tells who has read."""
    publish_moves(own_pages.mine, [(day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id, "W1", None)])

    pages = [
        *(own_pages.person(role).get(DAY) for role in ("auditor", "manager")),
        own_pages.person("dispatcher").get(f"{DAY}&version=1"),
        own_pages.person("dispatcher").get(f"{DAY}&team={SOUTH}"),
        own_pages.signed_in("shared@example.com").get(DAY),
    ]

    assert {page.status_code for page in pages} == {200}
    assert not any("Read by" in page.text or "已读 " in page.text for page in pages)


def test_the_worker_is_told_that_reading_is_seen(own_pages: Pages) -> None:
    """Before and after: nothing is told about somebody who was not told so."""
    worker = own_pages.person("worker")
    first = worker.get(FIELD).text
    _open(worker)
    read = worker.get(FIELD).text
    publish_moves(own_pages.mine, [(day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id, "W1", None)])

    changed = worker.get(FIELD).text

    assert "Opening this list tells your dispatcher that you have read it." in first
    assert "Your dispatcher sees that you have read this list." in read
    assert "“Got it” tells your dispatcher that you have read this." in changed
    assert sum(page.count('class="told"') for page in (first, read, changed)) == 3


def test_going_back_is_offered_to_whoever_plans(own_pages: Pages) -> None:
    """Undo stands by the newest version when it was made by hand, continuing by older ones, and neither for others."""
    publish_moves(own_pages.mine, [(day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id, "W1", None)])

    offered = {
        (role, version): re.findall(r">(Undo|Continue from this version)<", own_pages.person(role).get(path).text)
        for role in ("dispatcher", "manager")
        for version, path in ((1, f"{DAY}&version=1"), (2, DAY))
    }

    assert offered == {
        ("dispatcher", 1): ["Continue from this version"],
        ("dispatcher", 2): ["Undo"],
        ("manager", 1): [],
        ("manager", 2): [],
    }


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "１", "0000000001" + "9" * 5_000], ids=lambda text: text[:8])
def test_a_number_that_is_none_is_told_in_words(pages: Pages, number: str) -> None:
    """Whatever stands in the address, the answer is a sentence and never an error of ours."""
    answer = pages.person("dispatcher").get(f"/dispatch?date={SERVICE_ON}&version={number}")

    assert answer.status_code == 422


def test_nothing_is_moved_while_a_plan_is_being_made(own_pages: Pages) -> None:
    """The page offers neither moving nor undoing then, and a move that is sent all the same is refused in words."""
    dispatcher, job_id = own_pages.person("dispatcher"), day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id
    move = {"plan_id": str(own_pages.mine.plan_id), "job_id": job_id, "worker_id": "W1"}
    moved = dispatcher.post("/dispatch/move", **move)
    before = dispatcher.get(DAY).text

    for _ in range(3):
        dispatcher.post("/dispatch/plan", date=str(SERVICE_ON), team="", time_limit_s="5")

    during = dispatcher.get(DAY).text
    (newest,) = set(re.findall(r'name="instead_of" value="([^"]+)"', before)) - {str(own_pages.mine.plan_id)}
    refused = dispatcher.post("/dispatch/move", **{**move, "plan_id": newest})
    assert (moved.status_code, refused.status_code) == (303, 409)
    assert "is being made: wait until it is there, or stop it" in refused.text
    assert [('"may_move":true' in page, ">Undo<" in page) for page in (before, during)] == [
        (True, True),
        (False, False),
    ]


def _page_data(page: str) -> dict[str, Any]:
    """Return what the page's script reads."""
    found = re.search(r'id="plan-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_a_suggestion_is_taken_and_its_changes_are_shown_before_it_is_published(own_pages: Pages) -> None:
    """What is due since is fitted in; the next version tells what it adds, and the workers still have the first."""
    company, dispatcher = own_pages.mine, own_pages.person("dispatcher")
    urgent = Site(id=SiteId("U1"), name="urgent", position=Position(116.34, 39.94), service_s=600)
    with company.database.bound(company.tenant_id) as session:
        import_sites(session, [urgent], source=RowSource(file="u"), due_on=SERVICE_ON, by=OPERATOR, now=NOW)
    asked = f"plan_id={company.plan_id}&job_id=U1"

    best, *_ = dispatcher.get(f"/dispatch/fits?{asked}").get_json()["places"]
    taken = {"plan_id": str(company.plan_id), "job_id": "U1", "worker_id": best["worker_id"]}
    made = dispatcher.post("/dispatch/insert", **taken, before_id=best["before_id"] or "")

    data = _page_data(dispatcher.get(DAY).text)
    added = [one for one in data["changes"] if one["job_id"] == "U1"]
    assert (made.status_code, [one["kind"] for one in added]) == (303, ["added"])
    assert added[0]["after"] == {"worker_id": best["worker_id"], "start_at": best["start_at"]}
    assert _page_data(dispatcher.get(f"{DAY}&version=1").text)["changes"] == []


def test_what_nobody_may_make_says_why_in_the_words_of_a_plan(own_pages: Pages) -> None:
    """An urgent order that asks for a skill nobody has fits nowhere, and the skill is named."""
    company, dispatcher = own_pages.mine, own_pages.person("dispatcher")
    skills = frozenset({"氩弧焊"})
    urgent = Site(id=SiteId("U2"), name="weld", position=Position(116.34, 39.94), service_s=600, skills=skills)
    with company.database.bound(company.tenant_id) as session:
        import_sites(session, [urgent], source=RowSource(file="u"), due_on=SERVICE_ON, by=OPERATOR, now=NOW)

    found = dispatcher.get(f"/dispatch/fits?plan_id={company.plan_id}&job_id=U2").get_json()

    assert found == {"places": [], "reason": "No worker who may do it has the skill: 氩弧焊."}


def test_a_stop_is_locked_and_unlocked_on_the_page(own_pages: Pages) -> None:
    """What was ticked is ticked again, and nothing ticked unlocks it."""
    dispatcher = own_pages.person("dispatcher")
    job_id = day_of(own_pages.mine, "W2").ordered_visits[0].visit.job_id
    stop = {"plan_id": str(own_pages.mine.plan_id), "job_id": job_id}

    locked = [
        (
            dispatcher.post("/dispatch/lock", **stop, **kinds).status_code,
            _page_data(dispatcher.get(DAY).text)["locks"].get(job_id),
        )
        for kinds in ({"kind": ["time", "order"]}, {})
    ]

    assert locked == [(303, ["order", "time"]), (303, None)]


def test_what_is_begun_is_told_on_the_page_and_not_moved(own_pages: Pages) -> None:
    """While the day goes on the page knows which stop is under way; moving it is refused in words, by its name."""
    before = _page_data(own_pages.person("dispatcher").get(DAY).text)
    dispatcher = own_pages.with_other(now=datetime(2026, 11, 25, 1, 1, tzinfo=UTC)).person("dispatcher")

    during = _page_data(dispatcher.get(DAY).text)
    stop = {"plan_id": str(own_pages.mine.plan_id), "job_id": "S001", "number": "", "worker_id": "W1"}
    refused = dispatcher.post("/dispatch/move", **stop, accept="application/json")

    assert (before["stays"], during["stays"]) == ({}, {"S001": "under_way"})
    assert refused.status_code == 409
    assert re.fullmatch(r"“[^”]+” is already made or under way: it stays.", refused.get_json()["title"])


def test_replanning_is_offered_on_the_day_itself_and_made_once(own_pages: Pages) -> None:
    """The day before nobody replans from now; asked for all the same it is a request, and one at a time."""
    dispatcher, plan = own_pages.person("dispatcher"), {"plan_id": str(own_pages.mine.plan_id)}
    before = dispatcher.get(DAY).text

    answers = [
        dispatcher.post("/dispatch/replan", **plan, reach=reach, time_limit_s="5").status_code
        for reach in ("everything", "local", "whole_day")
    ]

    assert answers == [422, 303, 409]
    assert 'id="replan"' not in before
    assert "progress-data" in dispatcher.get(DAY).text


def test_replanning_is_offered_until_the_last_shift_past_midnight_is_over(own_pages: Pages) -> None:
    """Who works from evening until three has the day replanned, and is seen, at half past one; by noon it is over."""
    company = own_pages.mine
    night = ClockWindow(earliest_s=25 * 3600, latest_s=26 * 3600)
    late = Worker(
        id=WorkerId("W9"),
        name="night",
        start=Position(116.33, 39.93),
        shift=ClockWindow(earliest_s=20 * 3600, latest_s=27 * 3600),
    )
    site = Site(
        id=SiteId("N1"),
        name="night",
        position=Position(116.34, 39.94),
        windows=(night,),
        worker_ids=frozenset({late.id}),
    )
    with company.database.bound(company.tenant_id) as session:
        import_workers(session, [late], source=RowSource(file="n"), by=OPERATOR, now=NOW)
        import_sites(session, [site], source=RowSource(file="n"), due_on=SERVICE_ON, by=OPERATOR, now=NOW)
    made = plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, made, instead_of=company.plan_id, by=OPERATOR, now=NOW)

    shown = [
        own_pages.with_other(now=datetime(2026, 11, day, hour, 30, tzinfo=UTC)).person("dispatcher").get(DAY).text
        for day, hour in ((25, 2), (25, 17), (26, 4))
    ]

    assert ['id="replan"' in page for page in shown] == [True, True, False]
    assert [_page_data(page)["live"] is not None for page in shown] == [True, True, False]


@pytest.mark.parametrize(("count", "told"), [(1, "Publish, 1 rule broken<"), (2, "Publish, 2 rules broken<")])
def test_publishing_says_how_many_rules_are_broken(own_pages: Pages, count: int, told: str) -> None:
    """One is one rule, two are two rules."""
    dispatcher = own_pages.person("dispatcher")
    plan_id = str(own_pages.mine.plan_id)
    left = [one for one in _page_data(dispatcher.get(DAY).text)["unassigned"] if one["job_id"] == "S999"]
    dispatcher.post("/dispatch/move", plan_id=plan_id, job_id=left[0]["job_id"], worker_id="W1")
    if count == 2:
        newest = _page_data(dispatcher.get(DAY).text)
        gas = next(
            visit["job_id"] for route in newest["routes"] for visit in route["visits"] if visit["skills"] == ["gas"]
        )
        dispatcher.post("/dispatch/move", plan_id=newest["plan_id"], job_id=gas, worker_id="W1")

    assert told in dispatcher.get(DAY).text
