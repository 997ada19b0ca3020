"""The inside of an OR-Tools process: reads one task, sends every better plan it finds, obeys “stop”.

Routing search never releases the interpreter lock and can be cancelled only from inside its solution
callback, so the pipe is looked at there; the parent kills what does not listen.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util.optional_boolean_pb2 import OptionalBoolean

from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.search.scope import kernel_plans
from geo_engine.planning.solver.judged_search import improve_judged
from geo_engine.planning.solver.model import build_model
from geo_engine.planning.solver.nodes import RoutingModel, cost_scale, states_exactly
from geo_engine.planning.solver.task import Incumbent, IndexOrders, Strategy, Task, take_task
from geo_engine.planning.travel.speeds import mean_s

_SMALL_JOB_COUNT = 30
_SEED = 1
# With but one plan to find, guided search would look for a second one for ever; 150 dead ends a solution are usual.
_DEAD_ENDS_PER_SOLUTION = 2_000
# Where time has a price a dead end takes a linear program.
_DEAR_DEAD_ENDS_PER_SOLUTION = 100
_NEARLY = 0.05
_THOROUGH_OPERATORS = (
    "use_relocate_and_make_active",
    "use_exchange_and_make_active",
    "use_extended_swap_active",
    "use_full_path_lns",
    "use_inactive_lns",
)


def search_parameters(task: Task) -> pywrapcp.DefaultRoutingSearchParameters:
    """Return OR-Tools' parameters for a task.

    Notes
    -----
    An insertion strategy first, always: cheapest-arc strategies find no plan once there are breaks.
    Ruin and recreate removes strings of visits (SISR, Christiaens & Vanden Berghe 2020). On a small problem
    every operator that can escape a full route is worth its time; on a large one more ruins are worth more
    than a descent after each.
    """
    is_small = len(task.problem.jobs) <= _SMALL_JOB_COUNT
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    if task.strategy is Strategy.GUIDED:
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    else:
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        parameters.use_iterated_local_search = True
        iterated = parameters.iterated_local_search_parameters
        iterated.improve_perturbed_solution = is_small
        ruin = iterated.ruin_recreate_parameters.ruin_strategies.add().sisr
        ruin.max_removed_sequence_size = 10
        ruin.avg_num_removed_visits = 10
        ruin.bypass_factor = 0.01
    if is_small:
        operators = parameters.local_search_operators
        for name in _THOROUGH_OPERATORS:
            setattr(operators, name, OptionalBoolean.BOOL_TRUE)
    if task.problem.prices_time:
        # Placing breaks with CP-SAT takes ten times as long and finds no better: plans are judged anyway.
        parameters.mixed_integer_scheduling_solver = parameters.continuous_scheduling_solver
    if task.deadline_s is not None:
        left_s = task.deadline_s - time.monotonic()
        parameters.time_limit.FromMilliseconds(max(1, round(left_s * 1000)))
    if task.solution_limit is not None:
        parameters.solution_limit = task.solution_limit
    return parameters


def search(task: Task, requests: Connection, plans_out: Connection) -> None:
    """Solve the task, sending an `Incumbent` for every improvement; anything else the parent sends ends the search."""
    best: list[Evaluation] = []
    sent: list[Incumbent] = []

    def on_better(incumbent: Incumbent) -> None:
        sent.append(incumbent)
        plans_out.send(incumbent)

    readings, is_polished = _readings(task.problem), _is_polished(task)
    for number, problem in enumerate(readings):
        left = len(readings) + is_polished - number
        share_s = None if task.deadline_s is None else (task.deadline_s - time.monotonic()) / left
        model = build_model(problem)
        sift = _by_model(model) if states_exactly(task.problem) else _by_judgement(model, task.problem, best)
        deadline_s = None if share_s is None else time.monotonic() + share_s
        _search(model, sift, replace(task, problem=problem, deadline_s=deadline_s), requests, on_better)
        if requests.poll():
            break
    if is_polished and sent:
        for incumbent in improve_judged(
            task.problem,
            sent[-1].orders,
            seed=_SEED,
            iterations=task.solution_limit,
            deadline_s=task.deadline_s,
            should_stop=requests.poll,
        ):
            on_better(incumbent)


def _is_polished(task: Task) -> bool:
    """Return whether what the model found is made better by judgement: of few jobs that no other searches."""
    is_few = len(task.problem.jobs) <= _SMALL_JOB_COUNT
    return is_few and task.strategy is Strategy.GUIDED and not kernel_plans(task.problem)


def _readings(problem: Problem) -> list[Problem]:
    """Return what the model is asked: where it alone plans by the hour, also with the mean speed; plans are judged."""
    if not problem.speeds or kernel_plans(problem):
        return [problem]
    travel_s = [mean_s(one, speeds) for one, speeds in zip(problem.durations_s, problem.speeds, strict=True)]
    return [problem, replace(problem, durations_s=tuple(travel_s), speeds=())]


def _search(
    model: RoutingModel,
    sift: Callable[[int], Incumbent | None],
    task: Task,
    requests: Connection,
    on_better: Callable[[Incumbent], None],
) -> None:

    def on_solution() -> None:
        # The least it may be: where time has a price, ruin and recreate may leave the times of a plan open.
        better = sift(int(model.routing.CostVar().Min()))
        if better is not None:
            on_better(better)
        if requests.poll():
            model.routing.CancelSearch()

    model.routing.AddAtSolutionCallback(on_solution)
    if task.solution_limit is not None:
        each = _DEAR_DEAD_ENDS_PER_SOLUTION if task.problem.prices_time else _DEAD_ENDS_PER_SOLUTION
        model.routing.AddSearchMonitor(model.routing.solver().FailuresLimit(each * task.solution_limit))
    parameters = search_parameters(task)
    if parameters.use_iterated_local_search:
        model.routing.SolveWithIteratedLocalSearch(parameters)
        return
    model.routing.CloseModelWithParameters(parameters)
    start = model.assigned(task.start) if task.start else None
    if start is None:
        model.routing.SolveWithParameters(parameters)
    else:
        model.routing.SolveFromAssignmentWithParameters(start, parameters)


def _by_model(model: RoutingModel) -> Callable[[int], Incumbent | None]:
    """Return what tells whether the solution at hand is better than all before, by the model's own cost."""
    best: list[int] = []

    def sift(cost: int) -> Incumbent | None:
        if best and cost >= best[-1]:
            return None
        best.append(cost)
        return Incumbent(cost=cost, orders=_orders(model))

    return sift


