"""How roads are opened: a graph in this process, or straight-line estimates when there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from geo_engine.errors import Unavailable
from geo_engine.ids import GraphKey
from geo_engine.roads.build import OnProgress, build_graph, graph_folder
from geo_engine.roads.graph import RoadGraph, open_graph
from geo_engine.roads.model import STRAIGHT_ROADS, RoadChoice
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.router import RoadRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoads:
    """What answers travel, and the extract behind it if there is one."""

    router: RoadRouter
    extract: Path | None


class GraphMissing(Unavailable):
    """The chosen road graph is not on this machine; it may be on another."""

    def __init__(self, choice: RoadChoice) -> None:
        super().__init__(
            Message(
                "The roads of {extract} are not on this machine: run geo-engine roads build with that extract.",
                {"extract": choice.extract_name},
            )
        )


@contextmanager
def open_roads(graph: RoadGraph | None) -> Iterator[OpenRoads]:
    """Give travel on a graph, or straight-line estimates when it is None.

    Raises
    ------
    InvalidInput
        When the graph's files are broken.
    """
    if graph is None:
        yield OpenRoads(router=StraightRouter(), extract=None)
        return
    with OsrmRouter(graph) as router:
        yield OpenRoads(router=router, extract=graph.extract)


def choose_roads(roads: str, *, cache_dir: Path, on_progress: OnProgress | None = None) -> RoadChoice:
    """Return the choice of an extract, whose graph is made if it is not there, or of ``straight``.

    Raises
    ------
    InvalidInput, Unavailable
        As `build_graph`.
    """
    if roads == STRAIGHT_ROADS:
        return RoadChoice(key=STRAIGHT_ROADS)
    graph = build_graph(Path(roads), cache_dir=cache_dir, on_progress=on_progress)
    return RoadChoice(key=GraphKey(graph.folder.name), extract_name=graph.extract_name)


def chosen_graph(choice: RoadChoice, *, cache_dir: Path) -> RoadGraph | None:
    """Return the graph of a choice; None stands for estimates.

    Raises
    ------
    GraphMissing
        When it is not on this machine.
    """
    if choice.key == STRAIGHT_ROADS:
        return None
    folder = graph_folder(cache_dir, choice.key)
    if not folder.is_dir():
        raise GraphMissing(choice)
    return replace(open_graph(folder), extract_name=choice.extract_name)
