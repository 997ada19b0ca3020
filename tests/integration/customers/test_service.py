"""Files that become a company's sites."""

import uuid
from dataclasses import replace

import pytest
from support.companies import NORTH, NOW, SERVICE_ON, SOUTH, Company, add_bare_company
from support.databases import OwnDatabase

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.customers.store import get_sites, list_sites, list_sites_due
from geo_engine.geometry import Position
from geo_engine.ids import CustomerId, SiteId, TeamId, TenantId
from geo_engine.tenancy import OPERATOR, Tenant
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.tenancy.service import add_tenant
from geo_engine.tenancy.store import get_tenant
from geo_engine.workforce.service import access_of

SITE = Site(id=SiteId("S1"), name="网点", position=Position(116.4, 39.9), line=7)


def test_a_known_id_is_changed_and_a_new_one_added(own: OwnDatabase) -> None:
    """Importing a site again changes it, keeps the others, and marks no day twice."""
    tenant_id = add_bare_company(own.app, "alpha")
    moved = replace(SITE, name="新网点", position=Position(121.5, 31.2))
    other = replace(SITE, id=SiteId("S2"))

    for sites in ([SITE], [moved, other]):
        with own.app.bound(tenant_id) as session:
            import_sites(session, sites, source=RowSource(file="f"), due_on=SERVICE_ON, by=OPERATOR, now=NOW)

    with own.app.bound(tenant_id) as session:
        kept, due = list_sites(session), list_sites_due(session, SERVICE_ON)
    assert [(site.id, site.name, site.position) for site in kept] == [
        ("S1", "新网点", Position(121.5, 31.2)),
        ("S2", "网点", SITE.position),
    ]
    assert due == kept


def test_a_file_that_names_neither_team_nor_customer_takes_none_away(company: Company) -> None:
    """Importing a known site without them changes the rest only; an option or a cell that names them moves it."""
    known = replace(SITE, team_id=NORTH, customer_id=CustomerId("C1"))
    changed = replace(SITE, name="新名")

    found = []
    for site, team_id in ((known, None), (changed, None), (changed, SOUTH)):
        with company.database.bound(company.tenant_id) as session:
            import_sites(
                session, [site], source=RowSource(file="f", team_id=team_id), due_on=None, by=OPERATOR, now=NOW
            )
            (kept,) = get_sites(session, [SITE.id])
        found.append((kept.name, kept.team_id, kept.customer_id))

    assert found == [("网点", NORTH, "C1"), ("新名", NORTH, "C1"), ("新名", SOUTH, "C1")]


def test_the_first_sites_tell_the_time_zone(own: OwnDatabase) -> None:
    """A company without a time zone takes its first sites'; later ones elsewhere do not change it."""
    tenant_id = _company_without_zone(own)
    lisbon = replace(SITE, id=SiteId("S2"), position=Position(-9.14, 38.72))

    for site in (SITE, lisbon):
        with own.app.bound(tenant_id) as session:
            import_sites(session, [site], source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW)

    with own.app.bound(tenant_id) as session:
        zone = get_tenant(session).zone
    assert zone is not None
    assert zone.key == "Asia/Shanghai"


def _company_without_zone(own: OwnDatabase) -> TenantId:
    tenant = Tenant(id=TenantId(uuid.uuid4()), code="nowhere", name="n", zone=None)
    with own.app.bound(tenant.id) as session:
        add_tenant(session, tenant, by=OPERATOR, now=NOW)
    return tenant.id


def test_a_row_of_an_unknown_team_is_named_by_its_line(company: Company) -> None:
    """A team that is not there costs its own row only."""
    sites = [replace(SITE, team_id=TeamId("x")), replace(SITE, id=SiteId("S2"), team_id=SOUTH)]

    with company.database.bound(company.tenant_id) as session:
        imported = import_sites(session, sites, source=RowSource(file="f.csv"), due_on=None, by=OPERATOR, now=NOW)

    assert imported.site_ids == ("S2",)
    assert [(one.file, one.line, one.column, str(one.reason.facts["id"])) for one in imported.problems] == [
        ("f.csv", 7, "team", "x")
    ]


def test_a_dispatcher_cannot_take_another_teams_site(company: Company) -> None:
    """Neither a new site of the north nor the north's own site under the south's name passes; nothing is written."""
    with company.database.bound(company.tenant_id) as session:
        before = list_sites(session)
        access = access_of(session, company.dispatcher_id)
    of_north = next(site for site in before if site.team_id == NORTH)

    for site in (replace(SITE, team_id=NORTH), replace(of_north, team_id=SOUTH), SITE):
        with pytest.raises(NotAllowed), company.database.bound(company.tenant_id) as session:
            import_sites(session, [site], source=RowSource(file="f"), due_on=None, by=access, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        assert list_sites(session) == before
        import_sites(session, [SITE], source=RowSource(file="f", team_id=SOUTH), due_on=None, by=access, now=NOW)
