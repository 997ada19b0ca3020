"""How OSRM is asked for travel tables, in this process or as a child that serves tables until its input ends."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import osrm
from numpy.typing import NDArray

from geo_engine.children import parent_pipes
from geo_engine.errors import GeoEngineError, InvalidInput
from geo_engine.geometry import LonLat
from geo_engine.roads.graph import Preparation
from geo_engine.words import Message

NETWORK_REACH_M = 1000.0
"""A position with a road within this reach is never moved farther than this to reach the main network."""

# OSRM answers in objects of about 170 bytes a cell and figure: two million cells stay below 700 MB.
_CELLS_AT_ONCE = 2_000_000


def open_engine(base: Path, preparation: Preparation) -> osrm.OSRM:
    """Return the engine over a graph, its files mapped into memory and shared with other processes.

    Raises
    ------
    InvalidInput
        When the files are broken or were made by another version.
    """
    try:
        return osrm.OSRM(
            algorithm=preparation.value,
            storage_config=str(base),
            use_mmap=True,
            use_shared_memory=False,
            max_locations_distance_table=-1,
            max_locations_viaroute=-1,
            max_locations_map_matching=-1,
            default_radius="unlimited",
            verbosity="NONE",
        )
    except RuntimeError as error:
        raise InvalidInput(
            Message("The road graph {path} cannot be opened: {reason}", {"path": base, "reason": str(error)})
        ) from error


def travel_table(engine: osrm.OSRM, places: Sequence[LonLat]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the durations (s) and distances (m) of the fastest paths between all places, each of shape (n, n).

    NaN stands where there is no path; the diagonal is 0.

    Notes
    -----
    OSRM moves a position beside a small detached network to the main network, which is right for a yard or
    a car park and wrong for an island: places moved beyond `NETWORK_REACH_M` are asked for among
    themselves, and have no path to the main network. Cost: two upward searches a place, then a merge a cell.
    """
    durations_s, distances_m, moved_m = _table(engine, places)
    stranded = [index for index, place in enumerate(places) if is_stranded(engine, place, moved_m[index])]
    for figures in (durations_s, distances_m):
        figures[stranded, :] = np.nan
        figures[:, stranded] = np.nan
    for island in _islands(engine, places, stranded):
        island_durations_s, island_distances_m, _ = _table(engine, [places[index] for index in island])
        durations_s[np.ix_(island, island)] = island_durations_s
        distances_m[np.ix_(island, island)] = island_distances_m
    for figures in (durations_s, distances_m):
        np.fill_diagonal(figures, 0.0)
        np.maximum(figures, 0.0, out=figures)  # between places a step apart OSRM may say minus a few decimetres
    return durations_s, distances_m


def is_stranded(engine: osrm.OSRM, place: LonLat, moved_m: float) -> bool:
    """Return whether a place was moved over the water: far, though a road of its own is within reach."""
    if moved_m <= NETWORK_REACH_M:
        return False
    answer = engine.Nearest(osrm.NearestParameters(coordinates=[place], generate_hints=False))
    return float(answer["waypoints"][0]["distance"]) <= NETWORK_REACH_M


def _islands(engine: osrm.OSRM, places: Sequence[LonLat], stranded: Sequence[int]) -> list[list[int]]:
    """Return the stranded places by the network they share: two that do are both left where they are."""
    islands = []
    waiting = list(stranded)
    while waiting:
        first, *others = waiting
        island = [first, *(other for other in others if _share_network(engine, places[first], places[other]))]
        islands.append(island)
        waiting = [index for index in waiting if index not in island]
    return islands


def _share_network(engine: osrm.OSRM, one: LonLat, other: LonLat) -> bool:
    _, _, moved_m = _table(engine, [one, other])
    return bool((moved_m <= NETWORK_REACH_M).all())


def _table(
    engine: osrm.OSRM, places: Sequence[LonLat]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return durations, distances and how far each place was moved to a road, asking for a block of rows at once."""
    count = len(places)
    durations_s, distances_m, moved_m = np.zeros((count, count)), np.zeros((count, count)), np.zeros(count)
    if count < 2:  # OSRM refuses a table of one place, which needs no travel
        return durations_s, distances_m, moved_m
    row_count = max(1, _CELLS_AT_ONCE // count)
    for start in range(0, count, row_count):
        end = min(start + row_count, count)
        answer = engine.Table(
            osrm.TableParameters(
                coordinates=places,
                sources=list(range(start, end)),
                destinations=list(range(count)),
                annotations=["duration", "distance"],
                generate_hints=False,
            )
        )
        _fill(durations_s[start:end], answer["durations"])
        _fill(distances_m[start:end], answer["distances"])
        moved_m[start:end] = [source["distance"] for source in answer["sources"]]
    return durations_s, distances_m, moved_m


def _fill(figures: NDArray[np.float64], table: osrm.Array) -> None:
    # Row by row, the answer's numbers live only once as Python objects; None, OSRM's word for no path, becomes NaN.
    for target, row in zip(figures, table, strict=True):
        target[:] = list(row)


def serve_tables(base: Path, preparation: Preparation) -> None:
    """Answer each array of (lon, lat) from the parent with its durations and distances, until there are no more."""
    requests, answers = parent_pipes()
    engine = open_engine(base, preparation)
    with suppress(EOFError):
        while True:
            places = requests.recv()
            answers.send(travel_table(engine, [(lon, lat) for lon, lat in places.tolist()]))


if __name__ == "__main__":
    try:
        serve_tables(Path(sys.argv[1]), Preparation(sys.argv[2]))
    except GeoEngineError as failure:
        sys.exit(str(failure))  # the last line of the errors is what the parent tells
