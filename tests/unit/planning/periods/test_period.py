"""Periods planned on straight-line estimates: every rule kept, what is owed, what is missed and why."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from support.periods import MONDAY, MONTHLY, QUICK, WEEKLY, days_of, planned, request_of, site_at, worker_at

from geo_engine.errors import InvalidInput
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.periods.model import EarlierVisit, MadeVisit, MissedReason, PeriodPlan, PeriodRequest
from geo_engine.roads.straight import StraightRouter
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode


def _mixed(count: int = 24) -> PeriodRequest:
    """Sites of all levels on a lattice, two workers at its ends."""
    sites = [site_at(f"S{n:02d}", "ABCC"[n % 4], n % 6, n // 6) for n in range(count)]
    return request_of(sites, [worker_at("W1", 0, 0), worker_at("W2", 5, 3)])


@pytest.fixture(scope="module")
def mixed() -> tuple[PeriodRequest, PeriodPlan]:
    """Return a period with all levels, planned once."""
    request = _mixed()
    return request, planned(request)


def test_every_visit_is_planned_and_every_spacing_kept(mixed: tuple[PeriodRequest, PeriodPlan]) -> None:
    """Weekly, fortnightly and monthly sites get their visits, on workdays, as far apart as their rules say."""
    request, plan = mixed
    rule_of = {rule.level: rule for rule in request.rules}

    assert (plan.missed, plan.late, plan.unruled) == ((), (), ())
    for site in request.sites:
        days, rule = days_of(plan)[site.id], rule_of[site.level]
        assert len(days) == 4 // rule.weeks
        assert all(day % 7 < 5 for day in days)
        gaps = [after - before for before, after in pairwise(days)]
        assert all(rule.min_gap_days <= gap <= rule.max_gap_days for gap in gaps)


def test_the_same_request_gives_the_same_plan(mixed: tuple[PeriodRequest, PeriodPlan]) -> None:
    """With rounds instead of seconds nothing depends on the machine."""
    request, plan = mixed

    assert planned(request) == plan


def test_days_are_filled_evenly(mixed: tuple[PeriodRequest, PeriodPlan]) -> None:
    """48 visits on 40 days: one or two on each, and every day that is worked is told."""
    request, plan = mixed
    working_s = [one.working_s for one in plan.workloads]

    assert len(working_s) == len(request.workers) * 20
    assert {len(route.planned_visits) for day in plan.days for route in day.routes} == {1, 2}
    assert min(working_s) > 0


def test_the_forecast_adds_up(mixed: tuple[PeriodRequest, PeriodPlan]) -> None:
    """Due visits of all weeks are what the rules ask for, level by level."""
    due: Counter[str] = Counter()
    for one in mixed[1].coverage:
        due[one.level] += one.due_count

    assert due == {"A": 6 * 4, "B": 6 * 2, "C": 12}


def test_holidays_leave_and_closing_days_are_kept_free() -> None:
    """Nobody works on a holiday, W1 not on leave, and the site is not visited when it is closed."""
    holiday, closed = MONDAY + timedelta(days=1), frozenset({MONDAY + timedelta(days=2)})
    leave = frozenset({MONDAY, MONDAY + timedelta(days=4)})
    request = request_of(
        [site_at("S", "A")],
        [worker_at("W1")],
        holidays=frozenset({holiday}),
        days_off={WorkerId("W1"): leave},
        rules=(replace(WEEKLY, closed_on=closed),),
    )

    assert days_of(planned(request))["S"][0] == 3


def test_a_plan_goes_on_from_the_last_visit_made() -> None:
    """Spacing holds across the beginning of a period, and days that are past get no visit."""
    made = (MadeVisit(site_id=site_at("S", "A").id, visited_on=MONDAY + timedelta(days=3)),)
    today_on = MONDAY + timedelta(weeks=1)

    days = days_of(planned(request_of([site_at("S", "A")], made=made, today_on=today_on)))["S"]

    assert len(days) == 3
    assert 8 <= days[0] <= 12


def test_a_visit_that_failed_is_made_up_for() -> None:
    """What the first cycle lacks is due in the next one as well; the forecast tells where it was carried from."""
    made = (MadeVisit(site_id=site_at("S", "B").id, visited_on=MONDAY - timedelta(days=10)),)
    request = request_of([site_at("S", "B")], made=made, today_on=MONDAY + timedelta(weeks=2), week_count=6)

    plan = planned(request)

    assert [(one.week, one.carried_count) for one in plan.coverage if one.carried_count] == [(2, 1)]
    assert len(days_of(plan)["S"]) == 3
    assert [late.due_by for late in plan.late] == [MONDAY + timedelta(days=8)]


def test_what_nobody_can_do_is_missed_with_its_reason() -> None:
    """No skill, no way in time, no allowed day, no room: each is told apart."""
    skilled = site_at("skill", "C", skills=frozenset({"gas"}))
    far = site_at("far", "C", east=4000)
    barred = site_at("barred", "D")
    long = [site_at(f"long{n}", "A", service_s=8 * 3600) for n in range(6)]
    rules = (WEEKLY, MONTHLY, replace(MONTHLY, level="D", weekdays=frozenset({7})))

    plan = planned(request_of([skilled, far, barred, *long], rules=rules))

    reasons = {one.site_id[:4]: one.reason for one in plan.missed}
    assert reasons == {
        "skil": MissedReason.NO_WORKER,
        "far": MissedReason.OUT_OF_REACH,
        "barr": MissedReason.NO_DAY,
        "long": MissedReason.NO_ROOM,
    }
    assert sum(one.count for one in plan.missed if one.reason is MissedReason.NO_ROOM) == 4


def test_an_earlier_plan_of_more_weeks_counts_as_far_as_these_go() -> None:
    """Of eight weeks by two workers four are planned again: those visits stay, and none of the others has moved."""
    sites = [site_at("S", "A"), site_at("T", "A", 40)]
    workers = [worker_at("W1"), worker_at("W2", 40)]
    earlier = tuple(
        EarlierVisit(site_id=site.id, planned_on=MONDAY + timedelta(weeks=week), worker_id=worker.id)
        for site, worker in zip(sites, workers, strict=True)
        for week in range(8)
    )

    plan = planned(request_of(sites, workers, earlier=earlier))

    assert (plan.kept_count, plan.moved_count) == (8, 0)
    assert days_of(plan) == {"S": [0, 7, 14, 21], "T": [0, 7, 14, 21]}


def test_windows_and_limits_of_a_day_are_kept() -> None:
    """Sites that open for an hour are visited then, and no day has more visits than allowed."""
    morning = (ClockWindow(earliest_s=9 * 3600, latest_s=10 * 3600),)
    sites = [site_at(f"S{n}", "A", n, windows=morning) for n in range(6)]

    plan = planned(request_of(sites, [worker_at("W", max_visits=2)]))

    assert plan.missed == ()
    for day in plan.days:
        for route in day.routes:
            assert len(route.planned_visits) <= 2
            assert all(9 <= visit.start_at.hour + visit.start_at.minute / 60 <= 10 for visit in route.planned_visits)


def test_the_preferred_worker_goes_although_another_is_nearer() -> None:
    """A rule's worker is worth half an hour of travel."""
    request = request_of(
        [site_at("S", "C")],
        [worker_at("near"), worker_at("wished", 10)],
        rules=(replace(MONTHLY, worker_id=WorkerId("wished")),),
    )

    assert {route.worker_id for day in planned(request).days for route in day.routes} == {"wished"}


