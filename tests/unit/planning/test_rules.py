"""What a problem can state beside windows, skills and limits, each judged as by hand and each broken once.

Places lie on a line, a minute and 500 m apart; shifts are 540–1020 from place 0 back to it unless said otherwise.
"""

from datetime import datetime

import pytest
from support.problems import MIDNIGHT, Line, at, job_at, matrix_of, shift_at

from geo_engine.errors import InvalidInput
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.model import Job, Shift, ViolationKind
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import Balance, PlanRules, Relation, RelationKind
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.planning.search.scope import kernel_states

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


def test_overtime_is_allowed_at_its_price_and_no_longer_than_that() -> None:
    """Back at 620, twenty minutes after the shift: at 5,400 an hour 1,800; with fifteen allowed five are too many."""
    jobs = (job_at("a", 5, (605, 605), service_min=10),)

    within = _judged(Line(jobs=jobs, shifts=(_overtime_shift(20),)).problem(), w="a")
    beyond = _judged(Line(jobs=jobs, shifts=(_overtime_shift(15),)).problem(), w="a")

    assert (_broken(within), within.cost_overtime) == ([], 1800)
    assert within.cost == within.routes[0].cost == 600 + 1800
    assert (_broken(beyond), beyond.cost_overtime) == ([(ViolationKind.SHIFT, None, 300)], 1350)


def _overtime_shift(allowed_min: int) -> Shift:
    return shift_at((540, 600), max_overtime_s=60 * allowed_min, cost_per_overtime_hour=5400)


def test_waiting_costs_what_neither_travel_nor_service_nor_a_break_fills() -> None:
    """Leaving at 540 for a, ready at b at 558 and begun at 720: of 162 minutes a break takes 60, 102 are waited."""
    jobs = (job_at("a", 5, (545, 545), service_min=10), job_at("b", 8, (720, 730)))
    problem = Line(jobs=jobs, shifts=(shift_at((540, 1020), (60, 600, 640), cost_per_waiting_hour=1000),)).problem()

    judged = _judged(problem, w="ab")

    assert judged.cost_waiting == 1700
    assert judged.cost == judged.routes[0].cost == 16 * 60 + 1700


def test_waiting_that_leaving_later_saves_costs_nothing() -> None:
    """The worker leaves in time for the first window, not when the shift begins."""
    problem = Line(jobs=(job_at("a", 5, (700, 720)),), shifts=(shift_at(cost_per_waiting_hour=1000),)).problem()

    assert _judged(problem, w="a").cost_waiting == 0


def test_what_is_taken_adds_to_what_is_still_to_be_brought() -> None:
    """Two on board at the start: bringing them first makes room for the three of b; taken before, five are on board."""
    jobs = (job_at("a", 1, amounts=(2,)), job_at("b", 2, pickup_amounts=(3,)), job_at("c", 3, pickup_amounts=(0, 9)))
    problem = Line(jobs=jobs, shifts=(shift_at(capacity=(3,)),)).problem()

    assert _broken(_judged(problem, w="abc")) == []
    assert _broken(_judged(problem, w="bac")) == [(ViolationKind.CAPACITY, None, 2)]


def test_nobody_leaves_before_what_is_needed_is_released() -> None:
    """The parts for b are there at 600, so the whole route begins then, and the break of 550–590 is void."""
    jobs = (job_at("a", 5, service_min=10), job_at("b", 8, released_at=at(600)))
    shifts = (shift_at((540, 1020), (30, 550, 590)), shift_at(worker="v"))
    problem = Line(jobs=jobs, shifts=shifts).problem()

    together, apart = _judged(problem, w="ab"), _judged(problem, w="b", v="a")

    assert _times(together) == [(605, 615), (618, 618)]
    assert (together.routes[0].breaks, _min(together.routes[0].start_at)) == ((), 600)
    assert _times(apart) == [(608, 608), (545, 555)]


def test_released_too_late_is_too_late_for_the_window() -> None:
    """Leaving at 600 the worker is there at 605, four minutes after the window of a, which needs nothing released."""
    jobs = (job_at("a", 5, (540, 601)), job_at("b", 8, released_at=at(600)))
    problem = Line(jobs=jobs, shifts=(shift_at(),)).problem()

    assert _broken(_judged(problem, w="ab")) == [(ViolationKind.WINDOW, "a", 240)]


def _bound(kind: str, first: str, second: str, gap_min: int = 0) -> PlanRules:
    bond = Relation(kind=RelationKind(kind), first_id=JobId(first), second_id=JobId(second), gap_s=60 * gap_min)
    return PlanRules(relations=(bond,))


TWO = (shift_at(), shift_at(worker="v"))


