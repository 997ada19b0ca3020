"""What a day's travel is made of: a matrix for each mode that somebody travels by, and what no road is near to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_engine.geometry import Position
from geo_engine.roads import RoadRouter, TravelMatrix
from geo_engine.travel_modes import TravelMode


@dataclass(frozen=True, slots=True, kw_only=True)
class FarPlaces:
    """The places that are too far from any road.

    Parameters
    ----------
    by_mode
        By place how many metres it is from any road of the mode, where that is too far.
    """

    by_mode: Mapping[TravelMode, Mapping[int, float]]

    @property
    def for_all(self) -> Mapping[int, float]:
        """By place how far the nearest road of any mode is, where it is too far by every mode."""
        first, *others = self.by_mode.values() or ({},)
        return {
            place: min(distance_m, *(other[place] for other in others), distance_m)
            for place, distance_m in first.items()
            if all(place in other for other in others)
        }


def travel_by_mode(
    places: Sequence[Position], modes: Iterable[TravelMode], router: RoadRouter, snap_limit_m: float
) -> tuple[Mapping[str, TravelMatrix], FarPlaces]:
    """Return travel between all places by each of the modes, each on its own roads, and what is too far from those.

    Raises
    ------
    InvalidInput, Unavailable
        As `RoadRouter.of_mode`.
    """
    matrices: dict[str, TravelMatrix] = {}
    far_m: dict[TravelMode, Mapping[int, float]] = {}
    for mode in dict.fromkeys(modes):
        roads = router.of_mode(mode)
        far_m[mode] = _far_from_roads(places, roads, snap_limit_m)
        matrices[mode.value] = _without_far(roads.matrix(places), far_m[mode])
    return matrices, FarPlaces(by_mode=far_m)


def _far_from_roads(places: Sequence[Position], router: RoadRouter, limit_m: float) -> dict[int, float]:
    snaps = router.nearest(places)
    return {index: snap.distance_m for index, snap in enumerate(snaps) if snap.distance_m > limit_m}


def _without_far(matrix: TravelMatrix, far: Mapping[int, float]) -> TravelMatrix:
    durations_s = np.array(matrix.durations_s, dtype=np.float64)
    durations_s[list(far), :] = np.nan
    durations_s[:, list(far)] = np.nan
    return replace(matrix, durations_s=durations_s)
