"""The middle of each worker's area on a day: home, or where several start together, that of a part of the sites."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.geometry.measure import distance_matrix_m
from geo_engine.ids import WorkerId
from geo_engine.planning.model import Job, Shift

_ROUNDS = 20


def area_centres(jobs: Sequence[Job], shifts: Sequence[Shift]) -> dict[WorkerId, Position]:
    """Return each worker's centre.

    Notes
    -----
    Who starts alone has the start. Who starts where others do has one of the medoids, as the crow flies, that part
    the jobs among them: farthest first, then moved to the middle of what is nearest to them until nothing moves.
    O(jobs²) memory where anybody shares a start.
    """
    together: dict[Position, list[WorkerId]] = {}
    for shift in shifts:
        together.setdefault(shift.start, []).append(shift.worker_id)
    found: dict[WorkerId, Position] = {}
    places = list(dict.fromkeys(job.position for job in jobs))
    ways_m = distance_matrix_m(places) if places and any(len(some) > 1 for some in together.values()) else None
    for start, worker_ids in together.items():
        if len(worker_ids) == 1 or ways_m is None:
            found |= dict.fromkeys(worker_ids, start)
        else:
            middles = _medoids(ways_m, len(worker_ids))
            found |= {one: places[middles[number % len(middles)]] for number, one in enumerate(worker_ids)}
    return found


def _medoids(ways_m: NDArray[np.float64], count: int) -> list[int]:
    middles = [int(ways_m.sum(axis=1).argmax())]
    while len(middles) < min(count, len(ways_m)):
        middles.append(int(ways_m[:, middles].min(axis=1).argmax()))
    for _ in range(_ROUNDS):
        nearest = ways_m[:, middles].argmin(axis=1)
        moved = [_middle(ways_m, np.flatnonzero(nearest == number)) for number in range(len(middles))]
        if moved == middles:
            break
        middles = moved
    return middles


def _middle(ways_m: NDArray[np.float64], members: NDArray[np.int64]) -> int:
    return int(members[ways_m[np.ix_(members, members)].sum(axis=1).argmin()])