def test_a_shipment_is_fetched_before_it_is_brought_by_one_worker() -> None:
    """The wrong way round, apart or half alone, each half that lacks the other is named."""
    jobs = (job_at("a", 5), job_at("b", 8), job_at("c", 9))
    problem = _ruled(jobs, TWO, _bound("shipment", "a", "b"))
    broken = ViolationKind.SHIPMENT

    assert _broken(_judged(problem, w="acb")) == []
    assert _broken(_judged(problem, w="bca")) == [(broken, "b", 0)]
    assert _broken(_judged(problem, w="ac", v="b")) == [(broken, "a", 0), (broken, "b", 0)]
    assert _broken(_judged(problem, w="a")) == [(broken, "a", 0)]
    assert _broken(_judged(problem, w="c")) == []


def test_what_is_shipped_is_on_board_only_between_its_halves() -> None:
    """Two are shipped from a to b; c brings two of its own, so that in between there are four where three fit."""
    jobs = (job_at("a", 5, amounts=(2,)), job_at("b", 8), job_at("c", 9, amounts=(2,)))
    problem = _ruled(jobs, (shift_at(capacity=(3,)),), _bound("shipment", "a", "b"))

    assert _broken(_judged(problem, w="cab")) == []
    assert _broken(_judged(problem, w="acb")) == [(ViolationKind.CAPACITY, None, 1)]


def test_jobs_for_the_same_worker_are_not_parted() -> None:
    """Both by one or only one of them is kept; by two the second is named with who has it."""
    problem = _ruled((job_at("a", 5), job_at("b", 8)), TWO, _bound("same_worker", "a", "b"))

    parted = _judged(problem, w="a", v="b")

    assert _broken(_judged(problem, v="ba")) == _broken(_judged(problem, v="b")) == []
    assert [(one.kind, one.worker_id, one.job_id) for one in parted.violations] == [(ViolationKind.SAME_WORKER, V, "b")]


def test_a_job_waits_until_the_one_before_has_ended_whoever_does_it() -> None:
    """Done at 555 with ten minutes to go by: b is begun at 565 by another, and by the same worker too."""
    jobs = (job_at("a", 5, service_min=10), job_at("b", 5, service_min=1))
    problem = _ruled(jobs, TWO, _bound("after", "a", "b", 10))

    for judged in (_judged(problem, w="a", v="b"), _judged(problem, w="ab")):
        assert _times(judged) == [(545, 555), (565, 566)]
        assert _broken(judged) == []
    assert _min(_judged(problem, w="a", v="b").routes[1].start_at) == 560


def test_what_waits_makes_others_wait() -> None:
    """The second waits for c until 615, a for b until 620 in turn."""
    jobs = (job_at("a", 5), job_at("b", 5, service_min=5), job_at("c", 5, (600, 600), service_min=15))
    shifts = (*TWO, shift_at(worker="u"))
    rules = PlanRules(relations=(*_bound("after", "b", "a").relations, *_bound("after", "c", "b").relations))

    judged = _judged(_ruled(jobs, shifts, rules), w="a", v="b", u="c")

    assert _times(judged) == [(620, 620), (615, 620), (600, 615)]


def test_a_job_done_too_soon_or_without_the_one_before_is_named() -> None:
    """The window of b closes 8 minutes before a is done and 10 minutes have gone by; and a is not done at all."""
    jobs = (job_at("a", 5, (545, 545), service_min=10), job_at("b", 5, (545, 557)))
    problem = _ruled(jobs, TWO, _bound("after", "a", "b", 10))

    assert _broken(_judged(problem, w="a", v="b")) == [(ViolationKind.AFTER, "b", 20 * 60)]
    assert _broken(_judged(problem, v="b")) == [(ViolationKind.AFTER, "b", 0)]


def test_routes_that_wait_for_each_other_are_a_violation_and_no_endless_round() -> None:
    """Both w and v begin with what has to wait for the other's second visit."""
    jobs = tuple(job_at(name, 5, service_min=10) for name in "abcd")
    rules = PlanRules(relations=(*_bound("after", "b", "c").relations, *_bound("after", "d", "a").relations))

    judged = _judged(_ruled(jobs, TWO, rules), w="ab", v="cd")

    assert {kind for kind, _, _ in _broken(judged)} == {ViolationKind.AFTER}


def test_a_promise_holds_service_back_and_costs_by_the_minute_it_is_late() -> None:
    """Promised for 600: w could be there at 545 and begins at 585; begun at 625 it is ten minutes beyond 615."""
    jobs = (job_at("a", 5, promised_at=at(600)), job_at("b", 5, (540, 540 + 5), service_min=80))
    problem = _ruled(jobs, (shift_at(),), PlanRules(late_cost_per_minute=7))

    early, late = _judged(problem, w="a"), _judged(problem, w="ba")

    assert (_times(early)[0], early.cost_late) == ((585, 585), 0)
    assert (_times(late)[1], late.cost_late) == ((625, 625), 70)
    assert late.cost == late.routes[0].cost == 600 + 70


def test_a_promise_that_its_windows_do_not_allow_holds_nothing_back() -> None:
    """The window closes at 560, before 585: it stays as it was."""
    jobs = (job_at("a", 5, (550, 560), promised_at=at(600)),)

    assert _times(_judged(_ruled(jobs, (shift_at(),), PlanRules()), w="a")) == [(550, 550)]


