"""Road graphs the pages draw ways from, and the addresses beside them: opened when asked for, the last few kept."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from geo_engine.customers.addresses import AddressBook
from geo_engine.ids import GraphKey
from geo_engine.imports.crs_hints import BuildingsWhenAsked
from geo_engine.imports.geocoders import ExtractGeocoderWhenAsked
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import OpenRoads, chosen_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.settings import Settings
from web.remembering import MatrixMemory, RememberingRouter

_MOST_OPEN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """An opened graph, and what resolves addresses and shows buildings by its extract."""

    roads: OpenRoads
    geocoder: ExtractGeocoderWhenAsked | None
    buildings: BuildingsWhenAsked | None


class RoadShelf:
    """The opened graphs; the files are mapped into memory, so that processes share them.

    Parameters
    ----------
    most_open
        How many are kept. The one asked for longest ago goes first: whoever still uses it may go on, and its memory
        and its process end with the last reference to it.
    """

    def __init__(self, settings: Settings, *, most_open: int = _MOST_OPEN) -> None:
        self._cache_dir = settings.cache_dir
        self._most_open = most_open
        self._kept: OrderedDict[GraphKey, _Kept] = OrderedDict()
        self._matrices = MatrixMemory()
        self._lock = Lock()

    def get(self, choice: RoadChoice) -> OpenRoads:
        """Return travel on the roads of a choice.

        Raises
        ------
        GraphMissing
            When they are not on this machine.
        """
        return self._get(choice).roads

    def address_book(self, choice: RoadChoice) -> AddressBook | None:
        """Return what resolves addresses by the extract behind the roads of a choice; None when there is none.

        Raises
        ------
        GraphMissing
            When they are not on this machine.
        """
        geocoder = self._get(choice).geocoder
        return None if geocoder is None else AddressBook(geocoder)

    def buildings(self, choice: RoadChoice) -> BuildingsWhenAsked | None:
        """Return the buildings of the extract behind the roads of a choice; None when there is none.

        Raises
        ------
        GraphMissing
            When they are not on this machine.
        """
        return self._get(choice).buildings

    def _get(self, choice: RoadChoice) -> _Kept:
        with self._lock:
            if choice.key not in self._kept:
                self._kept[choice.key] = self._opened(choice)
            self._kept.move_to_end(choice.key)
            if len(self._kept) > self._most_open:
                self._kept.popitem(last=False)
            return self._kept[choice.key]

    def _opened(self, choice: RoadChoice) -> _Kept:
        graph = chosen_graph(choice, cache_dir=self._cache_dir)
        router = StraightRouter() if graph is None else OsrmRouter(graph, builds_modes=False)
        extract = None if graph is None else graph.extract
        return _Kept(
            roads=OpenRoads(router=RememberingRouter(router, choice.key, self._matrices), extract=extract),
            geocoder=None if extract is None else ExtractGeocoderWhenAsked(extract),
            buildings=None if extract is None else BuildingsWhenAsked(extract),
        )
