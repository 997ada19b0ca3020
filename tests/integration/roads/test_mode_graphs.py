"""Road graphs of e-bike, bicycle and foot: made beside the car's, each with its own ways and speeds."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from geo_engine.geometry import Position
from geo_engine.roads import mode_graphs
from geo_engine.roads.build import build_graph
from geo_engine.roads.graph import GRAPH_EXTRACT, RoadGraph
from geo_engine.roads.mode_graphs import (
    EBIKE_FACTOR,
    ModeGraphMissing,
    NoModeRoads,
    build_mode_graph,
    open_mode_graph,
)
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.travel_modes import TravelMode

CAR, EBIKE, BICYCLE, FOOT = TravelMode
WEST, MIDDLE, EAST = (10.0, 50.0), (10.02, 50.0), (10.04, 50.0)


@pytest.fixture(scope="module")
def street_and_walk(
    draw_extract: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[RoadGraph, OsrmRouter]:
    """Return a car's graph of a residential street, whose folder is this module's own, and a router on it."""
    folder = tmp_path_factory.mktemp("street")
    extract = draw_extract(folder / "street.osm.pbf", [(WEST, MIDDLE)])
    graph = build_graph(extract, cache_dir=folder)
    return graph, OsrmRouter(graph)


def _seconds(router: OsrmRouter, mode: TravelMode) -> float:
    return float(router.of_mode(mode).matrix([Position(*WEST), Position(*MIDDLE)]).durations_s[0, 1])


def test_each_mode_takes_its_own_time_on_one_street(street_and_walk: tuple[RoadGraph, OsrmRouter]) -> None:
    """1.43 km at 15 km/h by bicycle, 22 by e-bike and 5 on foot; a car is the fastest."""
    _, router = street_and_walk
    way_m = float(router.matrix([Position(*WEST), Position(*MIDDLE)]).distances_m[0, 1])

    seconds = {mode: _seconds(router, mode) for mode in TravelMode}

    assert seconds[BICYCLE] == pytest.approx(way_m / 15 * 3.6, rel=0.02)
    assert seconds[EBIKE] == pytest.approx(way_m / 22 * 3.6, rel=0.02)
    assert seconds[FOOT] == pytest.approx(way_m / 5 * 3.6, rel=0.02)
    assert seconds[CAR] < seconds[EBIKE]


def test_an_e_bike_is_pushed_no_faster_than_a_bicycle(draw_extract: Callable[..., Path], tmp_path: Path) -> None:
    """On a footway both take as long as walking with a wheel; a car has no way there."""
    streets = [(WEST, MIDDLE)]
    walk = draw_extract(tmp_path / "walk.osm.pbf", [(WEST, MIDDLE)], tags={"highway": "pedestrian"})
    base = build_graph(draw_extract(tmp_path / "street.osm.pbf", streets), cache_dir=tmp_path)
    shutil.copyfile(walk, base.folder / GRAPH_EXTRACT)  # the same graph's folder, with a walk for its extract

    with OsrmRouter(base) as router:
        ebike_s, bicycle_s = _seconds(router, EBIKE), _seconds(router, BICYCLE)

    assert ebike_s == pytest.approx(bicycle_s, rel=0.01)
    assert EBIKE_FACTOR > 1.4


def test_a_graph_is_made_once_and_leaves_nothing_else_behind(
    street_and_walk: tuple[RoadGraph, OsrmRouter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time it is opened, no tool runs, no second copy of the extract and no scratch folder is left."""
    graph, _ = street_and_walk
    first = build_mode_graph(graph, BICYCLE)
    monkeypatch.setattr(mode_graphs, "make_files", lambda *_, **__: pytest.fail("made again"))

    assert build_mode_graph(graph, BICYCLE) == first == open_mode_graph(graph, BICYCLE)
    assert first.mode is BICYCLE
    assert not (first.folder / GRAPH_EXTRACT).exists()
    assert [path.name for path in graph.folder.glob(".building-*")] == []


def test_a_router_that_makes_none_says_what_is_missing(tmp_path: Path, draw_extract: Callable[..., Path]) -> None:
    """A page does not keep somebody waiting for minutes: it names the command."""
    graph = build_graph(draw_extract(tmp_path / "a.osm.pbf", [(WEST, MIDDLE)]), cache_dir=tmp_path)

    with OsrmRouter(graph, builds_modes=False) as router, pytest.raises(ModeGraphMissing, match="--mode foot"):
        router.of_mode(FOOT)
    build_mode_graph(graph, FOOT)
    with OsrmRouter(graph, builds_modes=False) as router:
        assert router.of_mode(FOOT).matrix([Position(*WEST), Position(*MIDDLE)]).durations_s[0, 1] > 0


def test_a_country_without_ways_for_a_mode_says_so(tmp_path: Path, draw_extract: Callable[..., Path]) -> None:
    """A motorway is no way for a bicycle; nothing is left of the attempt, and a graph made by hand has no extract."""
    motorway = draw_extract(tmp_path / "m.osm.pbf", [(WEST, MIDDLE, EAST)], tags={"highway": "motorway"})
    graph = build_graph(motorway, cache_dir=tmp_path)

    with pytest.raises(NoModeRoads, match=r"m\.osm\.pbf has no roads for going by bicycle"):
        build_mode_graph(graph, BICYCLE)
    assert [path.name for path in graph.folder.iterdir() if path.is_dir()] == []
    with pytest.raises(NoModeRoads):
        build_mode_graph(replace(graph, extract=None), FOOT)


def test_matrix_and_path_of_a_mode_agree(monaco_router: OsrmRouter, monaco_places: list[Position]) -> None:
    """On the bundled extract the drawn legs of each mode take what its matrix says, large tables included."""
    places = monaco_places[:60]
    for mode in (EBIKE, BICYCLE, FOOT):
        router = monaco_router.of_mode(mode)
        path, matrix = router.path(places[:12]), router.matrix(places)
        for number, (duration_s, distance_m) in enumerate(zip(path.durations_s, path.distances_m, strict=True)):
            assert duration_s == pytest.approx(matrix.durations_s[number, number + 1], abs=0.2)
            assert distance_m == pytest.approx(matrix.distances_m[number, number + 1], abs=1.0)
    assert monaco_router.of_mode(FOOT) is monaco_router.of_mode(FOOT)
    assert monaco_router.of_mode(CAR) is monaco_router
