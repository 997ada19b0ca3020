"""Travel of a period: asked of the roads once, between all places; each day has some of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo_engine.geometry import Position
from geo_engine.planning.day import DayRequest, state_day
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.travel.integers import Integers
from geo_engine.planning.travel.modes import travel_by_mode
from geo_engine.planning.travel.speeds import mean_s
from geo_engine.roads import RoadRouter, TravelMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTravel:
    """Travel between places by each mode, and which row and column of the matrices each place has."""

    places: Mapping[Position, int]
    matrices: Mapping[str, TravelMatrix]

    def problem(self, request: DayRequest) -> Problem:
        """Return the problem of a day all of whose places are known.

        Raises
        ------
        InvalidInput
            As `build_problem`.
        """
        jobs, shifts, rules = state_day(request)
        between = self._between(places_of(jobs, shifts, rules))
        return build_problem(jobs, shifts, between, rules)

    def _between(self, places: Sequence[Position]) -> dict[str, TravelMatrix]:
        own = [self.places[place] for place in places]
        return {
            mode: TravelMatrix(
                durations_s=matrix.durations_s[np.ix_(own, own)],
                distances_m=matrix.distances_m[np.ix_(own, own)],
                is_estimate=matrix.is_estimate,
            )
            for mode, matrix in self.matrices.items()
        }


def find_travel(request: DayRequest, router: RoadRouter) -> KnownTravel:
    """Return travel between all places of a day that has every site and worker.

    Raises
    ------
    InvalidInput, Unavailable
        As `RoadRouter.of_mode`.
    """
    places = list(dict.fromkeys(places_of(*state_day(request))))
    modes = (worker.mode for worker in request.workers)
    matrices, _ = travel_by_mode(places, modes, router, request.snap_limit_m)
    return KnownTravel(places={place: index for index, place in enumerate(places)}, matrices=matrices)


def usual_ways_s(problem: Problem) -> tuple[Integers, ...]:
    """Return, per travel class, the seconds each leg takes at the mean of all hours, shape (n, n)."""
    speeds = problem.speeds or [None] * len(problem.durations_s)
    return tuple(mean_s(one, its) for one, its in zip(problem.durations_s, speeds, strict=True))
