"""Companies and their people, in rows."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlalchemy import text
from support.companies import (
    NORTH,
    NOW,
    PASSWORD,
    SOUTH,
    SOUTH_WEST,
    Company,
    add_bare_company,
    quickly_hashed,
)
from support.databases import OwnDatabase
from support.waiting import outcome_meanwhile, wait_until_blocked

from geo_engine.audit.store import list_events
from geo_engine.db.session import Session, bound_tenant
from geo_engine.errors import InvalidInput
from geo_engine.ids import MemberId, RoleId, TeamId, TenantId
from geo_engine.tenancy import OPERATOR, Access, Act, Role, Scope, Subject, Team, Tenant, store
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import (
    LoginTaken,
    NewMember,
    NoAdministratorLeft,
    RoleWithoutGrants,
    TeamCycle,
    TeamNotFound,
    TenantExists,
    TenantNotFound,
)
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed, default_roles
from geo_engine.tenancy.sign_in import set_password
from geo_engine.tenancy.store import find_sign_ins, get_role, get_tenant, list_roles, list_teams
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


def test_of_two_companies_of_one_code_at_once_the_second_is_told(own: OwnDatabase) -> None:
    """A code that another transaction is just taking is waited for, and then taken."""
    first, second = (Tenant(id=TenantId(uuid.uuid4()), code="acme", name=name, zone=None) for name in "ab")

    def add(session: Session, tenant: Tenant) -> None:
        tenancy.add_tenant(session, tenant, by=OPERATOR, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with own.app.bound(first.id) as session:
            add(session, first)
            begun = pool.submit(_in_a_transaction, own, second.id, lambda session: add(session, second))
            wait_until_blocked(own)
        with pytest.raises(TenantExists):
            begun.result(timeout=20)


def _in_a_transaction(own: OwnDatabase, tenant_id: TenantId, act: Callable[[Session], object]) -> None:
    with own.app.bound(tenant_id) as session:
        act(session)


def test_a_login_is_one_members(own: OwnDatabase) -> None:
    """Whoever comes second with a login, in whatever case, is told, also when both come at once."""
    tenant_id = add_bare_company(own.app, "alpha")

    def add(session: Session, login: str) -> None:
        new = NewMember(login=login, name="n", role_id=RoleId("worker"))
        tenancy.add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW)

    with own.app.bound(tenant_id) as session:
        add(session, "first")
        with pytest.raises(LoginTaken):
            add(session, " First")
    meanwhile = outcome_meanwhile(own, tenant_id, lambda session: add(session, "x"), lambda session: add(session, "x"))

    assert isinstance(meanwhile, LoginTaken)


def test_a_login_finds_every_membership_and_no_other(two_companies: tuple[Company, Company]) -> None:
    """The same person in two companies is found in both; what follows binds one of them."""
    first, second = two_companies

    with first.database.unbound() as session:
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


def test_a_built_in_role_follows_the_program_until_it_is_changed(
    own: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a later version adds to its table reaches a company's auditors, but not its changed dispatchers."""
    tenant_id = add_bare_company(own.app, "alpha")
    narrow = Role(id=RoleId("dispatcher"), name="d", grants={Act.SEE_SITES: Scope.TEAM})
    with own.app.bound(tenant_id) as session:
        tenancy.save_role(session, narrow, by=OPERATOR, now=NOW)
    later = {role_id: {**grants, Act.PLAN_DAY: Scope.ALL} for role_id, grants in DEFAULT_GRANTS.items()}
    monkeypatch.setattr(store, "DEFAULT_GRANTS", later)

    with own.app.bound(tenant_id) as session:
        found = {role.id: role.grants for role in list_roles(session)}

    assert found == {**later, "dispatcher": narrow.grants}


