"""Road graphs the pages draw ways from, and the addresses beside them: each opened once, its ways remembered."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from threading import Lock

from geo_engine.customers.addresses import AddressBook
from geo_engine.geometry import Position
from geo_engine.ids import GraphKey
from geo_engine.imports.geocoders import ExtractGeocoderWhenAsked
from geo_engine.roads import MatchedPath, RoadChoice, RoadPath, RoadRouter, Snap, TravelMatrix
from geo_engine.roads.opening import OpenRoads, chosen_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.settings import Settings

_REMEMBERED_PATHS = 1_000  # of about 20 kB
_REMEMBERED_MATRICES = 8  # of 300 visits: 1.5 MB


class RememberingRouter:
    """A router that works out each way and matrix once: a day is shown and changed stop by stop."""

    def __init__(self, router: RoadRouter) -> None:
        self._router = router
        self._path = lru_cache(maxsize=_REMEMBERED_PATHS)(router.path)
        self._matrix = lru_cache(maxsize=_REMEMBERED_MATRICES)(router.matrix)

    @property
    def source(self) -> str:
        """What answers."""
        return self._router.source

    @property
    def is_estimate(self) -> bool:
        """Whether the figures follow no road."""
        return self._router.is_estimate

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return travel between all positions."""
        return self._matrix(tuple(positions))

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


class RoadShelf:
    """The opened graphs; the files are mapped into memory, so that processes share them."""

    def __init__(self, settings: Settings) -> None:
        self._cache_dir = settings.cache_dir
        self._open: dict[GraphKey, OpenRoads] = {}
        self._geocoders: dict[GraphKey, ExtractGeocoderWhenAsked] = {}
        self._lock = Lock()

    def get(self, choice: RoadChoice) -> OpenRoads:
        """Return travel on the roads of a choice.

        Raises
        ------
        GraphMissing
            When they are not on this machine.
        """
        with self._lock:
            if choice.key not in self._open:
                self._open[choice.key] = self._opened(choice)
            return self._open[choice.key]

    def address_book(self, choice: RoadChoice) -> AddressBook | None:
        """Return what resolves addresses by the extract behind the roads of a choice; None when there is none.

        Raises
        ------
        GraphMissing
            When they are not on this machine.
        """
        extract = self.get(choice).extract
        if extract is None:
            return None
        with self._lock:
            geocoder = self._geocoders.setdefault(choice.key, ExtractGeocoderWhenAsked(extract))
        return AddressBook(geocoder)

    def _opened(self, choice: RoadChoice) -> OpenRoads:
        graph = chosen_graph(choice, cache_dir=self._cache_dir)
        if graph is None:
            return OpenRoads(router=StraightRouter(), extract=None)
        return OpenRoads(router=RememberingRouter(OsrmRouter(graph)), extract=graph.extract)
