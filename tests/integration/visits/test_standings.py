"""How far the visits of a published day are is told by what workers state and tracks show."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.companies import NOW, SERVICE_ON, Company
from support.photographed import photo_files
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT
from support.visited import check_in_at

from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning.model import Plan, PlannedVisit
from geo_engine.planning.replan.progress import Standing, StopProgress
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import PlanVersion
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.model import CheckInKind
from geo_engine.visits.reviewing import decide_visit, list_visits
from geo_engine.visits.standings import list_standings
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers


def _plan(company: Company) -> PlanVersion:
    with company.database.bound(company.tenant_id) as session:
        return store.get_plan(session, company.plan_id)


def _told(
    company: Company, plan: PlanVersion, stated: Sequence[tuple[PlannedVisit, CheckInKind, datetime]]
) -> Mapping[JobId, StopProgress]:
    """Return the standings a minute after the last of what the worker of a route states."""
    worker_id, at = plan.day_plan.plan.routes[0].worker_id, stated[-1][2] + timedelta(minutes=1)
    _state(company, [(worker_id, *one) for one in stated], at=at)
    with company.database.bound(company.tenant_id) as session:
        return list_standings(session, plan, by=OPERATOR, now=at)


def _state(
    company: Company, stated: Sequence[tuple[WorkerId, PlannedVisit, CheckInKind, datetime]], *, at: datetime
) -> None:
    """State and derive it."""
    with company.database.bound(company.tenant_id) as session:
        for worker_id, visit, kind, moment in stated:
            site_id, position = SiteId(visit.job_id), visit.position
            told = check_in_at(site_id, moment, worker_id=worker_id, kind=kind, position=position)
            state_check_in(session, told, by=OPERATOR, now=at)
    derive_visits(company.database, company.tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: at)


def test_who_has_left_is_done_and_drives_to_the_next(company: Company) -> None:
    """Whoever states to have left the second stop is on the way to the third, and to no other."""
    plan = _plan(company)
    _, second, third, fourth, *_ = plan.day_plan.plan.routes[0].planned_visits
    left_at = ON_SHIFT + timedelta(minutes=15)

    found = _told(company, plan, [(second, CheckInKind.OUT, left_at)])

    assert (found[second.job_id].standing, found[second.job_id].ended_at) == (Standing.DONE, left_at)
    assert found[third.job_id].standing is Standing.DRIVEN_TO
    assert fourth.job_id not in found


def test_who_has_come_is_there_until_leaving_is_stated(company: Company) -> None:
    """A visit that nothing ended is under way, and the next is not driven to yet."""
    plan = _plan(company)
    _, second, third, fourth, *_ = plan.day_plan.plan.routes[0].planned_visits
    left_at, come_at = ON_SHIFT + timedelta(minutes=15), ON_SHIFT + timedelta(minutes=25)

    found = _told(company, plan, [(second, CheckInKind.OUT, left_at), (third, CheckInKind.IN, come_at)])

    assert (found[third.job_id].standing, found[third.job_id].began_at) == (Standing.UNDER_WAY, come_at)
    assert fourth.job_id not in found


def test_before_leaving_and_on_other_days_nothing_has_begun(company: Company) -> None:
    """Nobody drives before the route starts; the day before nothing is looked at."""
    plan = _plan(company)
    start_at = min(route.start_at for route in plan.day_plan.plan.routes)
    with company.database.bound(company.tenant_id) as session:
        before = list_standings(session, plan, by=OPERATOR, now=start_at - timedelta(minutes=1))
        yesterday = list_standings(session, plan, by=OPERATOR, now=NOW)

    assert NOW.date() < SERVICE_ON
    assert (before.keys() - {JobId("S001")}, yesterday) == (set(), {})


def test_what_did_not_take_place_is_not_done(company: Company) -> None:
    """A person says that a visit that was stated was none: it still has to be made, and nobody is driven on to."""
    plan = _plan(company)
    (route,) = plan.day_plan.plan.routes
    stop, at = route.planned_visits[1], ON_SHIFT + timedelta(minutes=15)
    early = replace(plan.day_plan.plan, routes=(replace(route, start_at=at - timedelta(hours=1)),))
    late = replace(plan.day_plan.plan, routes=(replace(route, start_at=at + timedelta(hours=1)),))
    _state(company, [(route.worker_id, stop, CheckInKind.OUT, at)], at=at)

    with company.database.bound(company.tenant_id) as session:
        (visit,) = list_visits(session, plan.scope.service_on, by=OPERATOR)
        done = list_standings(session, _with(plan, late), by=OPERATOR, now=at)
        decide_visit(session, visit.visit.id, DecisionKind.REJECTED, by=OPERATOR, now=OFF_SHIFT + timedelta(hours=1))
        begun, not_begun = (list_standings(session, _with(plan, one), by=OPERATOR, now=at) for one in (early, late))

    behind = route.planned_visits[2].job_id
    assert {job_id: one.standing for job_id, one in done.items()} == {
        stop.job_id: Standing.DONE,
        behind: Standing.DRIVEN_TO,
    }
    assert [one.standing for one in begun.values()] == [Standing.DRIVEN_TO]
    assert (list(begun), not_begun) == ([route.planned_visits[0].job_id], {})


def _with(plan: PlanVersion, routes: Plan) -> PlanVersion:
    return replace(plan, day_plan=replace(plan.day_plan, plan=routes))


@pytest.mark.parametrize(("ends_h", "until_h"), [(-3, 0), (4, 6)], ids=["by day", "at night"])
def test_a_day_goes_on_until_two_hours_after_the_last_shift_past_midnight(
    company: Company, ends_h: int, until_h: int
) -> None:
    """What is done stays done for whoever moves a visit in the night; without such a shift midnight ends the day."""
    plan, midnight_at, hour = _plan(company), ON_SHIFT + timedelta(hours=14), timedelta(hours=1)
    (route,) = plan.day_plan.plan.routes
    stop = route.planned_visits[1]
    _state(company, [(route.worker_id, stop, CheckInKind.OUT, ON_SHIFT)], at=ON_SHIFT + hour)
    ending = replace(plan.day_plan.plan, routes=(replace(route, end_at=midnight_at + ends_h * hour),))
    plan = _with(plan, ending)

    with company.database.bound(company.tenant_id) as session:
        before, behind = (
            list_standings(
                session, plan, by=OPERATOR, now=midnight_at + until_h * hour + seconds * timedelta(seconds=1)
            )
            for seconds in (-1, 0)
        )

    assert before[stop.job_id].standing is Standing.DONE
    assert behind == {}


def test_a_planned_visit_is_of_who_was_to_make_it_whoever_else_comes(company: Company) -> None:
    """Another worker states to have come to the same site later: the stop is done, by its own worker, as planned."""
    plan, other = _plan(company), Worker(id=WorkerId("W9"), name="n", start=HERE)
    with company.database.bound(company.tenant_id) as session:
        import_workers(session, [other], source=RowSource(file="f"), by=OPERATOR, now=NOW)
    (own,) = plan.day_plan.plan.routes
    stop, left_at = own.planned_visits[1], ON_SHIFT + timedelta(minutes=15)
    at = left_at + timedelta(minutes=6)
    told = [(own.worker_id, CheckInKind.OUT, left_at), (other.id, CheckInKind.IN, left_at + timedelta(minutes=5))]

    _state(company, [(worker_id, stop, kind, moment) for worker_id, kind, moment in told], at=at)
    with company.database.bound(company.tenant_id) as session:
        found = list_standings(session, plan, by=OPERATOR, now=at)[stop.job_id]

    assert (found.standing, found.ended_at, found.is_by_another) == (Standing.DONE, left_at, False)
