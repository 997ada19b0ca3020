"""Measures how fast travel matrices are on a loaded graph, beside OSRM's own table call in the same run.

Run it as ``.venv/bin/python tests/benchmarks/matrix.py [EXTRACT] [--places CSV] [--count N]``; the places are
the columns lon and lat of the CSV file or, without one, points sampled within the bundled extract. It also
prints how roads compare with straight lines, from which the defaults of the estimate are taken.
"""

import argparse
import csv
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osrm

from geo_engine.geometry import Position
from geo_engine.geometry.measure import distance_matrix_m
from geo_engine.roads.build import build_graph
from geo_engine.roads.graph import Preparation, RoadGraph
from geo_engine.roads.model import TravelMatrix
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.osrm_table import open_engine
from geo_engine.settings import read_settings
from geo_engine.words import Language

BUNDLED = Path(__file__).parents[2] / "scripts" / "data" / "monaco.osm.pbf"
MONACO = (7.410, 43.725, 7.439, 43.750)  # west, south, east, north
SEED = 20260


def main() -> None:
    """Build or reuse the graph, warm up, measure, print."""
    arguments = _arguments()
    graph, build_s = _timed(lambda: _graph(arguments.extract, Preparation(arguments.preparation)))
    print(f"graph  {build_s:8.2f} s  {graph.folder} (built or found)")
    places = _places(arguments.places, arguments.count)
    with OsrmRouter(graph) as router:
        router.matrix(places[:51])  # the child opens the graph
        matrix, matrix_s = _timed(lambda: router.matrix(places))
    raw_s = _raw_table_s(graph, places)
    cell_count = len(places) ** 2
    print(f"matrix {matrix_s:8.2f} s  {cell_count / matrix_s:12,.0f} cells/s  {len(places)} × {len(places)}")
    print(f"osrm   {raw_s:8.2f} s  {cell_count / raw_s:12,.0f} cells/s  its Table call alone")
    print(f"ratio  {matrix_s / raw_s:8.2f}")
    _print_detours(places, matrix)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", nargs="?", type=Path, default=BUNDLED)
    parser.add_argument("--places", type=Path, help="CSV file with columns lon and lat")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--preparation", choices=list(Preparation), default=Preparation.CH)
    return parser.parse_args()


def _graph(extract: Path, preparation: Preparation) -> RoadGraph:
    return build_graph(
        extract,
        cache_dir=read_settings().cache_dir,
        preparation=preparation,
        on_progress=lambda message, _: print(message.render(Language.EN), file=sys.stderr),
    )


def _places(path: Path | None, count: int) -> list[Position]:
    chance = random.Random(SEED)
    if path is None:
        west, south, east, north = MONACO
        return [Position(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(count)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Position(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]
    return chance.sample(rows, k=count)


def _raw_table_s(graph: RoadGraph, places: list[Position]) -> float:
    engine = open_engine(graph.base, graph.preparation)
    parameters = osrm.TableParameters(
        coordinates=[(place.lon, place.lat) for place in places],
        annotations=["duration", "distance"],
        generate_hints=False,
    )
    engine.Nearest(osrm.NearestParameters(coordinates=[(places[0].lon, places[0].lat)]))
    _, seconds = _timed(lambda: engine.Table(parameters))
    return seconds


def _print_detours(places: list[Position], matrix: TravelMatrix) -> None:
    geodesic_m = distance_matrix_m(places)
    is_apart = (geodesic_m > 200.0) & (matrix.durations_s > 0.0)
    detours = matrix.distances_m[is_apart] / geodesic_m[is_apart]
    speeds_kmh = 3.6 * matrix.distances_m[is_apart] / matrix.durations_s[is_apart]
    print(f"detour {np.median(detours):8.2f}    median of road ÷ geodesic over 200 m")
    print(f"speed  {np.median(speeds_kmh):8.1f} km/h, median")
    print(f"no path in {np.isnan(matrix.distances_m).sum()} cells")


def _timed[Result](act: Callable[[], Result]) -> tuple[Result, float]:
    began = time.perf_counter()
    result = act()
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
