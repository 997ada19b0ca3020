"""What visits of past days tell reaches the next plan, unless nobody wants that, and no other company's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.companies import NOW, QUICK, SCOPE, SERVICE_ON, Company, plan_company, work_off
from support.stays import keep_stays, stay_at, stayed

from geo_engine.audit.store import list_events
from geo_engine.db.session import Session
from geo_engine.ids import JobId, PlanId, SiteId, WorkerId
from geo_engine.jobs import regular_chores
from geo_engine.planning import service as planning
from geo_engine.planning.day import DayPlan
from geo_engine.planning.edits import move_visit, restore_plan
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replanning import request_replan
from geo_engine.planning.versions import store
from geo_engine.planning.versions.learned_store import PlannedLeg, find_learning, list_planned_legs
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.service import set_speeds, set_uses_learned
from geo_engine.travel_modes import TravelMode
from geo_engine.visits.day import Candidate, PlannedStop
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.learned import learn_of_each, learn_times, look_back
from geo_engine.visits.model import Verdict
from geo_engine.visits.reviewing import decide_visit
from geo_engine.visits.visit_store import list_day, replace_day
from geo_engine.workforce.service import import_workers
from geo_engine.workforce.store import list_workers

SITE, W1 = SiteId("S001"), WorkerId("W1")
YESTERDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LONG_S = [2_040.0] * 9
HALF = (50,) * 24


def _learn(company: Company, *, took_s: Sequence[float] = LONG_S) -> None:
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, W1, SITE, took_s=list(took_s), last=YESTERDAY)
        learn_times(session, by=OPERATOR, now=NOW)


def _day_plan(company: Company, plan_id: PlanId) -> DayPlan:
    with company.database.bound(company.tenant_id) as session:
        return store.get_plan(session, plan_id).day_plan


def _served_s(day_plan: DayPlan, job_id: str = "S001") -> float:
    visits = [visit for route in day_plan.plan.routes for visit in route.planned_visits]
    return next((one.end_at - one.start_at).total_seconds() for one in visits if one.job_id == JobId(job_id))


def test_a_stop_is_planned_with_what_its_visits_took(company: Company) -> None:
    """Nine visits of 34 minutes each: the next plan's stop takes near that, and says so beside what was given."""
    before = _day_plan(company, company.plan_id)
    _learn(company)

    after = _day_plan(company, plan_company(company.database, company.tenant_id))

    given_s = _served_s(before)
    assert after.learned is not None
    told = after.learned.services[SITE]
    assert (told.given_s, told.visit_count) == (given_s, 9)
    assert given_s < told.service_s <= 2_040
    assert told.service_s == pytest.approx(2_040, abs=150)
    assert _served_s(after) == told.service_s
    assert set(after.learned.services) == {SITE}
    assert _served_s(after, "S003") == _served_s(before, "S003")


def test_it_can_be_switched_off(company: Company) -> None:
    """By the company for all plans, by a request for its own, either way; what was learned stays."""
    _learn(company)
    with company.database.bound(company.tenant_id) as session:
        given = planning.request_plan(session, SCOPE, QUICK, uses_learned=False, by=OPERATOR, now=NOW)
    work_off(company.database, company.tenant_id, given)
    with company.database.bound(company.tenant_id) as session:
        set_uses_learned(session, uses_learned=False, by=OPERATOR, now=NOW)
        off = planning.request_plan(session, SCOPE, QUICK, by=OPERATOR, now=NOW)
    work_off(company.database, company.tenant_id, off)
    with company.database.bound(company.tenant_id) as session:
        asked = planning.request_plan(session, SCOPE, QUICK, uses_learned=True, by=OPERATOR, now=NOW)
    work_off(company.database, company.tenant_id, asked)

    with company.database.bound(company.tenant_id) as session:
        plans = [planning.get_planned(session, one, by=OPERATOR).day_plan for one in (given, off, asked)]
        acts = [event.act for event in list_events(session)]

    assert [plan.learned is None for plan in plans] == [True, True, False]
    assert _served_s(plans[0]) == _served_s(plans[1]) < _served_s(plans[2])
    assert {"learn_times", "set_uses_learned"} <= set(acts)


def test_a_plan_keeps_what_it_was_made_with(company: Company) -> None:
    """Moving a visit by hand and going back reckon with the plan's own times, whatever is learned or switched since."""
    _learn(company)
    made = plan_company(company.database, company.tenant_id)
    learned = _day_plan(company, made)
    with company.database.bound(company.tenant_id) as session:
        set_uses_learned(session, uses_learned=False, by=OPERATOR, now=NOW)
        keep_stays(session, W1, SITE, took_s=[5_000.0] * 20, last=YESTERDAY - timedelta(days=10))
        learn_times(session, by=OPERATOR, now=NOW)

    moved = move_visit(
        lambda: company.database.bound(company.tenant_id),
        made,
        JobId("S003"),
        worker_id=W1,
        number=None,
        router_of=lambda _: StraightRouter(),
        by=OPERATOR,
        now=NOW,
    )
    with company.database.bound(company.tenant_id) as session:
        restored = restore_plan(session, made, instead_of=moved.id, by=OPERATOR, now=NOW)

    for plan_id in (moved.id, restored.id):
        plan = _day_plan(company, plan_id)
        assert plan.learned == learned.learned
        assert _served_s(plan) == _served_s(learned)


