"""Which reference system coordinates seem to be written in: where they lie nearest to what they should be near."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.crs import Crs, LonLatArray, Region, array_from_wgs84, array_to_wgs84, is_within

type NearnessOf = Callable[[LonLatArray], NDArray[np.float64]]
"""Gives how far each position, shape (n, 2), WGS 84, lies from the nearest thing it should be near, in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsFitParams:
    """When another reference system is named; measured by ``tests/benchmarks/crs_offset.py``.

    Parameters
    ----------
    least_count, most_count
        Fewer places tell nothing; of more, so many are compared.
    apart_deg
        Of the places in a square of this side one is compared: what stands together is shifted together.
    close_m
        How far a place lies from what it is near.
    same_m
        Two distances that differ by no more are the same.
    far_m
        What is farther off is as good as nowhere.
    least_sigmas
        How far the count of places that come nearer exceeds that of those that get farther, in its own standard
        deviations if it were chance.
    least_close, least_gain
        The share of places that are close in the other system, and by how much it exceeds that in the declared one.
    """

    least_count: int = 10
    most_count: int = 1_000
    apart_deg: float = 0.0002
    close_m: float = 20.0
    same_m: float = 2.0
    far_m: float = 100.0
    least_sigmas: float = 3.0
    least_close: float = 0.4
    least_gain: float = 0.15


DEFAULT_PARAMS = CrsFitParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyCrs:
    """Another system than the declared one, in which places come nearer to what they should be near.

    Parameters
    ----------
    count, nearer_count
        How many places were compared, and how many of them come nearer.
    declared_m, likely_m
        How far off they lie in the median, by either system.
    """

    declared: Crs
    likely: Crs
    count: int
    nearer_count: int
    declared_m: float
    likely_m: float

    def facts(self) -> dict[str, str | int]:
        """Return what sentences say of it."""
        return {
            "nearer": self.nearer_count,
            "count": self.count,
            "likely": self.likely.label,
            "declared": self.declared.label,
            "likely_m": round(self.likely_m),
            "declared_m": round(self.declared_m),
        }


def find_likely_crs(
    lonlat: LonLatArray, *, declared: Crs, nearness_of: NearnessOf, params: CrsFitParams = DEFAULT_PARAMS
) -> LikelyCrs | None:
    """Return the system that coordinates seem to be written in; None when the declared one is as good as any.

    Parameters
    ----------
    lonlat
        Shape (n, 2), WGS 84, as converted from `declared`; what lies outside mainland China is left aside.

    Notes
    -----
    Cost: O(n), and three questions of at most `most_count` places to `nearness_of`.
    """
    places = _apart(lonlat[is_within(lonlat, Region.MAINLAND)], params)
    if len(places) < params.least_count:
        return None
    written = array_from_wgs84(places, crs=declared)
    distances_m = {crs: nearness_of(array_to_wgs84(written, crs=crs)) for crs in Crs}
    return judge_distances(distances_m, declared=declared, params=params)


def judge_distances(
    distances_m: Mapping[Crs, NDArray[np.float64]], *, declared: Crs, params: CrsFitParams = DEFAULT_PARAMS
) -> LikelyCrs | None:
    """Return the system in which places clearly fit better than in the declared one.

    Parameters
    ----------
    distances_m
        By system, how far the same places lie from what they should be near.

    Notes
    -----
    A sign test of each place with itself, so that a quarter with wide blocks counts no more than one with narrow
    ones, and a share of close places, so that nobody is sent from an unmapped quarter into a mapped one.
    """
    found = [
        likely
        for crs in distances_m
        if crs is not declared and (likely := _compare(distances_m, declared, crs, params)) is not None
    ]
    return min(found, key=lambda one: _mean_m(distances_m[one.likely], params), default=None)


def _compare(
    distances_m: Mapping[Crs, NDArray[np.float64]], declared: Crs, other: Crs, params: CrsFitParams
) -> LikelyCrs | None:
    before_m, after_m = distances_m[declared], distances_m[other]
    gain_m = before_m.clip(max=params.far_m) - after_m.clip(max=params.far_m)
    nearer_count, farther_count = int((gain_m > params.same_m).sum()), int((gain_m < -params.same_m).sum())
    is_clear = nearer_count - farther_count >= params.least_sigmas * np.sqrt(nearer_count + farther_count)
    close_before, close_after = ((one <= params.close_m).mean() for one in (before_m, after_m))
    is_good = close_after >= params.least_close and close_after - close_before >= params.least_gain
    if not (nearer_count and is_clear and is_good):
        return None
    return LikelyCrs(
        declared=declared,
        likely=other,
        count=len(before_m),
        nearer_count=nearer_count,
        declared_m=float(np.median(before_m)),
        likely_m=float(np.median(after_m)),
    )


def _mean_m(distances_m: NDArray[np.float64], params: CrsFitParams) -> float:
    return float(distances_m.clip(max=params.far_m).mean())


def _apart(lonlat: LonLatArray, params: CrsFitParams) -> LonLatArray:
    _, first = np.unique(np.floor(lonlat / params.apart_deg), axis=0, return_index=True)
    every = max(1, -(-len(first) // params.most_count))
    chosen: LonLatArray = lonlat[np.sort(first)[::every]]
    return chosen