def _by_judgement(model: RoutingModel, problem: Problem, best: list[Evaluation]) -> Callable[[int], Incumbent | None]:
    """Return the same for where the model's cost is only near: what it finds about as good as the best is judged.

    Parameters
    ----------
    problem
        By which it is judged, whatever reading of it the model has.
    best
        What was better than all before it, so far; added to.
    """
    scale = cost_scale(model.problem)
    least: list[int] = []

    def sift(cost: int) -> Incumbent | None:
        margin = _NEARLY * (best[-1].cost - best[-1].cost_unassigned) * scale if best else 0
        if least and cost > least[-1] + margin:
            return None
        least.append(min([cost, *least[-1:]]))
        orders = _orders(model)
        judged = evaluate(problem, named(problem, orders))
        if any(broken.kind is not ViolationKind.REQUIRED for broken in judged.violations):
            return None
        if best and judged.cost >= best[-1].cost:
            return None
        best.append(judged)
        return Incumbent(cost=judged.cost, orders=orders)

    return sift


def _orders(model: RoutingModel) -> IndexOrders:
    return model.read_orders(lambda index: int(model.routing.NextVar(index).Value()))


def main() -> None:
    """Serve the one task the parent sends."""
    search(*take_task())


if __name__ == "__main__":
    main()
