"""What keeps a worker's stops together: a price on visits far from the middle of the worker's area."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.planning.model import Shift
from geo_engine.planning.rules import Compactness
from geo_engine.planning.travel.integers import Integers


def missing_centres(positions: Sequence[Position], compactness: Compactness | None) -> list[Position]:
    """Return the centres that are none of the places there are, once each."""
    if compactness is None:
        return []
    known = set(positions)
    return list(dict.fromkeys(centre for centre in compactness.centres.values() if centre not in known))


def area_costs(
    compactness: Compactness | None,
    job_count: int,
    shifts: Sequence[Shift],
    positions: Sequence[Position],
    travel_s: Sequence[Integers],
) -> NDArray[np.int64] | None:
    """Return what it costs that jobs are far from the middle of a shift's area, shape (jobs, shifts); None if nothing.

    Parameters
    ----------
    positions
        Every place, centres included; the jobs first.
    travel_s
        Per shift, seconds at full speed between them.

    Notes
    -----
    The way from the centre to the job counts; a job with no such way costs nothing here.
    """
    if compactness is None:
        return None
    place_of = {position: place for place, position in reversed(list(enumerate(positions)))}
    costs = np.zeros((job_count, len(shifts)), dtype=np.int64)
    for index, shift in enumerate(shifts):
        centre = compactness.centres.get(shift.worker_id)
        if centre is not None:
            beyond_s = np.maximum(0, travel_s[index][place_of[centre], :job_count] - compactness.free_s)
            costs[:, index] = np.rint(beyond_s * float(compactness.cost_per_hour) / 3600.0)
    return costs if costs.any() else None
