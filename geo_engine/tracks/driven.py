"""The words of what was driven: ways on roads where they fit the track, the track itself where none does."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.measure import geodesics_m
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.detail import unwrapped_deg
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.model import Track, Trip, to_microseconds


class WayKind(StrEnum):
    """What a way stands on."""

    MATCHED = "matched"
    """Fixes that lie along roads."""
    RAW = "raw"
    """Fixes that no road fits: a ferry, a car park, a road that is new."""
    ASSUMED = "assumed"
    """Nothing but its ends: what is usual between them, over a gap."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivenWay:
    """A way a device moved on, with its time.

    Parameters
    ----------
    times_us, lons_deg, lats_deg
        Its points: microseconds since 1970, ascending, and WGS 84; three arrays of one length, at least two.
    distance_m
        Its length; along roads where it is matched.
    least_m, most_m
        What it can have been at the least and at the most, as a silence leaves room for detours.
    confidence
        The share of it that is likely within 25 m of where the device really moved, 0 to 1; 0 where no road fits.
    """

    kind: WayKind
    times_us: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    distance_m: float
    least_m: float
    most_m: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenWays:
    """Ways a device moved on, in order; while it stands it moves nowhere."""

    ways: tuple[DrivenWay, ...]

    @property
    def distance_m(self) -> float:
        """How far it moved, as well as can be told."""
        return sum((way.distance_m for way in self.ways), 0.0)

    @property
    def least_m(self) -> float:
        """How far it moved at the least."""
        return sum((way.least_m for way in self.ways), 0.0)

    @property
    def most_m(self) -> float:
        """How far it can have moved at the most."""
        return sum((way.most_m for way in self.ways), 0.0)

    @property
    def confidence(self) -> float:
        """The share of all metres that is likely on the right roads, 0 to 1; 0 when nothing was driven."""
        sure_m = sum((way.confidence * way.distance_m for way in self.ways), 0.0)
        return sure_m / self.distance_m if self.distance_m > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenTrip:
    """How far a trip went along roads, the share of it that is likely on the right ones, 0 to 1, and its ways."""

    driven_m: float
    confidence: float
    ways: tuple[DrivenWay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven(DrivenWays):
    """All that a device moved.

    Parameters
    ----------
    fix_count, matched_count
        How many usable fixes there are outside stops, and how many of them are on matched ways.
    """

    fix_count: int
    matched_count: int


def way_as_reported(trip: Trip, track: Track, flags: NDArray[np.uint16]) -> DrivenWay | None:
    """Return a trip through its usable fixes, as long as it is told to be; None where it has no two of them."""
    started_us, ended_us = to_microseconds(trip.started_at), to_microseconds(trip.ended_at)
    seen = usable_indices(flags)
    chosen = seen[(track.times_us[seen] >= started_us) & (track.times_us[seen] <= ended_us)]
    if len(chosen) <= 1:
        return None
    return DrivenWay(
        kind=WayKind.RAW,
        times_us=track.times_us[chosen],
        lons_deg=track.lons_deg[chosen],
        lats_deg=track.lats_deg[chosen],
        distance_m=trip.distance_m,
        least_m=trip.distance_m,
        most_m=trip.distance_m,
        confidence=0.0,
    )


def trip_within(trip: DrivenTrip, span: TimeSpan) -> DrivenTrip:
    """Return what was driven of a trip in a span; of spans that make up the trip the metres make up its metres."""
    ways = ways_within(trip.ways, span)
    driven = DrivenWays(ways=ways)
    return DrivenTrip(driven_m=driven.distance_m, confidence=driven.confidence, ways=ways)


def ways_within(ways: Iterable[DrivenWay], span: TimeSpan) -> tuple[DrivenWay, ...]:
    """Return the parts of ways that lie in a span, each with as much of its metres as of its line."""
    return tuple(part for way in ways if (part := _way_within(way, span)) is not None)


def _way_within(way: DrivenWay, span: TimeSpan) -> DrivenWay | None:
    """Return the part of a way in a span, with as much of its metres as of its line; None where there is none."""
    from_us = max(to_microseconds(span.start_at), int(way.times_us[0]))
    until_us = min(to_microseconds(span.end_at), int(way.times_us[-1]))
    if from_us >= until_us:
        return None
    if (from_us, until_us) == (way.times_us[0], way.times_us[-1]):
        return way
    inner = (way.times_us > from_us) & (way.times_us < until_us)
    ends_us = np.array([from_us, until_us])
    lons_deg = (_at(ends_us, way, unwrapped_deg(way.lons_deg)) + 180.0) % 360.0 - 180.0
    share = float(np.ptp(_at(ends_us, way, _shares(way))))
    return replace(
        way,
        times_us=_around(ends_us, way.times_us[inner]),
        lons_deg=_around(lons_deg, way.lons_deg[inner]),
        lats_deg=_around(_at(ends_us, way, way.lats_deg), way.lats_deg[inner]),
        distance_m=share * way.distance_m,
        least_m=share * way.least_m,
        most_m=share * way.most_m,
    )


def _at(ends_us: NDArray[np.int64], way: DrivenWay, column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a column of a way says at both ends of its part; of what it leaps at such an end, before the leap."""
    values = np.interp(-ends_us, -way.times_us[::-1], column[::-1])
    # Behind the end of the way there is no part that a leap there could belong to.
    return np.where(ends_us == way.times_us[-1], column[-1], values)


def _around[N: (np.int64, np.float64)](ends: NDArray[N], inner: NDArray[N]) -> NDArray[N]:
    return np.concatenate((ends[:1], inner, ends[1:]))


def _shares(way: DrivenWay) -> NDArray[np.float64]:
    """Return how much of a way lies before each of its points; of one that leads nowhere, of its time."""
    steps_m = geodesics_m(way.lons_deg[:-1], way.lats_deg[:-1], way.lons_deg[1:], way.lats_deg[1:])
    steps = steps_m if steps_m.any() else np.diff(way.times_us)
    return np.concatenate(([0.0], np.cumsum(steps))) / steps.sum()
