"""A local plane is as exact as it says, and gives back what it was given."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.geometry.plane import LocalPlane

SIDES = (-1.0, -0.4, 0.0, 0.4, 1.0)


@pytest.mark.parametrize("lat", [-60.0, -33.9, 0.0, 22.3, 43.7, 51.5, 60.0])
@pytest.mark.parametrize(("reach_m", "most_wrong"), [(10_000, 0.007), (25_000, 0.011), (50_000, 0.017)])
def test_lengths_are_as_right_as_documented(lat: float, reach_m: float, most_wrong: float) -> None:
    """Between any two of 25 places around the centre, the length differs from the geodesic by the documented share."""
    plane = LocalPlane(lon=7.0, lat=lat)
    half_m = reach_m / 2**0.5
    places = [plane.position(shapely.Point(x * half_m, y * half_m)) for x in SIDES for y in SIDES]

    wrong = [
        abs(plane.distance_m(one, other) / geodesic_m(one, other) - 1)
        for at, one in enumerate(places)
        for other in places[at + 1 :]
    ]

    assert max(wrong) <= most_wrong


@given(lon=st.floats(-0.5, 0.5), lat=st.floats(-0.5, 0.5))
def test_a_position_survives_the_way_there_and_back(lon: float, lat: float) -> None:
    """To the plane and back is the same place to a micrometre."""
    plane = LocalPlane(lon=116.4, lat=39.9)
    position = Position(116.4 + lon, 39.9 + lat)

    back = plane.position(plane.point(position))

    assert (back.lon, back.lat) == pytest.approx((position.lon, position.lat), abs=1e-11)