def test_only_believed_visits_tell(company: Company) -> None:
    """Contradicted and insufficient ones tell nothing until a person accepts them, and rejected ones nothing more."""
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, W1, SITE, took_s=LONG_S, last=YESTERDAY, verdict=Verdict.INSUFFICIENT)
        doubtful = look_back(session, by=OPERATOR, now=NOW)
        _decide(session, DecisionKind.ACCEPTED)
        accepted = look_back(session, by=OPERATOR, now=NOW)
        _decide(session, DecisionKind.REJECTED, NOW + timedelta(minutes=1))
        rejected = look_back(session, by=OPERATOR, now=NOW)

    assert [SITE in one.times.services for one in (doubtful, accepted, rejected)] == [False, True, False]
    assert accepted.times.services[SITE].visit_count == 1


def test_an_ambiguous_stay_tells_of_no_site(company: Company) -> None:
    """Where nobody knows at which of two sites somebody was, neither is learned of."""
    with company.database.bound(company.tenant_id) as session:
        either = tuple(Candidate(site_id=SiteId(one), share=0.5) for one in ("S001", "S002"))
        visit = stay_at(W1, SITE, YESTERDAY.date(), stayed(YESTERDAY, 2_040.0), candidates=either)
        replace_day(session, W1, YESTERDAY.date(), [visit], rules="1", now=YESTERDAY)
        learned = look_back(session, by=OPERATOR, now=NOW)

    assert SITE not in learned.times.services


@pytest.mark.parametrize("uses_learned", [True, False])
def test_a_day_is_replanned_with_the_times_of_its_plan(company: Company, uses_learned: bool) -> None:  # noqa: FBT001
    """Whatever the company has set since: who replans from now is not given other times than the plan was made with."""
    _learn(company)
    with company.database.bound(company.tenant_id) as session:
        request_id = planning.request_plan(session, SCOPE, QUICK, uses_learned=uses_learned, by=OPERATOR, now=NOW)
    work_off(company.database, company.tenant_id, request_id)
    with company.database.bound(company.tenant_id) as session:
        made = planning.get_planned(session, request_id, by=OPERATOR)
        set_uses_learned(session, uses_learned=not uses_learned, by=OPERATOR, now=NOW)
        again = request_replan(session, made.id, stops={}, reach=Reach.WHOLE_DAY, budget=QUICK, by=OPERATOR, now=NOW)
    work_off(company.database, company.tenant_id, again)

    with company.database.bound(company.tenant_id) as session:
        replanned = planning.get_planned(session, again, by=OPERATOR).day_plan
    assert replanned.learned == made.day_plan.learned
    assert (replanned.learned is not None) is uses_learned
    assert _served_s(replanned) == _served_s(made.day_plan)


def _decide(session: Session, kind: DecisionKind, now: datetime = NOW) -> None:
    (kept,) = list_day(session, YESTERDAY.date(), team_ids=None)
    decide_visit(session, kept.visit.id, kind, by=OPERATOR, now=now, note="seen")


def test_looking_back_keeps_nothing(company: Company) -> None:
    """A dry run says what would be learned, and the next plan is as before."""
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, W1, SITE, took_s=LONG_S, last=YESTERDAY)
        before = find_learning(session)
        told = look_back(session, by=OPERATOR, now=NOW)
        kept = find_learning(session)

    assert told.times.services[SITE].visit_count == 9
    assert kept == before


def test_what_is_kept_is_what_was_learned(company: Company) -> None:
    """Times, hours, errors and the span of days come back from the database as they were."""
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, W1, SITE, took_s=LONG_S, last=YESTERDAY)
        learned = learn_times(session, by=OPERATOR, now=NOW)
        assert find_learning(session) == learned

    assert learned.times.services[SITE].hours
    assert learned.before == NOW.date()


def test_travel_is_learned_from_ways_that_were_gone_as_planned(company: Company) -> None:
    """The plan's second stop is reached in 1.5 times the matrix's time, and leaves no break: one way, a factor above 1.

    A plan made with a factor is not learned from as if the matrix had said so.
    """
    with company.database.bound(company.tenant_id) as session:
        legs = _legs(session)
        leg = next(one for one in legs if not one.has_break and one.matrix_s >= 200)
        _go(session, leg.worker_id, [leg.from_job_id, leg.to_job_id], took_s=1.5 * leg.matrix_s)
        learned = learn_times(session, by=OPERATOR, now=NOW + timedelta(days=3))
    slower = _day_plan(company, plan_company(company.database, company.tenant_id))
    with company.database.bound(company.tenant_id) as session:
        made = store.find_plan_id(session, SCOPE)
        assert made is not None
        planning.publish_plan(session, made, instead_of=company.plan_id, by=OPERATOR, now=NOW)
        again = _legs(session)

    travel = learned.times.travel
    assert travel is not None
    assert (travel.leg_count, 1.0 < travel.factor < 1.5) == (1, True)
    assert slower.learned is not None
    assert slower.learned.travel is not None
    assert slower.learned.travel.factor == travel.factor
    by_ends = {(one.from_job_id, one.to_job_id): one.matrix_s for one in legs}
    same = [(one.matrix_s, by_ends[ends]) for one in again if (ends := (one.from_job_id, one.to_job_id)) in by_ends]
    assert same
    assert all(abs(found - matrix) <= 1.0 for found, matrix in same)


