"""Who was where when: a place at a moment, and when somebody was near a place."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, metres_per_degree
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds, to_moment
from geo_engine.tracks.params import TripParams
from geo_engine.tracks.rules import is_parting
from geo_engine.tracks.trajectories import TrajectoryPiece

_FASTEST_MPS = 130.0 / 3.6
_TRIPS = TripParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a device was at a moment.

    Parameters
    ----------
    reach_m
        How far away it can have been at the most: 0 where it was tracked, so as exact as its fixes are.
    """

    position: Position
    reach_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A span in which a device was near a place.

    Parameters
    ----------
    started_at, ended_at
        Both are in it; one moment where it only touched, or was seen once.
    nearest_m
        How near it came, metres.
    """

    started_at: datetime
    ended_at: datetime
    nearest_m: float


def position_at(
    pieces: Sequence[TrajectoryPiece], moment: datetime, *, fastest_mps: float = _FASTEST_MPS
) -> Whereabouts | None:
    """Return where a device was, between two fixes or in a gap; None where nothing is known.

    That is before its first fix, after its last, and in a silence that parts trips: nobody knows of a way there.

    Parameters
    ----------
    pieces
        Of one device, in order.
    fastest_mps
        How fast it can have moved in a gap.

    Notes
    -----
    O(log n). In a gap it is taken to have moved evenly, and reaches as far as it could go from where it was seen
    last and come back from to where it was seen next.
    """
    time_us = to_microseconds(moment)
    index = bisect_right(pieces, time_us, key=lambda piece: int(piece.times_us[0])) - 1
    if index < 0:
        return None
    piece = pieces[index]
    if time_us <= piece.times_us[-1]:
        lon_deg, lat_deg = (np.interp(time_us, piece.times_us, deg) for deg in (piece.lons_deg, piece.lats_deg))
        return Whereabouts(position=Position(float(lon_deg), float(lat_deg)), reach_m=0.0)
    if index + 1 == len(pieces):
        return None
    after = pieces[index + 1]
    if is_parting(int(after.times_us[0] - piece.times_us[-1]), _TRIPS):
        return None
    return _in_gap(piece, after, time_us, fastest_mps)


def _in_gap(before: TrajectoryPiece, after: TrajectoryPiece, time_us: int, fastest_mps: float) -> Whereabouts:
    left, met = _end(before, -1), _end(after, 0)
    since_s = (time_us - int(before.times_us[-1])) / MICROSECONDS_PER_S
    until_s = (int(after.times_us[0]) - time_us) / MICROSECONDS_PER_S
    share = since_s / (since_s + until_s)
    east_deg = (met.lon - left.lon + 180.0) % 360.0 - 180.0
    lon_deg = (left.lon + share * east_deg + 180.0) % 360.0 - 180.0
    position = Position(lon_deg, left.lat + share * (met.lat - left.lat))
    # It got there, so it was as fast as that took.
    speed_mps = max(fastest_mps, geodesic_m(left, met) / (since_s + until_s))
    from_left_m, from_met_m = geodesic_m(position, left), geodesic_m(position, met)
    return Whereabouts(
        position=position, reach_m=min(speed_mps * since_s + from_left_m, speed_mps * until_s + from_met_m)
    )


def _end(piece: TrajectoryPiece, index: int) -> Position:
    return Position(float(piece.lons_deg[index]), float(piece.lats_deg[index]))


def passes_within(pieces: Sequence[TrajectoryPiece], place: Position, *, radius_m: float, span: TimeSpan) -> list[Pass]:
    """Return when a device was within `radius_m` of a place, in order.

    Parameters
    ----------
    pieces
        Of one device, in order. A pass goes on where a piece begins as the one before ends, and ends with a gap.
    radius_m
        The circle's line is in it; nothing is within a negative radius.
    span
        What of a pass lies outside is cut off.

    Notes
    -----
    O(n). Moves are straight in longitude and latitude, on a plane around the place that has the ellipsoid's scale
    there: metres are right within 0.01 % at 1 km, 0.1 % at 10 km. Moments of entry and exit solve |p + f·d| = r.
    """
    passes: list[Pass] = []
    for piece in pieces:
        for found in _passes(piece, place, radius_m, span):
            if passes and passes[-1].ended_at == found.started_at:
                nearest_m = min(passes[-1].nearest_m, found.nearest_m)
                passes[-1] = replace(passes[-1], ended_at=found.ended_at, nearest_m=nearest_m)
            else:
                passes.append(found)
    return passes


def passes_without(passes: Iterable[Pass], spans: Sequence[TimeSpan]) -> Iterator[Pass]:
    """Yield passes without what of them lies within some spans, which are in the order of time.

    A span takes its inside only: whoever was seen as it began, or as it ended, was there.
    """
    for one in passes:
        start_at = one.started_at
        for span in spans:
            if start_at <= span.start_at <= one.ended_at and span.start_at < span.end_at:
                yield replace(one, started_at=start_at, ended_at=span.start_at)
            if one.started_at < span.end_at and span.start_at < one.ended_at:
                start_at = max(start_at, span.end_at)
        if start_at <= one.ended_at:
            yield replace(one, started_at=start_at)


def _passes(piece: TrajectoryPiece, place: Position, radius_m: float, span: TimeSpan) -> Iterator[Pass]:
    """Yield the passes of a piece: near moves that follow each other are one."""
    entered_us, left_us, nearest_m = _near_moves(piece, place, radius_m, span)
    if not len(entered_us):
        return
    firsts = np.flatnonzero(np.concatenate(([True], entered_us[1:] != left_us[:-1])))
    lasts = np.append(firsts[1:], len(entered_us)) - 1
    nearest = np.minimum.reduceat(nearest_m, firsts)
    for first, last, metres in zip(firsts, lasts, nearest, strict=True):
        yield Pass(
            started_at=to_moment(int(entered_us[first])),
            ended_at=to_moment(int(left_us[last])),
            nearest_m=float(metres),
        )


def _near_moves(
    piece: TrajectoryPiece, place: Position, radius_m: float, span: TimeSpan
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return of each move that comes near when it enters and leaves, and how near it comes."""
    began_us, lasts_us = piece.times_us[:-1], np.diff(piece.times_us)
    from_us = np.maximum(began_us, to_microseconds(span.start_at))
    until_us = np.minimum(piece.times_us[1:], to_microseconds(span.end_at))
    safe_us, is_moment = np.maximum(lasts_us, 1), lasts_us == 0
    begin, end = (from_us - began_us) / safe_us, np.where(is_moment, 1.0, (until_us - began_us) / safe_us)
    points = _around(piece, place)
    enter, leave, nearest_m = _crossings(points[:-1], np.diff(points), begin, end, radius_m)
    entered_us, left_us = (began_us + np.rint(share * lasts_us).astype(np.int64) for share in (enter, leave))
    is_near = (nearest_m <= radius_m) & (from_us <= until_us) & (entered_us < to_microseconds(span.end_at))
    return entered_us[is_near], left_us[is_near], nearest_m[is_near]


