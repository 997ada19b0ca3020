"""How a worker came from one visit to the next: how far that was, and how far off the way along roads it led."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.geofences.presences import ended_us
from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.measure import geodesic_m, turned_deg
from geo_engine.geometry.plane import LocalPlane
from geo_engine.ids import VisitId
from geo_engine.planning.versions.model import WorkerDay
from geo_engine.roads import RoadRouter
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.driven import DrivenWay, DrivenWays, WayKind, way_as_reported, ways_within
from geo_engine.tracks.model import MICROSECONDS_PER_S, Stop, Trip, to_microseconds, to_moment
from geo_engine.tracks.params import TripParams
from geo_engine.tracks.worker_days import WornTrack
from geo_engine.visits.day import Visit
from geo_engine.visits.model import Bounds

_MOVED_M = 200.0
"""Who is no farther from where they were seen last has not moved: fixes are that inexact."""
_SILENT_US = round(TripParams().parting_s * MICROSECONDS_PER_S)
"""How long a device may be silent on a trip: who is not followed for longer may have been anywhere."""
_NOT_FOLLOWED_US = 2**62
_EXACT_M = 25.0
"""How exactly it is known where somebody drove (`DrivenWay.confidence`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A worker's way to a visit from where they were before; metres.

    Parameters
    ----------
    number
        From 1, in order of time.
    visit_id
        The visit it led to; None for what was driven after the last.
    planned_m
        How far the plan has it, from the planned visit before; None when it was not planned.
    direct_m
        How far it is along roads between where it began and where it ended; None without roads.
    driven_m
        How far the worker went; at the most infinitely far where it was not followed for long.
    off_m
        How far the worker was from that way at the farthest; None without roads.
    """

    number: int
    visit_id: VisitId | None
    planned_m: float | None
    direct_m: float | None
    driven_m: Bounds
    off_m: Bounds | None


def legs_of(
    worn: Sequence[WornTrack],
    visits: Sequence[Visit],
    planned: WorkerDay | None,
    router: RoadRouter,
    *,
    during: TimeSpan | None = None,
) -> tuple[Leg, ...]:
    """Return the legs of a day in order of time: one to each visit that was seen, and one to the end of the day.

    Parameters
    ----------
    worn
        What each device of the worker told: of a leg the one counts that followed the most of it.
    visits
        Of the day. Where only a statement says it nobody knows when the way there ended.
    planned
        The plan of the day, if there was one.
    router
        One that only estimates knows no way to be off from.
    during
        The day, where devices told of more than that.

    Notes
    -----
    A leg is compared with the way along roads from where it really began, not from where it was to begin: somebody who
    took two visits the other way round made no detour. Cost: one path query a leg.
    """
    ways = [known for one in worn if (known := tuple(_ways(one)))]
    planned_m = _planned_m(planned)
    found: list[Leg] = []
    for visit, from_us, until_us in _spans(visits, ways, during):
        parts, room_m = _followed(ways, from_us, until_us)
        driven = DrivenWays(ways=parts)
        is_unknown, has_moved = not parts and from_us < until_us, driven.distance_m >= _MOVED_M
        if is_unknown or (visit is None and not has_moved):
            continue
        direct_m, off_m = _beside_roads(parts, router, room_m)
        leg = Leg(
            number=len(found) + 1,
            visit_id=None if visit is None else visit.id,
            planned_m=_planned_to(visit, planned_m),
            direct_m=direct_m,
            driven_m=_bounds(driven.least_m, driven.distance_m, driven.most_m + room_m),
            off_m=off_m,
        )
        found.append(leg)
    return tuple(found)


def _planned_m(planned: WorkerDay | None) -> dict[int | None, float]:
    """Return how far the plan has it to each visit by its number, and under None to the end of the route."""
    if planned is None:
        return {}
    to_visits: dict[int | None, float] = {one.number: one.visit.travel_m for one in planned.ordered_visits}
    return {**to_visits, None: planned.route.travel_m - sum(to_visits.values())}


def _followed(ways: Sequence[Sequence[DrivenWay]], from_us: int, until_us: int) -> tuple[tuple[DrivenWay, ...], float]:
    """Return the ways between two moments by the first device that followed them, and what room for more it left.

    Where none did throughout it is the one that was silent for the shortest time, and nobody knows what was meanwhile.
    """
    found = [_between(of_device, from_us, until_us) for of_device in ways]
    parts, silent_us = next((one for one in found if one[1] <= _SILENT_US), min(found, key=lambda one: one[1]))
    return parts, 0.0 if silent_us <= _SILENT_US else math.inf


def _between(ways: Sequence[DrivenWay], from_us: int, until_us: int) -> tuple[tuple[DrivenWay, ...], int]:
    """Return the parts of a device's ways between two moments, and for how long it is not followed there."""
    if from_us >= until_us:
        return (), 0
    parts = ways_within(ways, TimeSpan(start_at=to_moment(from_us), end_at=to_moment(until_us)))
    bounds_us = [from_us, *(int(one.times_us[end]) for one in parts for end in (0, -1)), until_us]
    gaps_us = [max(after - before, 0) for before, after in zip(bounds_us[::2], bounds_us[1::2], strict=True)]
    return parts, max(gaps_us) if parts else _NOT_FOLLOWED_US


def _planned_to(visit: Visit | None, planned_m: Mapping[int | None, float]) -> float | None:
    if visit is None:
        return planned_m.get(None)
    return None if visit.stop is None else planned_m.get(visit.stop.number)


def _spans(
    visits: Sequence[Visit], ways: Sequence[Sequence[DrivenWay]], during: TimeSpan | None
) -> Iterator[tuple[Visit | None, int, int]]:
    """Yield from when until when (microseconds since 1970) the worker was on the way to which visit."""
    if not ways:
        return
    from_us = min(int(of_device[0].times_us[0]) for of_device in ways)
    last_us = max(int(of_device[-1].times_us[-1]) for of_device in ways)
    if during is not None:
        from_us, last_us = max(from_us, to_microseconds(during.start_at)), min(last_us, to_microseconds(during.end_at))
    seen = [(visit, visit.presence) for visit in visits if visit.presence is not None]
    for visit, presence in sorted(seen, key=lambda one: (one[1].entered.at_us, one[0].site_id)):
        yield visit, from_us, max(from_us, presence.entered.at_us)
        from_us = max(from_us, ended_us(presence))
    if last_us > from_us:
        yield None, from_us, last_us


# ---- where the worker was --------------------------------------------------------------------------------------------


def _ways(worn: WornTrack) -> Iterator[DrivenWay]:
    """Yield all that is known of where a device was, in order: ways, stops, and straight lines over what is unknown."""
    known: list[Stop | Trip] = sorted([*worn.stops, *worn.trips], key=lambda one: (one.started_at, one.ended_at))
    last: tuple[datetime, DrivenWay] | None = None
    for part in known:
        ways = (_standing(part),) if isinstance(part, Stop) else _trip_ways(worn, part)
        if last is not None and ways and last[0] < part.started_at:
            yield from _over_unknown(last[1], ways[0])
        yield from ways
        last = (part.ended_at, ways[-1]) if ways else last and (part.ended_at, last[1])


def _trip_ways(worn: WornTrack, trip: Trip) -> tuple[DrivenWay, ...]:
    """Return the ways of a trip on roads, once it was matched; before, or without roads, through its fixes."""
    matched = worn.driven.get(trip.started_at)
    if matched is not None and matched.ways:
        return matched.ways
    reported = way_as_reported(trip, worn.track, worn.flags)
    return () if reported is None else (reported,)


def _standing(stop: Stop) -> DrivenWay:
    return DrivenWay(
        kind=WayKind.RAW,
        times_us=np.array([to_microseconds(stop.started_at), to_microseconds(stop.ended_at)]),
        lons_deg=np.full(2, stop.position.lon),
        lats_deg=np.full(2, stop.position.lat),
        distance_m=0.0,
        least_m=0.0,
        most_m=0.0,
        confidence=0.0,
    )


def _over_unknown(before: DrivenWay, after: DrivenWay) -> Iterator[DrivenWay]:
    """Yield what is known of a time in which a device was not the worker's, if it was moved: no more than its ends."""
    way_m = geodesic_m(_end(before), _begin(after))
    if way_m <= _MOVED_M:
        return
    yield DrivenWay(
        kind=WayKind.ASSUMED,
        times_us=np.array([before.times_us[-1], after.times_us[0]]),
        lons_deg=np.array([before.lons_deg[-1], after.lons_deg[0]]),
        lats_deg=np.array([before.lats_deg[-1], after.lats_deg[0]]),
        distance_m=way_m,
        least_m=way_m,
        most_m=math.inf,
        confidence=0.0,
    )


def _begin(way: DrivenWay) -> Position:
    return Position(float(way.lons_deg[0]), float(way.lats_deg[0]))


def _end(way: DrivenWay) -> Position:
    return Position(float(way.lons_deg[-1]), float(way.lats_deg[-1]))


# ---- beside the way along roads --------------------------------------------------------------------------------------


def _beside_roads(parts: Sequence[DrivenWay], router: RoadRouter, more_m: float) -> tuple[float | None, Bounds | None]:
    """Return how far it is along roads from where some ways begin to where they end, and how far off that they led."""
    if not parts or router.is_estimate:
        return None, None
    begin, end = _begin(parts[0]), _end(parts[-1])
    path = router.path([begin, end])
    if not path.legs[0]:
        return None, None
    line = [(begin.lon, begin.lat), *path.legs[0], (end.lon, end.lat)]
    likely_m = max(_farthest_m(line, way) for way in parts)
    room_m = max(_room_m(way) for way in parts) + more_m
    return float(path.distances_m[0]), _bounds(max(likely_m - _EXACT_M, 0.0), likely_m, likely_m + _EXACT_M + room_m)


def _farthest_m(line: Sequence[LonLat], way: DrivenWay) -> float:
    """Return how far from a line a way leads at the farthest; 0 for one of which only the ends are known."""
    if way.kind is WayKind.ASSUMED:
        return 0.0
    lon, lat = line[0]
    plane = LocalPlane(lon=lon, lat=lat)
    lons_deg, lats_deg = np.array(line).T
    shapes = np.array(
        [
            shapely.linestrings(_near(lon, lons_deg), lats_deg),
            shapely.linestrings(_near(lon, way.lons_deg), way.lats_deg),
        ]
    )
    direct, gone = plane.to_plane(shapes)
    # What leads nowhere cannot be parted.
    parted = shapely.segmentize(gone, _EXACT_M) if shapely.length(gone) else gone
    corners = shapely.points(shapely.get_coordinates(parted))
    return float(shapely.distance(corners, direct).max())


def _near(lon_deg: float, lons_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitudes counted on beyond the 180th meridian where that is nearer to one of them."""
    return lon_deg + turned_deg(lons_deg - lon_deg)


def _room_m(way: DrivenWay) -> float:
    """Return how much farther off its line a way can have led, as long as it can have been.

    Of one of which only the ends are known: half the narrow axis of the ellipse of all ways so long between them.
    """
    if way.kind is not WayKind.ASSUMED:
        return max(way.most_m - way.distance_m, 0.0) / 2.0
    return math.sqrt(max(way.most_m**2 - geodesic_m(_begin(way), _end(way)) ** 2, 0.0)) / 2.0


def _bounds(least_m: float, likely_m: float, most_m: float) -> Bounds:
    least, likely, most = (one if math.isinf(one) else float(round(one)) for one in (least_m, likely_m, most_m))
    return Bounds(least=least, likely=likely, most=most)
