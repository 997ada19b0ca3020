"""What is left of a day is stated from where and when each worker really is, on a line that can be done by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from support.problems import Line, at, job_at, matrix_of, shift_at

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.changes.plan_diff import DiffKind, compare_plans
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import indexed, named
from geo_engine.planning.model import Route, Violation, ViolationKind
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.replan.progress import DayProgress, Lock, Standing, StopProgress
from geo_engine.planning.replan.repair import judged, neighbourhood, repair
from geo_engine.planning.replan.rest import Rest, continued, overridden, rest_of
from geo_engine.planning.replan.urgent import suggest_places
from geo_engine.planning.rules import PlanRules
from geo_engine.planning.travel.speeds import HourlySpeeds
from geo_engine.timespan import TimeWindow

_ANN, _BEA = WorkerId("ann"), WorkerId("bea")
_A, _B, _C, _D = (JobId(name) for name in "abcd")
_LINE = Line(
    jobs=(
        job_at("a", 10, service_min=30),
        job_at("b", 20, service_min=30),
        job_at("c", 30, (540, 700), service_min=30),
        job_at("d", -20, service_min=30),
    ),
    shifts=(
        shift_at((540, 1020), (30, 720, 780), worker="ann", max_visits=4, max_driving_s=7200),
        shift_at((540, 1020), worker="bea", cost_fixed=500.0),
    ),
)


def _planned(line: Line = _LINE) -> tuple[Route, ...]:
    return evaluate(line.problem(), {_ANN: [_A, _B, _C], _BEA: [_D]}).routes


def _problem(rest: Rest) -> Problem:
    east = np.array([round(place.lon / 0.001) for place in places_of(rest.jobs, rest.shifts)])
    return build_problem(rest.jobs, rest.shifts, matrix_of(np.abs(east[:, None] - east[None, :])), rest.rules)


def _repaired(rest: Rest) -> tuple[Route, ...]:
    problem = _problem(rest)
    repaired = repair(problem, indexed(problem, rest.orders))
    return continued(rest, problem, judged(problem, repaired.orders))


def test_a_worker_goes_on_from_what_is_under_way_when_it_is_expected_to_end() -> None:
    """Begun at 10:00 for 30 minutes, it ends at 10:30, but not before now; what is left of each limit is told."""
    stops = {
        _A: StopProgress(standing=Standing.DONE, began_at=at(550), ended_at=at(595)),
        _B: StopProgress(standing=Standing.UNDER_WAY, began_at=at(605)),
    }

    rest = rest_of(_LINE.jobs, _LINE.shifts, _planned(), DayProgress(now=at(610), stops=stops))

    ann, bea = rest.shifts
    assert (ann.span.start_at, ann.start) == (at(635), _LINE.jobs[1].position)
    assert (ann.max_visits, ann.max_driving_s, ann.cost_fixed) == (2, 7200 - 1200, 0.0)
    assert [len(shift.breaks) for shift in (ann, bea)] == [1, 0]
    assert (bea.span.start_at, bea.cost_fixed) == (at(610), 500.0)
    assert [job.id for job in rest.jobs] == [_C, _D]


def test_who_drives_to_a_stop_goes_on_behind_it() -> None:
    """Done with the first at 10:00, ten minutes on the way to the second, half an hour there."""
    stops = {
        _A: StopProgress(standing=Standing.DONE, began_at=at(550), ended_at=at(600)),
        _B: StopProgress(standing=Standing.DRIVEN_TO),
    }

    rest = rest_of(_LINE.jobs, _LINE.shifts, _planned(), DayProgress(now=at(605), stops=stops))

    assert rest.frozen[_ANN].free_at == at(640)


def test_a_break_that_was_taken_is_not_planned_again() -> None:
    """At 13:00 the break planned for noon is over, and what is left of the day has none."""
    line = replace(_LINE, jobs=(*_LINE.jobs[:2], job_at("c", 30, (840, 900), service_min=30), _LINE.jobs[3]))
    stops = {
        job_id: StopProgress(standing=Standing.DONE, ended_at=at(minutes)) for job_id, minutes in ((_A, 580), (_B, 620))
    }

    rest = rest_of(line.jobs, line.shifts, _planned(line), DayProgress(now=at(790), stops=stops))

    assert len(rest.frozen[_ANN].breaks) == 1
    assert rest.shifts[0].breaks == ()


def test_what_can_no_longer_be_done_in_time_goes_to_whom_it_fits() -> None:
    """Held up until 11:40 by the first, ann cannot be at the third by its window's end; bea can, and the rest stays."""
    stops = {_A: StopProgress(standing=Standing.UNDER_WAY, began_at=at(670))}
    before = _planned()

    after = _repaired(rest_of(_LINE.jobs, _LINE.shifts, before, DayProgress(now=at(640), stops=stops)))

    orders = {route.worker_id: [visit.job_id for visit in route.planned_visits] for route in after}
    assert orders[_ANN] == [_A, _B]
    assert _C in orders[_BEA]
    changed = {one.job_id: one for one in compare_plans(before, after)}
    assert changed[_C].kind is DiffKind.MOVED
    assert changed[_B].kind is DiffKind.RETIMED
    assert changed[_B].later > timedelta(hours=1)
    assert repr(after[0].planned_visits[0]) == repr(before[0].planned_visits[0])


