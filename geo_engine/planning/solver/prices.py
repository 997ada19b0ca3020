"""What a plan costs, stated in the routing model: exactly where time has no price, else as near as it can."""

from ortools.constraint_solver import pywrapcp

from geo_engine.planning.solver.nodes import RoutingModel, arc_costs, cost_scale


def state_costs(model: RoutingModel) -> None:
    """State what using a shift, travelling and doing a job costs."""
    problem, routing = model.problem, model.routing
    registered: dict[tuple[int, bytes], int] = {}
    scale = cost_scale(problem)
    for vehicle, (key, costs) in enumerate(arc_costs(problem)):
        if key not in registered:
            registered[key] = routing.RegisterTransitMatrix((costs() * scale).tolist())
        routing.SetArcCostEvaluatorOfVehicle(registered[key], vehicle)
        routing.SetFixedCostOfVehicle(problem.fixed_costs[vehicle] * scale, vehicle)


def state_time_prices(model: RoutingModel) -> None:
    """State what overtime, waiting, broken promises and long days cost.

    As near as the model can: it counts breaks as waiting, rounds by the second, and leaves when it costs least.
    """
    problem, rules, scale = model.problem, model.problem.rules, cost_scale(model.problem)
    time = model.routing.GetDimensionOrDie("time")
    for vehicle, shift in enumerate(problem.shifts):
        if shift.max_overtime_s and shift.cost_per_overtime_hour:
            price = round(shift.cost_per_overtime_hour * scale / 3600)
            time.SetCumulVarSoftUpperBound(model.routing.End(vehicle), problem.spans[vehicle][1], price)
        if shift.cost_per_waiting_hour:
            time.SetSlackCostCoefficientForVehicle(round(shift.cost_per_waiting_hour * scale / 3600), vehicle)
        if rules.balance is not None:
            price = round(rules.balance.cost_per_hour_squared * scale / 3600**2)
            beyond = pywrapcp.BoundCost(rules.balance.target_s, price)
            time.SetQuadraticCostSoftSpanUpperBoundForVehicle(beyond, vehicle)
    late_price = round(rules.late_cost_per_minute * scale / 60)
    for job_index, due_s in enumerate(problem.promises_s):
        if due_s is not None and late_price:
            time.SetCumulVarSoftUpperBound(model.manager.NodeToIndex(job_index), max(0, due_s), late_price)
