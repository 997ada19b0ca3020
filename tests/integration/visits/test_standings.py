"""How far the visits of a published day are is told by what workers state and tracks show."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from support.companies import NOW, SERVICE_ON, Company
from support.photographed import photo_files
from support.tracked import NO_ROADS, ON_SHIFT
from support.visited import check_in_at

from geo_engine.ids import JobId, SiteId
from geo_engine.planning import store
from geo_engine.planning.model import PlannedVisit
from geo_engine.planning.progress import Standing, StopProgress
from geo_engine.planning.versions import PlanVersion
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.model import CheckInKind
from geo_engine.visits.standings import list_standings


def _plan(company: Company) -> PlanVersion:
    with company.database.bound(company.tenant_id) as session:
        return store.get_plan(session, company.plan_id)


def _told(
    company: Company, plan: PlanVersion, stated: Sequence[tuple[PlannedVisit, CheckInKind, datetime]]
) -> Mapping[JobId, StopProgress]:
    """Return the standings a minute after the last of what the worker of a route states."""
    worker_id, at = plan.day_plan.plan.routes[0].worker_id, stated[-1][2] + timedelta(minutes=1)
    with company.database.bound(company.tenant_id) as session:
        for visit, kind, moment in stated:
            site_id, position = SiteId(visit.job_id), visit.position
            told = check_in_at(site_id, moment, worker_id=worker_id, kind=kind, position=position)
            state_check_in(session, told, by=OPERATOR, now=at)
    derive_visits(company.database, company.tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: at)
    with company.database.bound(company.tenant_id) as session:
        return list_standings(session, plan, by=OPERATOR, now=at)


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
