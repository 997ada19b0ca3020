"""Use cases of companies and their people."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session
from geo_engine.ids import MemberId, RoleId, TeamId, TenantId
from geo_engine.tenancy import store
from geo_engine.tenancy.model import LoginTaken, Member, Team, Tenant, TenantExists, TenantNotFound
from geo_engine.tenancy.permissions import Access, Act, Role, Subject, default_roles
from geo_engine.words import Language


def get_tenant_id(database: Database, code: str) -> TenantId:
    """Return which tenant has a code.

    Raises
    ------
    TenantNotFound
        When none has.
    """
    with database.unbound() as session:
        tenant_id = store.find_tenant_id(session, code.strip().lower())
    if tenant_id is None:
        raise TenantNotFound(code)
    return tenant_id


def add_tenant(session: Session, tenant: Tenant, *, by: Access, now: datetime) -> None:
    """Add the company the transaction is bound to, with the built-in roles as its own.

    Raises
    ------
    TenantExists
        When its code is taken.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    if store.find_tenant_id(session, tenant.code) is not None:
        raise TenantExists(tenant.code)

    store.add_tenant(session, tenant, now=now)
    for role in default_roles():
        store.save_role(session, role)
    record_act(session, "add_tenant", ("tenant", str(tenant.id)), by=by.member_id, now=now)


def set_zone(session: Session, zone: ZoneInfo) -> None:
    """Say what the company's clock times are in, when nobody has said so before."""
    store.save_zone(session, zone)


def save_team(session: Session, team: Team, *, by: Access, now: datetime) -> None:
    """Add a team or change its name and place in the tree.

    Raises
    ------
    TeamNotFound
        When there is no such parent.
    TeamCycle
        When the team would stand below itself.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    store.lock_tenant(session)
    if team.parent_id is not None:
        store.require_teams(session, [team.parent_id])
        store.require_no_cycle(session, team)

    store.save_team(session, team)
    record_act(session, "save_team", ("team", team.id), by=by.member_id, now=now)


def save_role(session: Session, role: Role, *, by: Access, now: datetime) -> None:
    """Add a role, such as a changed copy of a built-in one, or change one.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)

    store.save_role(session, role)
    record_act(session, "save_role", ("role", role.id), by=by.member_id, now=now)


def add_member(
    session: Session,
    *,
    member_id: UUID,
    login: str,
    name: str,
    role_id: RoleId,
    team_id: TeamId | None,
    language: Language,
    by: Access,
    now: datetime,
) -> Member:
    """Add a person who signs in with `login`, compared in lower case.

    Raises
    ------
    LoginTaken
        When another member of the company signs in so.
    RoleNotFound, TeamNotFound
        When the company has no such role or team.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_MEMBERS, Subject(team_id=team_id))
    member = Member(
        id=MemberId(member_id),
        login=login.strip().lower(),
        name=name,
        role_id=role_id,
        team_id=team_id,
        language=language,
        added_at=now,
    )
    store.require_role(session, role_id)
    store.require_teams(session, [] if team_id is None else [team_id])
    if store.has_login(session, member.login):
        raise LoginTaken(member.login)

    store.add_member(session, member)
    record_act(session, "add_member", ("member", str(member.id)), by=by.member_id, now=now)
    return member
