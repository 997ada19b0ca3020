"""What a road graph on disk is: a folder that alone serves routing, the background map and geocoding."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from geo_engine.errors import InvalidInput
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

GRAPH_BASE = "roads.osrm"
GRAPH_EXTRACT = "roads.osm.pbf"
GRAPH_FACTS = "graph.json"
# What the engine cannot start without, whichever way the graph was prepared (osrm `StorageConfig`).
_NEEDED_SUFFIXES = (".fileIndex", ".ramIndex", ".geometry", ".names", ".properties", ".ebg_nodes", ".nbg_nodes")


class Preparation(StrEnum):
    """How a graph was prepared for fast answers.

    ``CH`` (contraction hierarchies, Geisberger et al. 2008) answers large tables about six times faster;
    ``MLD`` (multi-level Dijkstra, Delling et al. 2017) is prepared about five times faster. Both give
    the same paths. Measured on Porto (3 MB of roads): prepared in 25 s and 2.4 s, a 1000 × 1000 table in
    0.6 s and 3.8 s. Streets in a perfect grid are what contraction is slowest at.
    """

    CH = "CH"
    MLD = "MLD"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadGraph:
    """A road graph ready to be opened.

    Parameters
    ----------
    base
        The path all files of the graph start with, ending in ``.osrm``.
    extract
        The OpenStreetMap extract the graph was made from; None when a graph made by hand has none beside it.
    extract_name
        What people call the extract: its file name.
    mode
        Whose roads these are.
    """

    base: Path
    preparation: Preparation
    extract: Path | None
    extract_name: str
    mode: TravelMode = TravelMode.CAR

    @property
    def folder(self) -> Path:
        """The folder that holds the graph."""
        return self.base.parent


def open_graph(path: Path) -> RoadGraph:
    """Return the graph in a folder made by `build_graph`, or of a ``.osrm`` base path made by hand.

    Raises
    ------
    InvalidInput
        When there is no graph, or files of it are missing.
    """
    base = path / GRAPH_BASE if path.is_dir() else path
    missing = next((suffix for suffix in _NEEDED_SUFFIXES if not _part(base, suffix).is_file()), None)
    if missing is not None:
        raise InvalidInput(
            Message("{path} is not a road graph: {file} is missing.", {"path": path, "file": _part(base, missing).name})
        )
    return _described(base) if (base.parent / GRAPH_FACTS).is_file() else _made_by_hand(base)


def is_graph(base: Path) -> bool:
    """Return whether all files that the engine cannot start without are there."""
    return all(_part(base, suffix).is_file() for suffix in _NEEDED_SUFFIXES)


def _described(base: Path) -> RoadGraph:
    facts_file = base.parent / GRAPH_FACTS
    try:
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
        preparation, extract_name = Preparation(facts["preparation"]), str(facts["extract_name"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            Message("{path} cannot be read: {reason}", {"path": facts_file, "reason": str(error)})
        ) from error
    return RoadGraph(base=base, preparation=preparation, extract=base.parent / GRAPH_EXTRACT, extract_name=extract_name)


def _made_by_hand(base: Path) -> RoadGraph:
    preparation = Preparation.CH if _part(base, ".hsgr").is_file() else Preparation.MLD
    candidate = base.with_suffix(".osm.pbf")
    extract = candidate if candidate.is_file() else None
    return RoadGraph(base=base, preparation=preparation, extract=extract, extract_name=candidate.name)


def _part(base: Path, suffix: str) -> Path:
    return base.with_name(base.name + suffix)
