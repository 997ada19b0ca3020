"""How a car gets along a road path: it speeds up, cruises, slows at bends, waits at lights and crawls in queues."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import LonLat
from geo_engine.geometry.measure import geodesics_m

FASTEST_MPS = 38.0
"""No simulated car is faster."""

_STEP_M = 5.0
_SHORTEST_DRIVE_M = 1.0
_TRAFFIC_EVERY_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingParams:
    """How cars and traffic are.

    Parameters
    ----------
    acceleration_mps2, braking_mps2, sideways_mps2
        What a driver asks of a car: speeding up, slowing down, and across in a bend.
    slowest_bend_mps
        Speed in the sharpest bend, a turn on the spot among them.
    traffic
        Range of the factor by which traffic changes the speed of free stretches, drawn each 300 m.
    lights_per_km, light_s
        How often a car has to wait at a light, and how long; no light is near an end, another one or a queue, so that
        no wait looks like a stay.
    queue_share, queue_mps, queue_s
        Share of drives (of a kilometre or more) with a queue, its mean speed, and about how long it takes.
    """

    acceleration_mps2: float = 1.4
    braking_mps2: float = 1.8
    sideways_mps2: float = 2.5
    slowest_bend_mps: float = 2.0
    traffic: tuple[float, float] = (0.65, 1.15)
    lights_per_km: float = 0.6
    light_s: tuple[float, float] = (5.0, 110.0)
    queue_share: float = 0.2
    queue_mps: tuple[float, float] = (0.6, 2.5)
    queue_s: tuple[float, float] = (90.0, 420.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """Where a car is when, linear between its moments; arrays of one length.

    Parameters
    ----------
    times_s
        From the moment it moves off, not descending; two places at one moment are one place.
    lons_deg, lats_deg
        WGS 84.
    """

    times_s: NDArray[np.float64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]


def drive_along(
    line: Sequence[LonLat], *, duration_s: float, generator: np.random.Generator, params: DrivingParams | None = None
) -> Drive | None:
    """Drive along a line, standing at both of its ends; None when it is shorter than a metre.

    Parameters
    ----------
    line
        (lon, lat) pairs, WGS 84.
    duration_s
        What a router thinks it takes, which sets the speed of free stretches.

    Notes
    -----
    Speeds are limited place by place, then what the car can do is a running minimum each way: v² grows by at most
    2·a·Δs. O(n log n) in the line's length.
    """
    points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    steps_m = geodesics_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    at_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    length_m = float(at_m[-1])
    if length_m < _SHORTEST_DRIVE_M:
        return None
    params = params or DrivingParams()
    free_mps = float(np.clip(1.2 * length_m / max(duration_s, 1.0), 5.0, FASTEST_MPS))
    road = _Road(at_m, free_mps, params)
    road.slow_at_bends(points, at_m)
    road.meet_traffic(generator)
    times_s, knots_m = road.driven(generator)
    return Drive(
        times_s=times_s,
        lons_deg=np.interp(knots_m, at_m, points[:, 0]),
        lats_deg=np.interp(knots_m, at_m, points[:, 1]),
    )


class _Road:
    """A road as a driver meets it: how fast each of its places may be passed."""

    def __init__(self, at_m: NDArray[np.float64], free_mps: float, params: DrivingParams) -> None:
        length_m = float(at_m[-1])
        step_m = min(_STEP_M, length_m / 4)
        self._params = params
        self._length_m = length_m
        self._knots_m = np.unique(np.concatenate([at_m, np.arange(0.0, length_m, step_m)]))
        self._limits_mps = np.full(len(self._knots_m), free_mps)
        self._waits_s = np.zeros(len(self._knots_m))
        self._taken_m = [(0.0, 0.0), (length_m, length_m)]

    def slow_at_bends(self, points: NDArray[np.float64], at_m: NDArray[np.float64]) -> None:
        """Limit the speed at each point of the line by the bend there: v² = a·r."""
        scale = np.array([np.cos(np.radians(points[0, 1])), 1.0])
        headings = np.arctan2(*(np.diff(points, axis=0) * scale).T)
        turns = np.abs((np.diff(headings) + np.pi) % (2 * np.pi) - np.pi)
        arms_m = np.minimum(np.diff(at_m)[:-1], np.diff(at_m)[1:])
        radii_m = arms_m / 2 / np.maximum(np.tan(np.minimum(turns, np.pi - 1e-6) / 2), 1e-6)
        bends_mps = np.maximum(np.sqrt(self._params.sideways_mps2 * radii_m), self._params.slowest_bend_mps)
        self._limit(np.searchsorted(self._knots_m, at_m[1:-1]), bends_mps)

    def meet_traffic(self, generator: np.random.Generator) -> None:
        """Draw what slows the car: other cars, a queue, lights."""
        stretches = (self._knots_m // _TRAFFIC_EVERY_M).astype(np.int64)
        factors = generator.uniform(*self._params.traffic, size=int(stretches[-1]) + 1)
        self._limits_mps = np.minimum(self._limits_mps * factors[stretches], FASTEST_MPS)
        if self._length_m >= 1000.0 and generator.random() < self._params.queue_share:
            self._queue(generator)
        for _ in range(int(generator.poisson(self._params.lights_per_km * self._length_m / 1000.0))):
            self._light(generator)

    def driven(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return moments, and how far along the road the car is at each."""
        limits = self._limits_mps**2
        limits[self._waits_s > 0.0] = 0.0
        limits[[0, -1]] = 0.0
        params, knots_m = self._params, self._knots_m
        ease = generator.uniform(0.8, 1.1)
        gained, lost = 2.0 * ease * params.acceleration_mps2 * knots_m, 2.0 * ease * params.braking_mps2 * knots_m
        squares = np.minimum.accumulate(limits - gained) + gained
        squares = np.minimum.accumulate((squares + lost)[::-1])[::-1] - lost
        speeds_mps = np.sqrt(np.maximum(squares, 0.0))
        taken_s = 2.0 * np.diff(knots_m) / (speeds_mps[:-1] + speeds_mps[1:])
        arrived_s = np.concatenate([[0.0], np.cumsum(taken_s + self._waits_s[:-1])])
        # Each place comes twice, when it is reached and when it is left.
        times_s = np.stack([arrived_s, arrived_s + self._waits_s], axis=1).ravel()
        return times_s, np.repeat(knots_m, 2)

    def _queue(self, generator: np.random.Generator) -> None:
        mean_mps, lasting_s = generator.uniform(*self._params.queue_mps), generator.uniform(*self._params.queue_s)
        long_m = min(mean_mps * lasting_s, 0.5 * self._length_m)
        start_m = float(generator.uniform(150.0, self._length_m - long_m - 150.0))
        inside = np.flatnonzero((self._knots_m >= start_m) & (self._knots_m <= start_m + long_m))
        self._limit(inside, mean_mps * generator.uniform(0.4, 1.8, size=len(inside)))
        self._taken_m.append((start_m, start_m + long_m))

    def _light(self, generator: np.random.Generator) -> None:
        at_m, waited_s = generator.uniform(0.0, self._length_m), generator.uniform(*self._params.light_s)
        if all(at_m < start_m - 120.0 or at_m > end_m + 120.0 for start_m, end_m in self._taken_m):
            self._waits_s[np.searchsorted(self._knots_m, at_m)] = waited_s
            self._taken_m.append((at_m, at_m))

    def _limit(self, knots: NDArray[np.intp], speeds_mps: NDArray[np.float64]) -> None:
        self._limits_mps[knots] = np.minimum(self._limits_mps[knots], speeds_mps)