def test_a_route_begins_with_what_is_locked_and_nobody_else_has_it() -> None:
    """Anything before, between or instead is named, and so is a worker who stays at home."""
    jobs = (job_at("a", 5), job_at("b", 8), job_at("c", 9))
    problem = _ruled(jobs, TWO, PlanRules(prefixes={W: (JobId("b"), JobId("a"))}))
    broken = ViolationKind.LOCKED

    assert _broken(_judged(problem, w="bac")) == []
    assert _broken(_judged(problem, w="abc")) == [(broken, "b", 2)]
    assert _broken(_judged(problem, w="bca")) == [(broken, "a", 1)]
    assert _broken(_judged(problem, w="b", v="a")) == [(broken, "a", 1)]
    assert _broken(_judged(problem, v="ba")) == [(broken, "b", 2)]


def test_what_is_locked_is_searched_by_the_kernel_too() -> None:
    """What a problem holds as locked keeps the rules by itself: the kernel begins with it, and goes on from there."""
    jobs = (job_at("a", 5), job_at("b", 8), job_at("c", 9))
    problem = _ruled(jobs, TWO, PlanRules(prefixes={W: (JobId("b"), JobId("a"))}))

    assert kernel_states(problem)
    assert improve(build_arrays(problem), {0: [1, 0]}, seed=1, effort=Effort(iterations=50))[1][0][:2] == [1, 0]


def test_a_long_day_costs_by_the_square_of_what_it_is_too_long() -> None:
    """Ten minutes of travel and 170 of service are two hours over one: at 100, 400; a day of an hour costs nothing."""
    jobs = (job_at("a", 5, service_min=170), job_at("b", 5, service_min=50))
    rules = PlanRules(balance=Balance(target_s=3600, cost_per_hour_squared=100))
    problem = _ruled(jobs, TWO, rules)

    judged = _judged(problem, w="a", v="b")

    assert judged.cost_balance == 400
    assert [route.cost for route in judged.routes] == [600 + 400, 600]


BAD = (
    ("set-up time and the price", (job_at("a", 1, setup_s=-1),), shift_at(), PlanRules()),
    ("set-up time and the price", (job_at("a", 1, preference_cost=-1),), shift_at(), PlanRules()),
    ("costs must not be negative", (), shift_at(cost_per_service_hour=-1), PlanRules()),
    ("amounts must not be negative", (job_at("a", 1, pickup_amounts=(-1,)),), shift_at(), PlanRules()),
    ("costs must not be negative", (), shift_at(cost_per_waiting_hour=-1), PlanRules()),
    ("costs must not be negative", (), shift_at(cost_per_overtime_hour=-1), PlanRules()),
    ("overtime must not be negative", (), shift_at(max_overtime_s=-1), PlanRules()),
    ("rules must not be negative", (), shift_at(), PlanRules(move_cost=-1)),
    ("rules must not be negative", (), shift_at(), PlanRules(tolerance_s=-1)),
    ("rules must not be negative", (), shift_at(), PlanRules(late_cost_per_minute=-1)),
    ("rules must not be negative", (), shift_at(), PlanRules(balance=Balance(target_s=-1, cost_per_hour_squared=1))),
    ("not in the list: x", (), shift_at(), PlanRules(prefixes={W: (JobId("x"),)})),
    ("not in the list", (), shift_at(), PlanRules(prefixes={V: ()})),
    ("given twice", (job_at("a", 1),), shift_at(), PlanRules(prefixes={W: (JobId("a"), JobId("a"))})),
    (
        "may not do it",
        (job_at("a", 1, skills=frozenset({"gas"})),),
        shift_at(),
        PlanRules(prefixes={W: (JobId("a"),)}),
    ),
    ("rules must not be negative", (), shift_at(), PlanRules(surcharges={JobId("a"): {W: -1}})),
)


BAD_BONDS = (
    ("no such job", _bound("after", "a", "x")),
    ("takes two jobs", _bound("same_worker", "a", "a")),
    ("gap of at least 0", _bound("after", "a", "b", -1)),
    ("first has the amounts", _bound("shipment", "a", "b")),
    ("given twice", PlanRules(relations=_bound("shipment", "b", "a").relations * 2)),
)


@pytest.mark.parametrize(("said", "rules"), BAD_BONDS)
def test_a_relation_that_makes_no_sense_is_refused(said: str, rules: PlanRules) -> None:
    """Each is refused in words that say why."""
    with pytest.raises(InvalidInput, match=said):
        _ruled((job_at("a", 1), job_at("b", 2, amounts=(1,))), (shift_at(),), rules)


@pytest.mark.parametrize(("said", "jobs", "shift", "rules"), BAD)
def test_what_makes_no_sense_is_refused(said: str, jobs: tuple[Job, ...], shift: Shift, rules: PlanRules) -> None:
    """Each is refused in words that say why."""
    with pytest.raises(InvalidInput, match=said):
        _ruled(jobs, (shift,), rules)
