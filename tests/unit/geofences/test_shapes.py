"""What a drawn geometry is as the shape of a fence: across the 180th meridian too, and not of any size."""

import numpy as np
import pytest
import shapely

from geo_engine.geofences import Corridor, Geofence, Polygon, Shape
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import UnusableFence
from geo_engine.geofences.shapes import CrossedOutline, Drawn, shape_of
from geo_engine.ids import GeofenceId

CUT = "MULTIPOLYGON (((179.99 0, 180 0, 180 0.01, 179.99 0.01, 179.99 0)),"
CUT += " ((-180 0, -179.99 0, -179.99 0.01, -180 0.01, -180 0)))"


def _shape(wkt: str, *, width_m: float | None = None) -> Shape:
    return shape_of(Drawn(geometry=shapely.from_wkt(wkt), width_m=width_m))


def _inside(shape: Shape, *lons_deg: float, lat_deg: float = 0.005) -> list[bool]:
    index = FenceIndex([Geofence(id=GeofenceId("f"), name="f", shape=shape)])
    count = len(lons_deg)
    near = index.near(np.array(lons_deg), np.full(count, lat_deg), np.zeros(count))
    return [at in near.places for at in range(count)]


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((179.99 0, -179.99 0, -179.99 0.01, 179.99 0.01, 179.99 0))",
        "POLYGON ((-179.99 0, -179.99 0.01, 179.99 0.01, 179.99 0, -179.99 0))",
        "POLYGON ((-179.99 0, 180 0, 179.99 0, 179.99 0.01, -180 0.01, -179.99 0.01, -179.99 0))",
        CUT,
    ],
    ids=["eastwards", "westwards", "with corners there", "cut"],
)
def test_an_area_across_the_180th_meridian_holds_what_is_in_it(wkt: str) -> None:
    """However it is drawn, it is kept as RFC 7946 cuts it; on the meridian one is inside of it, beyond it not."""
    shape = _shape(wkt)

    assert isinstance(shape, Polygon)
    assert shape.areas.equals(shapely.from_wkt(CUT))
    assert _inside(shape, 180.0, -180.0, 179.995, -179.995) == [True] * 4
    assert _inside(shape, 179.98, -179.98, 0.0) == [False] * 3


def test_a_hole_across_the_meridian_stays_one() -> None:
    """Wherever its own outline begins."""
    shell = "(179.9 0, -179.9 0, -179.9 0.2, 179.9 0.2, 179.9 0)"
    hole = "(-179.95 0.05, -179.95 0.15, 179.95 0.15, 179.95 0.05, -179.95 0.05)"

    shape = _shape(f"POLYGON ({shell}, {hole})")

    assert _inside(shape, 180.0, -179.96, 179.96, lat_deg=0.1) == [False] * 3
    assert _inside(shape, -179.92, 179.92, lat_deg=0.1) == [True] * 2


def test_a_line_across_the_meridian_goes_the_short_way() -> None:
    """And not round the earth."""
    shape = _shape("LINESTRING (179.9 0, -179.9 0.1)", width_m=100.0)

    assert isinstance(shape, Corridor)
    halves = shapely.from_wkt("MULTILINESTRING ((179.9 0, 180 0.05), (-180 0.05, -179.9 0.1))")
    assert shapely.equals_exact(shape.lines, halves, tolerance=1e-9)
    assert _inside(shape, 180.0, -180.0, 0.0, 90.0, lat_deg=0.05) == [True, True, False, False]


def test_an_outline_that_crosses_itself_beyond_the_meridian_is_told_where_it_is() -> None:
    """In longitudes that there are."""
    with pytest.raises(CrossedOutline, match=r"at -179\.999, 0\.005\."):
        _shape("POLYGON ((179.992 0, -179.99 0.01, -179.99 0, 179.992 0.01, 179.992 0))")


@pytest.mark.parametrize(
    ("wkt", "told"),
    [
        ("POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))", "44745 km"),
        ("POLYGON ((-179 -89, 179 -89, 179 89, -179 89, -179 -89))", "km across, more than 1000 km."),
        ("POLYGON ((-100 0, 100 0, 100 1, -100 1, -100 0))", "km across"),
        ("MULTIPOLYGON (((7 43, 8 43, 8 44, 7 43)), ((27 43, 28 43, 28 44, 27 43)))", "km across"),
        ("LINESTRING (116.4 39.9, 121.5 31.2)", "1080 km across"),
    ],
)
def test_what_no_force_works_in_is_no_fence(wkt: str, told: str) -> None:
    """A continent is a mistake, as a radius of more than 100 km is."""
    with pytest.raises(UnusableFence, match=told):
        _shape(wkt, width_m=100.0)


@pytest.mark.parametrize(
    "wkt",
    [
        "POLYGON ((105 28, 110 28, 110 32, 105 32, 105 28))",
        "MULTIPOLYGON (((-179 -17, -178 -17, -178 -16, -179 -17)), ((177 -18, 178 -18, 178 -17, 177 -18)))",
    ],
    ids=["Chongqing", "Fiji"],
)
def test_a_province_is_a_fence(wkt: str) -> None:
    """Also one whose parts lie on both sides of the 180th meridian."""
    shape = _shape(wkt)

    assert isinstance(shape, Polygon)
    assert shape.areas.equals(shapely.from_wkt(wkt))


def test_an_empty_part_is_left_out() -> None:
    """It holds nothing."""
    shape = _shape("MULTIPOLYGON (EMPTY, ((7 43, 8 43, 8 44, 7 43)))")

    assert isinstance(shape, Polygon)
    assert len(shape.areas.geoms) == 1
