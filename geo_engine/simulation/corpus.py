"""Random days of random workers on real roads, each the same whenever it is asked for by its seed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely

from geo_engine.basemap.extract import read_features, read_header_bounds
from geo_engine.errors import InvalidInput
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import box_around, geodesic_m
from geo_engine.roads import RoadPath, RoadRouter
from geo_engine.simulation.noise import NoiseParams
from geo_engine.simulation.observing import observe
from geo_engine.simulation.sky import Range
from geo_engine.simulation.truth import Halt, TrueStay, Truth, TruthParams, live_day
from geo_engine.tracks import Track
from geo_engine.words import Message

_FIRST_DAY_AT = datetime(2026, 1, 5, tzinfo=UTC)
_ROAD_WITHIN_M = 150.0
_MOST_TRIES = 200


class NoWayFoundError(InvalidInput):
    """The area has too few roads for a day."""

    def __init__(self) -> None:
        super().__init__(Message("There are too few roads to drive a random day on."))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayParams:
    """What the days of a corpus are like.

    Parameters
    ----------
    stay_count
        Least and most number of sites of a day.
    stay_s
        How long a worker stays, drawn evenly in its logarithm.
    drop_share, drop_s
        Share of the sites where something is only dropped, and how long that takes.
    depot_s
        How long the worker stays where the day begins and ends: the recording begins and ends there.
    apart_m
        How far a site is from the one before, at least.
    territory_m
        How far sites are from the middle of the day's territory, which is anywhere in the area.
    starts_h
        Hours after midnight (UTC) at which days begin; late ones go past midnight.
    """

    stay_count: tuple[int, int] = (6, 14)
    stay_s: Range = (300.0, 5400.0)
    drop_share: float = 0.1
    drop_s: Range = (45.0, 200.0)
    depot_s: Range = (0.0, 1500.0)
    apart_m: float = 400.0
    territory_m: float = 6000.0
    starts_h: Range = (4.0, 20.0)
    truth: TruthParams = field(default_factory=TruthParams)


def simulate_day(
    router: RoadRouter,
    area: Box,
    *,
    seed: int,
    noise: NoiseParams,
    sampling_s: float,
    params: DayParams | None = None,
) -> tuple[Track, tuple[TrueStay, ...]]:
    """Return what a phone reports of the random day of a seed, and the stays of that day as they were.

    Parameters
    ----------
    area
        Where the sites are; see `area_of`.
    noise
        Its `worst_accuracy_m` is the class of accuracy.
    sampling_s
        How often the phone looks. The day of a seed is the same under any noise and sampling.

    Raises
    ------
    NoWayFoundError
        When the area has too few roads.

    Notes
    -----
    Nobody can know the ends of a stay better than `sampling_s`: with sparse sampling ask for longer `stay_s`.
    """
    truth = random_day(router, area, seed=seed, params=params)
    return observe(truth, noise, sampling_s=sampling_s, generator=np.random.default_rng([seed, 1])), truth.stays


def random_day(router: RoadRouter, area: Box, *, seed: int, params: DayParams | None = None) -> Truth:
    """Return the true day of a seed: random sites of an area, one after the other, from a depot and back to one.

    Raises
    ------
    NoWayFoundError
        When the area has too few roads.
    """
    params = params or DayParams()
    generator = np.random.default_rng([seed, 0])
    count = int(generator.integers(params.stay_count[0], params.stay_count[1] + 1))
    path = _random_way(router, area, count + 2, params, generator)
    services_s = [_service_s(params, generator) for _ in range(count)]
    depots_s = [float(generator.uniform(*params.depot_s)) for _ in range(2)]
    started_at = _FIRST_DAY_AT + timedelta(
        days=int(generator.integers(0, 364)), seconds=round(3600.0 * float(generator.uniform(*params.starts_h)))
    )
    halts = [Halt(service_s=service_s) for service_s in (depots_s[0], *services_s, depots_s[1])]
    return live_day(path, halts, started_at=started_at, generator=generator, params=params.truth)


def area_of(extract: Path) -> Box:
    """Return the area of an extract: what its header says, else where its streets are.

    Raises
    ------
    InvalidInput
        When the file is no readable extract or has no street.
    """
    bounds = read_header_bounds(extract)
    if bounds is None:
        bounds = _street_bounds(extract)
    west, south, east, north = bounds
    return Box(west=west, south=south, east=east, north=north)


def _street_bounds(extract: Path) -> tuple[float, float, float, float]:
    shapes = [feature.wkb for feature in read_features(extract, keys=("highway",))]
    if not shapes:
        raise NoWayFoundError
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(np.array(shapes, dtype=object))).tolist()
    return west, south, east, north


def _random_way(
    router: RoadRouter, area: Box, count: int, params: DayParams, generator: np.random.Generator
) -> RoadPath:
    """Return the way through some random places of one territory."""
    for _ in range(_MOST_TRIES):
        middle = _somewhere(area, generator)
        places = _random_places(router, _shared(area, box_around(middle, params.territory_m)), count, params, generator)
        if len(places) == count:
            path = router.path(places)
            if all(path.legs):
                return path
    raise NoWayFoundError


def _random_places(
    router: RoadRouter, territory: Box, count: int, params: DayParams, generator: np.random.Generator
) -> list[Position]:
    """Return random places at roads, each some way from the one before; fewer where there are hardly any roads."""
    drawn = [_somewhere(territory, generator) for _ in range(5 * count)]
    places = list[Position]()
    for snap in router.nearest(drawn):
        is_apart = not places or geodesic_m(places[-1], snap.position) >= params.apart_m
        if snap.distance_m <= _ROAD_WITHIN_M and is_apart and len(places) < count:
            places.append(snap.position)
    return places


def _somewhere(box: Box, generator: np.random.Generator) -> Position:
    return Position(float(generator.uniform(box.west, box.east)), float(generator.uniform(box.south, box.north)))


def _shared(one: Box, other: Box) -> Box:
    """Return what two boxes with a common point share."""
    return Box(
        west=max(one.west, other.west),
        south=max(one.south, other.south),
        east=min(one.east, other.east),
        north=min(one.north, other.north),
    )


def _service_s(params: DayParams, generator: np.random.Generator) -> float:
    is_drop = generator.random() < params.drop_share
    shortest_s, longest_s = params.drop_s if is_drop else params.stay_s
    return float(np.exp(generator.uniform(np.log(shortest_s), np.log(longest_s))))
