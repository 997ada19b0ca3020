"""What is told beside a day that is planned anew from now on: why visits are left out, and what the rest saves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from geo_engine.ids import WorkerId
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.explain.offers import BestPlace, Lever, Offer, WhyNot
from geo_engine.planning.insertion import IndexOrders, indexed, named
from geo_engine.planning.model import Unassigned, WorkerNames
from geo_engine.planning.problem import Problem
from geo_engine.planning.replan.frozen import Frozen
from geo_engine.planning.replan.rest import Rest, continued
from geo_engine.planning.solver.baselines import QUICKLY_COMPARED, Travel, list_orders, nearest_orders, travel_of
from geo_engine.words import Message


def orders_of(problem: Problem, found: Evaluation) -> IndexOrders:
    """Return the orders that were judged, by index."""
    return indexed(
        problem, {route.worker_id: [visit.job_id for visit in route.planned_visits] for route in found.routes}
    )


def of_whole_day(why_not: WhyNot, rest: Rest, now: datetime) -> WhyNot:
    """Return why a job is on no route of what is left, its places counted in the order of the whole day.

    Nobody who has left begins earlier, and nobody before now: such offers are no more.
    """
    places = tuple(_place(one, rest.frozen[one.worker_id], now) for one in why_not.places)
    return replace(why_not, places=places)


def _place(place: BestPlace, frozen: Frozen, now: datetime) -> BestPlace:
    by = len(frozen.visits)
    offers = tuple(
        replace(one, position=one.position + by) for one in place.offers if not _is_too_late(one, frozen, now)
    )
    return replace(place, position=place.position + by, offers=offers)


def _is_too_late(offer: Offer, frozen: Frozen, now: datetime) -> bool:
    earlier = [one.to_at for one in offer.relaxations if one.lever is Lever.SHIFT_EARLIER]
    return any(frozen.has_left or to_at is None or to_at < now for to_at in earlier)


def told_with_holder(left: Unassigned, rest: Rest, worker_names: Mapping[WorkerId, str]) -> Unassigned:
    """Return why a job is left out, told with whose it was where the plan before had placed it in what is left."""
    holder = next((worker_id for worker_id, order in rest.orders.items() if left.job_id in order), None)
    if holder is None:
        return left
    names = WorkerNames(((holder, worker_names.get(holder, holder)),))
    detail = Message(
        "Planning anew took it off the route of {worker}. {reason}", {"worker": names, "reason": left.detail}
    )
    return replace(left, detail=detail)


def travel_otherwise(
    rest: Rest, problem: Problem, found: Evaluation, *, is_quick: bool
) -> tuple[Travel | None, Travel | None]:
    """Return what the day takes if the rest of its visits is made by nearest neighbour, and in the given order.

    What is over or begun is the same in all of them. None where nothing is left, and by nearest neighbour also where
    it does not make the very same visits, for then less is driven because less is done.

    Parameters
    ----------
    is_quick
        Whether somebody waits for it: of more than 500 visits nearest neighbour is then left unknown.
    """
    orders = orders_of(problem, found)
    if not orders:
        return None, None
    count = sum(map(len, orders.values()))
    nearest = {} if is_quick and count > QUICKLY_COMPARED else nearest_orders(problem, orders)
    is_same = sum(map(len, nearest.values())) == count
    return _travel(rest, problem, nearest) if is_same else None, _travel(rest, problem, list_orders(orders))


def _travel(rest: Rest, problem: Problem, orders: IndexOrders) -> Travel:
    return travel_of(problem, continued(rest, problem, evaluate(problem, named(problem, orders))))
