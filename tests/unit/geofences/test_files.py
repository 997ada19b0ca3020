"""Fences in the files people have."""

import json
from typing import Any

import pytest
import shapely

from geo_engine.errors import InvalidInput
from geo_engine.geofences import Circle, Corridor, Polygon
from geo_engine.geofences.files import FencesRead, read_fences
from geo_engine.geofences.files.writing import fence_feature
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.measure import geodesic_m
from geo_engine.tables import TableFile

CROSSED = (
    "The fence's outline is not clear: the outline crosses itself at 116.45, 39.95. Draw it anew, or have it repaired."
)
BOW_TIE = [[[116.4, 39.9], [116.5, 40.0], [116.5, 39.9], [116.4, 40.0], [116.4, 39.9]]]
SQUARE = [[[116.4, 39.9], [116.5, 39.9], [116.5, 40.0], [116.4, 40.0], [116.4, 39.9]]]


def _read(content: str, *, name: str = "fences.csv", crs: Crs = Crs.WGS84, repairs: bool = False) -> FencesRead:
    return read_fences(TableFile(name=name, content=content.encode()), crs=crs, repairs=repairs)


def _features(*features: tuple[dict[str, Any], dict[str, Any] | None], **options: Any) -> FencesRead:  # noqa: ANN401
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry} for properties, geometry in features
        ],
    }
    return _read(json.dumps(document), name="fences.geojson", **options)


def _reasons(read: FencesRead) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, str(InvalidInput(one.reason))) for one in read.problems]


def test_points_areas_and_lines_become_circles_polygons_and_corridors() -> None:
    """Of a line the buffer is half its width; heights are left out; a name stands for an id."""
    read = _features(
        ({"name": "Depot", "radius": 80}, {"type": "Point", "coordinates": [116.4, 39.9, 51.0]}),
        ({"id": "yard", "site_id": "S1", "dwell_s": 120}, {"type": "Polygon", "coordinates": SQUARE}),
        ({"id": "road", "buffer": 25}, {"type": "LineString", "coordinates": [[116.4, 39.9], [116.5, 40.0]]}),
    )

    depot, yard, road = read.fences

    assert (depot.id, depot.shape) == ("Depot", Circle(centre=Position(116.4, 39.9), radius_m=80.0))
    assert (yard.site_id, yard.dwell_s) == ("S1", 120)
    assert isinstance(yard.shape, Polygon)
    assert isinstance(road.shape, Corridor)
    assert road.shape.width_m == 50.0
    assert (read.problems, read.lines) == ((), (1, 2, 3))


def test_a_feature_may_stand_alone() -> None:
    """As a fence is printed when it is added."""
    (added,) = _features(({"id": "yard", "name": "y"}, {"type": "Polygon", "coordinates": SQUARE})).fences

    read = _read(json.dumps(fence_feature(added) | {"bbox": None}), name="yard.json")

    assert (read.fences, read.problems, read.lines) == ((added,), (), (1,))


def test_what_is_wrong_with_one_fence_costs_no_other() -> None:
    """Each is told by its number, and the good one is read."""
    read = _features(
        ({"name": "crossed"}, {"type": "Polygon", "coordinates": BOW_TIE}),
        ({"name": "no radius"}, {"type": "Point", "coordinates": [116.4, 39.9]}),
        ({"name": "no width"}, {"type": "LineString", "coordinates": [[116.4, 39.9], [116.5, 40.0]]}),
        ({"name": "nowhere"}, None),
        ({"name": "swapped", "radius_m": 80}, {"type": "Point", "coordinates": [39.9, 116.4]}),
        ({"name": "points", "radius_m": 80}, {"type": "MultiPoint", "coordinates": [[116.4, 39.9]]}),
        ({"name": "tiny", "radius_m": 1}, {"type": "Point", "coordinates": [116.4, 39.9]}),
        ({"name": "days", "radius_m": 80, "weekdays": "0"}, {"type": "Point", "coordinates": [116.4, 39.9]}),
        ({"radius_m": 80}, {"type": "Point", "coordinates": [116.4, 39.9]}),
        ({"name": "good", "radius_m": 80}, {"type": "Point", "coordinates": [116.4, 39.9]}),
    )

    assert [fence.id for fence in read.fences] == ["good"]
    assert _reasons(read) == [
        (1, "", CROSSED),
        (2, "", "A point needs a radius: radius_m, in metres."),
        (3, "", "A line needs a width: width_m, in metres."),
        (4, "", "The feature has no geometry."),
        (5, "", "Longitude and latitude look swapped: 39.9, 116.4."),
        (6, "", "A fence is a point with a radius, an area or a line with a width, no MultiPoint."),
        (7, "", "The radius 1.0 m of a fence is not between 5.0 m and 100000.0 m."),
        (8, "weekdays", "“0” does not list days of the week such as 1-5 or 6;7: 1 is Monday."),
        (9, "id", "The id is missing."),
    ]  # fmt: skip


