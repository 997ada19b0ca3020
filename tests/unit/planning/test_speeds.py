"""What the hour of the day does to travel, by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.problems import MIDNIGHT, job_at, matrix_of, shift_at

from geo_engine.errors import InvalidInput
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.driving import drive_along, soonest_drive
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import Room, is_feasible
from geo_engine.planning.model import Job, Shift, ViolationKind
from geo_engine.planning.narrowing import narrowed, part_of
from geo_engine.planning.problem import BreakSlot, Problem, build_problem, places_of
from geo_engine.planning.rules import PlanRules
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.planning.search.scope import kernel_states
from geo_engine.planning.solver.nodes import states_exactly, travel_s
from geo_engine.planning.travel.speeds import HourlySpeeds, Speeds, least_s, mean_s, most_s

UTC_CLOCK = ZoneInfo("UTC")
W = WorkerId("w")


def hourly(zone: ZoneInfo = UTC_CLOCK, **percents: int) -> HourlySpeeds:
    """Return full speed but for some hours, such as ``h9=50``."""
    return HourlySpeeds(percents=tuple(percents.get(f"h{hour}", 100) for hour in range(24)), zone=zone)


def speeds(given: HourlySpeeds, origin_at: datetime = MIDNIGHT) -> Speeds:
    """Return the speeds of a day."""
    found = given.since(origin_at, 86_400)
    assert found is not None
    return found


def on_line(jobs: tuple[Job, ...], shift: Shift, given: HourlySpeeds, mode: str = "car") -> Problem:
    """Return a problem on a line, a minute at full speed between neighbours."""
    east = np.array([round(position.lon / 0.001) for position in places_of(jobs, [shift])])
    rules = PlanRules(speeds={mode: given})
    return build_problem(jobs, [shift], matrix_of(np.abs(east[:, None] - east[None, :])), rules)


def judged(problem: Problem, *ids: str) -> Evaluation:
    """Judge one worker's order."""
    return evaluate(problem, {W: [JobId(one) for one in ids]})


def clock(problem: Problem, minutes: float) -> int:
    """Return minutes after midnight as seconds since the origin."""
    return round((MIDNIGHT + timedelta(minutes=minutes) - problem.origin_at).total_seconds())


def minutes_of(moment: datetime) -> float:
    """Return minutes after midnight."""
    return (moment - MIDNIGHT).total_seconds() / 60


def test_a_leg_takes_the_time_to_get_through_the_hours_it_meets() -> None:
    """Of 30 min begun at 8:45 a half is done by 9:00; the other takes twice as long at half speed."""
    half = speeds(hourly(h9=50))

    assert half.arrives_s(8 * 3600 + 2700, 1800) == 9 * 3600 + 1800
    assert half.leaves_by_s(9 * 3600 + 1800, 1800) == 8 * 3600 + 2700
    assert half.arrives_s(9 * 3600 + 3540, 61) == 10 * 3600 + 31


def test_a_part_of_a_second_is_rounded_up_at_the_end_alone() -> None:
    """A leg of 10 s at 30 per cent takes 34 s, however many hours it crosses before."""
    slow = speeds(hourly(h9=30))

    assert slow.arrives_s(9 * 3600, 10) == 9 * 3600 + 34
    assert slow.leaves_by_s(9 * 3600 + 34, 10) == 9 * 3600
    assert slow.leaves_by_s(9 * 3600 + 33, 10) == 9 * 3600 - 1


def test_hours_are_those_of_the_zone_s_clock() -> None:
    """In Kathmandu, 5:45 ahead, the hour from 9:00 begins at 3:15; where clocks go on an hour, one is missing."""
    there = speeds(hourly(ZoneInfo("Asia/Kathmandu"), h9=50))
    spring = speeds(hourly(ZoneInfo("America/New_York"), h2=50, h3=25), datetime(2026, 3, 8, 6, 0, 7, tzinfo=UTC))

    assert there.arrives_s(3 * 3600, 1800) == 3 * 3600 + 900 + 1800
    assert spring.arrives_s(0, 3600 - 7 + 60) == 3600 - 7 + 240


def test_full_speed_at_all_hours_is_no_profile() -> None:
    """A problem whose per cents are all 100 is as one without."""
    problem = on_line((job_at("a", 10),), shift_at(), hourly())

    assert problem.speeds == ()
    assert build_arrays(problem).asks == 0


