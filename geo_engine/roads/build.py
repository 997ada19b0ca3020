"""How a road extract becomes a road graph: OSRM's own tools, once per content, kept in a cache."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.roads.graph import (
    GRAPH_BASE,
    GRAPH_EXTRACT,
    GRAPH_FACTS,
    Preparation,
    RoadGraph,
    open_graph,
)
from geo_engine.roads.tools import TOOL_PACKAGE, last_words, profile_path, run_tool
from geo_engine.system_errors import reason_of
from geo_engine.words import Message

type OnProgress = Callable[[Message, float], None]
"""Told what begins now, and the share of the work already done, 0 to 1."""

_LAYOUT = 1  # raise it when the files kept in a graph change, so that older ones are made again
_PROFILE = "car"
SCRATCH_PREFIX = ".building-"
_ABANDONED_AFTER_S = 86_400.0
# A network counts as main from this many directed road pieces on; a village is measured by a smaller yardstick.
_MAIN_NETWORK_SIZES = (1000, 100, 10)
_MAIN_NETWORKS_FOUND = re.compile(r"Found \d+ SCC \((\d+) large")
_ONLY_FOR_BUILDING = (".cnbg", ".cnbg_to_ebg", ".ebg", ".enw", ".restrictions", ".turn_penalties_index")


def build_graph(
    extract: Path,
    *,
    cache_dir: Path,
    preparation: Preparation = Preparation.CH,
    on_progress: OnProgress | None = None,
) -> RoadGraph:
    """Make the car graph of an OpenStreetMap extract, or return the one made before.

    Parameters
    ----------
    extract
        An ``.osm.pbf`` file.
    cache_dir
        The graph stands in ``cache_dir/roads/<hash>``, the hash being that of the extract's content, the
        tools' version, the profile and the preparation. The folder holds a copy of the extract too.

    Raises
    ------
    InvalidInput
        When the extract is missing, empty, not a PBF file, cut off or without roads.
    Unavailable
        When OSRM's tools are missing or fail, or the cache cannot be written.

    Notes
    -----
    It is made in a folder beside the final one and renamed, so nobody sees half a graph; of two builders at
    once the first wins and both return its graph. What a killed builder left is removed by the next one a
    day later. Monaco 1 s, Porto (3 MB) 27 s and 220 MB on two cores.
    """
    _check_extract(extract)
    tell = on_progress or silent
    finished = graph_folder(cache_dir, _key(extract, preparation))
    if not finished.exists():
        try:
            finished = _build_beside(finished, extract=extract, preparation=preparation, tell=tell)
        except OSError as error:
            raise Unavailable(
                Message("{path} cannot be written: {reason}", {"path": finished, "reason": reason_of(error)})
            ) from error
    return replace(open_graph(finished), extract_name=extract.name)


def graph_folder(cache_dir: Path, key: str) -> Path:
    """Return where the graph of a key stands in a cache."""
    return cache_dir / "roads" / key


class NoRoads(InvalidInput):
    """The extract has no road for the vehicle of the profile."""

    def __init__(self, extract: Path, reason: str) -> None:
        super().__init__(
            Message("The road extract {path} has no roads for cars ({reason})", {"path": extract, "reason": reason})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    tool: str
    arguments: tuple[str, ...]
    begins: Message
    done_before: float


_STEPS = {
    Preparation.CH: (
        _Step(tool="osrm-contract", arguments=(), begins=Message("Preparing fast routing"), done_before=0.35),
    ),
    Preparation.MLD: (
        _Step(tool="osrm-partition", arguments=(), begins=Message("Dividing the road network"), done_before=0.7),
        _Step(tool="osrm-customize", arguments=(), begins=Message("Preparing fast routing"), done_before=0.85),
    ),
}


def silent(_message: Message, _share: float) -> None:
    """Tell nobody."""


def _check_extract(extract: Path) -> None:
    if not extract.is_file():
        raise InvalidInput(Message("The road extract {path} does not exist.", {"path": extract}))
    with extract.open("rb") as file:
        head = file.read(64)
    if not head:
        raise InvalidInput(Message("The road extract {path} is empty.", {"path": extract}))
    # PBF begins with a length of four bytes and a block named OSMHeader.
    if b"OSMHeader" not in head:
        raise InvalidInput(Message("The road extract {path} is not an OpenStreetMap PBF file.", {"path": extract}))


def _key(extract: Path, preparation: Preparation) -> str:
    facts = (_sha256(extract), version(TOOL_PACKAGE), _PROFILE, preparation.value, str(_LAYOUT))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _build_beside(finished: Path, *, extract: Path, preparation: Preparation, tell: OnProgress) -> Path:
    finished.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=finished.parent) as scratch:
        drop_abandoned(finished.parent, now_s=Path(scratch).stat().st_mtime)
        folder = Path(scratch) / "graph"
        folder.mkdir()
        shutil.copyfile(extract, folder / GRAPH_EXTRACT)
        make_files(folder, extract=extract, profile=profile_path(_PROFILE), preparation=preparation, tell=tell)
        _write_facts(folder, extract=extract, preparation=preparation)
        # The copy is what was read: if the extract changed meanwhile, the graph is filed under the new content.
        return published(folder, finished.with_name(_key(folder / GRAPH_EXTRACT, preparation)))


def make_files(folder: Path, *, extract: Path, profile: Path, preparation: Preparation, tell: OnProgress) -> None:
    """Make the files of a graph beside the copy of its extract in `folder`, for the vehicle of a profile.

    Raises
    ------
    NoRoads
        When the extract has no roads for it.
    InvalidInput, Unavailable
        When the extract cannot be read, or a tool is missing or fails.
    """
    _read_roads(folder, extract=extract, profile=profile, tell=tell)
    for step in _STEPS[preparation]:
        tell(step.begins, step.done_before)
        _prepare(folder, step)
    _drop_building_files(folder)


def drop_abandoned(roads: Path, *, now_s: float) -> None:
    """Remove what killed builders left: scratch folders in which nothing was written for a day.

    Parameters
    ----------
    now_s
        By the clock of the file system, which the times of the files are compared with.
    """
    for folder in roads.glob(f"{SCRATCH_PREFIX}*"):
        # A builder at work may finish, and its folder be gone, at any moment.
        with suppress(FileNotFoundError):
            written_s = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
            if now_s - written_s > _ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)


def _read_roads(folder: Path, *, extract: Path, profile: Path, tell: OnProgress) -> None:
    """Extract the roads; repeat with a smaller yardstick while no network is large enough to be the main one.

    OSRM moves a position off small disconnected networks onto a main one. Where none counts as main, a
    position beside a detached yard would have no path to anywhere.
    """
    tell(Message("Reading the roads of {extract}", {"extract": extract.name}), 0.0)
    for size in _MAIN_NETWORK_SIZES:
        run = run_tool(
            "osrm-extract",
            ("-p", str(profile), "--small-component-size", str(size), GRAPH_EXTRACT),
            folder=folder,
        )
        if run.returncode != 0:
            raise _reading_error(extract, run.returncode, last_words(run))
        found = _MAIN_NETWORKS_FOUND.search(run.stdout)
        if found is None or int(found[1]) > 0:
            return


def _reading_error(extract: Path, returncode: int, reason: str) -> InvalidInput | Unavailable:
    if "no edges remaining" in reason:
        return NoRoads(extract, reason)
    if returncode > 0 or "error" in reason.lower():
        return InvalidInput(
            Message("The road extract {path} cannot be read: {reason}", {"path": extract, "reason": reason})
        )
    return _tool_error("osrm-extract", reason)


def _tool_error(tool: str, reason: str) -> Unavailable:
    return Unavailable(Message("The road tool {tool} failed: {reason}", {"tool": tool, "reason": reason}))


def _prepare(folder: Path, step: _Step) -> None:
    run = run_tool(step.tool, (*step.arguments, GRAPH_BASE), folder=folder)
    if run.returncode != 0:
        raise _tool_error(step.tool, last_words(run))


def _drop_building_files(folder: Path) -> None:
    for suffix in _ONLY_FOR_BUILDING:
        (folder / f"{GRAPH_BASE}{suffix}").unlink(missing_ok=True)


def _write_facts(folder: Path, *, extract: Path, preparation: Preparation) -> None:
    facts = {"extract_name": extract.name, "preparation": preparation.value}
    (folder / GRAPH_FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def published(folder: Path, finished: Path) -> Path:
    """Give a finished folder its name; where another builder was first, that one's counts."""
    try:
        folder.rename(finished)
    except OSError:
        # Its graph is as good as ours.
        if not finished.is_dir():
            raise
    return finished
