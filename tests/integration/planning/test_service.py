"""Plans that are published, read and seen by who may."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from types import NoneType

import pytest
from sqlalchemy import or_, select
from support.cluster import connected
from support.companies import (
    NORTH,
    NOW,
    QUICK,
    SCOPE,
    SERVICE_ON,
    SOUTH,
    SOUTH_WEST,
    Company,
    ask_for_plan,
    plan_company,
    work_off,
)
from support.databases import OwnDatabase
from support.workers import wait_for

from geo_engine.audit.store import list_events
from geo_engine.errors import Conflict
from geo_engine.ids import JobId, PlanId, PlanRequestId, WorkerId
from geo_engine.outbox.store import list_undelivered
from geo_engine.planning import service as planning
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import (
    NothingPublished,
    NothingToPlan,
    PlanChanged,
    PlanNotFound,
    PlanOverlaps,
    PlanScope,
)
from geo_engine.planning.versions.rows import PublicationRow
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TeamNotFound
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import WorkerShift
from geo_engine.workforce.service import access_of, set_shifts
from geo_engine.workforce.store import find_shifts

_SOUTHERN = PlanScope(service_on=SERVICE_ON, team_id=SOUTH)


def test_who_publishes_after_another_is_told(company: Company) -> None:
    """Whoever saw version 1 published and is second gets a conflict; version 2 stays, nothing is overwritten."""
    second = plan_company(company.database, company.tenant_id)
    third = plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, second, instead_of=company.plan_id, by=OPERATOR, now=NOW)

    with pytest.raises(PlanChanged), company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, third, instead_of=company.plan_id, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        assert planning.find_published_id(session, SCOPE, by=OPERATOR) == second
        assert store.get_plan(session, company.plan_id).superseded_at == NOW
        assert store.get_plan(session, third).published_at is None


def test_of_two_who_publish_at_once_one_wins_and_the_other_is_told(company: Company, own: OwnDatabase) -> None:
    """Both saw version 1 and neither the other: the second waits for the first, then hears that the plan changed."""
    second, third = (plan_company(company.database, company.tenant_id) for _ in range(2))

    outcomes = _publish_at_once(company, own, {second: company.plan_id, third: company.plan_id})

    winner = next(plan_id for plan_id, refusal in outcomes.items() if refusal is None)
    assert sorted(map(str, outcomes.values())) == sorted([str(None), str(PlanChanged(SCOPE))])
    with company.database.bound(company.tenant_id) as session:
        assert planning.find_published_id(session, SCOPE, by=OPERATOR) == winner


def test_of_two_who_publish_for_one_worker_at_once_one_is_told(company: Company, own: OwnDatabase) -> None:
    """The company's plan and a team's of the same day wait for each other too, though their scopes are not the same."""
    south = plan_company(company.database, company.tenant_id, _SOUTHERN)
    with company.database.bound(company.tenant_id) as session:
        planning.withdraw_plan(session, company.plan_id, by=OPERATOR, now=NOW)

    outcomes = _publish_at_once(company, own, {company.plan_id: None, south: None})

    assert {type(refusal) for refusal in outcomes.values()} == {NoneType, PlanOverlaps}


def _publish_at_once(
    company: Company, own: OwnDatabase, instead_of: dict[PlanId, PlanId | None]
) -> dict[PlanId, Conflict | None]:
    """Publish versions on connections of their own; whoever is first commits as soon as the other waits for a lock."""
    barrier = Barrier(len(instead_of))

    def publish(plan_id: PlanId, before: PlanId | None) -> Conflict | None:
        try:
            with company.database.bound(company.tenant_id) as session:
                barrier.wait(timeout=20.0)
                planning.publish_plan(session, plan_id, instead_of=before, by=OPERATOR, now=NOW)
                wait_for(lambda: _waiting_count(own), "the other publisher to wait", within_s=20.0)
        except Conflict as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(max_workers=len(instead_of)) as pool:
        ended = {plan_id: pool.submit(publish, plan_id, before) for plan_id, before in instead_of.items()}
    return {plan_id: outcome.result() for plan_id, outcome in ended.items()}


def _waiting_count(own: OwnDatabase) -> int:
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with connected(own.cluster, database=own.name) as server:
        (count,) = server.execute(query).fetchone() or (0,)
    return count


def test_a_plan_that_shares_with_a_published_one_is_not_published(company: Company) -> None:
    """A team's plan beside the company's is refused by name and changes nobody's list; withdrawn, it makes room."""
    teams = [PlanScope(service_on=SERVICE_ON, team_id=team) for team in (NORTH, SOUTH)]
    plan_ids = [plan_company(company.database, company.tenant_id, scope) for scope in teams]
    before = _published_visits(company)

    for plan_id in plan_ids:
        with pytest.raises(PlanOverlaps) as refused, company.database.bound(company.tenant_id) as session:
            planning.publish_plan(session, plan_id, instead_of=None, by=OPERATOR, now=NOW)
        assert refused.value.other == SCOPE
        assert "of the whole company for 2026-11-25" in str(refused.value)
    assert _published_visits(company) == before
    with company.database.bound(company.tenant_id) as session:
        planning.withdraw_plan(session, company.plan_id, by=OPERATOR, now=NOW)
        for plan_id in plan_ids:
            planning.publish_plan(session, plan_id, instead_of=None, by=OPERATOR, now=NOW)
    with pytest.raises(PlanOverlaps) as refused, company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, company.plan_id, instead_of=None, by=OPERATOR, now=NOW)

    assert refused.value.other == teams[0]
    with company.database.bound(company.tenant_id) as session:
        placed = [at.job_id for plan_id in plan_ids for at in _visits(store.get_plan(session, plan_id).day_plan)]
    assert sorted(job_id for jobs in _published_visits(company).values() for job_id in jobs) == sorted(placed)


