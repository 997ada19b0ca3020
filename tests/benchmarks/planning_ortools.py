"""What plain OR-Tools makes of a plain day."""

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from support.plain_days import PlainDay

_UNREACHED_S = 10**7


def solve_as_in_example(day: PlainDay, limit_s: float, seed: int, cores: int) -> list[tuple[int, list[int]]]:
    """Return what OR-Tools finds as its own example of time windows has it: cheapest arcs, Python callbacks."""
    assert all(crew.rest is None and not crew.skills for crew in day.crews)
    manager, routing = _model(day)
    travel_s = day.durations_s.tolist()
    service_s = [stop.service_s for stop in day.stops] + [0] * (len(travel_s) - len(day.stops))

    def leg_s(one: int, other: int) -> int:
        return travel_s[manager.IndexToNode(one)][manager.IndexToNode(other)]

    def spent_s(one: int, other: int) -> int:
        return leg_s(one, other) + service_s[manager.IndexToNode(one)]

    def amount(one: int) -> int:
        node = manager.IndexToNode(one)
        return day.stops[node].amount if node < len(day.stops) else 0

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(leg_s))
    _state_times(day, manager, routing, routing.RegisterTransitCallback(spent_s))
    loads = [crew.capacity for crew in day.crews]
    routing.AddDimensionWithVehicleCapacity(routing.RegisterUnaryTransitCallback(amount), 0, loads, True, "load")  # noqa: FBT003
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    return _orders(manager, routing, parameters, limit_s)


def solve_natively(day: PlainDay, limit_s: float, seed: int, cores: int) -> list[tuple[int, list[int]]]:
    """Return what OR-Tools finds with native matrices; savings where all is due, else insertion, then guided search."""
    manager, routing = _model(day)
    depots = [0] * (len(day.durations_s) - len(day.stops))
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(day.durations_s.tolist()))
    service_s = [stop.service_s for stop in day.stops] + depots
    spent_s = [[leg_s + own_s for leg_s in row] for row, own_s in zip(day.durations_s.tolist(), service_s, strict=True)]
    _state_times(day, manager, routing, routing.RegisterTransitMatrix(spent_s))
    _state_rests(day, routing, service_s)
    if day.crews[0].capacity is not None:
        amounts = routing.RegisterUnaryTransitVector([stop.amount for stop in day.stops] + depots)
        routing.AddDimensionWithVehicleCapacity(amounts, 0, [crew.capacity for crew in day.crews], True, "load")  # noqa: FBT003
    if not day.is_all_due:
        _state_choice(day, manager, routing)
    first = routing_enums_pb2.FirstSolutionStrategy
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = first.SAVINGS if day.is_all_due else first.PARALLEL_CHEAPEST_INSERTION
    return _orders(manager, routing, parameters, limit_s)


def _model(day: PlainDay):  # noqa: ANN202 — OR-Tools has no types
    starts = [crew.start for crew in day.crews]
    manager = pywrapcp.RoutingIndexManager(len(day.durations_s), len(day.crews), starts, starts)
    return manager, pywrapcp.RoutingModel(manager)


def _state_times(day: PlainDay, manager, routing, transit: int) -> None:  # noqa: ANN001
    horizon_s = max(crew.span_s[1] for crew in day.crews)
    routing.AddDimension(transit, horizon_s, horizon_s, False, "time")  # noqa: FBT003
    time_s = routing.GetDimensionOrDie("time")
    for number, crew in enumerate(day.crews):
        time_s.CumulVar(routing.Start(number)).SetRange(*crew.span_s)
        time_s.CumulVar(routing.End(number)).SetRange(*crew.span_s)
    for place, stop in enumerate(day.stops):
        begins_s = time_s.CumulVar(manager.NodeToIndex(place))
        if stop.windows:
            begins_s.SetRange(stop.windows[0][0], min(horizon_s, stop.windows[-1][1]))
        for (_, closes_s), (opens_s, _) in zip(stop.windows, stop.windows[1:], strict=False):
            begins_s.RemoveInterval(closes_s + 1, opens_s - 1)


def _state_rests(day: PlainDay, routing, service_s: list[int]) -> None:  # noqa: ANN001
    for number, crew in enumerate(day.crews):
        if crew.rest is not None:
            duration_s, earliest_s, latest_s = crew.rest
            interval = routing.solver().FixedDurationIntervalVar
            rest = interval(earliest_s, latest_s, duration_s, False, f"rest {number}")  # noqa: FBT003
            routing.GetDimensionOrDie("time").SetBreakIntervalsOfVehicle([rest], number, service_s)


def _state_choice(day: PlainDay, manager, routing) -> None:  # noqa: ANN001
    for place, stop in enumerate(day.stops):
        index = manager.NodeToIndex(place)
        routing.AddDisjunction([index], _UNREACHED_S * (1 + stop.priority))
        able = [number for number, crew in enumerate(day.crews) if set(stop.skills) <= set(crew.skills)]
        routing.VehicleVar(index).SetValues([-1, *able])


def _orders(manager, routing, parameters, limit_s: float) -> list[tuple[int, list[int]]]:  # noqa: ANN001
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(1_000 * limit_s))
    solution = routing.SolveWithParameters(parameters)
    orders: list[tuple[int, list[int]]] = []
    for number in range(routing.vehicles() if solution else 0):
        index, order = solution.Value(routing.NextVar(routing.Start(number))), []
        while not routing.IsEnd(index):
            order.append(manager.IndexToNode(index))
            index = solution.Value(routing.NextVar(index))
        orders.append((number, order))
    return orders
