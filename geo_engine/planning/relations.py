"""What binds jobs to each other: pairs for one worker, and what may begin only after another has ended.

Routes that wait for each other are timed together: each as early as can be, then again with what the others
make it wait for, until nothing moves. Each route places its breaks alone.
"""

from collections.abc import Iterable, Mapping, Sequence

from geo_engine.planning.model import Violation, ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.timetable import Timetable, actions_s, find_timetable, over_driving_s

IndexOrders = Mapping[int, Sequence[int]]


def settle(problem: Problem, orders: IndexOrders, tables: Mapping[int, Timetable]) -> dict[int, Timetable]:
    """Return the timetables in which later jobs wait for earlier ones, as far as they can.

    Parameters
    ----------
    tables
        By shift index, of the same orders, as if nothing waited.

    Notes
    -----
    A route that cannot wait so long keeps its times, and so do routes that wait for each other in a circle after as
    many rounds as there are relations: `relation_violations` tells of both.
    """
    settled, waits_s = dict(tables), dict[int, int]()
    pairs = [bond for bond in problem.bonds if bond.kind is RelationKind.AFTER]
    for _ in range(len(pairs) + 1):
        ends_s = _ends_s(problem, orders, settled)
        asked_s: dict[int, int] = {}
        for bond in pairs:
            if bond.first in ends_s and bond.second in ends_s:
                asked_s[bond.second] = max(asked_s.get(bond.second, 0), ends_s[bond.first] + bond.gap_s)
        moved = {job_index for job_index, wait_s in asked_s.items() if waits_s.get(job_index) != wait_s}
        waits_s = asked_s
        for shift_index, order in orders.items():
            if moved.intersection(order):
                found = find_timetable(problem, shift_index, order, waits_s=waits_s)
                settled[shift_index] = found or settled[shift_index]
        if not moved:
            break
    return settled


def _ends_s(problem: Problem, orders: IndexOrders, tables: Mapping[int, Timetable]) -> dict[int, int]:
    return {
        job_index: start_s + action_s
        for shift_index, order in orders.items()
        for job_index, start_s, action_s in zip(
            order, tables[shift_index].starts_s, actions_s(problem, shift_index, order), strict=True
        )
    }


def route_timetable(problem: Problem, shift_index: int, order: Sequence[int]) -> Timetable | None:
    """Return the timetable of a route that keeps every rule of time, its own jobs waiting for each other; None if none.

    What other routes make it wait for is not known here.
    """
    found = find_timetable(problem, shift_index, order)
    if found is None or over_driving_s(problem, shift_index, found):
        return None
    if not problem.bonds:
        return found
    orders = {shift_index: order}
    settled = settle(problem, orders, {shift_index: found})
    too_soon = next(iter(_too_soon(problem, orders, settled)), None)
    return settled[shift_index] if too_soon is None else None


def split_pairs(problem: Problem, order: Sequence[int]) -> Iterable[Violation]:
    """Give the halves of shipments in a route without the other half on its right side, and the wrong way round."""
    place = {job_index: stop for stop, job_index in enumerate(order)}
    for bond in problem.bonds:
        if bond.kind is RelationKind.SHIPMENT:
            first, second = place.get(bond.first), place.get(bond.second)
            if second is not None and (first is None or first > second):
                yield Violation(kind=ViolationKind.SHIPMENT, job_id=problem.jobs[bond.second].id)
            elif first is not None and second is None:
                yield Violation(kind=ViolationKind.SHIPMENT, job_id=problem.jobs[bond.first].id)


def relation_violations(problem: Problem, orders: IndexOrders, tables: Mapping[int, Timetable]) -> Iterable[Violation]:
    """Give what a plan breaks between jobs, beyond what each route shows (see `split_pairs`)."""
    shift_of = {job_index: shift_index for shift_index, order in orders.items() for job_index in order}
    for bond in problem.bonds:
        if bond.second not in shift_of:
            continue
        worker_id, job_id = problem.shifts[shift_of[bond.second]].worker_id, problem.jobs[bond.second].id
        if bond.kind is RelationKind.AFTER and bond.first not in shift_of:
            yield Violation(kind=ViolationKind.AFTER, worker_id=worker_id, job_id=job_id)
        apart = shift_of.get(bond.first, shift_of[bond.second]) != shift_of[bond.second]
        if bond.kind is RelationKind.SAME_WORKER and apart:
            yield Violation(kind=ViolationKind.SAME_WORKER, worker_id=worker_id, job_id=job_id)
    yield from _too_soon(problem, orders, tables)


def _too_soon(problem: Problem, orders: IndexOrders, tables: Mapping[int, Timetable]) -> Iterable[Violation]:
    begun_s, ends_s = dict[int, int](), _ends_s(problem, orders, tables)
    worker_of = {}
    for shift_index, order in orders.items():
        begun_s.update(zip(order, tables[shift_index].starts_s, strict=True))
        worker_of.update(dict.fromkeys(order, problem.shifts[shift_index].worker_id))
    for bond in problem.bonds:
        if bond.kind is RelationKind.AFTER and bond.first in ends_s and bond.second in begun_s:
            early_s = ends_s[bond.first] + bond.gap_s - begun_s[bond.second]
            if early_s > 0:
                job_id = problem.jobs[bond.second].id
                yield Violation(
                    kind=ViolationKind.AFTER, worker_id=worker_of[bond.second], job_id=job_id, excess=early_s
                )


def keeps_relations(problem: Problem, orders: IndexOrders) -> bool:
    """Return whether a plan whose routes each keep their rules breaks nothing between jobs of different routes."""
    if not problem.bonds:
        return True
    used = {shift_index: order for shift_index, order in orders.items() if order}
    tables = {}
    for shift_index, order in used.items():
        found = find_timetable(problem, shift_index, order)
        if found is None or over_driving_s(problem, shift_index, found):
            return False
        tables[shift_index] = found
    settled = settle(problem, used, tables)
    return next(iter(relation_violations(problem, used, settled)), None) is None
