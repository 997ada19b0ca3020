"""What a fence that is drawn, changed or new makes of days that are derived already."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from support.companies import NOW, SERVICE_ON, Company
from support.databases import OwnDatabase
from support.photographed import photo_files
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, WORKER
from support.visited import FAR_AWAY, STAYED_AT, THERE, tell_a_day

from geo_engine.customers import Site
from geo_engine.db.session import Session
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.service import add_fence, change_fence, remove_fence
from geo_engine.geofences.site_fences import set_site_radius
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId, TenantId
from geo_engine.imports.model import FileRead, ImportKind, Written
from geo_engine.imports.service import write_rows
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.visits.claiming import claim_days_at
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import KeptVisit
from geo_engine.visits.reviewing import list_worker_visits
from geo_engine.visits.visit_store import claim_day, list_claims

GATE = Geofence(id=GeofenceId("gate"), name="n", shape=Circle(centre=FAR_AWAY, radius_m=40.0), site_id=STAYED_AT)


@pytest.fixture
def tenant_id(own: OwnDatabase, company: Company) -> TenantId:
    """Give a company on whose day a worker stayed at two places where it has sites; nothing waits."""
    tell_a_day(own.app, company.tenant_id)
    return company.tenant_id


def _import(session: Session, *sites: Site) -> Written:
    read = FileRead(kind=ImportKind.SITES, file="f", rows=sites, problems=(), doubtful=(), placed=(), written=())
    return write_rows(session, read, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=OFF_SHIFT)


def _derive(own: OwnDatabase, tenant_id: TenantId) -> tuple[KeptVisit, ...]:
    derive_visits(own.app, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT + timedelta(hours=1))
    with own.app.bound(tenant_id) as session:
        return list_worker_visits(session, WORKER, SERVICE_ON, by=OPERATOR)


def _draw(session: Session) -> None:
    add_fence(session, GATE, by=OPERATOR, now=OFF_SHIFT)


def _draw_and_change(session: Session) -> None:
    _draw(session)
    wider = replace(GATE, shape=Circle(centre=HERE, radius_m=900.0))
    change_fence(session, wider, seen=1, by=OPERATOR, now=OFF_SHIFT)
    remove_fence(session, GATE.id, seen=2, by=OPERATOR, now=OFF_SHIFT)


def _move(session: Session) -> None:
    _import(session, Site(id=STAYED_AT, name="elsewhere", position=FAR_AWAY))


def _narrow(session: Session) -> None:
    set_site_radius(session, 5.0, by=OPERATOR, now=OFF_SHIFT)


@pytest.mark.parametrize("change", [_draw, _draw_and_change, _move, _narrow])
def test_a_fence_that_changes_now_leaves_what_is_derived(
    own: OwnDatabase, tenant_id: TenantId, change: Callable[[Session], None]
) -> None:
    """Versions are valid from now on, and what is derived is of before: derived again the day is just as it was."""
    before = _derive(own, tenant_id)

    with own.app.bound(tenant_id) as session:
        change(session)
        claim_day(session, WORKER, SERVICE_ON, now=OFF_SHIFT)

    assert STAYED_AT in {one.visit.site_id for one in before}
    assert _derive(own, tenant_id) == before


def test_a_site_that_is_imported_later_was_visited_before(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Its fence is there since ever, so the days of those who came near it wait, and nobody else's."""
    sites = [Site(id=SiteId("new"), name="n", position=Position(THERE.lon, THERE.lat + 0.0002))]
    sites += [Site(id=SiteId("remote"), name="n", position=Position(10.0, 50.0))]
    _derive(own, tenant_id)

    with own.app.bound(tenant_id) as session:
        for site in reversed(sites):
            claim_days_at(session, _import(session, site).newly_fenced, now=OFF_SHIFT)
            waiting = list_claims(session, limit=9)
            assert waiting == (() if site.id == "remote" else ((WORKER, SERVICE_ON),))

    told = {candidate.site_id for one in _derive(own, tenant_id) for candidate in one.visit.candidates}
    assert "new" in told


def test_what_is_kept_no_longer_is_not_derived_again(own: OwnDatabase, tenant_id: TenantId) -> None:
    """A day whose fixes are gone would lose the visits that are known of it."""
    _derive(own, tenant_id)

    with own.app.bound(tenant_id) as session:
        found = _import(session, Site(id=SiteId("new"), name="n", position=HERE)).newly_fenced
        claim_days_at(session, found, now=NOW + timedelta(days=400))

        assert list_claims(session, limit=9) == ()