def test_what_is_locked_stays_even_where_it_comes_too_late() -> None:
    """The same day with the third locked to ann: it stays hers and breaks its window, and the plan says so."""
    stops = {_A: StopProgress(standing=Standing.UNDER_WAY, began_at=at(670))}
    progress = DayProgress(now=at(640), stops=stops, locks={_C: frozenset({Lock.WORKER})})
    rest = rest_of(_LINE.jobs, _LINE.shifts, _planned(), progress)
    problem = _problem(rest)

    plan = judged(problem, repair(problem, indexed(problem, rest.orders)).orders)

    assert [visit.job_id for visit in plan.routes[0].planned_visits] == [_B, _C]
    assert [(one.kind, one.job_id) for one in plan.violations] == [(ViolationKind.WINDOW, _C)]


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ({"skills": frozenset({"gas"})}, ViolationKind.SKILL),
        ({"worker_ids": frozenset({_BEA})}, ViolationKind.WORKER),
        ({"forbidden_worker_ids": frozenset({_ANN})}, ViolationKind.WORKER),
    ],
    ids=["skill", "kept for another", "barred"],
)
def test_what_is_locked_to_whom_may_not_do_it_stays_and_is_told(wish: dict[str, Any], kind: ViolationKind) -> None:
    """Somebody put the third by hand on ann's route and locked it: it stays hers and that is told."""
    jobs = tuple(replace(job, **wish) if job.id == _C else job for job in _LINE.jobs)
    progress = DayProgress(now=at(540), locks={_C: frozenset({Lock.WORKER})})
    rest = rest_of(jobs, _LINE.shifts, _planned(replace(_LINE, jobs=jobs)), progress)
    problem = _problem(rest)

    plan = judged(problem, repair(problem, indexed(problem, rest.orders)).orders)

    assert [visit.job_id for visit in plan.routes[0].planned_visits] == [_A, _B, _C]
    assert plan.violations == ()
    assert overridden(rest, plan) == (Violation(kind=kind, worker_id=_ANN, job_id=_C, excess=kind == "skill"),)


def test_a_moment_that_is_locked_outside_the_windows_is_told() -> None:
    """The third begins after its windows, by hand, and its time is locked: it stays and is told."""
    late = tuple(
        replace(job, windows=(TimeWindow(earliest_at=at(540), latest_at=at(560)),)) if job.id == _C else job
        for job in _LINE.jobs
    )
    before = _planned(replace(_LINE, jobs=late))
    began_at = before[0].planned_visits[2].start_at
    progress = DayProgress(now=at(540), locks={_C: frozenset({Lock.TIME})})
    rest = rest_of(late, _LINE.shifts, before, progress)
    problem = _problem(rest)

    plan = judged(problem, repair(problem, indexed(problem, rest.orders)).orders)

    late_s = round((began_at - at(560)).total_seconds())
    assert plan.routes[0].planned_visits[2].start_at == began_at
    assert overridden(rest, plan) == (Violation(kind=ViolationKind.WINDOW, worker_id=_ANN, job_id=_C, excess=late_s),)