def _published_visits(company: Company) -> dict[WorkerId, list[JobId]]:
    with company.database.bound(company.tenant_id) as session:
        return {
            worker_id: [
                stop.visit.job_id
                for stop in planning.get_worker_day(session, worker_id, SERVICE_ON, by=OPERATOR).ordered_visits
            ]
            for worker_id in planning.list_published_workers(session, SERVICE_ON, by=OPERATOR)
        }


def test_a_withdrawn_plan_is_on_nobodys_list(company: Company) -> None:
    """It can be withdrawn once, by whoever may publish, and published again; trail and world hear of both."""
    later = NOW + timedelta(hours=1)
    with company.database.bound(company.tenant_id) as session, pytest.raises(NotAllowed):
        planning.withdraw_plan(session, company.plan_id, by=access_of(session, company.dispatcher_id), now=NOW)

    with company.database.bound(company.tenant_id) as session:
        taken = planning.withdraw_plan(session, company.plan_id, by=OPERATOR, now=later)
        with pytest.raises(NothingPublished):
            planning.list_published_workers(session, SERVICE_ON, by=OPERATOR)
        with pytest.raises(PlanChanged):
            planning.withdraw_plan(session, company.plan_id, by=OPERATOR, now=later)
        planning.publish_plan(session, company.plan_id, instead_of=None, by=OPERATOR, now=later)

        assert (taken.published_at, taken.superseded_at) == (NOW, later)
        topics = [(event.topic, event.key, event.payload["version"]) for event in list_undelivered(session)]
        assert topics == [(f"plan.{what}", "2026-11-25/", 1) for what in ("published", "withdrawn", "published")]
        assert [event.act for event in list_events(session)][:2] == ["publish_plan", "withdraw_plan"]
        assert planning.list_published_workers(session, SERVICE_ON, by=OPERATOR)


def test_the_trail_says_which_version_the_workers_had_when(company: Company) -> None:
    """Going back to an old version keeps that it was published before, and that another was in between."""
    second = plan_company(company.database, company.tenant_id)
    hours = [NOW + timedelta(hours=number) for number in range(3)]
    for plan_id, before, at in ((second, company.plan_id, hours[1]), (company.plan_id, second, hours[2])):
        with company.database.bound(company.tenant_id) as session:
            planning.publish_plan(session, plan_id, instead_of=before, by=OPERATOR, now=at)

    with company.database.bound(company.tenant_id) as session:
        had = [
            session.scalars(
                select(PublicationRow.plan_id).where(
                    PublicationRow.published_at <= at,
                    or_(PublicationRow.ended_at.is_(None), PublicationRow.ended_at > at),
                )
            ).all()
            for at in hours
        ]
        first, other = store.get_plan(session, company.plan_id), store.get_plan(session, second)

    assert had == [[company.plan_id], [second], [company.plan_id]]
    assert (first.published_at, first.superseded_at) == (hours[2], None)
    assert (other.published_at, other.superseded_at) == (hours[1], hours[2])


