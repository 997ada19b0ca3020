"""How a day becomes integers, what leaving a job out costs, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from support.problems import Line, at, job_at, matrix_of, place, shift_at

from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId
from geo_engine.planning.costs import travel_cost
from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import NO_PATH, build_problem, places_of
from geo_engine.roads import TravelMatrix


def test_seconds_are_rounded_up_and_metres_to_the_nearest() -> None:
    """A hair over a second is two, and half a metre either way decides the metre."""
    durations_s = np.array([[0.0, 60.0001], [59.0, 0.0]])
    distances_m = np.array([[0.0, 10.49], [10.51, 0.0]])
    matrix = TravelMatrix(durations_s=durations_s, distances_m=distances_m, is_estimate=False)

    problem = build_problem([job_at("a", 1)], [shift_at()], matrix)

    assert problem.travel_s(0).tolist() == [[0, 61], [59, 0]]
    assert problem.travel_m(0).tolist() == [[0, 10], [11, 0]]


@pytest.mark.parametrize("table", ["durations_s", "distances_m"])
def test_a_gap_in_either_table_is_no_path_in_both(table: str) -> None:
    """A cell without a duration has no distance either, and the other way round."""
    matrix = matrix_of([[0, 1], [1, 0]])
    holed = getattr(matrix, table).copy()
    holed[0, 1] = np.nan

    problem = build_problem([job_at("a", 1)], [shift_at()], replace(matrix, **{table: holed}))

    assert problem.travel_s(0)[0, 1] == problem.travel_m(0)[0, 1] == NO_PATH
    assert problem.leg_costs[0][0, 1] == 0


def test_places_are_the_jobs_and_then_every_depot_once() -> None:
    """Jobs at one place are each a place; a depot two shifts share is one."""
    jobs = (job_at("a", 1), job_at("b", 1))
    shifts = (shift_at(end=7), shift_at(worker="v"))

    assert places_of(jobs, shifts) == [place(1), place(1), place(0), place(7)]


def test_windows_that_touch_become_one_and_disorder_is_put_right() -> None:
    """Windows are sorted, and those with no second between them are merged."""
    job = job_at("a", 1, (700, 720), (540, 600), (600 + 1 / 60, 610), (605, 608))

    problem = Line(jobs=(job,), shifts=(shift_at(),)).problem()

    assert problem.windows == (((0, 70 * 60), (160 * 60, 180 * 60)),)


def test_times_count_from_the_first_shift() -> None:
    """The origin is the earliest start of any shift."""
    problem = Line(jobs=(), shifts=(shift_at((600, 700)), shift_at((540, 1020), worker="v"))).problem()

    assert problem.origin_at == at(540)
    assert problem.spans == ((3600, 9600), (0, 480 * 60))


def test_a_break_whose_window_closes_before_the_shift_is_left_out_and_one_before_it_is_cut() -> None:
    """Breaks begin within the shift: 480–539 is gone, 480–560 begins at 540."""
    problem = Line(jobs=(), shifts=(shift_at((540, 1020), (10, 480, 539), (10, 480, 560)),)).problem()

    assert [(slot.earliest_s, slot.latest_s) for slot in problem.breaks[0]] == [(0, 1200)]


def test_a_default_penalty_exceeds_what_all_routes_cost() -> None:
    """Three dear workers who each drive their whole shift cost less than leaving out one job of priority 0."""
    jobs = tuple(job_at(f"j{number}", 60) for number in range(8))
    prices = {"cost_fixed": 500.4, "cost_per_hour": 7200, "cost_per_km": 90}
    shifts = tuple(shift_at(worker=f"w{number}", end=60, **prices) for number in range(3))
    problem = Line(jobs=jobs, shifts=shifts).problem()
    # eight hours of driving at 500 m a minute, there and back
    dearest = 500 + 8 * 7200 + 240 * 90

    assert min(problem.penalties) > travel_cost(problem, 0, [0, 1]) * 3
    assert min(problem.penalties) > 3 * dearest


def test_a_higher_priority_is_dearer_and_a_required_job_dearest() -> None:
    """Priority 1 exceeds 0, and a required job exceeds all others together, whatever their penalties."""
    jobs = (
        job_at("p0", 1),
        job_at("p1", 2, priority=1),
        job_at("p100", 3, priority=100),
        job_at("dear", 4, penalty=10**9),
        job_at("must", 5, required=True),
        job_at("must, priced low", 6, required=True, penalty=1),
    )

    p0, p1, p100, dear, *must = Line(jobs=jobs, shifts=(shift_at(),)).problem().penalties

    assert p0 < p1 < p100
    assert dear == 10**9
    assert min(must) > p0 + p1 + p100 + dear


BAD = (
    ("given twice", (job_at("a", 1), job_at("a", 2)), (shift_at(),)),
    ("given twice", (), (shift_at(), shift_at())),
    ("between 0 and 100", (job_at("a", 1, priority=101),), (shift_at(),)),
    ("between 0 and 100", (job_at("a", 1, priority=-1),), (shift_at(),)),
    ("must not be negative", (job_at("a", 1, service_min=-1),), (shift_at(),)),
    ("must not be negative", (job_at("a", 1, penalty=-1),), (shift_at(),)),
    ("must not be negative", (job_at("a", 1, amounts=(1, -1)),), (shift_at(),)),
    ("break is longer than the shift", (), (shift_at((540, 570), (31, 540, 570)),)),
    ("costs must not be negative", (), (shift_at(cost_per_km=-0.1),)),
    ("speed factor must be positive", (), (shift_at(speed_factor=0.0),)),
)


@pytest.mark.parametrize(("said", "jobs", "shifts"), BAD)
def test_numbers_out_of_range_are_refused(said: str, jobs: tuple[Job, ...], shifts: tuple[Shift, ...]) -> None:
    """Each is refused in words that say why."""
    with pytest.raises(InvalidInput, match=said):
        Line(jobs=jobs, shifts=shifts).problem()


def test_a_break_as_long_as_its_shift_is_accepted() -> None:
    """Exactly as long is not longer."""
    problem = Line(jobs=(), shifts=(shift_at((540, 570), (30, 540, 570)),)).problem()

    assert problem.breaks[0][0].duration_s == 1800


def test_who_may_do_a_job_has_its_skills_and_is_neither_barred_nor_passed_over() -> None:
    """All of a job's skills are needed, its workers if any are named, and none of the forbidden."""
    w, v = WorkerId("w"), WorkerId("v")
    jobs = (
        job_at("any", 1),
        job_at("skilled", 1, skills=frozenset({"gas", "power"})),
        job_at("kept", 1, worker_ids=frozenset({v})),
        job_at("barred", 1, forbidden_worker_ids=frozenset({w})),
        job_at("nobody", 1, worker_ids=frozenset({v}), forbidden_worker_ids=frozenset({v})),
    )
    shifts = (shift_at(skills=frozenset({"gas", "power", "x"})), shift_at(worker="v", skills=frozenset({"gas"})))

    allowed = Line(jobs=jobs, shifts=shifts).problem().allowed

    assert [sorted(one) for one in allowed] == [[0, 1], [0], [1], [1], []]


