"""One worker's route as a problem of its own, in which other jobs are put on it by trial."""

from collections.abc import Sequence

from geo_engine.ids import JobId
from geo_engine.planning.evaluate import Evaluation, evaluate, route_violations
from geo_engine.planning.explain.offers import BestPlace, Offer, Relaxation
from geo_engine.planning.explain.relaxation import relaxed, strain, worsened
from geo_engine.planning.insertion import Room, inserted, is_feasible
from geo_engine.planning.model import Violation, ViolationKind
from geo_engine.planning.narrowing import narrowed
from geo_engine.planning.problem import Problem

_PLACE_COUNT = 2
_GRAVEST_FIRST = (
    ViolationKind.NO_PATH,
    ViolationKind.LOCKED,
    ViolationKind.WORKER,
    ViolationKind.SKILL,
    ViolationKind.CAPACITY,
    ViolationKind.MAX_VISITS,
    ViolationKind.WINDOW,
    ViolationKind.BREAK,
    ViolationKind.SHIFT,
    ViolationKind.MAX_DRIVING,
    ViolationKind.MAX_DISTANCE,
    ViolationKind.SHIPMENT,
    ViolationKind.SAME_WORKER,
    ViolationKind.AFTER,
)


class Trial:
    """A worker's route beside jobs that are on none; it may break rules itself.

    Parameters
    ----------
    order
        The route, as indices of the whole problem's jobs.
    job_indices
        The jobs to be tried, as indices of the whole problem's.

    Attributes
    ----------
    problem
        The one shift with the route's jobs, then those to be tried: everything here is said in its indices.
    """

    def __init__(self, problem: Problem, shift_index: int, order: Sequence[int], job_indices: Sequence[int]) -> None:
        self.problem = narrowed(problem, shift_index, [*order, *job_indices])
        self.worker_id = problem.shifts[shift_index].worker_id
        self.order = list(range(len(order)))
        self._room = Room(self.problem, 0, self.order)
        self._broken = route_violations(self.problem, 0, self.order) if order else []
        self._before = self._evaluate(self.problem, self.order)

    def fits(self, problem: Problem, order: Sequence[int]) -> bool:
        """Return whether an order breaks nothing in `problem` that the route as it is does not."""
        if not self._broken:
            return is_feasible(problem, 0, order)
        return not worsened(self._broken, route_violations(problem, 0, order))

    def broken_by(self, problem: Problem, order: Sequence[int]) -> tuple[Violation, ...]:
        """Return what an order breaks in `problem` that the route as it is does not, the gravest first."""
        if not self._broken and is_feasible(problem, 0, order):
            return ()
        worse = worsened(self._broken, route_violations(problem, 0, order))
        return tuple(sorted(worse, key=lambda found: _GRAVEST_FIRST.index(found.kind)))

    def best_places(self, job_index: int, place_count: int) -> list[BestPlace]:
        """Return the places where a job strains the route's rules least, then costs least, without their offers.

        One that breaks nothing is the only one.

        Parameters
        ----------
        place_count
            How many places are judged with breaks, limits and all: those that look best by time alone.
        """
        judged = []
        for place in self._room.ranked(job_index)[:place_count]:
            broken = self.broken_by(self.problem, inserted(self.order, job_index, place.position))
            judged.append((strain(broken), place.cost, place.position, broken))
            if not broken:
                judged = judged[-1:]
                break
        ordered = sorted(judged, key=lambda one: one[:3])
        return [self._place(job_index, position, broken) for _, _, position, broken in ordered[:_PLACE_COUNT]]

    def _place(self, job_index: int, position: int, broken: tuple[Violation, ...]) -> BestPlace:
        after = self._evaluate(self.problem, inserted(self.order, job_index, position))
        return BestPlace(
            worker_id=self.worker_id,
            position=position,
            cost=self._routes_cost(after) - self._routes_cost(self._before),
            travel_s=after.travel_s - self._before.travel_s,
            travel_m=after.travel_m - self._before.travel_m,
            broken=broken,
            offers=(),
        )

    def cheapest_fit(self, job_index: int, order: Sequence[int]) -> int | None:
        """Return the cheapest position at which a job fits an order; None when it fits nowhere."""
        places = sorted(Room(self.problem, 0, order).places(job_index), key=lambda place: (place.cost, place.position))
        fitting = (one.position for one in places if self.fits(self.problem, inserted(order, job_index, one.position)))
        return next(fitting, None)

    def offer(
        self,
        job_index: int,
        position: int,
        relaxations: tuple[Relaxation, ...] = (),
        *,
        leaves_out: int | None = None,
    ) -> Offer | None:
        """Return what taking a way amounts to; None unless `evaluate` says that it breaks nothing new."""
        problem = relaxed(self.problem, self.worker_id, relaxations)
        kept = [index for index in self.order if index != leaves_out]
        after = self._evaluate(problem, inserted(kept, job_index, position))
        broken = [found for found in after.violations if found.kind is not ViolationKind.REQUIRED]
        if worsened(self._broken, broken):
            return None
        return Offer(
            worker_id=self.worker_id,
            job_id=self.problem.jobs[job_index].id,
            position=position,
            relaxations=relaxations,
            leaves_out=None if leaves_out is None else self.problem.jobs[leaves_out].id,
            cost=self._routes_cost(after) - self._routes_cost(self._before),
            travel_s=after.travel_s - self._before.travel_s,
            travel_m=after.travel_m - self._before.travel_m,
        )

    def _evaluate(self, problem: Problem, order: Sequence[int]) -> Evaluation:
        return evaluate(problem, {self.worker_id: self._ids(order)})

    def _ids(self, order: Sequence[int]) -> list[JobId]:
        return [self.problem.jobs[index].id for index in order]

    @staticmethod
    def _routes_cost(evaluation: Evaluation) -> int:
        return evaluation.cost - evaluation.cost_unassigned
