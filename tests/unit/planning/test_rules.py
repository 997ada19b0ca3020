"""What a problem can state beside windows, skills and limits, each judged as by hand and each broken once.

Places lie on a line, a minute and 500 m apart; shifts are 540–1020 from place 0 back to it unless said otherwise.
"""

from datetime import datetime

import pytest
from support.problems import MIDNIGHT, Line, job_at, matrix_of, shift_at

from geo_engine.errors import InvalidInput
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.model import Job, Shift, ViolationKind
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import PlanRules

W, V = WorkerId("w"), WorkerId("v")


def _judged(problem: Problem, **orders: str) -> Evaluation:
    """Judge orders given as one string of single-letter jobs per worker."""
    return evaluate(problem, {WorkerId(worker): [JobId(job) for job in order] for worker, order in orders.items()})


def _ruled(jobs: tuple[Job, ...], shifts: tuple[Shift, ...], rules: PlanRules) -> Problem:
    east = [round(position.lon / 0.001) for position in places_of(jobs, shifts)]
    return build_problem(jobs, shifts, matrix_of([[abs(a - b) for b in east] for a in east]), rules)


def _min(moment: datetime) -> float:
    return (moment - MIDNIGHT).total_seconds() / 60


def _times(judged: Evaluation) -> list[tuple[float, float]]:
    return [(_min(visit.start_at), _min(visit.end_at)) for route in judged.routes for visit in route.planned_visits]


def _broken(judged: Evaluation) -> list[tuple[ViolationKind, str | None, int]]:
    return [(found.kind, found.job_id, found.excess) for found in judged.violations]


def test_set_up_comes_before_service_but_not_again_at_the_same_place() -> None:
    """Windows apply to the beginning of set-up; a second job at the place, or one at the start, needs none."""
    jobs = (
        job_at("a", 5, (500, 545), service_min=10, setup_s=300),
        job_at("b", 5, service_min=10, setup_s=300),
        job_at("c", 0, service_min=10, setup_s=300),
    )
    problem = Line(jobs=jobs, shifts=(shift_at(),)).problem()

    assert _times(_judged(problem, w="ab")) == [(545, 560), (560, 570)]
    assert _times(_judged(problem, w="ca")) == [(540, 550), (555, 570)]
    assert _times(_judged(problem, w="ac")) == [(545, 560), (565, 580)]


def test_a_break_interrupts_no_set_up() -> None:
    """Set-up and service last from 545 to 605: the break of 550–570 comes before them, or not at all."""
    jobs = (job_at("a", 5, service_min=30, setup_s=1800), job_at("b", 9, (700, 700)))
    problem = Line(jobs=jobs, shifts=(shift_at((540, 1020), (10, 550, 570)),)).problem()

    (route,) = _judged(problem, w="ab").routes

    assert [(_min(rest.start_at), _min(rest.end_at)) for rest in route.breaks] == [(550, 560)]
    assert _min(route.planned_visits[0].start_at) == 560


def test_a_preference_a_surcharge_and_a_move_each_cost_what_they_say() -> None:
    """Who is not preferred costs 100, w's surcharge on b 20, and c taken from v 3; nothing of it is travel."""
    jobs = (
        job_at("a", 1, preferred_worker_ids=frozenset({V}), preference_cost=100),
        job_at("b", 2),
        job_at("c", 3),
    )
    rules = PlanRules(
        surcharges={JobId("b"): {W: 20}}, workers_before={JobId("c"): V, JobId("b"): WorkerId("gone")}, move_cost=3
    )
    problem = _ruled(jobs, (shift_at(), shift_at(worker="v")), rules)

    of_w, of_v = _judged(problem, w="abc"), _judged(problem, v="abc")

    assert of_w.cost_assignment == 100 + (20 + 3) + 3
    assert of_v.cost_assignment == 3  # b was with somebody who is gone
    assert of_w.cost_travel == of_v.cost_travel == 6 * 60
    assert of_w.cost == of_w.routes[0].cost == 6 * 60 + 126


def test_hours_of_service_have_a_price_and_set_up_counts_only_where_it_is_due() -> None:
    """At 1,800 an hour ten minutes of service cost 300 and ten of set-up 300; b is where a was and needs none."""
    jobs = (job_at("a", 5, service_min=10, setup_s=600), job_at("b", 5, service_min=10, setup_s=600))
    problem = Line(jobs=jobs, shifts=(shift_at(cost_per_service_hour=1800),)).problem()

    judged = _judged(problem, w="ab")

    assert (judged.cost_travel, judged.cost_assignment) == (600 + 300, 600)
    assert judged.cost == judged.routes[0].cost == 1500


def test_a_plan_without_prices_on_who_does_what_has_none() -> None:
    """The matrix of assignment costs is not even there."""
    assert Line(jobs=(job_at("a", 5),), shifts=(shift_at(),)).problem().assignment_costs is None


def test_travelling_farther_than_allowed_is_broken_by_metres() -> None:
    """Five places away and back are 5,000 m."""
    jobs = (job_at("a", 5),)

    kept = _judged(Line(jobs=jobs, shifts=(shift_at(max_distance_m=5_000),)).problem(), w="a")
    broken = _judged(Line(jobs=jobs, shifts=(shift_at(max_distance_m=4_900),)).problem(), w="a")

    assert _broken(kept) == []
    assert _broken(broken) == [(ViolationKind.MAX_DISTANCE, None, 100)]


def test_leaving_a_job_out_stays_dearer_than_whoever_does_it_at_whatever_price() -> None:
    """The default penalty exceeds the dearest assignment, set-up and service."""
    jobs = (job_at("a", 5, service_min=60, setup_s=3600, preferred_worker_ids=frozenset({V}), preference_cost=10**6),)
    rules = PlanRules(surcharges={JobId("a"): {W: 10**7}})
    problem = _ruled(jobs, (shift_at(cost_per_service_hour=10**5),), rules)

    assert _judged(problem, w="a").cost < problem.penalties[0]


BAD = (
    ("set-up time and the price", (job_at("a", 1, setup_s=-1),), shift_at(), PlanRules()),
    ("set-up time and the price", (job_at("a", 1, preference_cost=-1),), shift_at(), PlanRules()),
    ("costs must not be negative", (), shift_at(cost_per_service_hour=-1), PlanRules()),
    ("rules must not be negative", (), shift_at(), PlanRules(move_cost=-1)),
    ("rules must not be negative", (), shift_at(), PlanRules(surcharges={JobId("a"): {W: -1}})),
)


@pytest.mark.parametrize(("said", "jobs", "shift", "rules"), BAD)
def test_what_makes_no_sense_is_refused(said: str, jobs: tuple[Job, ...], shift: Shift, rules: PlanRules) -> None:
    """Each is refused in words that say why."""
    with pytest.raises(InvalidInput, match=said):
        _ruled(jobs, (shift,), rules)
