"""Sites and plans as GeoDataFrames, for analysis and for the files that geopandas writes."""

from collections.abc import Iterable, Mapping
from itertools import chain, groupby
from typing import Any

import geopandas as gpd
from shapely import LineString, Point

from geo_engine.customers import Site
from geo_engine.ids import WorkerId
from geo_engine.planning.day import DayPlan
from geo_engine.reports.names import site_name, worker_name
from geo_engine.reports.paths import mode_of
from geo_engine.roads import RoadPath

WGS84 = "EPSG:4326"
_SITE_COLUMNS = ("id", "name", "customer_id", "team_id", "address", "service_s", "priority", "required")
_VISIT_FIGURES = ("arrival_at", "start_at", "end_at", "travel_s", "travel_m")
_ROUTE_FIGURES = ("start_at", "end_at", "travel_s", "travel_m", "cost")


def sites_frame(sites: Iterable[Site]) -> gpd.GeoDataFrame:
    """Return one row per site in the given order, with its position (Point, WGS 84)."""
    kept = tuple(sites)
    columns = {name: [getattr(site, name) for site in kept] for name in _SITE_COLUMNS}
    columns["skills"] = [";".join(sorted(site.skills)) for site in kept]
    return _frame(columns, [Point(site.position.lon, site.position.lat) for site in kept])


def visits_frame(day_plan: DayPlan) -> gpd.GeoDataFrame:
    """Return one row per planned visit, route by route in order, with its position (Point, WGS 84) and UTC times."""
    visits = [
        (route.worker_id, number, visit)
        for route in day_plan.plan.routes
        for number, visit in enumerate(route.planned_visits, start=1)
    ]
    columns: dict[str, list[Any]] = {
        "worker_id": [worker_id for worker_id, _, _ in visits],
        "number": [number for _, number, _ in visits],
        "site_id": [visit.job_id for _, _, visit in visits],
        "name": [site_name(visit.job_id, day_plan) for _, _, visit in visits],
        **{name: [getattr(visit, name) for _, _, visit in visits] for name in _VISIT_FIGURES},
    }
    return _frame(columns, [Point(visit.position.lon, visit.position.lat) for _, _, visit in visits])


def routes_frame(day_plan: DayPlan, paths: Mapping[WorkerId, RoadPath]) -> gpd.GeoDataFrame:
    """Return one row per route with its line along roads (LineString, WGS 84; None where no leg has a path)."""
    routes = day_plan.plan.routes
    columns: dict[str, list[Any]] = {
        "worker_id": [route.worker_id for route in routes],
        "name": [worker_name(route.worker_id, day_plan) for route in routes],
        "travel_mode": [mode_of(route.worker_id, day_plan).value for route in routes],
        "visit_count": [len(route.planned_visits) for route in routes],
        **{name: [getattr(route, name) for route in routes] for name in _ROUTE_FIGURES},
    }
    return _frame(columns, [_line(paths.get(route.worker_id)) for route in routes])


def _line(path: RoadPath | None) -> LineString | None:
    # Each leg begins where the one before ends: that place stands once.
    points = [point for point, _ in groupby(chain.from_iterable(path.legs))] if path is not None else []
    return LineString(points) if len(points) > 1 else None


def _frame(columns: Mapping[str, list[Any]], geometry: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84)
