"""Which simulated days arrivals are measured on, and which fences stand there. Fixed before the first measurement.

The days are those of `geo_engine.simulation.corpus` on the roads of Porto. `REPORTED` seeds are for the figures that
are published: no parameter was chosen, and no failure looked into, on any of their days.

Each stay has a fence around it and one next door, whose edge is 30 to 200 m away; beside the ways of a day stand as
many fences as there are stays, that the worker drives through: none of them is within 100 m of a stay. Radii are from
30 to 300 m, even in their logarithm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo_engine.geofences.model import Circle, Geofence
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m, geodesics_m
from geo_engine.ids import GeofenceId
from geo_engine.simulation.metres import moved_deg
from geo_engine.simulation.truth import TrueStay, Truth
from geo_engine.tracks.model import to_microseconds

TUNED = range(41_000, 41_040)
REPORTED = range(880_000, 880_200)
SHORTEST_ARRIVAL_S = 300.0
LONGEST_PASS_S = 120.0
_SECOND_US = 1_000_000
_NO_STAY_WITHIN_M = 100.0
_MOST_TRIES = 50
_FORGIVEN_S = 60


class Case(StrEnum):
    """What a fence is there for."""

    VISIT = "visit"
    NEXT_DOOR = "next door"
    DRIVE_BY = "drive-by"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFence:
    """A fence, and from when until when the worker was inside.

    Parameters
    ----------
    number
        Of the stay it is for or next door of; of the drive-by.
    insides_us
        Microseconds since 1970; who steps out for less than a minute has not left.
    crossings_us
        Each moment at which the edge was crossed, steps out for less than a minute among them.
    """

    case: Case
    number: int
    fence: Geofence
    radius_m: float
    insides_us: tuple[tuple[int, int], ...]
    crossings_us: tuple[int, ...]


def fences_of(truth: Truth, seed: int) -> list[TrueFence]:
    """Return the fences of a day."""
    return list(_fences(truth, np.random.default_rng([seed, 7])))


def _fences(truth: Truth, generator: np.random.Generator) -> Iterator[TrueFence]:
    places = [_place_of(truth, stay) for stay in truth.stays]
    stays = [place for place in places if place is not None]
    for number, place in enumerate(places):
        if place is None:
            continue
        radius_m = _radius_m(generator)
        away_m = generator.uniform(0, 0.5) * radius_m
        yield _fence(truth, Case.VISIT, number, _moved(place, away_m, generator), radius_m)
        radius_m = _radius_m(generator)
        away_m = radius_m + float(np.exp(generator.uniform(np.log(30.0), np.log(200.0))))
        yield _fence(truth, Case.NEXT_DOOR, number, _moved(place, away_m, generator), radius_m)
    for number in range(len(stays)):
        radius_m = _radius_m(generator)
        way_place = _on_the_way(truth, stays, radius_m + _NO_STAY_WITHIN_M, generator)
        if way_place is not None:
            away_m = generator.uniform(0, 0.8) * radius_m
            yield _fence(truth, Case.DRIVE_BY, number, _moved(way_place, away_m, generator), radius_m)


def _place_of(truth: Truth, stay: TrueStay) -> Position | None:
    """Return the middle of a stay; None of one that was over at once."""
    span_us = to_microseconds(stay.started_at), to_microseconds(stay.ended_at) + 1
    first, end = np.searchsorted(truth.times_us, span_us)
    if first == end:
        return None
    return Position(float(np.median(truth.lons_deg[first:end])), float(np.median(truth.lats_deg[first:end])))


def _on_the_way(truth: Truth, stays: list[Position], apart_m: float, generator: np.random.Generator) -> Position | None:
    """Return a place of the ways of a day that is so far from all stays; None where none was drawn."""
    ways = np.flatnonzero(~truth.stayings)
    for at in generator.choice(ways, size=_MOST_TRIES if len(ways) else 0):
        place = Position(float(truth.lons_deg[at]), float(truth.lats_deg[at]))
        if min(geodesic_m(place, stay) for stay in stays) > apart_m:
            return place
    return None


def _moved(place: Position, away_m: float, generator: np.random.Generator) -> Position:
    angle = generator.uniform(0.0, 2.0 * np.pi)
    east_m, north_m = np.array([away_m * np.sin(angle)]), np.array([away_m * np.cos(angle)])
    lons, lats = moved_deg(np.array([place.lon]), np.array([place.lat]), east_m=east_m, north_m=north_m)
    return Position(float(lons[0]), float(lats[0]))


def _fence(truth: Truth, case: Case, number: int, centre: Position, radius_m: float) -> TrueFence:
    name = f"{case} {number}"
    spans = _spans_us(truth, centre, radius_m)
    return TrueFence(
        case=case,
        number=number,
        fence=Geofence(id=GeofenceId(name), name=name, shape=Circle(centre=centre, radius_m=radius_m)),
        radius_m=radius_m,
        insides_us=tuple(_without_steps_out(spans)),
        crossings_us=tuple(moment_us for span in spans for moment_us in span),
    )


def _spans_us(truth: Truth, centre: Position, radius_m: float) -> list[tuple[int, int]]:
    count = len(truth)
    apart_m = geodesics_m(np.full(count, centre.lon), np.full(count, centre.lat), truth.lons_deg, truth.lats_deg)
    turns = np.flatnonzero(np.diff((apart_m <= radius_m).astype(np.int8), prepend=0, append=0))
    return [(int(truth.times_us[first]), int(truth.times_us[end - 1])) for first, end in turns.reshape(-1, 2).tolist()]


def _without_steps_out(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for started_us, ended_us in spans:
        if found and started_us - found[-1][1] <= _FORGIVEN_S * _SECOND_US:
            found[-1] = found[-1][0], ended_us
        else:
            found.append((started_us, ended_us))
    return found


def _radius_m(generator: np.random.Generator) -> float:
    return float(np.exp(generator.uniform(np.log(30.0), np.log(300.0))))
