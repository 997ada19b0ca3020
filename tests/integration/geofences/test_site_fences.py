"""The fences that sites have of themselves, kept in step with the sites."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.fences import circle

from geo_engine.customers import Site
from geo_engine.db.session import Session
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.extents import box_of
from geo_engine.geofences.model import UnusableFence
from geo_engine.geofences.service import add_fence, change_fence
from geo_engine.geofences.site_fences import refresh_site_fences, set_site_radius
from geo_engine.geofences.store import list_fences_at, list_fences_in_box
from geo_engine.geometry import Box, Position
from geo_engine.ids import SiteId
from geo_engine.imports.model import FileRead, ImportKind, Written
from geo_engine.imports.service import write_rows
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource

HOUR = timedelta(hours=1)
SITE = Site(id=SiteId("S1"), name="网点", position=Position(116.4, 39.9))
MOVED = replace(SITE, position=Position(116.5, 39.9))


def _import(session: Session, *sites: Site, hours: float = 0.0) -> Written:
    read = FileRead(kind=ImportKind.SITES, file="f", rows=sites, problems=(), doubtful=(), placed=(), written=())
    return write_rows(session, read, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW + hours * HOUR)


def _fences(session: Session, hours: float = 0.0) -> Sequence[Geofence]:
    return list_fences_at(session, NOW + hours * HOUR)


def test_an_imported_site_has_a_circle_since_ever(own: OwnDatabase) -> None:
    """It is as wide as usual, called as the site, and counts for what was tracked before."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        _import(session, SITE)
        (fence,) = _fences(session, hours=-9_000)

    assert fence == Geofence(
        id=fence.id,
        name="网点",
        shape=Circle(centre=SITE.position, radius_m=100.0),
        site_id=SITE.id,
        is_automatic=True,
    )
    assert fence.id == "site/S1"


@pytest.mark.parametrize("changed", [MOVED, replace(SITE, name="新名")], ids=["moved", "renamed"])
def test_a_site_that_changes_has_another_version_from_then_on(own: OwnDatabase, changed: Site) -> None:
    """Before, the fence is where the site was; importing the site as it is makes no version."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        _import(session, SITE)
        _import(session, SITE, hours=1)
        _import(session, changed, hours=2)
        (before,), (after,) = _fences(session, hours=1.9), _fences(session, hours=2)

    assert (before.version, before.shape, before.valid_until) == (
        1, Circle(centre=SITE.position, radius_m=100.0), NOW + 2 * HOUR,
    )  # fmt: skip
    assert (after.version, after.name, after.shape) == (2, changed.name, replace(before.shape, centre=changed.position))


def test_a_drawn_fence_takes_the_place_of_the_sites_own(own: OwnDatabase) -> None:
    """Also when it is given to the site later; and what moves then is the site, not the drawn fence."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        _import(session, SITE)
        add_fence(session, circle("gate"), by=OPERATOR, now=NOW)
        change_fence(session, circle("gate", site_id="S1"), seen=1, by=OPERATOR, now=NOW + HOUR)
        _import(session, MOVED, hours=2)
        before, after = _fences(session, hours=0.5), _fences(session, hours=2)

    assert [(fence.id, fence.version) for fence in before] == [("gate", 1), ("site/S1", 1)]
    assert [(fence.id, fence.version) for fence in after] == [("gate", 2)]


def test_a_company_chooses_how_wide_they_are(own: OwnDatabase) -> None:
    """All of them are another version from then on; what is no radius is refused."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        _import(session, SITE, replace(MOVED, id=SiteId("S2")))
        set_site_radius(session, 60.0, by=OPERATOR, now=NOW + HOUR)
        fences = _fences(session, hours=1)
        with pytest.raises(UnusableFence):
            set_site_radius(session, 1.0, by=OPERATOR, now=NOW)

    assert [(fence.version, fence.shape.radius_m) for fence in fences] == [(2, 60.0)] * 2  # type: ignore[union-attr]


def test_nothing_changes_when_nothing_has(own: OwnDatabase) -> None:
    """It can be called as often as one likes."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        _import(session, SITE, replace(MOVED, id=SiteId("S2")))
        before = _fences(session, hours=2)

        assert refresh_site_fences(session, now=NOW + HOUR) == ()
        assert _fences(session, hours=2) == before


PLACES = [Position(179.9999, 70.0), Position(-180.0, 0.0), Position(10.0, 89.9999), Position(0.0, -90.0)]


def test_only_a_sites_first_fence_reaches_into_the_past(own: OwnDatabase) -> None:
    """An import tells which sites have one since ever now; what they become later is from then on."""
    tenant_id, other = add_bare_company(own.app, "alpha"), replace(SITE, id=SiteId("S2"))

    with own.app.bound(tenant_id) as session:
        told = [
            _import(session, *sites, hours=hours).newly_fenced
            for hours, sites in enumerate([(SITE,), (SITE, other), (MOVED, replace(other, name="n"))])
        ]

    assert told == [("S1",), ("S2",), ()]


def test_every_circle_is_found_by_its_box_wherever_it_is(own: OwnDatabase) -> None:
    """Beyond the 180th meridian and at the poles too the rows' boxes are those that the shapes have."""
    tenant_id = add_bare_company(own.app, "alpha")
    sites = [replace(SITE, id=SiteId(f"S{at}"), position=place) for at, place in enumerate(PLACES)]
    across = Box(west=-180.0, south=69.9995, east=-179.9999, north=70.0005)

    with own.app.bound(tenant_id) as session:
        _import(session, *sites)
        found = [
            {fence.id for fence in list_fences_in_box(session, box_of(Circle(centre=one, radius_m=1e-6 + 5)), NOW)}
            for one in PLACES
        ]
        over = {fence.id for fence in list_fences_in_box(session, across, NOW)}

    assert all(f"site/S{at}" in ids for at, ids in enumerate(found))
    assert over == {"site/S0"}