def test_neighbours_of_a_route_are_those_who_may_do_its_jobs() -> None:
    """Of two others, who may do none of the jobs is no neighbour."""
    shifts = (*_LINE.shifts, shift_at(worker="cyd"))
    jobs = tuple(replace(job, forbidden_worker_ids=frozenset({WorkerId("cyd")})) for job in _LINE.jobs)

    near = neighbourhood(Line(jobs=jobs, shifts=shifts).problem(), {0: [0, 1], 1: [3]}, {0})

    assert near == {0, 1}


@pytest.mark.parametrize("east", [-10, 15, 40])
def test_an_urgent_visit_is_suggested_where_it_costs_least_and_breaks_nothing(east: int) -> None:
    """No order of either worker with the visit put in anywhere is cheaper than the first suggestion."""
    problem = Line(jobs=(*_LINE.jobs, job_at("u", east, service_min=10)), shifts=_LINE.shifts).problem()
    orders = {0: [0, 1, 2], 1: [3]}
    every = [
        judged(problem, {**orders, shift: [*order[:place], 4, *order[place:]]})
        for shift, order in orders.items()
        for place in range(len(order) + 1)
    ]

    found = suggest_places(problem, orders, 4)

    least = min(plan.cost for plan in every if not plan.violations)
    assert found[0].broken == ()
    before = evaluate(problem, named(problem, orders))
    assert found[0].cost == least - (before.cost - before.cost_unassigned)


@pytest.mark.parametrize("hole", [(2, slice(None)), (slice(None), 2)], ids=["back", "there"])
def test_where_no_road_leads_nothing_is_suggested(hole: tuple[int | slice, int | slice]) -> None:
    """A visit nobody can drive to or away from would seem to shorten the way: it is not offered to anybody."""
    jobs = (job_at("a", 10), job_at("b", 20), job_at("u", 15))
    minutes = np.abs(np.subtract.outer(east := np.array([10.0, 20, 15, 0]), east))
    minutes[hole] = np.nan
    problem = build_problem(jobs, (shift_at(worker="ann"), shift_at(worker="bea")), matrix_of(minutes))

    assert suggest_places(problem, {0: [0, 1]}, 2) == ()
    assert len(suggest_places(problem, {0: [0]}, 1)) == 2


def test_a_suggestion_says_whom_it_makes_late() -> None:
    """Half an hour with the first customer, put before it, makes the promised beginning that much later."""
    jobs = (
        replace(job_at("a", 10, service_min=30), promised_at=at(550)),
        job_at("u", 5, (540, 545), service_min=40),
    )
    problem = Line(jobs=jobs, shifts=(shift_at((540, 1020), worker="ann"),)).problem()

    (found,) = suggest_places(problem, {0: [0]}, 1)

    assert [(late.job_id, late.later_s) for late in found.lates] == [(_A, 25 * 60)]


@pytest.mark.parametrize("percent", [100, 50])
def test_the_way_home_of_who_has_nothing_left_takes_what_its_hour_says(percent: int) -> None:
    """All done at 12:00, thirty minutes from home at full speed: at half of it an hour, which costs twice as much."""
    stops = {
        one: StopProgress(standing=Standing.DONE, ended_at=at(minutes))
        for one, minutes in ((_A, 580), (_B, 620), (_C, 720))
    }
    speeds = HourlySpeeds(percents=(100,) * 12 + (percent,) * 12, zone=ZoneInfo("UTC"))
    rules = PlanRules(speeds={"car": speeds})
    rest = rest_of(_LINE.jobs, _LINE.shifts, _planned(), DayProgress(now=at(720), stops=stops), rules=rules)
    problem = _problem(rest)

    (ann,) = continued(rest, problem, judged(problem, {}))

    home_s = 100 * 1_800 // percent
    assert ann.end_at == at(720) + timedelta(seconds=home_s)
    assert ann.travel_s == 1_800 + home_s
    assert ann.cost == 1_800 + home_s
