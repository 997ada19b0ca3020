"""Companies and their people, in rows."""

import uuid
from dataclasses import replace

import pytest
from support.companies import NORTH, NOW, SOUTH, SOUTH_WEST, add_bare_company, add_company
from support.databases import OwnDatabase

from geo_engine.audit.store import list_events
from geo_engine.ids import RoleId, TeamId, TenantId
from geo_engine.tenancy import OPERATOR, Act, Scope, Subject, Team, Tenant
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import TeamCycle, TeamNotFound, TenantExists, TenantNotFound
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed
from geo_engine.tenancy.store import find_sign_ins, get_tenant, list_roles
from geo_engine.workforce.service import access_of


def test_a_code_finds_its_tenant_before_anyone_is_known(own: OwnDatabase) -> None:
    """Sign-in asks for a company's code, in any case; a code nobody has is told."""
    tenant_id = add_bare_company(own.app, "acme")

    assert tenancy.get_tenant_id(own.app, " ACME ") == tenant_id
    with pytest.raises(TenantNotFound):
        tenancy.get_tenant_id(own.app, "other")


def test_a_code_is_taken_once(own: OwnDatabase) -> None:
    """The second company of a code is refused, and nothing of it stays."""
    add_bare_company(own.app, "acme")
    second = Tenant(id=TenantId(uuid.uuid4()), code="acme", name="b", zone=None)

    with pytest.raises(TenantExists), own.app.bound(second.id) as session:
        tenancy.add_tenant(session, second, by=OPERATOR, now=NOW)

    with own.app.bound(second.id) as session, pytest.raises(TenantNotFound):
        get_tenant(session)


def test_a_login_finds_every_membership_and_no_other(own: OwnDatabase) -> None:
    """The same person in two companies is found in both; what follows binds one of them."""
    first, second = add_company(own.app, "alpha"), add_company(own.app, "beta")

    with own.app.unbound() as session:
        found = find_sign_ins(session, "shared@example.com")
        alone = find_sign_ins(session, "w1@alpha")

    assert set(found) == {(one.tenant_id, one.dispatcher_id) for one in (first, second)}
    assert [tenant_id for tenant_id, _ in alone] == [first.tenant_id]


def test_a_role_of_the_companys_own_can_be_changed(own: OwnDatabase) -> None:
    """A company begins with the built-in roles; a changed copy is its own, and the others keep theirs."""
    first, second = add_bare_company(own.app, "alpha"), add_bare_company(own.app, "beta")
    with own.app.bound(first) as session:
        dispatcher = next(role for role in list_roles(session) if role.id == "dispatcher")
        changed = replace(dispatcher, grants={Act.SEE_SITES: Scope.ALL})
        tenancy.save_role(session, changed, by=OPERATOR, now=NOW)

    with own.app.bound(first) as session:
        assert {role.id: role.grants for role in list_roles(session)}["dispatcher"] == {Act.SEE_SITES: Scope.ALL}
    with own.app.bound(second) as session:
        assert {role.id: role.grants for role in list_roles(session)} == DEFAULT_GRANTS


def test_a_dispatcher_reaches_the_own_team_and_below(own: OwnDatabase) -> None:
    """The access of a dispatcher of the south holds in the south-west and ends at the north."""
    company = add_company(own.app, "alpha")

    with own.app.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)

    assert access.team_ids == {SOUTH, SOUTH_WEST}
    assert access.allows(Act.PLAN_DAY, Subject(team_id=SOUTH_WEST))
    assert not access.allows(Act.PLAN_DAY, Subject(team_id=NORTH))
    assert not access.allows(Act.PLAN_DAY)


def test_only_who_may_changes_the_company(own: OwnDatabase) -> None:
    """A dispatcher adds no team and no member, and nothing is written."""
    company = add_company(own.app, "alpha")

    with own.app.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        with pytest.raises(NotAllowed):
            tenancy.save_team(session, Team(id=TeamId("x"), name="x"), by=access, now=NOW)
        with pytest.raises(NotAllowed):
            tenancy.add_member(
                session,
                member_id=uuid.uuid4(),
                login="x",
                name="x",
                role_id=RoleId("administrator"),
                team_id=None,
                language=get_tenant(session).language,
                by=access,
                now=NOW,
            )


def test_teams_form_a_tree(own: OwnDatabase) -> None:
    """A team stands below a team that exists, and never below itself, near or far."""
    tenant_id = add_company(own.app, "alpha").tenant_id

    for parent, refusal in (("nowhere", TeamNotFound), (SOUTH, TeamCycle), (SOUTH_WEST, TeamCycle)):
        moved = Team(id=SOUTH, name="南区", parent_id=TeamId(parent))
        with pytest.raises(refusal), own.app.bound(tenant_id) as session:
            tenancy.save_team(session, moved, by=OPERATOR, now=NOW)


def test_what_was_done_is_in_the_trail(own: OwnDatabase) -> None:
    """Each act is an event with who, what and when, newest first; it names nobody."""
    company = add_company(own.app, "alpha")

    with own.app.bound(company.tenant_id) as session:
        events = list_events(session)

    acts = [event.act for event in events]
    assert acts[0] == "publish_plan"
    assert {"add_tenant", "save_team", "add_member", "import_sites", "import_workers", "record_plan"} <= set(acts)
    assert all(event.happened_at == NOW for event in events)
    assert "王芳" not in str(events)
