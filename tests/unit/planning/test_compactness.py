"""What keeps a worker's stops together, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from support.problems import job_at, matrix_of, place, shift_at

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.areas import area_centres
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.narrowing import part_of
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import Compactness, PlanRules
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.planning.solver.solve import Budget, solve

V, W = WorkerId("v"), WorkerId("w")
JOBS = tuple(job_at(f"j{east}", east) for east in (10, 12, 14, 30, 32, 34))


def on_line(centres: dict[WorkerId, Position], *, free_min: int = 5, per_hour: float = 36_000.0) -> Problem:
    """Return two workers at one end of a line, their areas around given places."""
    shifts = (shift_at(worker="v"), shift_at(worker="w"))
    compactness = Compactness(free_s=60 * free_min, cost_per_hour=per_hour, centres=centres)
    rules = PlanRules(compactness=compactness)
    east = np.array([round(position.lon / 0.001) for position in places_of(JOBS, shifts, rules)])
    return build_problem(JOBS, shifts, matrix_of(np.abs(east[:, None] - east[None, :])), rules)


def test_a_visit_far_from_the_middle_costs_what_is_beyond_the_free_way() -> None:
    """18 min from the centre with 5 free are 13 min at ten times travel; within 5 min nothing, nor without an area."""
    problem = on_line({W: place(12)})

    near, far, free = (
        evaluate(problem, {who: [JobId(job)]}).cost_assignment for who, job in ((W, "j14"), (W, "j30"), (V, "j30"))
    )

    assert (near, far, free) == (0, 13 * 600, 0)


def test_a_centre_may_be_where_nobody_goes() -> None:
    """It has travel of its own, and is no place of the plan."""
    problem = on_line({W: place(20)})

    assert problem.place_count == len(JOBS) + 1
    assert evaluate(problem, {W: [JobId("j30")]}).cost_assignment == 5 * 600


@pytest.mark.parametrize("is_kernel", [True, False])
def test_stops_keep_together_where_apart_is_dear(is_kernel: bool) -> None:  # noqa: FBT001
    """One worker would do the whole line for less travel; with areas each does what is near, by kernel and by model."""
    asked, usual = on_line({V: place(12), W: place(32)}), on_line({}, free_min=0)

    def routes(problem: Problem) -> dict[WorkerId, set[str]]:
        if is_kernel:
            found = improve(build_arrays(problem), {}, seed=1, effort=Effort(iterations=300))[1]
            return {problem.shifts[at].worker_id: {JOBS[job].id for job in order} for at, order in found.items()}
        orders = solve(problem, Budget(solution_limit=50)).orders
        return {worker_id: set(order) for worker_id, order in orders.items() if order}

    assert routes(asked) == {V: {"j10", "j12", "j14"}, W: {"j30", "j32", "j34"}}
    assert len(routes(usual)) == 1


def test_a_part_of_a_problem_prices_the_same() -> None:
    """Though the centre is no place of the part any more."""
    problem = on_line({W: place(12)})

    part = part_of(problem, [1], [3])

    assert evaluate(part, {W: [JobId("j30")]}).cost_assignment == 13 * 600


def test_who_starts_together_gets_parts_of_the_sites() -> None:
    """Two at one depot have the middles of the two clusters, one who starts at home has that."""
    shifts = [shift_at(worker="v"), shift_at(worker="w"), replace(shift_at(worker="u"), start=place(50))]

    centres = area_centres(JOBS, shifts)

    assert {centres[V], centres[W]} == {place(12), place(32)}
    assert centres[WorkerId("u")] == place(50)


def test_a_price_below_nothing_is_refused() -> None:
    """As every price of the rules."""
    with pytest.raises(InvalidInput, match="must not be negative"):
        on_line({W: place(12)}, per_hour=-1)


def test_a_whole_price_of_what_is_far_costs_as_much_as_one_with_a_point() -> None:
    """13 min at three million an hour are 650,000, whichever way the price was written."""
    whole, pointed = (on_line({W: place(12)}, per_hour=price) for price in (3_000_000, 3_000_000.0))

    costs = [evaluate(one, {W: [JobId("j30")]}).cost_assignment for one in (whole, pointed)]

    assert costs == [650_000, 650_000]


def test_how_far_a_visit_is_from_the_middle_is_told_by_the_worker_s_own_speed() -> None:
    """18 min away at full speed and 36 at half of it: 13 and 31 min beyond what is free."""
    shifts = (shift_at(worker="v"), replace(shift_at(worker="w"), speed_factor=0.5))
    rules = PlanRules(compactness=Compactness(free_s=300, cost_per_hour=3_600.0, centres={V: place(12), W: place(12)}))
    east = np.array([round(position.lon / 0.001) for position in places_of(JOBS, shifts, rules)])
    problem = build_problem(JOBS, shifts, matrix_of(np.abs(east[:, None] - east[None, :])), rules)

    costs = [evaluate(problem, {who: [JobId("j30")]}).cost_assignment for who in (V, W)]

    assert costs == [13 * 60, 31 * 60]
