"""Random days on real roads: what a detector of stops is measured on."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from geo_engine.geometry import Box
from geo_engine.geometry.measure import geodesics_m
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings
from geo_engine.simulation.corpus import DayParams, NoWayFoundError, area_of, random_day, simulate_day
from geo_engine.simulation.driving import FASTEST_MPS
from geo_engine.simulation.noise import NOISES, Noise

EXTRACT = Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"


@pytest.fixture(scope="module")
def router() -> Iterator[OsrmRouter]:
    """Yield a router on the bundled extract, whose graph is in the user's cache or comes there."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=read_settings().cache_dir)) as made:
        yield made


@pytest.fixture(scope="module")
def area() -> Box:
    """Return the area of the bundled extract."""
    return area_of(EXTRACT)


def test_days_on_real_roads_are_believable(router: OsrmRouter, area: Box) -> None:
    """Every day is continuous, in the area's reach, made of stays as long as asked for, and of drives between them."""
    params = DayParams(drop_share=0.0, depot_s=(300.0, 600.0))

    for seed in range(6):
        truth = random_day(router, area, seed=seed, params=params)

        steps_m = geodesics_m(truth.lons_deg[:-1], truth.lats_deg[:-1], truth.lons_deg[1:], truth.lats_deg[1:])
        lasted_s = [(stay.ended_at - stay.started_at).total_seconds() for stay in truth.stays]
        assert steps_m.max() <= FASTEST_MPS
        assert 8 <= len(truth.stays) <= 16
        assert min(lasted_s) >= 300.0 - 0.001
        assert max(lasted_s) <= 5400.0
        assert all(
            (later.started_at - earlier.ended_at).total_seconds() > 20.0 for earlier, later in pairwise(truth.stays)
        )
        assert 4.0 < truth.speeds_mps[~truth.stayings].mean() < 15.0


def test_a_seed_is_one_day_under_any_noise(router: OsrmRouter, area: Box) -> None:
    """The stays of a seed do not depend on who looks how often; what is seen is the same each time."""
    clear, clear_stays = simulate_day(router, area, seed=3, noise=NOISES[Noise.OPEN_SKY], sampling_s=1.0)
    city, city_stays = simulate_day(router, area, seed=3, noise=NOISES[Noise.CITY], sampling_s=60.0)
    again, _ = simulate_day(router, area, seed=3, noise=NOISES[Noise.CITY], sampling_s=60.0)

    assert clear_stays == city_stays
    assert len(clear) > 30 * len(city)
    assert np.array_equal(city.lons_deg, again.lons_deg)
    assert (np.diff(city.times_us) >= 0).all()


def test_the_open_sea_has_no_days(router: OsrmRouter) -> None:
    """Where there is no road, a sentence says so."""
    with pytest.raises(NoWayFoundError, match="too few roads"):
        random_day(router, Box(west=7.45, south=43.60, east=7.49, north=43.65), seed=1)
