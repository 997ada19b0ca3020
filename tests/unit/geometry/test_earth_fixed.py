"""Positions as whole millimetres from the earth's centre: exact, and the same alone as among many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.geometry.earth_fixed import Place, chord_mm, chords_mm, place_of, places_of, position_of
from geo_engine.geometry.measure import geodesic_m

LONS = st.floats(-180.0, 180.0)
LATS = st.floats(-90.0, 90.0)


@settings(max_examples=50)
@given(positions=st.lists(st.tuples(LONS, LATS), min_size=1, max_size=20))
def test_a_place_is_the_same_alone_and_among_many(positions: list[tuple[float, float]]) -> None:
    """Each position gives the same three integers whether it comes alone or in an array, to the last bit."""
    lons_deg, lats_deg = np.array(positions).T

    places = places_of(lons_deg, lats_deg)

    assert [places.at(k) for k in range(len(positions))] == [place_of(lon, lat) for lon, lat in positions]


@settings(max_examples=50)
@given(lon=LONS, lat=LATS)
def test_a_place_has_its_position_back(lon: float, lat: float) -> None:
    """A position comes back to a ten-millionth of a degree, as it was rounded."""
    found = position_of(place_of(lon, lat))

    assert found.lat == pytest.approx(lat, abs=1.1e-7)
    if abs(lat) < 89.9:
        assert abs((found.lon - lon + 180.0) % 360.0 - 180.0) < 1.1e-7 / np.cos(np.radians(lat))


@settings(max_examples=50)
@given(lon=LONS, lat=st.floats(-89.0, 89.0), north=st.floats(-0.01, 0.01), east=st.floats(-0.01, 0.01))
def test_a_chord_is_the_distance_on_the_ground(lon: float, lat: float, north: float, east: float) -> None:
    """Within a kilometre or two a chord is the geodesic to a centimetre or two, on the 180th meridian too."""
    other_lon = (lon + east + 180.0) % 360.0 - 180.0

    apart_mm = chord_mm(place_of(lon, lat), place_of(other_lon, lat + north))

    assert apart_mm / 1000 == pytest.approx(geodesic_m(Position(lon, lat), Position(other_lon, lat + north)), abs=0.03)


def test_chords_are_as_chords_one_by_one() -> None:
    """Distances of many are those of each pair, to the last bit."""
    generator = np.random.default_rng(1)
    one = places_of(generator.uniform(-9, -8, 50), generator.uniform(41, 42, 50))
    other = Place(*place_of(-8.5, 41.5))

    many_mm = chords_mm(one, other)

    assert many_mm.tolist() == [chord_mm(one.at(k), other) for k in range(50)]
