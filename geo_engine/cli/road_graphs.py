"""Which roads an option of the command line means."""

from collections.abc import Iterable
from pathlib import Path

from geo_engine.cli.screen import step_teller
from geo_engine.roads import STRAIGHT_ROADS
from geo_engine.roads.build import build_graph
from geo_engine.roads.graph import RoadGraph, open_graph
from geo_engine.roads.mode_graphs import build_mode_graph
from geo_engine.settings import read_settings
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language


def named_graph(roads: str, language: Language) -> RoadGraph | None:
    """Return the graph of an extract, made if it is not there, or of a graph's folder; None for ``straight``.

    Raises
    ------
    InvalidInput, Unavailable
        As `build_graph` and `open_graph`.
    """
    if roads == STRAIGHT_ROADS:
        return None
    path = Path(roads)
    if path.is_dir() or path.suffix == ".osrm":
        return open_graph(path)
    return build_graph(path, cache_dir=read_settings().cache_dir, on_progress=step_teller(language))


def make_mode_graphs(graph: RoadGraph | None, modes: Iterable[TravelMode], language: Language) -> None:
    """Make the graphs of travel modes beside a car's where they are not there, telling how far that is.

    Raises
    ------
    InvalidInput, Unavailable
        As `build_mode_graph`.
    """
    if graph is None:
        return
    for mode in dict.fromkeys(modes):
        build_mode_graph(graph, mode, on_progress=step_teller(language))
