"""Measures how often a wrongly declared reference system is found, and how often a right one is doubted.

Run it as ``.venv/bin/python tests/benchmarks/crs_offset.py --shared DIR``. Real places of Haidian beside the buildings
of its extract; Porto's places and taxis are moved to Beijing, roads and buildings with them, as Beijing's extract is
small. Samples are written in one system and declared in another, with the error of a geocoder or a receiver added.
"""

import argparse
import csv
import gzip
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.basemap.buildings import Buildings
from geo_engine.basemap.extract import Form, read_features
from geo_engine.geometry.crs import Crs, LonLatArray, array_from_wgs84, array_to_wgs84
from geo_engine.geometry.crs_fit import NearnessOf, find_likely_crs
from geo_engine.geometry.measure import metres_per_degree
from geo_engine.roads.build import build_graph
from geo_engine.roads.nearness import road_nearness_m
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings

SEED = 20261127
COUNTS, ERRORS_M = (10, 30, 100, 300), (0, 15, 30, 60, 100)
PORTO_TO_BEIJING = np.array([124.93, -1.15])
"""Degrees: Porto lies a degree farther north, so that it becomes 2 % wider."""
UNMAPPED_M = 400.0
MOVING_M = 15.0
GOAL_FALSE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where somebody may be, WGS 84, and how far anything lies from what it should be near."""

    name: str
    samples: Callable[[np.random.Generator, int], LonLatArray | None]
    nearness_of: NearnessOf


@dataclass(slots=True)
class Tally:
    """What became of the samples of one kind."""

    true_count: int = 0
    false_alarms: int = 0
    wrong_count: int = 0
    found: int = 0
    misnamed: int = 0

    def add(self, truth: Crs, declared: Crs, named: Crs | None) -> None:
        """Count one answer."""
        if truth is declared:
            self.true_count += 1
            self.false_alarms += named is not None
        else:
            self.wrong_count += 1
            self.found += named is truth
            self.misnamed += named is not None and named is not truth

    def row(self) -> str:
        """Return the tally as cells of a table."""
        found, misnamed = self.found / self.wrong_count, self.misnamed / self.wrong_count
        false = f"{self.false_alarms} of {self.true_count}"
        return f"{found:.1%} | {1 - found - misnamed:.1%} | {misnamed:.1%} | {false}"


def main() -> None:
    """Measure and print; exit 1 when right declarations are doubted too often."""
    arguments = _arguments()
    totals = []
    for town in _towns(arguments.shared):
        print(
            f"\n{town.name}\n\n| n | error | found | missed | another named | false alarms |\n|---|---|---|---|---|---|"
        )
        for count, error_m in itertools.product(COUNTS, ERRORS_M):
            tally = _tally(town, count, error_m, arguments.samples)
            if tally is not None:
                totals.append(tally)
                print(f"| {count} | {error_m} m | {tally.row()} |", flush=True)
    false, true = sum(one.false_alarms for one in totals), sum(one.true_count for one in totals)
    print(f"\nfalse alarms: {false} of {true} ({false / true:.3%}; goal: at most {GOAL_FALSE:.1%})")
    raise SystemExit(false > GOAL_FALSE * true)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=60, help="of each size and error, for each pair of systems")
    return parser.parse_args()


def _tally(town: Town, count: int, error_m: int, samples: int) -> Tally | None:
    rng, tally = np.random.default_rng([SEED, count, error_m]), Tally()
    for _ in range(samples):
        places = town.samples(rng, count)
        if places is None:
            return None
        scale = np.array(metres_per_degree(float(places[0, 1])))
        # Half of the places of a geocoder's error lie within `error_m` of where they are.
        measured = places + rng.normal(size=places.shape) * error_m / 1.1774 / scale
        for truth, declared in itertools.product(Crs, Crs):
            stored = array_to_wgs84(array_from_wgs84(measured, crs=truth), crs=declared)
            likely = find_likely_crs(stored, declared=declared, nearness_of=town.nearness_of)
            tally.add(truth, declared, None if likely is None else likely.likely)
    return tally


def _towns(shared: Path) -> Iterator[Town]:
    extract = shared / "osm" / "beijing-haidian.osm.pbf"
    haidian = np.concatenate([_places(shared / "poi" / "beijing-haidian_poi.csv"), _inside_buildings(extract)])
    buildings = Buildings(extract)
    yield Town(name="Haidian: sites beside buildings", samples=_some_of(haidian), nearness_of=buildings.nearness_m)

    porto, porto_buildings = (
        _places(shared / "poi" / "porto-centre_poi.csv"),
        Buildings(shared / "osm" / "porto-centre.osm.pbf"),
    )
    near = _moved(porto_buildings.nearness_m)
    yield Town(
        name="Porto's centre: sites beside buildings", samples=_some_of(porto + PORTO_TO_BEIJING), nearness_of=near
    )
    yield Town(
        name="Porto's centre, every second square of 400 m without its buildings",
        samples=_some_of(porto + PORTO_TO_BEIJING),
        nearness_of=_half_mapped(near),
    )

    graph = build_graph(shared / "osm" / "porto-roads.osm.pbf", cache_dir=read_settings().cache_dir)
    taxis = [line + PORTO_TO_BEIJING for line in _taxis(shared / "gps" / "porto_taxi_20130701_even_taxis.csv.gz")]
    with OsrmRouter(graph) as router:
        yield Town(
            name="Porto's taxis: moving fixes of one taxi beside roads",
            samples=_part_of(taxis),
            nearness_of=_moved(partial(road_nearness_m, router)),
        )


def _some_of(places: LonLatArray) -> Callable[[np.random.Generator, int], LonLatArray | None]:
    def sample(rng: np.random.Generator, count: int) -> LonLatArray | None:
        return None if count > len(places) else places[rng.choice(len(places), count, replace=False)]

    return sample


def _part_of(lines: Sequence[LonLatArray]) -> Callable[[np.random.Generator, int], LonLatArray | None]:
    def sample(rng: np.random.Generator, count: int) -> LonLatArray | None:
        long = [line for line in lines if len(line) >= count]
        if not long:
            return None
        line = long[rng.integers(len(long))]
        first = rng.integers(len(line) - count + 1)
        return line[first : first + count]

    return sample


def _moved(nearness_of: NearnessOf) -> NearnessOf:
    return lambda lonlat: nearness_of(lonlat - PORTO_TO_BEIJING)


def _half_mapped(near: NearnessOf) -> NearnessOf:
    """Return nearness where the buildings of every second square are not on the map."""
    side_deg = UNMAPPED_M / np.array(metres_per_degree(40.0))

    def nearness(lonlat: LonLatArray) -> NDArray[np.float64]:
        is_mapped = np.floor(lonlat / side_deg).sum(axis=1) % 2 == 0
        return np.where(is_mapped, near(lonlat), np.inf)

    return nearness


def _places(path: Path) -> LonLatArray:
    with path.open(encoding="utf-8", newline="") as file:
        return np.array([(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)])


def _inside_buildings(extract: Path) -> LonLatArray:
    found = [one.wkb for one in read_features(extract, keys=("building",)) if one.form is Form.AREA]
    return shapely.get_coordinates(shapely.point_on_surface(shapely.from_wkb(found)))


def _taxis(path: Path) -> Iterator[LonLatArray]:
    """Yield the fixes of each taxi that moved since the one before."""
    by_taxi: dict[str, list[LonLatArray]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            line = np.array(json.loads(row["POLYLINE"])).reshape(-1, 2)
            step_m = np.hypot(*((line[1:] - line[:-1]) * metres_per_degree(41.15)).T)
            by_taxi.setdefault(row["TAXI_ID"], []).append(line[1:][step_m > MOVING_M])
    for lines in by_taxi.values():
        yield np.concatenate(lines)


if __name__ == "__main__":
    main()