def test_ways_planned_by_other_hours_than_today_s_tell_nothing_of_travel(company: Company) -> None:
    """What made up for a rush hour that nobody stated would count twice once it is; said no more, it counts again."""
    with company.database.bound(company.tenant_id) as session:
        before = _legs(session)
        set_speeds(session, {"bicycle": HALF}, by=OPERATOR, now=NOW)
        others = _legs(session)
        set_speeds(session, {"car": HALF}, by=OPERATOR, now=NOW)
        stated = _legs(session)
    _publish_next(company)
    with company.database.bound(company.tenant_id) as session:
        with_it = _legs(session)
        set_speeds(session, {}, by=OPERATOR, now=NOW)
        unsaid = _legs(session)

    assert before
    assert others == before
    assert (stated, unsaid) == ((), ())
    took_s = {(one.from_job_id, one.to_job_id): one.matrix_s for one in before}
    same = [one for one in with_it if (one.from_job_id, one.to_job_id) in took_s]
    assert same
    assert all(one.matrix_s == pytest.approx(2 * took_s[one.from_job_id, one.to_job_id], abs=2) for one in same)


def test_of_who_does_not_drive_no_travel_is_learned(company: Company) -> None:
    """Whoever rides a bicycle is not held up like a car: ways that told something by car are left out."""
    with company.database.bound(company.tenant_id) as session:
        driven = {one.worker_id for one in _legs(session)}
        rider = next(one for one in list_workers(session) if one.id == min(driven))
        riding = replace(rider, mode=TravelMode.BICYCLE)
        import_workers(session, [riding], source=RowSource(file="workers.csv"), by=OPERATOR, now=NOW)
    _publish_next(company)

    with company.database.bound(company.tenant_id) as session:
        visits = store.list_ordered_visits(session, SERVICE_ON, sorted(driven))
        legs = _legs(session)

    assert len(visits[rider.id]) > 1
    assert rider.id not in {one.worker_id for one in legs}


def _legs(session: Session) -> tuple[PlannedLeg, ...]:
    return list_planned_legs(session, since=SERVICE_ON, before=SERVICE_ON + timedelta(days=1))


def _publish_next(company: Company) -> None:
    made = plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, made, instead_of=company.plan_id, by=OPERATOR, now=NOW)


def _go(session: Session, worker_id: WorkerId, job_ids: Sequence[JobId], *, took_s: float) -> None:
    """Have a worker visit two stops of the published plan one after the other."""
    at, visits = datetime(2026, 11, 25, 2, 0, tzinfo=UTC), []
    ordered = {one.visit.job_id: one for one in store.list_ordered_visits(session, SERVICE_ON, [worker_id])[worker_id]}
    for job_id in job_ids:
        one = ordered[job_id]
        stop = PlannedStop(
            number=one.number,
            job_id=job_id,
            site_id=one.site.id,
            arrival_at=one.visit.arrival_at,
            start_at=one.visit.start_at,
            end_at=one.visit.end_at,
        )
        visits.append(stay_at(worker_id, one.site.id, SERVICE_ON, stayed(at, 1_200.0), stop=stop))
        at += timedelta(seconds=1_200.0 + took_s)
    replace_day(session, worker_id, SERVICE_ON, visits, rules="1", now=at)


def test_no_company_learns_of_another(two_companies: tuple[Company, Company]) -> None:
    """Both have a site S001 and worker W1: what visits of the one tell is of the one alone."""
    alpha, beta = two_companies
    _learn(alpha)
    with beta.database.bound(beta.tenant_id) as session:
        learned = learn_times(session, by=OPERATOR, now=NOW)
    plans = [_day_plan(one, plan_company(one.database, one.tenant_id)) for one in (alpha, beta)]

    assert SITE not in learned.times.services
    assert [SITE in plan.learned.services for plan in plans if plan.learned is not None] == [True, False]


def test_every_company_is_learned_of_once_a_day(company: Company) -> None:
    """The chore learns when that was not done for twenty hours, and leaves it then; it is among the regular ones."""
    with company.database.bound(company.tenant_id) as session:
        keep_stays(session, W1, SITE, took_s=LONG_S, last=YESTERDAY)
    moments = [NOW + timedelta(days=2), NOW + timedelta(days=2, hours=5), NOW + timedelta(days=2, hours=21)]

    found = []
    for moment in moments:
        learn_of_each(company.database, now=moment)
        with company.database.bound(company.tenant_id) as session:
            learning = find_learning(session)
        found.append(None if learning is None else learning.learned_at)

    assert found == [moments[0], moments[0], moments[2]]
    assert len(regular_chores(company.database, None)) == 7  # type: ignore[arg-type]  # no chore is done