def test_what_was_planned_stays_where_it_can() -> None:
    """Rolled forward, the visits of the earlier plan are on the same days by the same workers, but for what failed."""
    request = _mixed(12)
    first = planned(request)
    earlier = tuple(
        EarlierVisit(site_id=SiteId(visit.job_id), planned_on=day.service_on, worker_id=route.worker_id)
        for day in first.days
        for route in day.routes
        for visit in route.planned_visits
    )
    today_on = MONDAY + timedelta(weeks=1)
    made = tuple(
        MadeVisit(site_id=visit.site_id, visited_on=visit.planned_on)
        for visit in earlier
        if visit.planned_on < today_on
    )

    again = planned(replace(request, earlier=earlier, made=made, today_on=today_on))

    assert again.kept_count >= 0.9 * sum(visit.planned_on >= today_on for visit in earlier)
    assert again.missed == ()


@pytest.mark.parametrize(
    "facts",
    [
        {"week_count": 0},
        {"week_count": 27},
        {"today_on": MONDAY - timedelta(days=1)},
        {"today_on": MONDAY + timedelta(weeks=4)},
        {"rules": (replace(WEEKLY, worker_id=WorkerId("nobody")),)},
    ],
)
def test_a_period_that_makes_no_sense_is_refused(facts: dict[str, object]) -> None:
    """Weeks that are none or too many, a today outside, a rule for nobody."""
    with pytest.raises(InvalidInput):
        planned(request_of([site_at("S", "A")], **facts))


def test_sites_at_one_place_are_visited_as_often_as_each_is_due() -> None:
    """Many customers of one building are as near to each other as to themselves; none is visited for another."""
    sites = [site_at(f"S{n}", "AC"[n % 2], n // 6) for n in range(12)]
    params = replace(QUICK, round_limit=300, evenness=5.0)
    request = request_of(sites, params=params)

    days = days_of(planned(request))

    assert {site.id: len(days[site.id]) for site in sites} == {site.id: 4 if site.level == "A" else 1 for site in sites}


def test_whoever_walks_gets_days_that_can_be_walked() -> None:
    """Each way takes what its worker's mode takes, and no day is fuller than the shift beside a driver's."""
    hours = ClockWindow(earliest_s=9 * 3600, latest_s=11 * 3600)
    sites = [site_at(f"S{n:02d}", "A", 10 * (n % 6), 10 * (n // 6), service_s=1200) for n in range(24)]
    driver = worker_at("W1", 0, 0, shift=hours)
    walker = worker_at("W2", 50, 20, shift=hours, mode=TravelMode.FOOT)
    request = request_of(sites, [driver, walker])

    plan = planned(request)

    assert {route.worker_id for day in plan.days for route in day.routes} == {"W1", "W2"}
    for day in plan.days:
        for route in day.routes:
            roads = StraightRouter().of_mode(TravelMode.FOOT if route.worker_id == "W2" else TravelMode.CAR)
            places = [route.start, *(visit.position for visit in route.planned_visits)]
            path = roads.path(places)
            asked_s = [visit.travel_s for visit in route.planned_visits]
            assert [math.ceil(exact) for exact in path.durations_s] == asked_s
            assert (route.end_at - datetime.combine(day.service_on, time(11), UTC)).total_seconds() <= 0