def test_arrivals_departure_and_cost_follow_the_hour() -> None:
    """20 min at half speed take 40: one leaves at 9:20 to begin at 10:00, and pays for the seconds added."""
    problem = on_line((job_at("a", 20, (600, 600)),), shift_at((540, 1020)), hourly(h9=50))

    found = judged(problem, "a")

    assert not found.violations
    assert [minutes_of(found.routes[0].start_at), minutes_of(found.routes[0].end_at)] == [560, 620]
    assert found.travel_s == 3600
    assert (found.cost_travel, found.cost_traffic) == (40 * 60, 20 * 60)
    assert found.routes[0].planned_visits[0].travel_s == 2400


def test_a_window_the_slow_hour_makes_one_miss_is_a_violation() -> None:
    """At 9:35 one is 40 min from where full speed would be in time for: evaluator and kernel both refuse it."""
    jobs = (job_at("a", 20, (560, 575)),)
    slow, full = (on_line(jobs, shift_at((540, 1020)), given) for given in (hourly(h9=50), hourly()))

    found = judged(slow, "a")

    assert [(one.kind, one.excess) for one in found.violations] == [(ViolationKind.WINDOW, 300)]
    assert not judged(full, "a").violations
    assert not is_feasible(slow, 0, [0])
    assert improve(build_arrays(slow), {}, seed=1, effort=Effort(iterations=50))[1] == {}
    assert improve(build_arrays(full), {}, seed=1, effort=Effort(iterations=50))[1] == {0: [0]}


def test_a_limit_of_driving_counts_the_seconds_on_the_way() -> None:
    """60 min of driving are kept at full speed, not when the way there takes twice as long."""
    jobs, shift = (job_at("a", 20, (600, 600)),), shift_at((540, 1020), max_driving_s=3000)
    slow, full = (on_line(jobs, shift, given) for given in (hourly(h9=50), hourly()))

    found = judged(slow, "a")

    assert [(one.kind, one.excess) for one in found.violations] == [(ViolationKind.MAX_DRIVING, 600)]
    assert not is_feasible(slow, 0, [0])
    assert is_feasible(full, 0, [0])
    assert improve(build_arrays(slow), {}, seed=1, effort=Effort(iterations=50))[1] == {}


def test_a_break_interrupts_travel_and_the_rest_goes_on_at_the_later_speed() -> None:
    """Leaving at 9:30 for 60 min of which 30 are done by the break; after it, at half speed, 60 more."""
    jobs, shift = (job_at("a", 60, (0, 690)),), shift_at((570, 1020), (30, 600, 600), end=None)
    problem = on_line(jobs, shift, hourly(h10=50, h11=50))

    found = judged(problem, "a")

    assert not found.violations
    assert [minutes_of(one.start_at) for one in found.routes[0].breaks] == [600]
    assert minutes_of(found.routes[0].planned_visits[0].arrival_at) == 690
    assert found.travel_s == 90 * 60


def test_a_break_is_taken_where_it_costs_the_least_time() -> None:
    """Resting through the slow hour is sooner than driving through it, arriving first sooner where speed falls."""
    waits = on_line((job_at("a", 40),), shift_at((530, 1020), (60, 540, 600), end=None), hourly(h9=10))
    later = job_at("a", 40, (640, 660))
    hurries = on_line((later,), shift_at((530, 1020), (60, 540, 600), end=None), hourly(h10=10))

    rested, arrived = judged(waits, "a").routes[0], judged(hurries, "a").routes[0]

    assert minutes_of(rested.breaks[0].start_at) == 540
    assert minutes_of(rested.planned_visits[0].start_at) == 630
    assert minutes_of(arrived.planned_visits[0].arrival_at) == minutes_of(arrived.breaks[0].start_at) == 580
    assert arrived.travel_s == 2400


def test_only_the_modes_that_are_named_follow_the_hour() -> None:
    """Bicycles have the matrix's speed where cars alone are slow."""
    jobs, bicycle = (job_at("a", 20, (600, 600)),), replace(shift_at((540, 1020)), mode="bicycle")
    matrix = matrix_of([[0, 20], [20, 0]])
    rules = PlanRules(speeds={"car": hourly(h9=50)})

    problem = build_problem(jobs, [bicycle], {"bicycle": matrix}, rules)

    assert judged(problem, "a").travel_s == 2400
    assert problem.speeds == ()


def test_a_part_of_a_problem_keeps_its_speeds() -> None:
    """Narrowed to one shift of the second class, the hours are still those of that class."""
    jobs = (job_at("a", 20, (600, 600)), job_at("b", 5))
    shifts = [replace(shift_at(worker="v"), mode="bicycle"), shift_at((540, 1020))]
    east = np.array([round(position.lon / 0.001) for position in places_of(jobs, shifts)])
    matrix = matrix_of(np.abs(east[:, None] - east[None, :]))
    rules = PlanRules(speeds={"car": hourly(h9=50)})
    problem = build_problem(jobs, shifts, {"car": matrix, "bicycle": matrix}, rules)

    part = narrowed(problem, 1, [0])

    assert judged(part, "a").travel_s == judged(problem, "a").travel_s == 3600


