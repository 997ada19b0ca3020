"""A town drawn by hand for simulated days: its ways need no engine."""

from collections.abc import Sequence

from geo_engine.geometry import LonLat
from geo_engine.geometry.measure import length_m
from geo_engine.roads import RoadPath

_CORNER = (7.40, 43.70)
_BLOCK_DEG = 0.004


def drawn_path(*legs: Sequence[tuple[int, int]]) -> RoadPath:
    """Return a path of legs through crossings of a grid of about 320 × 445 m, driven at 12 m/s in the mean."""
    lines = tuple(_line(leg) for leg in legs)
    distances_m = tuple(length_m(line) for line in lines)
    durations_s = tuple(distance_m / 12.0 for distance_m in distances_m)
    return RoadPath(legs=lines, durations_s=durations_s, distances_m=distances_m, is_estimate=False)


def _line(crossings: Sequence[tuple[int, int]]) -> tuple[LonLat, ...]:
    return tuple((_CORNER[0] + _BLOCK_DEG * east, _CORNER[1] + _BLOCK_DEG * north) for east, north in crossings)


TOWN_PATH = drawn_path(
    [(0, 0), (3, 0), (3, 2), (6, 2), (6, 5)],
    [(6, 5), (9, 5), (9, 1), (10, 1)],
    [(10, 1), (10, 0), (4, 0), (4, 3), (1, 3)],
)
"""The way through four places, with bends, 12 km in all."""
