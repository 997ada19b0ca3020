"""The graphs of other travel modes: made beside the car's, in its folder and from its copy of the extract.

Bicycle and foot are OSRM's own profiles as they are. An e-bike goes where a bicycle goes: the bicycle's profile with
every riding speed `EBIKE_FACTOR` times as high, up to the `EBIKE_TOP_KMH` that GB 17761 allows; pushing it, ferries and
stairs take as long. So it needs a graph of its own: with one factor on all of the bicycle's times it would be pushed
faster too.
"""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.roads.build import SCRATCH_PREFIX, NoRoads, OnProgress, drop_abandoned, make_files, published, silent
from geo_engine.roads.graph import GRAPH_BASE, GRAPH_EXTRACT, RoadGraph, is_graph
from geo_engine.roads.tools import profile_path
from geo_engine.system_errors import reason_of
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Message

EBIKE_FACTOR = 22.0 / 15.0
"""How much faster than a bicycle: 21.9 against 14.8 km/h in Kunming's streets (Lin, He, Tan & He 2008)."""

EBIKE_TOP_KMH = 25
_LAYOUT = 1  # raise it when a profile of ours or the files kept change, so that older graphs are made again
_OWN_PROFILE = "profile.lua"
_PROFILES = {TravelMode.BICYCLE: "bicycle", TravelMode.FOOT: "foot"}
_RIDING_SPEEDS = ("bicycle_speeds", "surface_speeds", "amenity_speeds")
_EBIKE = """package.path = {folder} .. "/?.lua;" .. package.path
local bicycle = require("bicycle")
local set_up = bicycle.setup
function bicycle.setup()
  local profile = set_up()
  local function faster(speed) return math.min(speed * {factor}, {top}) end
  profile.default_speed = faster(profile.default_speed)
  profile.vehicle_max_speed = {top}
  for _, name in ipairs({{{tables}}}) do
    for kind, speed in pairs(profile[name]) do profile[name][kind] = faster(speed) end
  end
  return profile
end
return bicycle
"""


class ModeGraphMissing(Unavailable):
    """The roads of a travel mode are not on this machine."""

    def __init__(self, mode: TravelMode, extract_name: str) -> None:
        super().__init__(
            Message(
                "The roads of {extract} for going {mode} are not on this machine: run geo-engine roads build with that "
                "extract and --mode {name}, or plan a day with it.",
                {"extract": extract_name, "mode": MODE_WORDS[mode], "name": mode.value},
            )
        )


class NoModeRoads(InvalidInput):
    """No roads can be made for a travel mode."""

    def __init__(self, mode: TravelMode, graph: RoadGraph) -> None:
        facts = {"path": graph.extract_name, "mode": MODE_WORDS[mode]}
        super().__init__(Message("The road extract {path} has no roads for going {mode}.", facts))


def open_mode_graph(graph: RoadGraph, mode: TravelMode) -> RoadGraph:
    """Return the graph of a mode that was made beside the car's.

    Raises
    ------
    ModeGraphMissing
        When it was not.
    """
    if mode is TravelMode.CAR:
        return graph
    found = replace(graph, base=_folder(graph, mode) / GRAPH_BASE, mode=mode)
    if not is_graph(found.base):
        raise ModeGraphMissing(mode, graph.extract_name)
    return found


def build_mode_graph(graph: RoadGraph, mode: TravelMode, *, on_progress: OnProgress | None = None) -> RoadGraph:
    """Make the graph of a mode beside the car's, or return the one made before.

    Parameters
    ----------
    graph
        The car's, in a folder that `build_graph` made.

    Raises
    ------
    NoModeRoads
        When the extract has no way for the mode, or is not beside the graph.
    InvalidInput, Unavailable
        As `build_graph`.

    Notes
    -----
    Two builders at once are as harmless as with `build_graph`. Monaco takes about a second a mode.
    """
    try:
        return open_mode_graph(graph, mode)
    except ModeGraphMissing:
        pass
    if graph.extract is None or graph.extract.name != GRAPH_EXTRACT:
        raise NoModeRoads(mode, graph)
    try:
        _build(graph, graph.extract, mode, on_progress or silent)
    except NoRoads as error:
        raise NoModeRoads(mode, graph) from error
    except OSError as error:
        facts = {"path": graph.folder, "reason": reason_of(error)}
        raise Unavailable(Message("{path} cannot be written: {reason}", facts)) from error
    return open_mode_graph(graph, mode)


def _folder(graph: RoadGraph, mode: TravelMode) -> Path:
    return graph.folder / f"{mode.value}-{_LAYOUT}"


def _build(graph: RoadGraph, extract: Path, mode: TravelMode, tell: OnProgress) -> None:
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=graph.folder) as scratch:
        drop_abandoned(graph.folder, now_s=Path(scratch).stat().st_mtime)
        folder = Path(scratch) / "graph"
        folder.mkdir()
        _link(extract, folder / GRAPH_EXTRACT)
        profile = _profile(mode, folder)
        make_files(folder, extract=Path(graph.extract_name), profile=profile, preparation=graph.preparation, tell=tell)
        (folder / GRAPH_EXTRACT).unlink()
        published(folder, _folder(graph, mode))


def _link(extract: Path, link: Path) -> None:
    """Have the extract in a second place without a second copy, where the file system can."""
    try:
        os.link(extract, link)
    except OSError:
        shutil.copyfile(extract, link)


def _profile(mode: TravelMode, folder: Path) -> Path:
    if mode is not TravelMode.EBIKE:
        return profile_path(_PROFILES[mode])
    bicycle = profile_path(_PROFILES[TravelMode.BICYCLE])
    own = folder / _OWN_PROFILE
    text = _EBIKE.format(
        folder=_lua_text(str(bicycle.parent)),
        factor=EBIKE_FACTOR,
        top=EBIKE_TOP_KMH,
        tables=", ".join(f'"{name}"' for name in _RIDING_SPEEDS),
    )
    own.write_text(text, encoding="utf-8")
    return own


def _lua_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
