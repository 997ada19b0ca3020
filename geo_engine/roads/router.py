"""The port every source of travel answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from geo_engine.geometry import Position
from geo_engine.roads.model import MatchedPath, RoadPath, Snap, TravelMatrix
from geo_engine.travel_modes import TravelMode


class RoadRouter(Protocol):
    """A source of travel times, paths and snaps."""

    @property
    def source(self) -> str:
        """Where the figures come from, such as ``osrm:monaco.osm.pbf`` or ``straight``; shown with every plan."""
        ...

    @property
    def is_estimate(self) -> bool:
        """Whether the figures are estimates that follow no road."""
        ...

    def of_mode(self, mode: TravelMode) -> "RoadRouter":
        """Return travel over the same country by another mode; a router is the car's until it is asked."""
        ...

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return travel between all positions, in their order; NaN where there is no path."""
        ...

    def path(self, positions: Sequence[Position]) -> RoadPath:
        """Return the way through at least two positions in their order."""
        ...

    def nearest(self, positions: Sequence[Position]) -> list[Snap]:
        """Return the nearest point of the network for each position, however far."""
        ...

    def match(
        self,
        positions: Sequence[Position],
        *,
        tracked_at: Sequence[datetime] | None = None,
        accuracies_m: Sequence[float] | None = None,
    ) -> MatchedPath:
        """Return the track of `positions` snapped to roads; both optional sequences are as long as `positions`."""
        ...
