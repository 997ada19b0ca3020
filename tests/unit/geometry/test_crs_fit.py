"""Places that fit another reference system than was declared are told of, and others are left in peace."""

from itertools import product

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo_engine.geometry.crs import Crs, LonLatArray, array_from_wgs84, array_to_wgs84
from geo_engine.geometry.crs_fit import find_likely_crs, judge_distances

SCALE = np.array([85_300.0, 111_000.0])
RNG = np.random.default_rng(5)
# Things some 130 m apart in a town of 5 km: half of the places are nobody's.
THINGS = np.array([116.3, 39.97]) + RNG.uniform(0, 5_000, (1_500, 2)) / SCALE
TREE = shapely.STRtree(shapely.points(THINGS * SCALE))
INNER = THINGS[(np.abs(THINGS - THINGS.mean(axis=0)) < 900 / SCALE).all(axis=1)]
OTHERS = [pair for pair in product(Crs, Crs) if pair[0] is not pair[1]]


def _nearness_m(lonlat: LonLatArray) -> NDArray[np.float64]:
    _, distances_m = TREE.query_nearest(shapely.points(lonlat * SCALE), return_distance=True, all_matches=False)
    found: NDArray[np.float64] = distances_m
    return found


def _read(truth: Crs, declared: Crs, *, count: int, error_m: float = 8.0) -> LonLatArray:
    """Return places as read in one system that were written in another."""
    rng = np.random.default_rng(count)
    places = INNER[rng.choice(len(INNER), count, replace=False)] + rng.normal(size=(count, 2)) * error_m / SCALE
    return array_to_wgs84(array_from_wgs84(places, crs=truth), crs=declared)


@pytest.mark.parametrize(("truth", "declared"), OTHERS)
def test_a_wrong_declaration_is_told_with_its_figures(truth: Crs, declared: Crs) -> None:
    """Of eighty places nearly all come nearer in the system they are in, and it is named."""
    found = find_likely_crs(_read(truth, declared, count=80), declared=declared, nearness_of=_nearness_m)

    assert found is not None
    assert (found.likely, found.declared, found.count) == (truth, declared, 80)
    assert found.nearer_count > 60
    assert found.likely_m < 20
    assert found.declared_m > 40


@pytest.mark.parametrize("error_m", [0.0, 30.0, 100.0])
@pytest.mark.parametrize("declared", list(Crs))
def test_a_right_declaration_is_not_doubted(declared: Crs, error_m: float) -> None:
    """Not with coordinates to the metre, nor with a poor geocoder's, of few places or many."""
    for count in (10, 20, 40, 80):
        places = _read(declared, declared, count=count, error_m=error_m)

        assert find_likely_crs(places, declared=declared, nearness_of=_nearness_m) is None


def test_few_places_tell_nothing() -> None:
    """Nine are too few, and so are three hundred in one house: they are shifted together."""
    nine = _read(Crs.GCJ02, Crs.WGS84, count=80)[:9]

    assert find_likely_crs(nine, declared=Crs.WGS84, nearness_of=_nearness_m) is None
    assert find_likely_crs(np.repeat(nine[:1], 300, axis=0), declared=Crs.WGS84, nearness_of=_nearness_m) is None


def test_nothing_is_said_of_places_elsewhere() -> None:
    """In Monaco nothing is shifted, and nobody is asked how near anything is."""

    def nearness_m(_: LonLatArray) -> NDArray[np.float64]:
        raise AssertionError

    monaco = np.array([7.42, 43.73]) + RNG.uniform(0, 0.02, (200, 2))

    assert find_likely_crs(monaco, declared=Crs.GCJ02, nearness_of=nearness_m) is None


def test_where_nothing_is_on_the_map_nothing_is_said() -> None:
    """Without anything to be near to, and from a bare quarter into one that is mapped a little, nobody is sent."""
    nowhere = np.full(100, np.inf)
    sparse = np.where(np.arange(100) < 30, 5.0, np.inf)

    assert judge_distances(dict.fromkeys(Crs, nowhere), declared=Crs.WGS84) is None
    moved = {Crs.WGS84: nowhere, Crs.GCJ02: sparse, Crs.BD09: nowhere}
    assert judge_distances(moved, declared=Crs.WGS84) is None