def test_hours_set_after_planning_are_kept(company: Company) -> None:
    """Publishing an older plan does not undo what a dispatcher has said of a shift since."""
    hours = ClockWindow(earliest_s=13 * 3600, latest_s=15 * 3600)
    plan_id = plan_company(company.database, company.tenant_id)

    with company.database.bound(company.tenant_id) as session:
        set_shifts(
            session, [WorkerShift(service_on=SERVICE_ON, worker_id=WorkerId("W2"), hours=hours)], by=OPERATOR, now=NOW
        )
        planning.publish_plan(session, plan_id, instead_of=company.plan_id, by=OPERATOR, now=NOW)

        assert find_shifts(session, SERVICE_ON)[WorkerId("W2")] == hours


def test_publishing_fixes_the_shifts_and_tells_the_world(company: Company) -> None:
    """After publishing, whoever has a route has a shift of the day, and one event waits to be delivered."""
    with company.database.bound(company.tenant_id) as session:
        workers = planning.list_published_workers(session, SERVICE_ON, by=OPERATOR)
        shifts = find_shifts(session, SERVICE_ON)
        events = list_undelivered(session)

    assert set(workers) <= set(shifts)
    assert [event.topic for event in events] == ["plan.published"]
    assert events[0].payload["version"] == 1


def test_a_workers_stops_are_those_of_the_published_version(company: Company) -> None:
    """A worker reads the stops as published, in order and numbered, whatever was planned since."""
    plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        plan = store.get_plan(session, company.plan_id).day_plan.plan

        for route in plan.routes:
            day = planning.get_worker_day(session, route.worker_id, SERVICE_ON, by=OPERATOR)
            assert day.route == route
            assert [stop.visit for stop in day.ordered_visits] == list(route.planned_visits)
            assert [stop.number for stop in day.ordered_visits] == list(range(1, len(route.planned_visits) + 1))
            assert [stop.site.id for stop in day.ordered_visits] == [at.job_id for at in route.planned_visits]


def test_a_day_without_a_published_route_is_told(company: Company) -> None:
    """Neither another day nor a worker without a route gives an empty list in silence."""
    with company.database.bound(company.tenant_id) as session:
        with pytest.raises(NothingPublished):
            planning.list_published_workers(session, date(2027, 1, 1), by=OPERATOR)
        with pytest.raises(NothingPublished):
            planning.get_worker_day(session, WorkerId("W99"), SERVICE_ON, by=OPERATOR)


def test_a_team_is_planned_with_the_teams_below_and_no_other(company: Company) -> None:
    """A plan of the south holds the south's due sites and workers only, beside the company's own plan."""
    south = PlanScope(service_on=SERVICE_ON, team_id=SOUTH)
    plan_id = plan_company(company.database, company.tenant_id, south)

    with company.database.bound(company.tenant_id) as session:
        made = store.get_plan(session, plan_id)

    assert made.version == 1
    assert {site.team_id for site in made.day_plan.sites.values()} == {SOUTH}
    assert set(made.day_plan.workers) == {WorkerId("W2")}


def test_a_shift_of_the_day_takes_the_place_of_the_usual_hours(company: Company) -> None:
    """Whoever works from 13:00 to 15:00 on that day is planned within it."""
    hours = ClockWindow(earliest_s=13 * 3600, latest_s=15 * 3600)
    shifts = [WorkerShift(service_on=SERVICE_ON, worker_id=WorkerId(one), hours=hours) for one in ("W1", "W2")]
    with company.database.bound(company.tenant_id) as session:
        set_shifts(session, shifts, by=OPERATOR, now=NOW)
    plan_id = plan_company(company.database, company.tenant_id)

    with company.database.bound(company.tenant_id) as session:
        day_plan = store.get_plan(session, plan_id).day_plan

    assert {worker.shift for worker in day_plan.workers.values()} == {hours}
    assert all(13 <= at.start_at.astimezone(day_plan.zone).hour < 15 for at in _visits(day_plan))