def _crossings(
    starts: NDArray[np.complex128],
    moves: NDArray[np.complex128],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    radius_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return at which shares, from `begin` to `end`, moves enter and leave the circle, and how near they come."""
    # |start + f · move|² = r² in f; of a device that stays f does not matter.
    a, b = np.abs(moves) ** 2, (starts * moves.conj()).real
    c = np.abs(starts) ** 2 - radius_m**2
    is_staying = a == 0.0
    safe = np.where(is_staying, 1.0, a)
    middle, half = -b / safe, np.sqrt(np.maximum(b**2 - a * c, 0.0)) / safe
    half[is_staying] = np.inf
    nearest_m = np.abs(starts + moves * middle.clip(begin, end))
    return (middle - half).clip(begin, end), (middle + half).clip(begin, end), nearest_m


def _around(piece: TrajectoryPiece, place: Position) -> NDArray[np.complex128]:
    """Return the places of a piece in metres east + i · north of a place."""
    m_per_lon, m_per_lat = metres_per_degree(place.lat)
    # The piece is taken round the earth as a whole: its places one by one, it would be torn on the far side.
    turns = np.rint((piece.lons_deg[0] - place.lon) / 360.0)
    around: NDArray[np.complex128] = (piece.lons_deg - place.lon - 360.0 * turns) * m_per_lon + 1j * (
        (piece.lats_deg - place.lat) * m_per_lat
    )
    return around
