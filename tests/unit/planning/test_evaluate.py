"""Plans on a line, one minute of travel between neighbouring places, judged as worked out by hand.

All times are minutes after midnight; the shift is 540–1020 (09:00–17:00) from place 0 back to place 0
unless said otherwise, and LUNCH is 60 minutes beginning within 690–810 (11:30–13:30).
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from support.problems import MIDNIGHT, Line, job_at, matrix_of, shift_at

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.model import Job, Shift, Violation, ViolationKind
from geo_engine.planning.problem import build_problem

LUNCH = (60, 690, 810)
DAY = (540, 1020)
PLAIN = shift_at(DAY)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A worker's jobs in the order given, and what must come of them: (arrival, start, end) per visit."""

    claim: str
    jobs: tuple[Job, ...]
    shift: Shift = PLAIN
    leaves: float
    back: float
    visits: tuple[tuple[float, float, float], ...]
    breaks: tuple[tuple[float, float], ...] = ()
    broken: tuple[tuple[ViolationKind, str | None, int], ...] = ()


CASES = (
    Case(
        claim="services follow each other after travel",
        jobs=(job_at("a", 5, service_min=10), job_at("b", 8, service_min=20)),
        leaves=540,
        visits=((545, 545, 555), (558, 558, 578)),
        back=586,
    ),
    Case(
        claim="a worker leaves as late as keeps the first start",
        jobs=(job_at("a", 5, (600, 660), service_min=10),),
        leaves=595,
        visits=((600, 600, 610),),
        back=615,
    ),
    Case(
        claim="waiting between visits comes before service",
        jobs=(job_at("a", 5, service_min=10), job_at("b", 8, (600, 660))),
        leaves=540,
        visits=((545, 545, 555), (558, 600, 600)),
        back=608,
    ),
    Case(
        claim="service may begin exactly when its window closes",
        jobs=(job_at("a", 5, (500, 545), service_min=30),),
        leaves=540,
        visits=((545, 545, 575),),
        back=580,
    ),
    Case(
        claim="service one second after its window closes is late by one second",
        jobs=(job_at("a", 5, (500, 545 - 1 / 60), service_min=30),),
        leaves=540,
        visits=((545, 545, 575),),
        back=580,
        broken=((ViolationKind.WINDOW, "a", 1),),
    ),
    Case(
        claim="a window of a single moment can be met",
        jobs=(job_at("a", 5, (545, 545)),),
        leaves=540,
        visits=((545, 545, 545),),
        back=550,
    ),
    Case(
        claim="the second window is taken when the first has closed on arrival",
        jobs=(job_at("a", 60, (550, 590), (700, 720)),),
        leaves=640,
        visits=((700, 700, 700),),
        back=760,
    ),
    Case(
        claim="lateness is counted from the last window, and the next visit moves with it",
        jobs=(job_at("a", 60, (500, 510), (530, 560), service_min=10), job_at("b", 50)),
        leaves=540,
        visits=((600, 600, 610), (620, 620, 620)),
        back=670,
        broken=((ViolationKind.WINDOW, "a", 40 * 60),),
    ),
    Case(
        claim="being back exactly at the shift's end is in time",
        jobs=(job_at("a", 5, service_min=10),),
        shift=shift_at((540, 560)),
        leaves=540,
        visits=((545, 545, 555),),
        back=560,
    ),
    Case(
        claim="being back a minute after the shift's end is only a broken shift",
        jobs=(job_at("a", 5, service_min=11),),
        shift=shift_at((540, 560)),
        leaves=540,
        visits=((545, 545, 556),),
        back=561,
        broken=((ViolationKind.SHIFT, None, 60),),
    ),
    Case(
        # a 545–555; rests where b is, 690–750; b from 1020; back 1035, 15 minutes over
        claim="overtime takes the break as ever and reports the shift alone",
        jobs=(job_at("a", 5, service_min=10), job_at("b", 5, (1020, 1020), service_min=10)),
        shift=shift_at(DAY, LUNCH),
        leaves=540,
        visits=((545, 545, 555), (555, 1020, 1030)),
        back=1035,
        breaks=((690, 750),),
        broken=((ViolationKind.SHIFT, None, 15 * 60),),
    ),
    Case(
        claim="a break may begin as its window opens",
        jobs=(job_at("a", 5, service_min=145), job_at("b", 5, service_min=130)),
        shift=shift_at(DAY, LUNCH),
        leaves=540,
        visits=((545, 545, 690), (690, 750, 880)),
        back=885,
        breaks=((690, 750),),
    ),
    Case(
        claim="a break may begin as its window closes",
        jobs=(job_at("a", 5, service_min=265), job_at("b", 5, service_min=10)),
        shift=shift_at(DAY, LUNCH),
        leaves=540,
        visits=((545, 545, 810), (810, 870, 880)),
        back=885,
        breaks=((810, 870),),
    ),
    Case(
        # begun at 545 service would end at 811, a minute too late to rest after it: the rest comes before
        claim="a break interrupts no service: it comes before one it cannot wait for",
        jobs=(job_at("a", 5, service_min=266), job_at("b", 5, service_min=10)),
        shift=shift_at((540, 1100), LUNCH),
        leaves=685,
        visits=((690, 750, 1016), (1016, 1016, 1026)),
        back=1031,
        breaks=((690, 750),),
    ),
    Case(
        # driving 540–690, resting 690–750, driving 750–900
        claim="a break interrupts travel",
        jobs=(job_at("a", 300, service_min=10),),
        shift=shift_at(DAY, LUNCH, end=None),
        leaves=540,
        visits=((900, 900, 910),),
        back=910,
        breaks=((690, 750),),
    ),
    Case(
        claim="a break is void when the route ends as its window closes",
        jobs=(job_at("a", 5, service_min=260),),
        shift=shift_at(DAY, LUNCH),
        leaves=540,
        visits=((545, 545, 805),),
        back=810,
    ),
    Case(
        # the way home would end at 811: resting at a, then driving five minutes
        claim="a break is due when the route ends a minute after its window",
        jobs=(job_at("a", 5, service_min=261),),
        shift=shift_at(DAY, LUNCH),
        leaves=540,
        visits=((545, 545, 806),),
        back=871,
        breaks=((806, 866),),
    ),
    Case(
        # leaving at 810 is within the window, so the rest is due: at a, 755–815
        claim="a break is due when the route would begin as its window closes",
        jobs=(job_at("a", 5, (815, 815), service_min=10),),
        shift=shift_at(DAY, LUNCH),
        leaves=750,
        visits=((755, 815, 825),),
        back=830,
        breaks=((755, 815),),
    ),
    Case(
        claim="a break is void when the route begins after its window",
        jobs=(job_at("a", 5, (816, 816), service_min=10),),
        shift=shift_at(DAY, LUNCH),
        leaves=811,
        visits=((816, 816, 826),),
        back=831,
    ),
    Case(
        # on arrival at 550 it would be too late to rest, and leaving at 545 is not after the window
        claim="a break may be taken at the start before leaving",
        jobs=(job_at("a", 10, (555, 555), service_min=10),),
        shift=shift_at(DAY, (5, 540, 545)),
        leaves=540,
        visits=((555, 555, 565),),
        back=575,
        breaks=((540, 545),),
    ),
    Case(
        claim="a break may be taken while waiting",
        jobs=(job_at("a", 5, service_min=10), job_at("b", 8, (720, 730), service_min=10)),
        shift=shift_at(DAY, (60, 600, 640)),
        leaves=540,
        visits=((545, 545, 555), (558, 720, 730)),
        back=738,
        breaks=((600, 660),),
    ),
    Case(
        claim="two breaks may be taken between two visits",
        jobs=(job_at("a", 5, service_min=10), job_at("b", 5, (900, 900))),
        shift=shift_at(DAY, (15, 600, 660), LUNCH),
        leaves=540,
        visits=((545, 545, 555), (555, 900, 900)),
        back=905,
        breaks=((600, 615), (690, 750)),
    ),
    Case(
        # the second may begin at 630 only, when the first has 30 minutes to go
        claim="a break pushed out of its window by the one before is late",
        jobs=(job_at("a", 5, (545, 545), service_min=10), job_at("b", 5, (1000, 1000))),
        shift=shift_at(DAY, (60, 600, 600), (30, 630, 630)),
        leaves=540,
        visits=((545, 545, 555), (555, 1000, 1000)),
        back=1005,
        breaks=((600, 660), (660, 690)),
        broken=((ViolationKind.BREAK, None, 30 * 60),),
    ),
    Case(
        claim="a break may be taken at a visit that takes no time",
        jobs=(job_at("a", 5, (545, 545)), job_at("b", 5, (700, 700))),
        shift=shift_at(DAY, (60, 600, 640)),
        leaves=540,
        visits=((545, 545, 545), (545, 700, 700)),
        back=705,
        breaks=((600, 660),),
    ),
    Case(
        claim="a route with an open end ends with its last service",
        jobs=(job_at("a", 5, service_min=10),),
        shift=shift_at(end=None),
        leaves=540,
        visits=((545, 545, 555),),
        back=555,
    ),
    Case(
        claim="a route may end elsewhere",
        jobs=(job_at("a", 5, service_min=10),),
        shift=shift_at(end=20),
        leaves=540,
        visits=((545, 545, 555),),
        back=570,
    ),
    Case(
        claim="there is no travel between equal places",
        jobs=(job_at("a", 0, service_min=10), job_at("b", 0, service_min=10)),
        leaves=540,
        visits=((540, 540, 550), (550, 550, 560)),
        back=560,
    ),
    Case(
        claim="a missing skill, a wrong worker and a barred one are named one by one",
        jobs=(
            job_at("a", 1, skills=frozenset({"gas", "power", "lift"})),
            job_at("b", 2, worker_ids=frozenset({WorkerId("other")})),
            job_at("c", 3, forbidden_worker_ids=frozenset({WorkerId("w")})),
        ),
        shift=shift_at(skills=frozenset({"gas"})),
        leaves=540,
        visits=((541, 541, 541), (542, 542, 542), (543, 543, 543)),
        back=546,
        broken=((ViolationKind.SKILL, "a", 2), (ViolationKind.WORKER, "b", 0), (ViolationKind.WORKER, "c", 0)),
    ),
    Case(
        # 20 minutes there and back against 17; 3 visits against 1; loads (5, 2) against (4, 2)
        claim="limits are exceeded by visits, seconds of driving and units",
        jobs=(
            job_at("a", 5, amounts=(2,)),
            job_at("b", 10, amounts=(3, 1)),
            job_at("c", 10, amounts=(0, 1, 9)),
        ),
        shift=shift_at(max_visits=1, max_driving_s=17 * 60, capacity=(4, 2)),
        leaves=540,
        visits=((545, 545, 545), (550, 550, 550), (550, 550, 550)),
        back=560,
        broken=(
            (ViolationKind.MAX_VISITS, None, 2),
            (ViolationKind.MAX_DRIVING, None, 3 * 60),
            (ViolationKind.CAPACITY, None, 1),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim.replace(" ", "-"))
def test_a_plan_is_judged_as_by_hand(case: Case) -> None:
    """The claim of each case holds to the second."""
    problem = Line(jobs=case.jobs, shifts=(case.shift,)).problem()

    judged = evaluate(problem, {WorkerId("w"): [job.id for job in case.jobs]})

    (route,) = judged.routes
    visits = [(_min(v.arrival_at), _min(v.start_at), _min(v.end_at)) for v in route.planned_visits]
    assert visits == list(case.visits)
    assert [(_min(rest.start_at), _min(rest.end_at)) for rest in route.breaks] == list(case.breaks)
    assert (_min(route.start_at), _min(route.end_at)) == (case.leaves, case.back)
    assert [(v.kind, v.job_id, v.excess) for v in judged.violations] == list(case.broken)


def test_every_term_of_the_cost_is_what_it_was_by_hand() -> None:
    """A leg of 300 s and 2,500 m costs round(300 × 5000 / 3600 + 2.5 × 120) = 717, two of them 1,434."""
    priced = shift_at(cost_fixed=1800, cost_per_hour=5000, cost_per_km=120)
    idle = shift_at(worker="idle", cost_fixed=9999)
    jobs = (job_at("a", 5), job_at("b", 7, penalty=777))
    problem = Line(jobs=jobs, shifts=(priced, idle)).problem()

    judged = evaluate(problem, {WorkerId("w"): [JobId("a")]})

    assert (judged.cost_fixed, judged.cost_travel, judged.cost_unassigned) == (1800, 1434, 777)
    assert judged.cost == 1800 + 1434 + 777
    assert (judged.travel_s, judged.travel_m) == (600, 5000)
    assert judged.routes[0].cost == 1800 + 1434
    assert judged.unassigned_ids == (JobId("b"),)


def test_the_way_to_another_end_is_travelled_and_the_way_to_an_open_one_is_not() -> None:
    """A visit at 5 on the way to 20 is 20 minutes and 10 km; with an open end 5 minutes and 2.5 km."""
    elsewhere, open_ended = shift_at(end=20), shift_at(worker="v", end=None)
    problem = Line(jobs=(job_at("a", 5), job_at("b", 5)), shifts=(elsewhere, open_ended)).problem()

    judged = evaluate(problem, {WorkerId("w"): [JobId("a")], WorkerId("v"): [JobId("b")]})

    assert [(route.travel_s, route.travel_m) for route in judged.routes] == [(1200, 10_000), (300, 2_500)]
    assert judged.routes[0].planned_visits[0].travel_s == 300


def test_a_leg_without_a_path_is_a_violation_that_names_the_visit_it_leads_to() -> None:
    """From a to b there is no path, so the leg counts nothing: 5 minutes there and 8 back remain."""
    nan = float("nan")
    jobs = (job_at("a", 5), job_at("b", 8))
    problem = build_problem(jobs, [shift_at()], matrix_of([[0, nan, 5], [3, 0, 8], [5, 8, 0]]))

    judged = evaluate(problem, {WorkerId("w"): [JobId("a"), JobId("b")]})

    assert judged.violations == (Violation(kind=ViolationKind.NO_PATH, worker_id=WorkerId("w"), job_id=JobId("b")),)
    assert judged.travel_s == 13 * 60


def test_strangers_and_second_appearances_are_named_and_passed_over() -> None:
    """An unknown worker, an unknown job and a job done twice are violations; the rest is judged as ever."""
    problem = Line(jobs=(job_at("a", 5),), shifts=(shift_at(), shift_at(worker="v"))).problem()
    w, v, a = WorkerId("w"), WorkerId("v"), JobId("a")

    judged = evaluate(problem, {w: [a, JobId("x")], WorkerId("nobody"): [a], v: [a]})

    assert judged.violations == (
        Violation(kind=ViolationKind.UNKNOWN, worker_id=w, job_id=JobId("x")),
        Violation(kind=ViolationKind.UNKNOWN, worker_id=WorkerId("nobody")),
        Violation(kind=ViolationKind.DUPLICATE, worker_id=v, job_id=a),
    )
    assert [route.worker_id for route in judged.routes] == [w]
    assert judged.travel_s == 600


def test_leaving_out_a_required_job_is_a_violation() -> None:
    """Only the required one of two jobs left out is named."""
    problem = Line(jobs=(job_at("a", 5), job_at("b", 6, required=True)), shifts=(shift_at(),)).problem()

    judged = evaluate(problem, {})

    assert judged.violations == (Violation(kind=ViolationKind.REQUIRED, job_id=JobId("b")),)
    assert judged.cost == judged.cost_unassigned == sum(problem.penalties)


def test_every_kind_of_violation_is_broken_here_at_least_once() -> None:
    """The cases and tests of this module, and those of `test_rules`, leave no kind out."""
    by_table = {kind for case in CASES for kind, _, _ in case.broken}
    by_tests = {ViolationKind.NO_PATH, ViolationKind.UNKNOWN, ViolationKind.DUPLICATE, ViolationKind.REQUIRED}
    by_rules = {
        ViolationKind.MAX_DISTANCE,
        ViolationKind.SHIPMENT,
        ViolationKind.SAME_WORKER,
        ViolationKind.AFTER,
        ViolationKind.LOCKED,
    }

    assert by_table | by_tests | by_rules == set(ViolationKind)


def _min(moment: datetime) -> float:
    return (moment - MIDNIGHT).total_seconds() / 60
