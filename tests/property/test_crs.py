"""What always holds of GCJ-02 and BD-09."""

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_from_wgs84, array_to_wgs84
from geo_engine.geometry.measure import geodesic_m
from geo_engine.geometry.zones import mainland_outline

SHIFTED = st.sampled_from([Crs.GCJ02, Crs.BD09])
# The widest extent of the outline, and beyond it on every side.
AROUND_CHINA = st.tuples(st.floats(70.0, 138.0), st.floats(5.0, 56.0))
# Wholly inside it, so that most examples count.
INLAND = st.tuples(st.floats(99.0, 117.0), st.floats(26.0, 40.0))
ANYWHERE = st.tuples(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))
MAX_SHIFT_DEG = 0.03


@given(lonlat=INLAND | AROUND_CHINA, crs=SHIFTED)
def test_every_place_of_the_mainland_survives_the_round_trip(lonlat: tuple[float, float], crs: Crs) -> None:
    """There and back ends within half a metre, up to the border itself."""
    assume(shapely.contains_xy(mainland_outline(), *lonlat))

    back = array_to_wgs84(array_from_wgs84(np.array([lonlat]), crs=crs), crs=crs)[0]

    assert geodesic_m(Position(*lonlat), Position(*map(float, back))) < 0.5


@given(lonlat=ANYWHERE | AROUND_CHINA, crs=SHIFTED)
def test_nothing_outside_the_mainland_is_shifted(lonlat: tuple[float, float], crs: Crs) -> None:
    """Outside the outline writing changes nothing; beyond the widest shift from it reading does not either."""
    assume(not shapely.contains_xy(mainland_outline(), *lonlat))
    here = np.array([lonlat])

    assert array_from_wgs84(here, crs=crs).tolist() == here.tolist()
    if mainland_outline().distance(shapely.Point(lonlat)) > MAX_SHIFT_DEG:
        assert array_to_wgs84(here, crs=crs).tolist() == here.tolist()
