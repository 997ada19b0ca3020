"""What travel is where there is no road graph: an estimate from straight lines, always labelled as one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import distance_matrix_m, geodesics_m, lons_and_lats_deg
from geo_engine.roads.model import MatchedPath, MatchedPiece, RoadPath, Snap, TravelMatrix
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

# Among 1,000 places in the centre of Porto the median speed is 32 km/h and the median detour 1.9, for its one-way
# streets and pedestrian zones; longer ways are straighter.
DETOUR_FACTOR = 1.3
SPEED_MPS = 30.0 / 3.6
MODE_SPEEDS_MPS = {
    TravelMode.CAR: SPEED_MPS,
    TravelMode.EBIKE: 20.0 / 3.6,
    TravelMode.BICYCLE: 14.0 / 3.6,
    TravelMode.FOOT: 4.8 / 3.6,
}


class StraightRouter:
    """Travel estimated as geodesic × detour at one speed; an adapter of `RoadRouter`.

    Parameters
    ----------
    detour_factor
        How much longer a road is than the geodesic, at least 1.
    speed_mps
        Mean speed along that road, metres a second.

    Raises
    ------
    InvalidInput
        When the factor is below 1 or the speed is not positive.

    Examples
    --------
    >>> router = StraightRouter(detour_factor=1.0, speed_mps=10.0)
    >>> round(router.matrix([Position(0.0, 0.0), Position(0.0, 1.0)]).durations_s[0, 1])
    11057
    """

    def __init__(self, *, detour_factor: float = DETOUR_FACTOR, speed_mps: float = SPEED_MPS) -> None:
        if not detour_factor >= 1.0:
            raise InvalidInput(Message("The detour factor {factor} is below 1.", {"factor": detour_factor}))
        if not speed_mps > 0.0:
            raise InvalidInput(Message("The speed {speed} m/s is not above 0.", {"speed": speed_mps}))
        self._detour_factor = detour_factor
        self._speed_mps = speed_mps

    @property
    def source(self) -> str:
        """``straight``."""
        return "straight"

    @property
    def is_estimate(self) -> bool:
        """True: the figures follow no road."""
        return True

    def of_mode(self, mode: TravelMode) -> "StraightRouter":
        """Return estimates at a mode's speed over ways of the same length; the car's is this one's own."""
        if mode is TravelMode.CAR:
            return self
        return StraightRouter(detour_factor=self._detour_factor, speed_mps=MODE_SPEEDS_MPS[mode])

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Return estimated travel between all positions, in their order; symmetric, never NaN."""
        distances_m = distance_matrix_m(positions) * self._detour_factor
        return TravelMatrix(durations_s=distances_m / self._speed_mps, distances_m=distances_m, is_estimate=True)

    def path(self, positions: Sequence[Position]) -> RoadPath:
        """Return straight lines of two points through positions in their order, labelled as an estimate.

        Raises
        ------
        InvalidInput
            When there are fewer than two positions.
        """
        if len(positions) < 2:
            raise InvalidInput(Message("A road path needs at least two places."))
        lons_deg, lats_deg = lons_and_lats_deg(positions)
        geodesic_m = geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:])
        distances_m = geodesic_m * self._detour_factor
        return RoadPath(
            legs=tuple(((start.lon, start.lat), (end.lon, end.lat)) for start, end in pairwise(positions)),
            durations_s=tuple((distances_m / self._speed_mps).tolist()),
            distances_m=tuple(distances_m.tolist()),
            is_estimate=True,
        )

    def nearest(self, positions: Sequence[Position]) -> list[Snap]:
        """Return every position itself: without roads there is nothing to snap to."""
        return [Snap(position=position, distance_m=0.0, road_name="") for position in positions]

    def match(
        self,
        positions: Sequence[Position],
        *,
        tracked_at: Sequence[datetime] | None = None,  # noqa: ARG002 — the port's; straight lines need no times
        accuracies_m: Sequence[float] | None = None,  # noqa: ARG002 — nor accuracies
    ) -> MatchedPath:
        """Return the positions themselves as one piece of confidence 0; its lengths are the geodesic ones."""
        if len(positions) < 2:
            return MatchedPath(pieces=(), matched_positions=tuple(positions))
        lons_deg, lats_deg = lons_and_lats_deg(positions)
        distances_m = geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:])
        line = tuple((position.lon, position.lat) for position in positions)
        piece = MatchedPiece(
            indices=tuple(range(len(line))),
            snapped=line,
            legs=tuple(pairwise(line)),
            durations_s=tuple((distances_m / self._speed_mps).tolist()),
            distances_m=tuple(distances_m.tolist()),
            confidence=0.0,
        )
        return MatchedPath(pieces=(piece,), matched_positions=tuple(positions))
