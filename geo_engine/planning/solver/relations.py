"""What binds jobs to each other and to the beginning of a route, stated in the routing model."""

from geo_engine.planning.problem import Bond
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.solver.nodes import RoutingModel, horizon_s
from geo_engine.planning.solver.setups import setup_s

_NOBODY = -1


def state_relations(model: RoutingModel) -> None:
    """State every relation of the problem."""
    state = {
        RelationKind.SHIPMENT: _state_shipment,
        RelationKind.SAME_WORKER: _state_same_worker,
        RelationKind.AFTER: _state_after,
    }
    for bond in model.problem.bonds:
        state[bond.kind](model, bond)


def state_prefixes(model: RoutingModel) -> None:
    """Let each route begin with what it has to."""
    for vehicle, prefix in enumerate(model.problem.prefixes):
        index = model.routing.Start(vehicle)
        for job_index in prefix:
            following = model.manager.NodeToIndex(job_index)
            model.routing.NextVar(index).SetValue(following)
            index = following


def _state_shipment(model: RoutingModel, bond: Bond) -> None:
    """Both by one worker or by nobody; that the first comes first is what OR-Tools makes of a pickup and a delivery."""
    routing = model.routing
    first, second = model.manager.NodeToIndex(bond.first), model.manager.NodeToIndex(bond.second)
    routing.AddPickupAndDelivery(first, second)
    routing.solver().Add(routing.VehicleVar(first) == routing.VehicleVar(second))


def _state_same_worker(model: RoutingModel, bond: Bond) -> None:
    routing, solver = model.routing, model.routing.solver()
    first, second = (routing.VehicleVar(model.manager.NodeToIndex(index)) for index in (bond.first, bond.second))
    left_out = [solver.IsEqualCstVar(one, _NOBODY) for one in (first, second)]
    solver.Add(solver.Sum([solver.IsEqualVar(first, second), *left_out]) >= 1)


def _state_after(model: RoutingModel, bond: Bond) -> None:
    routing, solver, job = model.routing, model.routing.solver(), model.problem.jobs[bond.first]
    first, second = (routing.ActiveVar(model.manager.NodeToIndex(index)) for index in (bond.first, bond.second))
    solver.Add(second <= first)
    ends_after_s = job.service_s + bond.gap_s
    free = horizon_s(model.problem) + job.setup_s + ends_after_s
    ready = model.begins_at(bond.first) + setup_s(model, bond.first) + ends_after_s
    solver.Add(model.begins_at(bond.second) + free >= ready + second * free)