def test_a_role_saved_as_the_program_has_it_follows_the_program_again(own: OwnDatabase) -> None:
    """A company that takes its change back keeps no copy of the table."""
    tenant_id = add_bare_company(own.app, "alpha")
    dispatcher = next(role for role in default_roles() if role.id == "dispatcher")

    with own.app.bound(tenant_id) as session:
        for role in (replace(dispatcher, grants={Act.SEE_SITES: Scope.OWN}), dispatcher):
            tenancy.save_role(session, role, by=OPERATOR, now=NOW)

        assert session.scalar(text("select count(*) from role_grant")) == 0


def test_an_act_of_a_later_version_is_left_out(own: OwnDatabase) -> None:
    """A process of this version goes on when the database knows acts and scopes that it does not."""
    tenant_id = add_bare_company(own.app, "alpha")
    surveyor = Role(id=RoleId("surveyor"), name="s", grants={Act.SEE_SITES: Scope.TEAM})

    with own.app.bound(tenant_id) as session:
        tenancy.save_role(session, surveyor, by=OPERATOR, now=NOW)
        session.execute(text("insert into role_grant (role_id, act, scope) values ('surveyor', 'fly', 'team')"))

        assert get_role(session, surveyor.id) == surveyor


def test_nobody_gives_a_role_that_reaches_farther(company: Company) -> None:
    """Who may add people to a team makes none of them an administrator, nor anybody who reaches another team."""
    grants = {**DEFAULT_GRANTS[RoleId("dispatcher")], Act.CHANGE_MEMBERS: Scope.TEAM}
    chief = Access(member_id=MemberId(uuid.uuid4()), grants=grants, team_ids=frozenset({SOUTH, SOUTH_WEST}))

    def add(session: Session, role: str, team_id: TeamId | None) -> None:
        new = NewMember(login=f"{role}@{team_id}", name="n", role_id=RoleId(role), team_id=team_id)
        tenancy.add_member(session, new, member_id=uuid.uuid4(), by=chief, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        add(session, "dispatcher", SOUTH_WEST)
        add(session, "worker", SOUTH)
        for role, team_id in (("administrator", SOUTH), ("auditor", SOUTH), ("worker", NORTH), ("worker", None)):
            with pytest.raises(NotAllowed):
                add(session, role, team_id)


def test_a_role_saved_before_workers_had_an_act_still_adds_workers(company: Company) -> None:
    """A company's own chief of members, who has nothing that workers have, gives the worker's role and no more."""
    hires = Role(id=RoleId("hires"), name="人事", grants={Act.CHANGE_MEMBERS: Scope.ALL})
    reviewing = {**DEFAULT_GRANTS[RoleId("worker")], Act.REVIEW_VISITS: Scope.OWN}
    judge = Role(id=RoleId("judge"), name="j", grants=reviewing)

    with company.database.bound(company.tenant_id) as session:
        for role in (hires, judge):
            tenancy.save_role(session, role, by=OPERATOR, now=NOW)
        by = _add(session, "hr", hires.id, by=OPERATOR)
        _add(session, "w", RoleId("worker"), by=by)
        for role_id in (judge.id, RoleId("dispatcher")):
            with pytest.raises(NotAllowed):
                _add(session, "other", role_id, by=by)


def test_nobody_takes_the_sign_in_of_who_reaches_farther(company: Company) -> None:
    """Who sees one team's plans sets no password of a planner above all teams, who sees the company's."""
    grants = {Act.CHANGE_MEMBERS: Scope.ALL, Act.SEE_PLANS: Scope.TEAM}
    by = Access(member_id=MemberId(uuid.uuid4()), grants=grants, team_ids=frozenset({SOUTH}))
    planner = Role(id=RoleId("planner"), name="p", grants={Act.SEE_PLANS: Scope.TEAM})

    with quickly_hashed(), company.database.bound(company.tenant_id) as session:
        tenancy.save_role(session, planner, by=OPERATOR, now=NOW)
        above, below = (_add(session, f"p@{one}", planner.id, by=OPERATOR, team_id=one) for one in (None, SOUTH))
        for member, may in ((below, True), (above, False)):
            assert member.member_id is not None
            with nullcontext() if may else pytest.raises(NotAllowed):
                set_password(session, member.member_id, PASSWORD, by=by, now=NOW)


def test_nobody_makes_a_role_that_reaches_farther(own: OwnDatabase) -> None:
    """Who may change the company but sees no trail cannot make a role that does."""
    tenant_id = add_bare_company(own.app, "alpha")
    grants = {act: Scope.ALL for act in Act if act is not Act.SEE_AUDIT}
    by = Access(member_id=MemberId(uuid.uuid4()), grants=grants)
    allowed = Role(id=RoleId("deputy"), name="d", grants=grants)

    with own.app.bound(tenant_id) as session:
        tenancy.save_role(session, allowed, by=by, now=NOW)
        with pytest.raises(NotAllowed):
            tenancy.save_role(session, replace(allowed, grants={Act.SEE_AUDIT: Scope.OWN}), by=by, now=NOW)


def test_a_company_keeps_a_role_that_administers_it(own: OwnDatabase) -> None:
    """The last such role can be changed only once there is another; no role may allow nothing."""
    tenant_id = add_bare_company(own.app, "alpha")
    administrator = next(role for role in default_roles() if role.id == "administrator")
    emptied = replace(administrator, grants={**administrator.grants, Act.CHANGE_MEMBERS: Scope.TEAM})

    with own.app.bound(tenant_id) as session:
        with pytest.raises(NoAdministratorLeft):
            tenancy.save_role(session, emptied, by=OPERATOR, now=NOW)
        with pytest.raises(RoleWithoutGrants):
            tenancy.save_role(session, replace(administrator, id=RoleId("auditor"), grants={}), by=OPERATOR, now=NOW)
        tenancy.save_role(session, replace(administrator, id=RoleId("owner")), by=OPERATOR, now=NOW)
        tenancy.save_role(session, emptied, by=OPERATOR, now=NOW)


def test_two_who_empty_two_roles_at_once_leave_one(own: OwnDatabase) -> None:
    """The second waits for the first, and then its role is the last that administers the company."""
    tenant_id = add_bare_company(own.app, "alpha")
    administrator = next(role for role in default_roles() if role.id == "administrator")
    owner = replace(administrator, id=RoleId("owner"))
    with own.app.bound(tenant_id) as session:
        tenancy.save_role(session, owner, by=OPERATOR, now=NOW)

    def empty(session: Session, role: Role) -> None:
        tenancy.save_role(session, replace(role, grants={Act.SEE_SITES: Scope.ALL}), by=OPERATOR, now=NOW)

    second = outcome_meanwhile(
        own, tenant_id, lambda session: empty(session, owner), lambda session: empty(session, administrator)
    )

    assert isinstance(second, NoAdministratorLeft)


def test_a_role_can_be_changed_while_a_member_gets_it(own: OwnDatabase) -> None:
    """Neither waits for the other."""
    tenant_id = add_bare_company(own.app, "alpha")
    new = NewMember(login="x", name="n", role_id=RoleId("worker"))
    worker = Role(id=RoleId("worker"), name="renamed", grants={Act.SEE_SITES: Scope.OWN})

    with own.app.bound(tenant_id) as adding:
        tenancy.add_member(adding, new, member_id=uuid.uuid4(), by=OPERATOR, now=NOW)
        with own.app.bound(tenant_id) as session:
            session.execute(text("set local lock_timeout = '2s'"))
            tenancy.save_role(session, worker, by=OPERATOR, now=NOW)


BLANK, LONG = " \u3000", "x" * 201
UNUSABLE: dict[str, Callable[[Session], object]] = {
    "team": lambda s: tenancy.save_team(s, Team(id=TeamId(BLANK), name="n"), by=OPERATOR, now=NOW),
    "team's name": lambda s: tenancy.save_team(s, Team(id=TeamId("n"), name="a\nb"), by=OPERATOR, now=NOW),
    "role": lambda s: tenancy.save_role(s, _role(LONG), by=OPERATOR, now=NOW),
    "login": lambda s: tenancy.add_member(s, _member(BLANK), member_id=uuid.uuid4(), by=OPERATOR, now=NOW),
    "lone surrogate": lambda s: tenancy.add_member(s, _member("\udcff"), member_id=uuid.uuid4(), by=OPERATOR, now=NOW),
    "company": lambda s: tenancy.add_tenant(
        s, Tenant(id=bound_tenant(s), code="new", name=BLANK, zone=None), by=OPERATOR, now=NOW
    ),
}


def _role(role_id: str) -> Role:
    return Role(id=RoleId(role_id), name="n", grants={Act.SEE_SITES: Scope.ALL})


def _member(login: str) -> NewMember:
    return NewMember(login=login, name="n", role_id=RoleId("worker"))


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_a_name_is_told(own: OwnDatabase, case: str) -> None:
    """Blank, overlong and unshowable ids and names are refused by every use case that keeps one."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session, pytest.raises(InvalidInput):
        UNUSABLE[case](session)


def test_a_team_is_kept_as_files_name_it(own: OwnDatabase) -> None:
    """Full-width letters and spaces around an id make no other team."""
    tenant_id = add_bare_company(own.app, "alpha")

    with own.app.bound(tenant_id) as session:
        for spelt in ("Ａ区", " A区 "):
            tenancy.save_team(session, Team(id=TeamId(spelt), name="甲（一）"), by=OPERATOR, now=NOW)

        assert list_teams(session) == (Team(id=TeamId("A区"), name="甲（一）"),)


def test_a_dispatcher_reaches_the_own_team_and_below(company: Company) -> None:
    """The access of a dispatcher of the south holds in the south-west and ends at the north."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)

    assert access.team_ids == {SOUTH, SOUTH_WEST}
    assert access.allows(Act.PLAN_DAY, Subject(team_id=SOUTH_WEST))
    assert not access.allows(Act.PLAN_DAY, Subject(team_id=NORTH))
    assert not access.allows(Act.PLAN_DAY)


def test_only_who_may_changes_the_company(company: Company) -> None:
    """A dispatcher adds no team and no member, and nothing is written."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        with pytest.raises(NotAllowed):
            tenancy.save_team(session, Team(id=TeamId("x"), name="x"), by=access, now=NOW)
        new = NewMember(login="x", name="x", role_id=RoleId("administrator"))
        with pytest.raises(NotAllowed):
            tenancy.add_member(session, new, member_id=uuid.uuid4(), by=access, now=NOW)


def test_teams_form_a_tree(company: Company) -> None:
    """A team stands below a team that exists, and never below itself, near or far."""
    for parent, refusal in (("nowhere", TeamNotFound), (SOUTH, TeamCycle), (SOUTH_WEST, TeamCycle)):
        moved = Team(id=SOUTH, name="南区", parent_id=TeamId(parent))
        with pytest.raises(refusal), company.database.bound(company.tenant_id) as session:
            tenancy.save_team(session, moved, by=OPERATOR, now=NOW)


def test_what_was_done_is_in_the_trail(company: Company) -> None:
    """Each act is an event with who, what and when, newest first; it names nobody."""
    with company.database.bound(company.tenant_id) as session:
        events = list_events(session)

    acts = [event.act for event in events if event.happened_at == NOW]
    assert acts.index("publish_plan") < acts.index("record_plan")
    assert {"add_tenant", "save_team", "add_member", "import_sites", "import_workers", "record_plan"} <= set(acts)
    assert "王芳" not in str(events)


def _add(session: Session, login: str, role_id: RoleId, *, by: Access, team_id: TeamId | None = None) -> Access:
    """Add a member, above all teams unless one is named, and return what the member may do."""
    new = NewMember(login=login, name="n", role_id=role_id, team_id=team_id)
    return access_of(session, tenancy.add_member(session, new, member_id=uuid.uuid4(), by=by, now=NOW).id)
