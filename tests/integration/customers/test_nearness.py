"""Whether the queries of the map find what a search without any index, on the ellipsoid, finds."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.companies import add_bare_company
from support.databases import Databases

from geo_engine.customers import Site
from geo_engine.customers.store import list_sites_in_box, list_sites_near, save_sites
from geo_engine.db.session import Database
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import geodesic_m
from geo_engine.ids import SiteId, TenantId

TOLERANCE_M = 1e-6
CENTRES = [
    (116.4, 39.9),
    (25.47, 65.01),
    (15.6, 78.2),
    (-0.001, 0.001),
    (-179.99, -16.5),
    (179.999, 71.0),
    (10.0, 89.9),
]
# Of a step to the next district, of a few metres, of less than the single precision of an index.
STEPS_DEG = (0.3, 1e-2, 1e-4, 1e-6)
EACH = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def company(databases: Databases) -> Iterator[tuple[Database, TenantId]]:
    """Give a company without sites, beside another that has them everywhere."""
    with databases.clone() as own:
        crowd, tenant_id = add_bare_company(own.app, "crowd"), add_bare_company(own.app, "bare")
        with own.app.bound(crowd) as session:
            save_sites(session, _sites([Position(lon, lat) for lon, lat in CENTRES]))
        yield own.app, tenant_id


@st.composite
def places(draw: st.DrawFn, most: int = 25) -> list[Position]:
    """Draw positions round one of the centres, some of them equal."""
    lon, lat = draw(st.sampled_from(CENTRES))
    step_deg = draw(st.sampled_from(STEPS_DEG))
    offsets = draw(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=most))
    return [_moved(lon, lat, step_deg * east, step_deg * north) for east, north in offsets]


@EACH
@given(found=places(), count=st.integers(1, 12))
@example(found=[Position(179.9, 0.5), Position(-179.999, 0.5), Position(179.5, 0.5)], count=1)
@example(found=[Position(0.0, 89.9), Position(180.0, 89.9), Position(100.0, 89.9)], count=2)
def test_the_nearest_sites_are_the_nearest_in_metres(
    company: tuple[Database, TenantId], found: list[Position], count: int
) -> None:
    """At any latitude, beside the 180th meridian and at the pole, they are those of least geodesic, in order."""
    here, others = found[0], found[1:] or found
    database, tenant_id = company

    with database.bound(tenant_id) as session:
        save_sites(session, _sites(others))
        nearest = list_sites_near(session, here, count=count)
        session.rollback()

    distances_m = [geodesic_m(here, site.position) for site in nearest]
    expected_m = sorted(geodesic_m(here, position) for position in others)[:count]
    assert distances_m == pytest.approx(expected_m, abs=TOLERANCE_M)
    assert len({site.id for site in nearest}) == len(nearest)


@EACH
@given(found=places())
def test_the_sites_in_a_box_are_those_between_its_sides(
    company: tuple[Database, TenantId], found: list[Position]
) -> None:
    """Sides belong to the box, also when it is a line or a point; a site a hair outside does not."""
    first, second = found[0], found[-1]
    (west, east), (south, north) = sorted((first.lon, second.lon)), sorted((first.lat, second.lat))
    database, tenant_id = company

    with database.bound(tenant_id) as session:
        save_sites(session, _sites(found))
        inside = list_sites_in_box(session, Box(west=west, south=south, east=east, north=north))
        session.rollback()

    expected = {site.id for site in _sites(found) if _is_between(site.position, west, south, east, north)}
    assert {site.id for site in inside} == expected


def test_a_box_holds_no_more_sites_than_asked_for(company: tuple[Database, TenantId]) -> None:
    """The limit holds, so that a map of a continent is drawn in time."""
    database, tenant_id = company
    with database.bound(tenant_id) as session:
        save_sites(session, _sites([Position(116.0 + step / 100, 39.0) for step in range(9)]))

        shown = list_sites_in_box(session, Box(west=115.0, south=38.0, east=117.0, north=40.0), limit=4)

        session.rollback()
    assert len(shown) == 4


def test_nothing_is_near_where_a_company_has_no_sites(company: tuple[Database, TenantId]) -> None:
    """Another company's sites all round are nobody's answer."""
    database, tenant_id = company

    with database.bound(tenant_id) as session:
        assert list_sites_near(session, Position(116.4, 39.9)) == ()
        assert list_sites_in_box(session, Box(west=-180.0, south=-90.0, east=180.0, north=90.0)) == ()


def _sites(positions: Sequence[Position]) -> list[Site]:
    return [Site(id=SiteId(f"S{number:02d}"), name="", position=at) for number, at in enumerate(positions)]


def _moved(lon: float, lat: float, east_deg: float, north_deg: float) -> Position:
    return Position((lon + east_deg + 180.0) % 360.0 - 180.0, min(max(lat + north_deg, -90.0), 90.0))


def _is_between(position: Position, west: float, south: float, east: float, north: float) -> bool:
    return west <= position.lon <= east and south <= position.lat <= north
