"""Plans that are published, read and seen by who may."""

from dataclasses import replace
from datetime import date

import pytest
from support.companies import (
    NORTH,
    NOW,
    QUICK,
    SCOPE,
    SERVICE_ON,
    SOUTH,
    SOUTH_WEST,
    Company,
    add_company,
    plan_company,
)
from support.databases import OwnDatabase

from geo_engine.ids import WorkerId
from geo_engine.outbox.store import list_undelivered
from geo_engine.planning import service as planning
from geo_engine.planning import store
from geo_engine.planning.versions import NothingPublished, NothingToPlan, PlanChanged, PlanNotFound, PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TeamNotFound
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import WorkerShift
from geo_engine.workforce.service import access_of, set_shifts
from geo_engine.workforce.store import find_shifts


@pytest.fixture
def company(own: OwnDatabase) -> Company:
    """Return a company whose day is planned and published as version 1."""
    return add_company(own.app, "alpha")


def test_of_two_who_publish_at_once_the_second_is_told(company: Company) -> None:
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


def test_a_version_that_is_not_there_is_told(company: Company) -> None:
    """Versions count from 1 to the newest."""
    with company.database.bound(company.tenant_id) as session:
        assert planning.get_plan(session, SCOPE, 1, by=OPERATOR).id == company.plan_id
        with pytest.raises(PlanNotFound):
            planning.get_plan(session, SCOPE, 2, by=OPERATOR)
