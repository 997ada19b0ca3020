"""Days of a period take as long as the same days planned by themselves: by the hour, and as was learned."""

from dataclasses import replace

import pytest
from support.periods import MONDAY, QUICK, WEEKLY, days_of, planned, request_of, site_at, worker_at

from geo_engine.ids import SiteId
from geo_engine.planning.day import DayRequest, build_day
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.periods.day_routes import day_request, route_day
from geo_engine.planning.periods.model import MissedReason, PeriodPlan, PeriodRequest
from geo_engine.planning.periods.patterns import NEVER
from geo_engine.planning.periods.period import working_seconds
from geo_engine.planning.periods.tours import Tours
from geo_engine.planning.periods.ways import find_travel
from geo_engine.planning.travel.learned import LearnedTimes, LearnedTravel
from geo_engine.roads.straight import StraightRouter
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce import BreakRule

RUSH = {"car": tuple({8: 40, 9: 30, 17: 50}.get(hour, 100) for hour in range(24)), "bicycle": (120,) * 24}
SLOWER = LearnedTimes(travel=LearnedTravel(factor=1.4, leg_count=9))
LUNCH = BreakRule(duration_s=2700, window=ClockWindow(earliest_s=11 * 3600, latest_s=13 * 3600))


def _busy(seed: int) -> PeriodRequest:
    """Sites far apart, some with windows, for one who drives, with a break, and one who rides."""
    morning = (ClockWindow(earliest_s=9 * 3600, latest_s=11 * 3600),)
    sites = [
        site_at(f"S{n:02d}", "AABC"[n % 4], 25 * (n % 5), 18 * (n // 5), windows=morning if n % 3 == seed % 3 else ())
        for n in range(20)
    ]
    driver = worker_at("W1", 0, 0, breaks=(LUNCH,), max_driving_s=7200)
    rider = worker_at("W2", 100, 60, mode=TravelMode.BICYCLE)
    params = replace(QUICK, seed=seed, route_limit_s=0.0)
    return request_of(sites, [driver, rider], speeds=RUSH, learned=SLOWER, params=params)


def _judged(request: PeriodRequest, plan: PeriodPlan) -> None:
    """Claim that each day's routes are those of the same orders in that day's own plan, and break no rule there."""
    by_id = {site.id: site for site in request.sites}
    for day in plan.days:
        orders = {route.worker_id: [visit.job_id for visit in route.planned_visits] for route in day.routes}
        alone = DayRequest(
            service_on=day.service_on,
            zone=request.zone,
            sites=tuple(
                replace(by_id[SiteId(job_id)], worker_ids=frozenset({worker_id}))
                for worker_id, order in orders.items()
                for job_id in order
            ),
            workers=request.workers,
            learned=request.learned,
            speeds=request.speeds,
        )
        problem, _ = build_day(alone, StraightRouter())
        judged = evaluate(problem, orders)
        assert judged.routes == day.routes
        assert judged.violations == ()


@pytest.mark.parametrize("seed", range(3))
def test_days_are_timed_as_days_are_planned(seed: int) -> None:
    """By the hour, as fast as was learned, by each worker's own mode; and what was searched for keeps every rule."""
    request = _busy(seed)

    plan = planned(request)

    assert plan.visit_count > 40
    assert (plan.speeds, plan.learned) == (RUSH, SLOWER)
    _judged(request, plan)


def test_the_solver_makes_a_bad_order_better_on_the_same_day() -> None:
    """Visits there and back again are put in a better order, and timed by the day's hours."""
    request = request_of([site_at(f"S{n}", "C", 40 * n) for n in range(6)], speeds=RUSH, learned=SLOWER)
    day = day_request(request, MONDAY, request.sites)
    problem = find_travel(day, StraightRouter()).problem(day)
    worker_id, jobs = problem.shifts[0].worker_id, [job.id for job in problem.jobs]
    zigzag = {worker_id: [jobs[n] for n in (0, 5, 1, 4, 2, 3)]}

    given, solved = (route_day(problem, zigzag, limit_s=limit_s) for limit_s in (0.0, 0.5))

    (route,) = solved.routes
    found = {worker_id: [visit.job_id for visit in route.planned_visits]}
    assert given == evaluate(problem, zigzag)
    assert solved.cost < given.cost
    assert solved == evaluate(build_day(day, StraightRouter())[0], found)


def test_what_is_out_of_reach_at_the_hours_there_are_is_missed() -> None:
    """A way there that fits at full speed does not at a tenth of it; nobody is sent off to be late."""
    site = site_at("far", "A", east=500)
    slow = {"car": (10,) * 24}

    usual, by_hour = planned(request_of([site])), planned(request_of([site], speeds=slow))

    assert (len(days_of(usual)["far"]), usual.missed) == (4, ())
    assert {one.reason for one in by_hour.missed} == {MissedReason.OUT_OF_REACH}


def test_a_day_is_no_fuller_than_its_hours_allow() -> None:
    """Both visits would fit by the mean of all hours, but one drives home when it is slow: one of them is missed."""
    shift = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    worker, at = worker_at("W", shift=shift), site_at("far", "A", east=300)
    (leg_s,) = StraightRouter().matrix([worker.start, at.position]).durations_s[0, 1:]
    spare_s = 1500  # beyond full speed: the mean of all hours takes a ninth more of it, the last hour half an hour
    service_s = round((9 * 3600 - 2 * leg_s - spare_s) / 2)
    sites = [replace(at, id=SiteId(name), service_s=service_s) for name in ("one", "two")]
    monday = (replace(WEEKLY, weekdays=frozenset({1})),)
    request = request_of(sites, [worker], rules=monday, week_count=1)
    by_hour = replace(request, speeds={"car": tuple(50 if hour == 16 else 100 for hour in range(24))})

    usual, slow = planned(request), planned(by_hour)

    assert (2400 < leg_s < 6000, usual.missed) == (True, ())
    assert [one.reason for one in slow.missed] == [MissedReason.NO_ROOM]
    assert slow.visit_count == 1
    _judged(by_hour, slow)


def test_nobody_drives_longer_than_allowed_at_the_hours_there_are() -> None:
    """East and west on one day are within the limit at full speed; at half of it only one of them is."""
    east, west = site_at("east", "A", east=100), site_at("west", "A", east=-100)
    (leg_s,) = StraightRouter().matrix([worker_at("W").start, east.position]).durations_s[0, 1:]
    worker, monday = worker_at("W", max_driving_s=round(5 * leg_s)), (replace(WEEKLY, weekdays=frozenset({1})),)
    request = request_of([east, west], [worker], rules=monday, week_count=1)
    by_hour = replace(request, speeds={"car": (50,) * 24})

    usual, slow = planned(request), planned(by_hour)

    assert (usual.visit_count, slow.visit_count) == (2, 1)
    _judged(by_hour, slow)


def test_a_day_that_avoids_the_slow_hour_is_not_taken_for_too_long() -> None:
    """By the mean of all hours the ways and the visit are longer than the shift; from nine on they fit."""
    worker = worker_at("W", shift=ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600))
    at = site_at("S", "A", east=400)
    (leg_s,) = StraightRouter().matrix([worker.start, at.position]).durations_s[0, 1:]
    site = replace(at, service_s=round(8 * 3600 - 2 * leg_s - 60))
    request = request_of([site], [worker], speeds={"car": tuple(20 if hour == 8 else 100 for hour in range(24))})
    day = day_request(request, MONDAY, request.sites)
    tours = Tours(find_travel(day, StraightRouter()).problem(day), [[True]], QUICK)

    (cost,) = tours.day_costs(0, 0, [0])

    assert leg_s * 4 / 9 * 2 > 3600  # what the mean adds, one of nine hours being a fifth as fast, is more than an hour
    assert tours.insert(0, 0, 0)
    assert cost < NEVER


def test_days_are_searched_with_what_ways_usually_take() -> None:
    """Where all hours are alike that is to the second what the day takes: working time is spread by it."""
    request = request_of([site_at("S", "A", east=80)], speeds={"car": (40,) * 24}, learned=SLOWER)
    day = day_request(request, MONDAY, request.sites)
    tours = Tours(find_travel(day, StraightRouter()).problem(day), [[True]], QUICK)

    assert tours.insert(0, 0, 0)

    (route,) = planned(request).days[0].routes
    assert (tours.routes[0].travel_s, tours.routes[0].working_s) == (route.travel_s, working_seconds(route))
