"""Prints on which side of the mainland's border towns are, and how far the round trip through both systems errs.

Run it as ``.venv/bin/python tests/benchmarks/border_towns.py``. Beside our outline stands the box that most converters
use. The towns are those of ``tests/unit/geometry/test_crs.py``, which stand within kilometres of the border; outside
the outline nothing may be shifted, inside it every place has to come back.
"""

import sys
import time
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "geometry"))

from test_crs import ELSEWHERE, MAINLAND

from geo_engine.geometry.crs import Crs, LonLatArray, Region, array_from_wgs84, array_to_wgs84, is_within
from geo_engine.geometry.measure import geodesics_m
from geo_engine.geometry.zones import mainland_outline

STEP_DEG = 0.05
BORDER_COUNT, BORDER_DEG = 200_000, 0.02
GOAL_M = 0.5


def main() -> None:
    """Print the table and the figures; exit 1 when a town is on the wrong side or a place does not come back."""
    wrong_count = _print_towns()
    worst_m = _print_round_trips()
    raise SystemExit(wrong_count > 0 or worst_m > GOAL_M)


def _print_towns() -> int:
    print("| town | lon | lat | expected | outline | box |\n|---|---|---|---|---|---|")
    towns = [(name, at, True) for name, at in MAINLAND.items()] + [(name, at, False) for name, at in ELSEWHERE.items()]
    places = np.array([at for _, at, _ in towns])
    expected = np.array([is_inside for _, _, is_inside in towns])
    outline, box = is_within(places, Region.MAINLAND), _is_in_box(places)
    for (name, (lon, lat), is_inside), by_outline, by_box in zip(towns, outline, box, strict=True):
        marks = [_side(found) + (" ✗" if found != is_inside else "") for found in (by_outline, by_box)]
        print(f"| {name} | {lon:.4f} | {lat:.4f} | {_side(is_inside)} | {marks[0]} | {marks[1]} |")
    wrong = [int((found != expected).sum()) for found in (outline, box)]
    print(f"\n{len(towns)} towns; on the wrong side: {wrong[0]} by the outline, {wrong[1]} by the box")
    return wrong[0]


def _print_round_trips() -> float:
    west, south, east, north = mainland_outline().bounds
    lons, lats = np.meshgrid(np.arange(west - 2, east + 2, STEP_DEG), np.arange(south - 2, north + 2, STEP_DEG))
    grid = np.column_stack((lons.ravel(), lats.ravel()))
    is_inside = is_within(grid, Region.MAINLAND)
    near_border = _near_border()
    is_inner_border = is_within(near_border, Region.MAINLAND)
    inside = np.concatenate([grid[is_inside], near_border[is_inner_border]])
    outside = np.concatenate([grid[~is_inside], near_border[~is_inner_border]])
    print(f"\n{len(inside):,} places of the mainland, {is_inner_border.sum():,} of them within 3 km of its border:")
    return max(_print_round_trip(inside, outside, crs) for crs in (Crs.GCJ02, Crs.BD09))


def _print_round_trip(inside: LonLatArray, outside: LonLatArray, crs: Crs) -> float:
    started = time.process_time()
    written = array_from_wgs84(inside, crs=crs)
    back = array_to_wgs84(written, crs=crs)
    seconds = time.process_time() - started
    error_m, shift_m = _apart_m(inside, back).max(), _apart_m(inside, written)
    moved_count = int((array_from_wgs84(outside, crs=crs) != outside).any(axis=1).sum())
    print(
        f"{crs.label}: there and back within {error_m:.2g} m (goal {GOAL_M} m); shifted by {shift_m.min():.0f} to"
        f" {shift_m.max():.0f} m; {moved_count} of {len(outside):,} places outside shifted;"
        f" {seconds / len(inside) * 1e6:.1f} µs a place"
    )
    return float(error_m) if moved_count == 0 else np.inf


def _near_border() -> LonLatArray:
    rng = np.random.default_rng(20261127)
    corners = shapely.get_coordinates(mainland_outline())
    return corners[rng.integers(len(corners), size=BORDER_COUNT)] + rng.uniform(
        -BORDER_DEG, BORDER_DEG, (BORDER_COUNT, 2)
    )


def _is_in_box(lonlat: LonLatArray) -> NDArray[np.bool_]:
    """Return what most converters take for China: eviltransform's `outOfChina`, negated."""
    lon, lat = lonlat.T
    found: NDArray[np.bool_] = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return found


def _apart_m(one: LonLatArray, other: LonLatArray) -> NDArray[np.float64]:
    return geodesics_m(one[:, 0], one[:, 1], other[:, 0], other[:, 1])


def _side(is_inside: bool) -> str:  # noqa: FBT001
    return "inside" if is_inside else "outside"


if __name__ == "__main__":
    main()
