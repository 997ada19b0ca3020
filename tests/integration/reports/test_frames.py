"""A company's rows as GeoDataFrames."""

from pathlib import Path

import geopandas as gpd
from pyproj import Geod
from support.companies import SCOPE, Company

from geo_engine.customers.service import list_sites
from geo_engine.planning import service as planning
from geo_engine.reports.frames import routes_frame, sites_frame, visits_frame
from geo_engine.reports.paths import route_paths
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.service import access_of


def test_sites_and_plans_are_read_back_with_their_geometry(company: Company) -> None:
    """Each row stands at its place in WGS 84, visits in the order of the route, lines from start to end."""
    with company.database.bound(company.tenant_id) as session:
        kept = list_sites(session, by=OPERATOR)
        day_plan = planning.get_plan(session, SCOPE, by=OPERATOR).day_plan

    sites, visits = sites_frame(kept), visits_frame(day_plan)
    routes = routes_frame(day_plan, route_paths(day_plan, StraightRouter()))

    assert {frame.crs.to_epsg() for frame in (sites, visits, routes)} == {4326}
    assert [(point.x, point.y) for point in sites.geometry] == [(at.position.lon, at.position.lat) for at in kept]
    for route in day_plan.plan.routes:
        of_route = visits[visits.worker_id == route.worker_id]
        assert list(of_route.site_id) == [visit.job_id for visit in route.planned_visits]
        assert list(of_route.start_at) == [visit.start_at for visit in route.planned_visits]
        line = routes.set_index("worker_id").geometry[route.worker_id]
        assert line.coords[0] == (route.start.lon, route.start.lat)
        assert len(line.coords) == len(set(line.coords))
        assert Geod(ellps="WGS84").geometry_length(line) <= route.travel_m + len(line.coords)


def test_frames_are_written_and_read_by_geopandas(company: Company, tmp_path: Path) -> None:
    """GeoJSON and GeoPackage hold what the frame holds, a plan without routes included."""
    with company.database.bound(company.tenant_id) as session:
        frame = sites_frame(list_sites(session, by=OPERATOR))

    for name in ("sites.geojson", "sites.gpkg"):
        frame.to_file(tmp_path / name)
        back = gpd.read_file(tmp_path / name)
        assert list(back["id"]) == list(frame["id"])
        assert list(back["name"]) == list(frame["name"])
    assert sites_frame([]).empty


def test_a_frame_shows_what_its_reader_may_see(company: Company) -> None:
    """A dispatcher of the south gets the south's sites, the operator all."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        of_south, everything = list_sites(session, by=access), list_sites(session, by=OPERATOR)

    assert {site.team_id for site in of_south} == {"south"}
    assert len(everything) > len(of_south) > 0
