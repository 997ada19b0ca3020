"""plan.geojson is RFC 7946 and draws no line where there is no road."""

import json
from dataclasses import replace
from typing import Any

import shapely.geometry

from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_geojson import render_plan_geojson


def features(report: PlanReport) -> list[dict[str, Any]]:
    """Return the features of the rendered file."""
    document = json.loads(render_plan_geojson(report))
    assert document["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = document["features"]
    return found


def test_every_geometry_is_valid_and_longitude_comes_first(report: PlanReport) -> None:
    """Shapely reads every geometry as valid, near Monaco, with six decimals at most."""
    shapes = [shapely.geometry.shape(one["geometry"]) for one in features(report) if one["geometry"]]

    assert shapes
    assert all(shape.is_valid for shape in shapes)
    west, south, east, north = shapely.geometry.GeometryCollection(shapes).bounds
    assert 7.39 < west < east < 7.45
    assert 43.72 < south < north < 43.75
    assert all(round(value, 6) == value for value in (west, south, east, north))


def test_a_leg_without_a_path_has_no_geometry(report: PlanReport) -> None:
    """Where no path was found the leg is there, its geometry null: never a straight line."""
    first = report.day_plan.plan.routes[0].worker_id
    path = report.paths[first]
    cut = replace(path, legs=(path.legs[0], (), *path.legs[2:]))

    legs = [one for one in features(replace(report, paths={first: cut})) if one["properties"]["kind"] == "leg"]

    assert [leg["geometry"] is None for leg in legs] == [False, True, False, False, False, True, True]


def test_stops_carry_their_number_and_times(report: PlanReport) -> None:
    """A stop's point says which stop of whom it is, and when."""
    stops = [one["properties"] for one in features(report) if one["properties"]["kind"] == "visit"]

    assert [stop["sequence"] for stop in stops] == [1, 2, 3, 4, 1, 2]
    assert stops[0]["arrival_at"] < stops[0]["end_at"]
    assert stops[0]["worker_name"] == "王芳"


def test_an_open_end_has_no_end_point(report: PlanReport) -> None:
    """Only a route that ends somewhere has an end."""
    ends = [one["properties"]["worker_id"] for one in features(report) if one["properties"]["kind"] == "end"]

    assert ends == ["W0"]
