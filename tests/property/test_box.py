"""A box around a position holds whatever is near it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import box_around

EARTH = Geod(ellps="WGS84")


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-85, 85),
    radius_m=st.floats(0, 50_000),
    bearing_deg=st.floats(0, 360),
    share=st.floats(0, 1),
)
def test_a_box_holds_every_position_within_the_radius(
    lon: float, lat: float, radius_m: float, bearing_deg: float, share: float
) -> None:
    """Going at most `radius_m` in any direction on the ellipsoid never leaves the box, also over the 180th meridian."""
    box = box_around(Position(lon, lat), radius_m)

    there_lon, there_lat, _ = EARTH.fwd(lon, lat, bearing_deg, share * radius_m)

    assert box.south - 1e-9 <= there_lat <= box.north + 1e-9
    assert box.west - 1e-9 <= there_lon <= box.east + 1e-9


@given(st.floats(-180, 180), st.floats(86, 90), st.floats(0, 2_000_000))
def test_a_box_near_a_pole_is_a_box(lon: float, lat: float, radius_m: float) -> None:
    """Where all meridians meet the box ends at the pole and may go all the way round."""
    box = box_around(Position(lon, lat), radius_m)

    assert box.north <= 90
    assert box.west <= lon <= box.east


@pytest.mark.parametrize("sides", [(2.0, 0.0, 1.0, 1.0), (0.0, 2.0, 1.0, 1.0), (0.0, 0.0, 181.0, 1.0)])
def test_a_box_the_wrong_way_round_is_refused(sides: tuple[float, float, float, float]) -> None:
    """West is before east, south before north, and all lie on the earth."""
    west, south, east, north = sides

    with pytest.raises(InvalidInput):
        Box(west=west, south=south, east=east, north=north)
