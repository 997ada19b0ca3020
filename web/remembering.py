"""What the pages remember of roads: ways and matrices, so that a day is shown and changed stop by stop."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from threading import Lock

from geo_engine.geometry import Position
from geo_engine.ids import GraphKey
from geo_engine.roads import MatchedPath, RoadPath, RoadRouter, Snap, TravelMatrix
from geo_engine.roads.osrm import LARGEST_TABLE_HERE
from geo_engine.travel_modes import TravelMode

_REMEMBERED_PATHS = 1_000  # of about 20 kB
_REMEMBERED_BYTES = 64_000_000  # of matrices in all: 2,000 places take so much, 300 take 1.5 MB

type _Asked = tuple[GraphKey, tuple[Position, ...]]


class MatrixMemory:
    """The matrices asked for last, of whichever graphs; safe to share between threads.

    Parameters
    ----------
    limit_bytes
        What all of them may take; a larger one is not kept.
    """

    def __init__(self, limit_bytes: int = _REMEMBERED_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[_Asked, TravelMatrix] = OrderedDict()
        self._kept_bytes = 0
        self._lock = Lock()

    def find(self, key: GraphKey, places: tuple[Position, ...]) -> TravelMatrix | None:
        """Return a matrix that is kept, or None."""
        with self._lock:
            found = self._kept.get((key, places))
            if found is not None:
                self._kept.move_to_end((key, places))
            return found

    def keep(self, key: GraphKey, places: tuple[Position, ...], matrix: TravelMatrix) -> None:
        """Keep a matrix, and let go of those asked for longest ago until all fit."""
        if _size_bytes(matrix) > self._limit_bytes:
            return
        with self._lock:
            if (key, places) in self._kept:
                return  # two threads asked for it at once
            self._kept[key, places] = matrix
            self._kept_bytes += _size_bytes(matrix)
            while self._kept_bytes > self._limit_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._kept_bytes -= _size_bytes(dropped)


class RememberingRouter:
    """A router that works out each way, and each matrix that takes a while, once.

    Parameters
    ----------
    key
        Which graph `router` answers for.
    """

    def __init__(self, router: RoadRouter, key: GraphKey, matrices: MatrixMemory) -> None:
        self._router = router
        self._key = key
        self._matrices = matrices
        self._path = lru_cache(maxsize=_REMEMBERED_PATHS)(router.path)
        self._of_modes: dict[TravelMode, RememberingRouter] = {}
        self._lock = Lock()

    @property
    def source(self) -> str:
        """What answers."""
        return self._router.source

    @property
    def is_estimate(self) -> bool:
        """Whether the figures follow no road."""
        return self._router.is_estimate

    def of_mode(self, mode: TravelMode) -> RoadRouter:
        """Return travel by another mode, remembered by itself."""
        if mode is TravelMode.CAR:
            return self
        with self._lock:
            if mode not in self._of_modes:
                key = GraphKey(f"{self._key}/{mode}")
                self._of_modes[mode] = RememberingRouter(self._router.of_mode(mode), key, self._matrices)
            return self._of_modes[mode]

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return travel between all positions; what takes milliseconds is worked out each time."""
        if len(positions) <= LARGEST_TABLE_HERE:
            return self._router.matrix(positions)
        places = tuple(positions)
        matrix = self._matrices.find(self._key, places)
        if matrix is None:
            matrix = self._router.matrix(places)
            self._matrices.keep(self._key, places, matrix)
        return matrix

    def path(self, positions: Sequence[Position]) -> RoadPath:
        """Return the way through positions in their order."""
        return self._path(tuple(positions))

    def nearest(self, positions: Sequence[Position]) -> list[Snap]:
        """Return the nearest point of any road for each position."""
        return self._router.nearest(positions)

    def match(
        self,
        positions: Sequence[Position],
        *,
        tracked_at: Sequence[datetime] | None = None,
        accuracies_m: Sequence[float] | None = None,
    ) -> MatchedPath:
        """Return a track snapped to roads."""
        return self._router.match(positions, tracked_at=tracked_at, accuracies_m=accuracies_m)


def _size_bytes(matrix: TravelMatrix) -> int:
    return matrix.durations_s.nbytes + matrix.distances_m.nbytes
