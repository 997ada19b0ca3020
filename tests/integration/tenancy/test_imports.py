"""Imports into one company at once, and who may import at all."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from support.companies import NORTH, NOW, SOUTH, Company, add_bare_company
from support.databases import OwnDatabase
from support.waiting import outcome_meanwhile

from geo_engine.audit.store import list_events
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.customers.store import find_teams as find_teams_of_sites
from geo_engine.db.session import Session
from geo_engine.errors import GeoEngineError
from geo_engine.geometry import Position
from geo_engine.ids import MemberId, SiteId, TeamId, TenantId, WorkerId
from geo_engine.tenancy import OPERATOR, Access, Team
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed
from geo_engine.tenancy.service import save_team
from geo_engine.workforce import Worker
from geo_engine.workforce.service import access_of, import_workers
from geo_engine.workforce.store import find_teams as find_teams_of_workers

HERE = Position(116.4, 39.9)


@dataclass(frozen=True, kw_only=True)
class Import:
    """How a kind of things is imported, and whose they are then."""

    write: Callable[[Session, TeamId | None, Access], object]
    write_nothing: Callable[[Session, Access], object]
    find_team: Callable[[Session], TeamId | None]


def _write_site(session: Session, team_id: TeamId | None, by: Access) -> object:
    site = Site(id=SiteId("NEW"), name="新", position=HERE, team_id=team_id)
    return import_sites(session, [site], source=RowSource(file="王芳.csv"), due_on=None, by=by, now=NOW)


def _write_worker(session: Session, team_id: TeamId | None, by: Access) -> object:
    worker = Worker(id=WorkerId("NEW"), name="新", start=HERE, team_id=team_id)
    return import_workers(session, [worker], source=RowSource(file="王芳.csv"), by=by, now=NOW)


IMPORTS = {
    "sites": Import(
        write=_write_site,
        write_nothing=lambda s, by: import_sites(s, [], source=RowSource(file="f"), due_on=None, by=by, now=NOW),
        find_team=lambda s: find_teams_of_sites(s, [SiteId("NEW")])[SiteId("NEW")],
    ),
    "workers": Import(
        write=_write_worker,
        write_nothing=lambda s, by: import_workers(s, [], source=RowSource(file="f"), by=by, now=NOW),
        find_team=lambda s: find_teams_of_workers(s, [WorkerId("NEW")])[WorkerId("NEW")],
    ),
}
ROLES_THAT_IMPORT = {"dispatcher", "administrator"}


@pytest.mark.parametrize("kind", IMPORTS)
def test_what_another_import_is_just_writing_cannot_be_taken(company: Company, own: OwnDatabase, kind: str) -> None:
    """A dispatcher who imports the north's new row before it is committed waits, and is then refused."""
    with company.database.bound(company.tenant_id) as session:
        dispatcher = access_of(session, company.dispatcher_id)

    refusal, team_id = _import_meanwhile(own, company.tenant_id, kind, SOUTH, dispatcher)

    assert isinstance(refusal, NotAllowed)
    assert team_id == NORTH


@pytest.mark.parametrize("kind", IMPORTS)
def test_what_another_import_is_just_writing_keeps_its_team(company: Company, own: OwnDatabase, kind: str) -> None:
    """A second import of the same row that names no team leaves it where the first one put it."""
    assert _import_meanwhile(own, company.tenant_id, kind, None, OPERATOR) == (None, NORTH)


def _import_meanwhile(
    own: OwnDatabase, tenant_id: TenantId, kind: str, team_id: TeamId | None, by: Access
) -> tuple[GeoEngineError | None, TeamId | None]:
    """Return how an import of the row ends that begins while another one has not committed, and whose it is then."""
    how = IMPORTS[kind]
    second = outcome_meanwhile(
        own,
        tenant_id,
        lambda session: how.write(session, NORTH, OPERATOR),
        lambda session: how.write(session, team_id, by),
    )
    with own.app.bound(tenant_id) as session:
        return second, how.find_team(session)


@pytest.mark.parametrize("kind", IMPORTS)
def test_a_team_can_be_changed_while_an_import_runs(company: Company, kind: str) -> None:
    """Neither a new team nor a known one that the import writes rows of waits for its end."""
    with company.database.bound(company.tenant_id) as importing:
        IMPORTS[kind].write(importing, NORTH, OPERATOR)
        with company.database.bound(company.tenant_id) as session:
            session.execute(text("set local lock_timeout = '2s'"))
            for team in (Team(id=NORTH, name="renamed"), Team(id=TeamId("new"), name="new", parent_id=NORTH)):
                save_team(session, team, by=OPERATOR, now=NOW)


@pytest.mark.parametrize("role", DEFAULT_GRANTS)
@pytest.mark.parametrize("kind", IMPORTS)
def test_an_import_of_nothing_is_for_those_who_may_import(own: OwnDatabase, kind: str, role: str) -> None:
    """Who may change nobody's things is refused even without a row; who may leaves no trace in the trail."""
    tenant_id = add_bare_company(own.app, "alpha")
    access = Access(member_id=MemberId(uuid.uuid4()), grants=DEFAULT_GRANTS[role], team_ids=frozenset({SOUTH}))

    with own.app.bound(tenant_id) as session:
        before = list_events(session)
        if role in ROLES_THAT_IMPORT:
            IMPORTS[kind].write_nothing(session, access)
        else:
            with pytest.raises(NotAllowed):
                IMPORTS[kind].write_nothing(session, access)

        assert list_events(session) == before


@pytest.mark.parametrize("kind", IMPORTS)
def test_the_trail_of_an_import_holds_no_files_name(company: Company, kind: str) -> None:
    """A file may be called after a person, so the event says what was imported, and how many."""
    with company.database.bound(company.tenant_id) as session:
        IMPORTS[kind].write(session, NORTH, OPERATOR)
        event, *_ = list_events(session)

    assert (event.subject, event.facts["count"]) == (("import", kind), 1)
    assert "王芳" not in str(event)
