"""Graphs the road tests share: the bundled extract, and small extracts drawn by hand."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Way

from geo_engine.geometry import Position
from geo_engine.roads.build import build_graph
from geo_engine.roads.graph import Preparation, RoadGraph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings

type Street = Sequence[tuple[float, float]]

STREET = {"highway": "residential", "name": "Street"}
SPACING_DEG = 0.001
GRID_COUNT = 25
GRID_CORNER = (10.0, 50.0)
ISLAND_CORNER = (10.2, 50.0)


def write_streets(path: Path, streets: Sequence[Street], tags: dict[str, str] = STREET) -> Path:
    """Write an extract of `streets`; streets meet where they have a point in common."""
    node_ids = {point: number for number, point in enumerate({p: None for s in streets for p in s}, start=1)}
    with osmium.SimpleWriter(str(path)) as writer:
        for point, number in node_ids.items():
            writer.add_node(Node(id=number, location=point, version=1))
        for number, street in enumerate(streets, start=1):
            writer.add_way(Way(id=number, nodes=[node_ids[point] for point in street], tags=tags, version=1))
    return path


def grid(corner: tuple[float, float], count: int) -> list[Street]:
    """Return the streets of a square grid with `count` crossings a side."""
    west, south = corner
    lons = [round(west + SPACING_DEG * step, 6) for step in range(count)]
    lats = [round(south + SPACING_DEG * step, 6) for step in range(count)]
    return [*([(lon, lat) for lon in lons] for lat in lats), *([(lon, lat) for lat in lats] for lon in lons)]


@pytest.fixture(scope="session")
def draw_extract() -> Callable[..., Path]:
    """Return the function that writes an extract of streets to a path, tagged as streets unless told otherwise."""
    return write_streets


@pytest.fixture(scope="session")
def draw_grid() -> Callable[[tuple[float, float], int], list[Street]]:
    """Return the function that gives the streets of a square grid."""
    return grid


@pytest.fixture(scope="session")
def monaco_extract() -> Path:
    """Return the extract bundled with the demonstration."""
    return Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"


@pytest.fixture(scope="session")
def monaco_graph(monaco_extract: Path) -> RoadGraph:
    """Return the graph of the bundled extract, from the user's cache when it is there."""
    return build_graph(monaco_extract, cache_dir=read_settings().cache_dir)


@pytest.fixture(scope="session")
def monaco_router(monaco_graph: RoadGraph) -> Iterator[OsrmRouter]:
    """Yield a router on the bundled extract."""
    with OsrmRouter(monaco_graph) as router:
        yield router


@pytest.fixture(scope="session")
def island_router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OsrmRouter]:
    """Yield a router on a town of 25 × 25 crossings and an island of 3 × 3, 12 km apart with no bridge."""
    folder = tmp_path_factory.mktemp("island")
    streets = grid(GRID_CORNER, GRID_COUNT) + grid(ISLAND_CORNER, 3)
    extract = write_streets(folder / "island.osm.pbf", streets)
    # A regular grid is what contraction hierarchies are worst at: 11 s against 1 s.
    with OsrmRouter(build_graph(extract, cache_dir=folder, preparation=Preparation.MLD)) as router:
        yield router


@pytest.fixture(scope="session")
def monaco_places() -> list[Position]:
    """Return 60 places strewn over Monaco and the hills behind, on a fixed pattern."""
    return [Position(7.410 + 0.029 * (i * 0.618 % 1.0), 43.726 + 0.022 * (i * 0.755 % 1.0)) for i in range(60)]
