"""How deep a place is inside of which fence."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.geofences import Circle, Corridor, Geofence, Polygon
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Shape, UnusableFence
from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import GeofenceId

HERE = Position(116.39, 39.91)
BLOCK = shapely.box(116.38, 39.90, 116.40, 39.92)
YARD = shapely.box(116.389, 39.909, 116.391, 39.911)


def fence(shape: Shape, name: str = "f") -> Geofence:
    """Return a fence of a shape."""
    return Geofence(id=GeofenceId(name), name=name, shape=shape)


def depth_m(shape: Shape, place: Position) -> float:
    """Return how deep a place is inside of a shape."""
    index = FenceIndex([fence(shape)])
    return float(index.measure_m(np.array([place.lon]), np.array([place.lat]), np.array([0]))[0])


@given(
    east=st.floats(-0.02, 0.02),
    north=st.floats(-0.02, 0.02),
    lat=st.floats(-60.0, 60.0),
    radius_m=st.floats(5.0, 1_000.0),
)
def test_a_place_is_as_deep_in_a_circle_as_the_radius_is_longer_than_the_way(
    east: float, north: float, lat: float, radius_m: float
) -> None:
    """Depth is the radius less the geodesic to the centre, to 0.1 %."""
    centre, place = Position(7.0, lat), Position(7.0 + east, lat + north)

    found_m = depth_m(Circle(centre=centre, radius_m=radius_m), place)

    assert found_m == pytest.approx(
        radius_m - geodesic_m(centre, place), rel=1e-3, abs=0.01 + geodesic_m(centre, place) / 1000
    )


@pytest.mark.parametrize(
    ("shape", "place", "expected_m"),
    [
        (Polygon(areas=shapely.MultiPolygon([BLOCK])), HERE, 855.0),
        (Polygon(areas=shapely.MultiPolygon([BLOCK - YARD])), HERE, -85.0),
        (Polygon(areas=shapely.MultiPolygon([BLOCK - YARD])), Position(116.3905, 39.9125), 167.0),
        (
            Polygon(areas=shapely.MultiPolygon([BLOCK, shapely.box(116.41, 39.9, 116.42, 39.92)])),
            Position(116.415, 39.91),
            427.0,
        ),
        (Corridor(lines=shapely.MultiLineString([[(116.38, 39.91), (116.40, 39.91)]]), width_m=40.0), HERE, 20.0),
        (
            Corridor(lines=shapely.MultiLineString([[(116.38, 39.91), (116.40, 39.91)]]), width_m=40.0),
            Position(116.39, 39.9105),
            -35.5,
        ),
    ],
    ids=["block", "in its yard", "beside its yard", "second part", "on the line", "beside the line"],
)
def test_depths_in_other_shapes(shape: Shape, place: Position, expected_m: float) -> None:
    """Holes are outside, parts are inside, a corridor is as wide as it says."""
    assert depth_m(shape, place) == pytest.approx(expected_m, abs=2.0)


@pytest.mark.parametrize(
    ("centre", "radius_m", "place"),
    [
        (Position(179.9995, -17.0), 100.0, Position(-179.9998, -17.0)),
        (Position(-180.0, 66.0), 500.0, Position(179.995, 66.001)),
        (Position(10.0, 89.9999), 100.0, Position(-170.0, 89.9999)),
        (Position(10.0, 60.0), 100_000.0, Position(11.2, 60.5)),
        (Position(10.0, 80.0), 5_000.0, Position(10.2, 80.01)),
    ],
    ids=["fiji", "chukotka", "pole", "a region", "far north"],
)
def test_a_circle_is_round_wherever_it_is(centre: Position, radius_m: float, place: Position) -> None:
    """Across the 180th meridian, about a pole, and larger than a plane."""
    index = FenceIndex([fence(Circle(centre=centre, radius_m=radius_m))])

    near = index.near(np.array([place.lon]), np.array([place.lat]), np.array([0.0]))

    assert near.depths_m == pytest.approx([radius_m - geodesic_m(centre, place)], rel=1e-3)


def test_an_area_cut_at_the_180th_meridian_is_one() -> None:
    """As RFC 7946 cuts it: the cut is no edge, for places on either side."""
    halves = [shapely.box(179.99, -17.01, 180.0, -17.0), shapely.box(-180.0, -17.01, -179.99, -17.0)]
    index = FenceIndex([fence(Polygon(areas=shapely.MultiPolygon(halves)))])

    near = index.near(np.array([179.999, -179.999, -179.98, 0.0]), np.full(4, -17.005), np.zeros(4))

    assert near.places.tolist() == [0, 1]
    assert near.depths_m == pytest.approx([553.2, 553.2], abs=1.0)
    assert index.depths_m[0] == pytest.approx(553.0, abs=2.0)


def test_an_area_of_half_the_world_holds_what_is_in_it() -> None:
    """What is inside is what GeoJSON says, whatever a plane makes of so much."""
    index = FenceIndex([fence(Polygon(areas=shapely.MultiPolygon([shapely.box(-100.0, -60.0, 120.0, 60.0)])))])

    near = index.near(
        np.array([-99.9, 119.9, 121.0, -101.0, 179.0]), np.array([59.9, -59.9, 0.0, 0.0, 0.0]), np.zeros(5)
    )

    assert near.places.tolist() == [0, 1]


def test_near_finds_what_a_look_at_every_fence_finds() -> None:
    """No fence within reach is left out, and none beyond it told, whatever the reach."""
    generator = np.random.default_rng(3)
    centres = generator.uniform((116.0, 39.0), (116.2, 39.2), (300, 2)).tolist()
    radii_m = generator.uniform(30.0, 500.0, 300).tolist()
    index = FenceIndex(
        [
            fence(Circle(centre=Position(lon, lat), radius_m=radius_m), str(number))
            for number, ((lon, lat), radius_m) in enumerate(zip(centres, radii_m, strict=True))
        ]
    )
    lons, lats = generator.uniform(116.0, 116.2, 200), generator.uniform(39.0, 39.2, 200)
    reaches_m = generator.choice([0.0, 20.0, 60.0, 61.0, 900.0], 200)

    near = index.near(lons, lats, reaches_m)

    places, fences = np.repeat(np.arange(200), 300), np.tile(np.arange(300), 200)
    depths_m = index.measure_m(lons[places], lats[places], fences)
    expected = {
        pair
        for *pair, depth, reach in zip(places, fences, depths_m, reaches_m[places], strict=True)
        if depth >= -reach
        for pair in [tuple(map(int, pair))]
    }
    assert set(zip(near.places.tolist(), near.fences.tolist(), strict=True)) == expected
    assert near.fences.tolist() == sorted(near.fences.tolist())


def test_no_fences_are_near_to_nothing() -> None:
    """An empty index answers."""
    index = FenceIndex([])

    near = index.near(np.array([1.0]), np.array([1.0]), np.array([10.0]))

    assert len(near.places) == 0


@pytest.mark.parametrize("radius_m", [0.0, 4.9, -5.0, 100_001.0, float("nan"), float("inf")])
def test_a_circle_nobody_can_be_inside_of_is_refused(radius_m: float) -> None:
    """A radius has to be one."""
    with pytest.raises(UnusableFence):
        Circle(centre=HERE, radius_m=radius_m)


@pytest.mark.parametrize(
    "areas",
    [
        shapely.MultiPolygon(),
        shapely.MultiPolygon([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])]),
        shapely.MultiPolygon([shapely.Point(0, 0).buffer(1, quad_segs=6000)]),
    ],
    ids=["empty", "bow tie", "too many vertices"],
)
def test_a_polygon_that_is_none_is_refused(areas: shapely.MultiPolygon) -> None:
    """An outline has to be one."""
    with pytest.raises(UnusableFence):
        Polygon(areas=areas)