def _visits(day_plan):  # noqa: ANN001, ANN202
    return [visit for route in day_plan.plan.routes for visit in route.planned_visits]


def test_a_dispatcher_plans_the_own_teams_day_only(company: Company) -> None:
    """The south's dispatcher asks for the south's plan and below; the north's and the company's are refused."""
    allowed = [PlanScope(service_on=SERVICE_ON, team_id=team) for team in (SOUTH,)]
    refused = [SCOPE, replace(SCOPE, team_id=NORTH)]

    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        for scope in allowed:
            planning.request_plan(session, scope, QUICK, by=access, now=NOW)
        for scope in refused:
            with pytest.raises(NotAllowed):
                planning.request_plan(session, scope, QUICK, by=access, now=NOW)
            with pytest.raises(NotAllowed):
                planning.get_plan(session, scope, by=access)
        with pytest.raises(NotAllowed):
            planning.publish_plan(session, company.plan_id, instead_of=None, by=access, now=NOW)


def test_who_may_not_see_a_workers_day_is_refused(company: Company) -> None:
    """The south's dispatcher sees the day of W2, whose team it is, and of no one in the north."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)

        seen = planning.list_published_workers(session, SERVICE_ON, by=access)

        assert set(seen) <= {WorkerId("W2")}
        with pytest.raises(NotAllowed):
            planning.get_worker_day(session, WorkerId("W1"), SERVICE_ON, by=access)


def test_whoever_stops_a_search_stands_in_the_trail(company: Company) -> None:
    """Stopping an open request is recorded with its actor; one that has ended is not stopped, and nothing is said."""
    request_id = ask_for_plan(company.database, company.tenant_id, PlanScope(service_on=SERVICE_ON, team_id=SOUTH))

    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        planning.stop_planning(session, request_id, by=access, now=NOW)
        planning.stop_planning(session, company.failed_request_id, by=OPERATOR, now=NOW)
        stops = [event for event in list_events(session) if event.act == "stop_planning"]

    assert [(event.subject, event.member_id) for event in stops] == [
        (("plan_request", str(request_id)), company.dispatcher_id)
    ]


def test_what_cannot_be_planned_is_refused_before_it_is_queued(company: Company) -> None:
    """A day without due visits, a team with nobody in it, and a team that does not exist are told at once."""
    asked = {
        PlanScope(service_on=date(2027, 1, 1)): NothingToPlan,
        PlanScope(service_on=SERVICE_ON, team_id=SOUTH_WEST): NothingToPlan,
        PlanScope(service_on=SERVICE_ON, team_id="nowhere"): TeamNotFound,  # type: ignore[arg-type]
    }

    for scope, refusal in asked.items():
        with pytest.raises(refusal), company.database.bound(company.tenant_id) as session:
            planning.request_plan(session, scope, QUICK, by=OPERATOR, now=NOW)


def test_whoever_asks_again_while_a_plan_is_being_made_gets_that_one(company: Company) -> None:
    """However often, and however many at once, “Plan” is pressed, one search is queued; another day's is its own."""
    barrier = Barrier(3)

    def press(_: int) -> PlanRequestId:
        barrier.wait(timeout=20.0)
        return _ask_once(company, SCOPE)

    with ThreadPoolExecutor(max_workers=3) as pool:
        asked = set(pool.map(press, range(3)))

    assert asked == {_ask_once(company, SCOPE)}
    assert _ask_once(company, _SOUTHERN) not in asked


def test_once_a_plan_is_made_another_can_be_asked_for(company: Company) -> None:
    """A request that has ended is not in the way of the next."""
    first = _ask_once(company, SCOPE)
    work_off(company.database, company.tenant_id, first)

    assert _ask_once(company, SCOPE) != first


def _ask_once(company: Company, scope: PlanScope) -> PlanRequestId:
    with company.database.bound(company.tenant_id) as session:
        return planning.request_plan_once(session, scope, QUICK, by=OPERATOR, now=NOW)


def test_a_version_that_is_not_there_is_told(company: Company) -> None:
    """Versions count from 1 to the newest."""
    with company.database.bound(company.tenant_id) as session:
        assert planning.get_plan(session, SCOPE, 1, by=OPERATOR).id == company.plan_id
        with pytest.raises(PlanNotFound):
            planning.get_plan(session, SCOPE, 2, by=OPERATOR)
