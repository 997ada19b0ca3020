"""Replanning keeps its word: what is done, under way, driven to or locked stays, and the rest is possible."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.days_under_way import broken_promises, day_under_way, free_from

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import indexed, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.replan.repair import judged, repair
from geo_engine.planning.replan.rest import continued

_SEEDS = st.integers(0, 10**6)
_OF_OTHERS = {ViolationKind.REQUIRED, ViolationKind.AFTER, ViolationKind.SAME_WORKER}


@settings(max_examples=60, deadline=None)
@given(seed=_SEEDS)
def test_what_is_done_under_way_driven_to_or_locked_stays_as_it_was(seed: int) -> None:
    """Every frozen visit is the same to the last letter, every lock holds, whatever was delayed or skipped."""
    day = day_under_way(seed)

    repaired = repair(day.problem, indexed(day.problem, day.rest.orders))
    plan = judged(day.problem, repaired.orders)

    assert broken_promises(day, continued(day.rest, day.problem, plan), plan.violations) == []


@settings(max_examples=40, deadline=None)
@given(seed=_SEEDS)
def test_nothing_is_planned_before_its_worker_is_free(seed: int) -> None:
    """What is not frozen begins when its worker has finished what is, and no job is placed twice or lost."""
    day = day_under_way(seed)
    free = free_from(day)

    repaired = repair(day.problem, indexed(day.problem, day.rest.orders))
    plan = judged(day.problem, repaired.orders)
    routes = continued(day.rest, day.problem, plan)

    placed = [visit.job_id for route in routes for visit in route.planned_visits]
    assert len(placed) == len(set(placed))
    assert {*placed, *plan.unassigned_ids} == {job.id for job in day.whole.jobs}
    for route in routes:
        behind = [visit for visit in route.planned_visits if visit.job_id not in day.frozen_ids]
        assert all(visit.start_at >= free[route.worker_id].span.start_at >= day.progress.now for visit in behind)


@settings(max_examples=40, deadline=None)
@given(seed=_SEEDS)
def test_a_repair_breaks_no_rule_that_it_could_keep(seed: int) -> None:
    """Only a route breaks a rule of its own that something is locked to, or required of its worker alone."""
    day = day_under_way(seed)

    repaired = repair(day.problem, indexed(day.problem, day.rest.orders))
    broken = evaluate(day.problem, named(day.problem, repaired.orders)).violations

    only = [allowed for job, allowed in zip(day.problem.jobs, day.problem.allowed, strict=True) if job.required]
    bound = {day.problem.shifts[shift].worker_id for allowed in only if len(allowed) == 1 for shift in allowed}
    bound |= day.rest.rules.prefixes.keys()
    assert all(one.worker_id in bound for one in broken if one.kind not in _OF_OTHERS)