def test_the_model_hands_the_hours_over_and_is_stricter_itself() -> None:
    """It has each leg at the slowest hour's speed, so its plans can be kept; prices and more is the kernel's."""
    problem = on_line((job_at("a", 20, (600, 600)),), shift_at((540, 1020)), hourly(h9=50, h10=130))

    assert kernel_states(problem)
    assert not states_exactly(problem)
    assert travel_s(problem)[0][0, 1] == 2400


@pytest.mark.parametrize("percents", [(100,) * 23, (9,) * 24, (301,) * 24])
def test_a_profile_that_is_none_is_refused(percents: tuple[int, ...]) -> None:
    """There are 24 hours, none without any speed, none faster than three times the matrix's."""
    with pytest.raises(InvalidInput, match=r"Speeds of car: (give 24|\d+ per cent at 0:00–24:00)"):
        on_line((job_at("a", 20),), shift_at(), HourlySpeeds(percents=percents, zone=UTC_CLOCK))


def test_what_legs_take_at_the_fastest_hour_is_worked_out_once_for_all_routes() -> None:
    """A half of the time at double speed, shared by whoever looks for room; nothing else where no hour is faster."""
    shift = shift_at()
    fast, slow = (on_line((job_at("a", 10),), shift, hourly(h7=percent)) for percent in (200, 50))

    assert fast.least_travel_s[0][1, 0] == fast.durations_s[0][1, 0] // 2
    assert Room(fast, 0, [])._travel_s is Room(fast, 0, [0])._travel_s is fast.least_travel_s[0]  # noqa: SLF001
    assert slow.least_travel_s[0] is slow.durations_s[0]


def test_means_and_bounds_are_those_of_the_plan_s_own_time() -> None:
    """A plan of one hour at half speed takes twice as long in the mean and at most, whatever the hours after it say."""
    found = hourly(h0=50, h5=10, h6=200).since(MIDNIGHT, 3_599)

    legs_s = np.array([600, -1])

    assert found is not None
    assert mean_s(legs_s, found).tolist() == [1_200, -1]
    assert most_s(legs_s, found).tolist() == [1_200, -1]
    assert least_s(legs_s, found).tolist() == [300, -1]


def test_of_ways_that_end_equally_soon_the_one_that_drives_least_is_gone() -> None:
    """The second break begins at 11:00 anyhow: who rests first, while it is slow, drives 45 min and not an hour."""
    slots = [BreakSlot(duration_s=1_800, earliest_s=earliest_s, latest_s=43_200) for earliest_s in (0, 39_600)]

    way = soonest_drive(speeds(hourly(h8=50)), slots, 28_800, 1_800)

    assert way is not None
    assert (way.ready_s, way.travel_s) == (41_400, 2_700)
    assert way.rests_s == ((28_800, 30_600), (39_600, 41_400))


def test_a_leg_that_ends_within_a_second_is_over_for_every_break_behind_it() -> None:
    """61 s at 70 per cent end in the 88th second; the two breaks after the arrival add nothing to the way."""
    slots = [BreakSlot(duration_s=600, earliest_s=0, latest_s=43_200)] * 2

    way = drive_along(speeds(hourly(h8=70)), slots, 28_800, 61, early_count=0)

    assert (way.arrival_s - 28_800, way.travel_s, way.ready_s - 28_800) == (88, 88, 88 + 1_200)


def test_a_part_whose_workers_follow_no_hour_has_no_hours() -> None:
    """Cars are slow at nine, and a walker is not: a territory of the walker's alone is searched as any other."""
    car, walker = shift_at(worker="w"), replace(shift_at(worker="v"), mode="foot")
    jobs = (job_at("a", 10), job_at("b", 12))
    east = np.array([round(position.lon / 0.001) for position in places_of(jobs, [car, walker])])
    matrix = matrix_of(np.abs(east[:, None] - east[None, :]))
    whole = build_problem(
        jobs, [car, walker], {"car": matrix, "foot": matrix}, PlanRules(speeds={"car": hourly(h9=50)})
    )

    driven, walked = (part_of(whole, [shift], [0, 1]) for shift in (0, 1))

    assert driven.speeds == whole.speeds[:1]
    assert walked.speeds == ()
    _, orders = improve(build_arrays(walked), {}, seed=1, effort=Effort(iterations=20))
    assert sorted(orders[0]) == [0, 1]