def test_a_crossed_outline_is_repaired_when_asked() -> None:
    """Both triangles of the bow tie are covered, and nothing else."""
    read = _features(({"name": "crossed"}, {"type": "Polygon", "coordinates": BOW_TIE}), repairs=True)

    (fence,) = read.fences

    assert isinstance(fence.shape, Polygon)
    assert shapely.is_valid(fence.shape.areas)
    assert fence.shape.areas.area == pytest.approx(0.005)


def test_coordinates_of_chinese_maps_become_wgs_84() -> None:
    """A fence in GCJ-02 lies some hundred metres from where its numbers would be in WGS 84."""
    read = _features(({"name": "a", "radius": 80}, {"type": "Point", "coordinates": [116.4, 39.9]}), crs=Crs.GCJ02)

    (fence,) = read.fences

    assert isinstance(fence.shape, Circle)
    assert 300 < geodesic_m(fence.shape.centre, Position(116.4, 39.9)) < 800


def test_a_table_with_wkt_is_a_list_of_fences() -> None:
    """Columns may have Chinese names; what PostGIS writes before its WKT is understood; hours and days are read."""
    read = _read(
        "编号,名称,wkt,半径,时间窗,星期\n"
        "1,东门,SRID=4326;POINT (116.4 39.9),80,08:00-12:00;13:00-18:00,1-5\n"
        "2,库房,POLYGON ((116.4 39.9),,,\n"
        "3,空,,,,\n"
    )

    (fence,) = read.fences

    assert fence.name == "东门"
    assert [window.earliest_s // 3600 for window in fence.schedule.windows] == [8, 13]
    assert fence.schedule.weekdays == {1, 2, 3, 4, 5}
    assert _reasons(read) == [
        (3, "", "“POLYGON ((116.4 39.9)” is no WKT such as POLYGON ((lon lat, …))."),
        (4, "", "There is no geometry."),
    ]


def test_the_geofences_of_a_traccar_server_are_read_as_it_means_them() -> None:
    """Latitude comes first, outlines need not be closed, and a line's distance is to each side: 25 m unless said."""
    exported = [
        {"id": 7, "name": "Depot", "area": "CIRCLE (39.9 116.4, 80.5)", "attributes": {}, "calendarId": 0},
        {"id": 8, "name": "Yard", "area": "POLYGON ((39.9 116.4, 39.9 116.5, 40.0 116.5))", "attributes": {}},
        {"id": 9, "name": "Road", "area": "LINESTRING (39.9 116.4, 40.0 116.5)", "attributes": {}},
        {"id": 10, "name": "Wide", "area": "LINESTRING (39.9 116.4, 40.0 116.5)",
         "attributes": {"polylineDistance": 40}},
        {"id": 11, "name": "Bad", "area": "CIRCLE (39.9, 116.4)", "attributes": {}},
        "none",
    ]  # fmt: skip

    read = _read(json.dumps(exported), name="geofences.json")

    depot, yard, road, wide = read.fences
    assert (depot.id, depot.shape) == ("7", Circle(centre=Position(116.4, 39.9), radius_m=80.5))
    assert isinstance(yard.shape, Polygon)
    assert yard.shape.areas.bounds == (116.4, 39.9, 116.5, 40.0)
    assert isinstance(road.shape, Corridor)
    assert isinstance(wide.shape, Corridor)
    assert (road.shape.width_m, wide.shape.width_m) == (50.0, 80.0)
    assert _reasons(read) == [
        (5, "", "“CIRCLE (39.9, 116.4)” is no area as Traccar writes it, such as CIRCLE (lat lon, radius)."),
        (6, "", "This is not a geofence of Traccar's."),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "fences.csv is not a list of geofences."),
        ('{"type": "Topology"}', "fences.csv is not a GeoJSON FeatureCollection."),
        ("id,name\n1,a\n", "fences.csv needs wkt / area; its columns are: id, name."),
        ("wkt\nPOINT (1 2)\n", "fences.csv needs id / name; its columns are: wkt."),
    ],
    ids=["empty-list", "topology", "no-geometry", "no-name"],
)
def test_a_file_without_fences_is_refused_as_a_whole(content: str, told: str) -> None:
    """It says what is missing."""
    with pytest.raises(InvalidInput, match=r"fences\.csv") as refused:
        _read(content)

    assert str(refused.value) == told
