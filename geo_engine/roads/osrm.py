"""How a road graph answers: OSRM in this process, large tables in a process of their own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from threading import Lock
from types import TracebackType
from typing import Self

import osrm

from geo_engine.errors import InvalidInput
from geo_engine.geometry import LonLat, Position
from geo_engine.roads.graph import RoadGraph
from geo_engine.roads.lines import line_of
from geo_engine.roads.mode_graphs import build_mode_graph, open_mode_graph
from geo_engine.roads.model import MatchedPath, RoadPath, Snap, TravelMatrix
from geo_engine.roads.osrm_match import match_track
from geo_engine.roads.osrm_table import is_stranded, open_engine, travel_table
from geo_engine.roads.table_process import TableProcess
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

LARGEST_TABLE_HERE = 50
"""Tables of more places than this go to a process of their own."""

# Between calls other threads run: OSRM holds Python's lock during each.
_PLACES_PER_ROUTE = 100
_NO_PATH = "NoRoute"
_NAN = float("nan")


class OsrmRouter:
    """Travel on the roads of a graph; an adapter of `RoadRouter`.

    Safe to share between threads. Close it, or use it as a context manager, to end its child process;
    it ends with the router anyway.

    Parameters
    ----------
    graph
        From `build_graph` or `open_graph`.
    builds_modes
        Whether `of_mode` makes a graph that is not there; else it says so.

    Raises
    ------
    InvalidInput
        When the graph's files are broken.
    """

    def __init__(self, graph: RoadGraph, *, builds_modes: bool = True) -> None:
        self._graph = graph
        self._builds_modes = builds_modes
        self._of_modes: dict[TravelMode, OsrmRouter] = {}
        self._lock = Lock()
        self._engine = open_engine(graph.base, graph.preparation)
        self._tables = TableProcess(graph)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, and those of other modes; the router may be used again and starts a new one."""
        self._tables.close()
        for other in self._of_modes.values():
            other.close()

    @property
    def source(self) -> str:
        """``osrm:`` and the name of the extract."""
        return f"osrm:{self._graph.extract_name}"

    @property
    def is_estimate(self) -> bool:
        """False: the figures follow roads."""
        return False

    def of_mode(self, mode: TravelMode) -> "OsrmRouter":
        """Return travel by another mode on a graph of its own, from the same extract.

        Raises
        ------
        ModeGraphMissing
            When that graph is not there and is not to be made.
        NoModeRoads
            When there is no way for that mode.
        InvalidInput, Unavailable
            As `build_mode_graph`.

        Notes
        -----
        Where the graph is to be made that takes seconds for a town and minutes for a province, once.
        """
        if mode is self._graph.mode:
            return self
        with self._lock:
            if mode not in self._of_modes:
                find = build_mode_graph if self._builds_modes else open_mode_graph
                self._of_modes[mode] = OsrmRouter(find(self._graph, mode))
            return self._of_modes[mode]

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return travel by the fastest paths between all positions, in their order; NaN where there is no path.

        Duration and distance are those of the same path.

        Raises
        ------
        Unavailable
            When the process computing a large table dies.

        Notes
        -----
        1000 × 1000 on Porto takes about 1 s.
        """
        places = [_lon_lat(position) for position in positions]
        is_small = len(places) <= LARGEST_TABLE_HERE
        durations_s, distances_m = travel_table(self._engine, places) if is_small else self._tables.table(places)
        return TravelMatrix(durations_s=durations_s, distances_m=distances_m, is_estimate=False)

    def path(self, positions: Sequence[Position]) -> RoadPath:
        """Return the fastest way through positions in their order, turning back at a place where that is fastest.

        A leg without a path is empty and NaN; the others still come. A leg has at least two points.

        Raises
        ------
        InvalidInput
            When there are fewer than two positions.
        """
        if len(positions) < 2:
            raise InvalidInput(Message("A road path needs at least two places."))
        places = [_lon_lat(position) for position in positions]
        legs = [leg for part in _overlapping(places) for leg in self._legs(part)]
        return RoadPath(
            legs=tuple(line for line, _, _ in legs),
            durations_s=tuple(duration_s for _, duration_s, _ in legs),
            distances_m=tuple(distance_m for _, _, distance_m in legs),
            is_estimate=False,
        )

    def nearest(self, positions: Sequence[Position]) -> list[Snap]:
        """Return the nearest point of any road for each position, however far.

        Notes
        -----
        About 50 µs a position. The distance is on the sphere, within 0.5 % of the ellipsoid's.
        """
        return [self._snap(_lon_lat(position)) for position in positions]

    def match(
        self,
        positions: Sequence[Position],
        *,
        tracked_at: Sequence[datetime] | None = None,
        accuracies_m: Sequence[float] | None = None,
    ) -> MatchedPath:
        """Return the track of `positions` snapped to roads.

        Parameters
        ----------
        tracked_at
            Not descending; with them, a jump no car can make starts a new piece.
        accuracies_m
            How wrong each position may be, one standard deviation; taken as 8 to 45 m, so that a road is looked
            for within 24 to 135 m. Without them, 10 m.

        Raises
        ------
        InvalidInput
            When an optional sequence is not as long as `positions`, or times descend.
        """
        return match_track(
            self._engine,
            [_lon_lat(position) for position in positions],
            tracked_at=tracked_at,
            accuracies_m=accuracies_m,
        )

    def _snap(self, place: LonLat) -> Snap:
        answer = self._engine.Nearest(osrm.NearestParameters(coordinates=[place], generate_hints=False))
        waypoint = answer["waypoints"][0]
        lon, lat = waypoint["location"]
        return Snap(position=Position(lon, lat), distance_m=waypoint["distance"], road_name=waypoint["name"])

    def _legs(self, places: Sequence[LonLat]) -> list["_Leg"]:
        """Return the legs through `places` in one question, or each leg alone when one of them has no path."""
        answer = self._route(places)
        if answer is not None:
            return [_leg(leg) for leg in answer["routes"][0]["legs"]]
        if len(places) == 2:
            return [_NO_LEG if places[0] != places[1] else ((places[0], places[1]), 0.0, 0.0)]
        return [leg for pair in pairwise(places) for leg in self._legs(pair)]

    def _route(self, places: Sequence[LonLat]) -> osrm.Object | None:
        """Return OSRM's answer; None when a leg has no path, or a place was moved to another network."""
        parameters = osrm.RouteParameters(
            coordinates=places,
            steps=True,
            geometries="geojson",
            overview="false",
            # Every leg is the fastest by itself, so that path and matrix agree.
            continue_straight=False,
            generate_hints=False,
        )
        try:
            answer = self._engine.Route(parameters)
        except RuntimeError as error:
            if str(error).startswith(_NO_PATH):
                return None
            raise
        moved_m = [waypoint["distance"] for waypoint in answer["waypoints"]]
        is_off = any(is_stranded(self._engine, place, far_m) for place, far_m in zip(places, moved_m, strict=True))
        return None if is_off else answer


type _Leg = tuple[tuple[LonLat, ...], float, float]

_NO_LEG: _Leg = ((), _NAN, _NAN)


def _leg(leg: osrm.Object) -> _Leg:
    points = (point for step in leg["steps"] for point in step["geometry"]["coordinates"])
    return line_of(points), leg["duration"], leg["distance"]


def _overlapping(places: Sequence[LonLat]) -> Iterator[Sequence[LonLat]]:
    """Yield parts of the way, each beginning with the place the one before ended with."""
    for start in range(0, len(places) - 1, _PLACES_PER_ROUTE - 1):
        yield places[start : start + _PLACES_PER_ROUTE]


def _lon_lat(position: Position) -> LonLat:
    return position.lon, position.lat
