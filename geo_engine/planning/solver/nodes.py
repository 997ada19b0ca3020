"""A problem as OR-Tools numbers it: which node and index is which job, and matrices between nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from ortools.constraint_solver import pywrapcp

from geo_engine.planning.limits import breaks_may_meet
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.solver.task import IndexOrders
from geo_engine.planning.travel.integers import Integers
from geo_engine.planning.travel.speeds import most_s

_MOST_CELLS = 50_000_000
_MOST_COST = 2**58
_FINEST_COST = 1_000
_FINEST_SQUARE_COST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingModel:
    """A problem as OR-Tools sees it: node i is job i; the depots and one shared open end follow."""

    problem: Problem
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel

    def read_orders(self, next_of: Callable[[int], int]) -> IndexOrders:
        """Return the job indices of each used shift in order, from the successor of each routing index."""
        orders: IndexOrders = {}
        for vehicle in range(len(self.problem.shifts)):
            index = next_of(self.routing.Start(vehicle))
            while not self.routing.IsEnd(index):
                orders.setdefault(vehicle, []).append(self.manager.IndexToNode(index))
                index = next_of(index)
        return orders

    def assigned(self, orders: IndexOrders) -> pywrapcp.Assignment | None:
        """Return orders as the closed model knows them; None when it is stricter about breaks and refuses them."""
        routes = [
            [self.manager.NodeToIndex(job_index) for job_index in orders.get(vehicle, ())]
            for vehicle in range(len(self.problem.shifts))
        ]
        return self.routing.ReadAssignmentFromRoutes(routes, True)  # noqa: FBT003 - inactive ones are left out

    def begins_at(self, job_index: int) -> pywrapcp.IntVar:
        """Return the variable of the moment a visit begins."""
        return self.routing.GetDimensionOrDie("time").CumulVar(self.manager.NodeToIndex(job_index))

    def matrices_by_vehicle(self, by_class: Sequence[Integers]) -> list[int]:
        """Register one matrix between nodes per travel class; return each vehicle's evaluator."""
        registered = [self.routing.RegisterTransitMatrix(matrix.tolist()) for matrix in by_class]
        return [registered[travel_class] for travel_class in self.problem.travel_class]

    def vector(self, by_job: Sequence[int]) -> int:
        """Register what each job adds, nothing at depots; return its evaluator."""
        return int(self.routing.RegisterUnaryTransitVector([*by_job, *nothing_at_depots(self.problem)]))


def number_nodes(problem: Problem) -> RoutingModel:
    """Return an empty model of a problem with at least one job and one shift."""
    open_end = problem.place_count
    ends = [open_end if end is None else end for end in problem.end_places]
    starts = list(problem.start_places)
    manager = pywrapcp.RoutingIndexManager(node_count(problem), len(problem.shifts), starts, ends)
    return RoutingModel(problem=problem, manager=manager, routing=pywrapcp.RoutingModel(manager))


def node_count(problem: Problem) -> int:
    """Count the places, and one more when an end is open: a node that ends no route would have to be visited."""
    return problem.place_count + (None in problem.end_places)


def nothing_at_depots(problem: Problem) -> list[int]:
    """Return a zero for each node that is no job."""
    return [0] * (node_count(problem) - len(problem.jobs))


def with_open_end(problem: Problem, matrix: Integers) -> Integers:
    """Add the open end, which is reached for nothing, and make the way of an unused shift free."""
    extended = np.zeros((node_count(problem), node_count(problem)), dtype=np.int64)
    extended[: len(matrix), : len(matrix)] = matrix
    jobs = len(problem.jobs)
    extended[jobs:, jobs:] = 0
    return extended


def arc_costs(problem: Problem) -> list[tuple[tuple[int, bytes], Callable[[], Integers]]]:
    """Return per vehicle what makes the costs of its arcs between nodes, and a key that equal ones share.

    What it costs that somebody does a job is paid on the way to it, so that it takes a matrix a worker.

    Notes
    -----
    In OR-Tools 9.15 a dimension whose unary vectors differ by vehicle lets no job be left out (issue 5283).
    """
    by_vehicle = None if problem.assignment_costs is None else problem.assignment_costs.T
    if not prices_assignments(problem):
        by_vehicle = None

    def made(vehicle: int) -> Integers:
        costs = with_open_end(problem, problem.leg_costs[vehicle] + _mean_traffic_costs(problem, vehicle))
        if by_vehicle is not None:
            costs[:, : len(problem.jobs)] += by_vehicle[vehicle]
        return costs

    keys = [
        (id(costs), b"" if by_vehicle is None else by_vehicle[at].tobytes())
        for at, costs in enumerate(problem.leg_costs)
    ]
    return [(key, partial(made, vehicle)) for vehicle, key in enumerate(keys)]


def _mean_traffic_costs(problem: Problem, vehicle: int) -> Integers | int:
    """Return what the hours of the day add to each leg at the mean of the plan's time: as near as one matrix comes."""
    speeds, travel_s = problem.speeds_of(vehicle), np.maximum(0, problem.travel_s(vehicle))
    if speeds is None:
        return 0
    per_second = problem.shifts[vehicle].cost_per_hour / 3600.0 * speeds.mean_addition
    return np.rint(travel_s * per_second).astype(np.int64)


def prices_assignments(problem: Problem) -> bool:
    """Return whether the matrices that price who does what are few and small enough to be stated."""
    return problem.assignment_costs is None or len(problem.shifts) * node_count(problem) ** 2 <= _MOST_CELLS


def states_exactly(problem: Problem) -> bool:
    """Return whether the model prices every plan as `evaluate` does, and allows none that breaks a rule.

    It does not where time has a price: the model times a route as it costs least, a worker begins as early as can be.
    Nor where jobs wait for others beside breaks: the model may place one route's break for another's sake. Nor where
    the hour tells the speed: it knows one matrix for all hours. Nor where `breaks_may_meet`.
    """
    waits = any(bond.kind is RelationKind.AFTER for bond in problem.bonds)
    return (
        prices_assignments(problem)
        and not problem.prices_time
        and not problem.speeds
        and not (waits and any(problem.breaks))
        and not breaks_may_meet(problem)
    )


def cost_scale(problem: Problem) -> int:
    """Return how many of the model's units of cost are one of the problem's: many where seconds cost fractions."""
    if not problem.prices_time:
        return 1
    finest = _FINEST_COST if problem.rules.balance is None else _FINEST_SQUARE_COST
    return max(1, min(finest, _MOST_COST // (sum(problem.penalties) + 1)))


def horizon_s(problem: Problem) -> int:
    """Return the moment by which every route has ended."""
    return max(problem.latest_ends_s)


def travel_s(problem: Problem) -> list[Integers]:
    """Return travel between nodes by travel class; a leg without a path takes longer than any shift.

    Where the hour tells the speed it is that of the slowest hour: the model is stricter then, never looser.
    """
    too_long_s = horizon_s(problem) + 1
    speeds = problem.speeds or [None] * len(problem.durations_s)
    return [
        with_open_end(problem, np.where(durations_s == NO_PATH, too_long_s, most_s(durations_s, one)))
        for durations_s, one in zip(problem.durations_s, speeds, strict=True)
    ]


def travel_m(problem: Problem) -> list[Integers]:
    """Return metres between nodes by travel class; time alone bars a leg without a path."""
    return [with_open_end(problem, np.maximum(0, distances_m)) for distances_m in problem.distances_m]
