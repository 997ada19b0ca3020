"""Travel between the places of a statement: from its own matrices, or on our roads where a profile has none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import GeoEngineError, InvalidInput, Unavailable
from geo_engine.geometry import Position
from geo_engine.planning.vroom.document import UnusableField, path_of
from geo_engine.planning.vroom.statement import Statement
from geo_engine.roads import RoadRouter
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

SNAP_LIMIT_M = 1_000.0
"""Places farther than this from any road are not driven to."""


class RoutingFailed(Unavailable):
    """Travel is asked of roads that are not there, or that do not reach a place: VROOM's third code."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)


class TooManyPlaces(InvalidInput):
    """Matrices of so many places are not worked out here."""

    def __init__(self, place_count: int, most: int) -> None:
        super().__init__(
            Message("The problem has {count} places; at most {most} are taken.", {"count": place_count, "most": most})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Seconds and metres from every place to every place, arrays of shape (n, n); NaN where there is no path."""

    durations_s: NDArray[np.float64]
    distances_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Travels:
    """Travel by profile.

    Parameters
    ----------
    tells_distances
        Whether the answer holds distances: where they were given, cost something, or geometry is asked for.
    """

    by_profile: dict[str, Travel]
    tells_distances: bool


def find_travels(statement: Statement, router: RoadRouter | None, *, with_geometry: bool, most_places: int) -> Travels:
    """Return travel between the places of a statement.

    Parameters
    ----------
    router
        Our roads, which serve a profile of the name of each travel mode; None when there are none.
    most_places
        More are refused before any matrix is made.

    Raises
    ------
    TooManyPlaces
        When there are too many.
    UnusableField
        When a matrix has too few rows, or a profile neither a matrix nor roads.
    RoutingFailed
        When roads are needed and cannot be used, or do not reach a place.
    """
    profiles = dict.fromkeys(vehicle.stated.profile for vehicle in statement.vehicles)
    sizes = [len(given.durations) for given in statement.matrices.values() if given.durations is not None]
    for count in (len(statement.positions), *sizes):
        if count > most_places:
            raise TooManyPlaces(count, most_places)
    needing = {vehicle.stated.profile for vehicle in statement.vehicles if vehicle.stated.costs.per_km}
    limited = {one.stated.profile for one in statement.vehicles if one.stated.max_distance is not None}
    asked = profiles.keys() if with_geometry else needing | limited
    by_profile = {
        profile: _travel(statement, profile, router, needs_distances=profile in asked) for profile in profiles
    }
    has_distances = any(given.distances is not None for given in statement.matrices.values())
    return Travels(by_profile=by_profile, tells_distances=with_geometry or has_distances or bool(needing))


def _travel(statement: Statement, profile: str, router: RoadRouter | None, *, needs_distances: bool) -> Travel:
    given = statement.matrices.get(profile)
    path = path_of("matrices", profile)
    if given is None or given.durations is None:
        if given is not None and given.distances is not None:
            raise UnusableField(f"{path}.durations", Message("it is missing, and there are distances"))
        return _on_roads(statement, profile, router)
    _require_rows(statement, given.durations, f"{path}.durations")
    if given.distances is not None:
        _require_rows(statement, given.distances, f"{path}.distances")
        distances_m = given.distances.astype(np.float64)
    elif needs_distances:
        if router is None or profile not in set(TravelMode):
            facts = {"profile": profile}
            raise RoutingFailed(Message("There are neither distances nor roads for the profile {profile}.", facts))
        distances_m = _on_roads(statement, profile, router).distances_m
    else:
        distances_m = np.zeros(given.durations.shape)
    count = statement.place_count
    return Travel(
        durations_s=given.durations[:count, :count].astype(np.float64), distances_m=distances_m[:count, :count]
    )


def _require_rows(statement: Statement, matrix: NDArray[np.int64], path: str) -> None:
    if len(matrix) < statement.place_count:
        facts = {"count": len(matrix), "index": statement.place_count - 1}
        raise UnusableField(path, Message("it has {count} rows, and row {index} is asked for", facts))


def _on_roads(statement: Statement, profile: str, router: RoadRouter | None) -> Travel:
    roads = roads_of(profile, router)
    places = sorted(statement.positions)
    if statement.has_indices:
        _require_positions(statement)
    positions = [Position(*statement.positions[place]) for place in places]
    try:
        _require_near(positions, roads)
        matrix = roads.matrix(positions)
    except RoutingFailed:
        raise
    except GeoEngineError as error:
        raise RoutingFailed(error.message) from error
    shape = (statement.place_count, statement.place_count)
    durations_s, distances_m = np.full(shape, np.nan), np.full(shape, np.nan)
    durations_s[np.ix_(places, places)] = matrix.durations_s
    distances_m[np.ix_(places, places)] = matrix.distances_m
    return Travel(durations_s=durations_s, distances_m=distances_m)


def roads_of(profile: str, router: RoadRouter | None) -> RoadRouter:
    """Return the roads that a profile's vehicles travel on.

    Raises
    ------
    RoutingFailed
        When there are none.
    """
    if profile not in set(TravelMode):
        facts = {"profile": profile}
        raise RoutingFailed(Message("There are neither matrices nor roads for the profile {profile}.", facts))
    if router is None:
        raise RoutingFailed(Message("The problem has no matrices for its places, and no roads were named."))
    try:
        return router.of_mode(TravelMode(profile))
    except GeoEngineError as error:
        raise RoutingFailed(error.message) from error


def _require_positions(statement: Statement) -> None:
    for task in statement.tasks:
        if task.place not in statement.positions:
            raise UnusableField(f"{task.path}.location", Message("it is missing, and roads are asked"))
    for vehicle in statement.vehicles:
        for key, place in (("start", vehicle.start), ("end", vehicle.end)):
            if place is not None and place not in statement.positions:
                raise UnusableField(f"{vehicle.path}.{key}", Message("it is missing, and roads are asked"))


def _require_near(positions: Sequence[Position], router: RoadRouter) -> None:
    for position, snap in zip(positions, router.nearest(positions), strict=True):
        if snap.distance_m > SNAP_LIMIT_M:
            facts = {"lon": position.lon, "lat": position.lat, "km": f"{snap.distance_m / 1000:.1f}"}
            raise RoutingFailed(Message("No road is near [{lon}, {lat}]: the nearest is {km} km away.", facts))