def test_each_mode_has_its_own_travel_and_speed_shortens_time_alone() -> None:
    """A bicycle takes its own matrix; at 1.1 a car's 66 s are 60 and its 67 s, rounded up, 61; metres stay."""
    jobs = (job_at("a", 1),)
    shifts = (
        shift_at(),
        shift_at(worker="fast", speed_factor=1.1),
        shift_at(worker="bicycle", mode="bicycle"),
        shift_at(worker="like the first"),
    )
    by_mode = {"car": matrix_of([[0, 1.1], [67 / 60, 0]]), "bicycle": matrix_of([[0, 3], [4, 0]])}

    problem = build_problem(jobs, shifts, by_mode)

    assert problem.travel_class == (0, 1, 2, 0)
    assert [problem.travel_s(index)[0, 1] for index in range(4)] == [66, 60, 180, 66]
    assert [problem.travel_s(index)[1, 0] for index in range(4)] == [67, 61, 240, 67]
    assert problem.travel_m(0).tolist() == problem.travel_m(1).tolist()
    assert problem.leg_costs[0] is problem.leg_costs[3]
    assert [costs[0, 1] for costs in problem.leg_costs] == [66, 60, 180, 66]


def test_a_mode_without_travel_times_is_refused_by_name() -> None:
    """Nobody is silently sent by car."""
    with pytest.raises(InvalidInput, match="travel mode foot"):
        Line(jobs=(job_at("a", 1),), shifts=(shift_at(mode="foot"),)).problem()


@pytest.mark.parametrize("cost_per_km", [10_000, 10_000.0])
def test_a_whole_price_costs_as_much_as_one_with_a_point(cost_per_km: float) -> None:
    """300 km at 10,000 a kilometre are 3 million, whichever way the price was written: no 32-bit number overflows."""
    shift = replace(shift_at(), cost_per_hour=0, cost_per_km=cost_per_km)
    away = np.array([[0.0, 1.0], [1.0, 0.0]])
    matrix = TravelMatrix(durations_s=10_000.0 * away, distances_m=300_000.0 * away, is_estimate=False)

    problem = build_problem([job_at("a", 1)], [shift], matrix)

    assert problem.leg_costs[0][0, 1] == 3_000_000


@pytest.mark.parametrize(("seconds", "bits"), [(2**30 - 2, 32), (2**30, 64)])
def test_travel_is_kept_in_32_bits_while_the_sum_of_two_legs_fits_them(seconds: int, bits: int) -> None:
    """Beyond, seconds and costs take 64; either way two legs add up to what they are."""
    away = np.array([[0.0, 1.0], [1.0, 0.0]])
    matrix = TravelMatrix(durations_s=seconds * away, distances_m=away, is_estimate=False)

    problem = build_problem([job_at("a", 1)], [shift_at()], matrix)

    there_s, back_s = problem.durations_s[0][0, 1], problem.durations_s[0][1, 0]
    assert problem.durations_s[0].dtype.itemsize * 8 == bits
    assert there_s + back_s == 2 * seconds
    assert problem.leg_costs[0][0, 1] == seconds
