"""Rows of tenants, teams, roles and members, and the directories that are read before anyone is known."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint, Uuid, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import Base, Code, Document, TenantRow, tenant_key
from geo_engine.db.rows import save_rows
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId, RoleId, TeamId, TenantId
from geo_engine.tenancy.model import (
    Attendance,
    Member,
    MemberNotFound,
    RoleNotFound,
    Team,
    TeamCycle,
    TeamNotFound,
    Tenant,
    TenantNotFound,
    TrackingGate,
    TrackingRule,
)
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, Act, Role, Scope
from geo_engine.tenancy.travel_prices import read_prices
from geo_engine.words import Language


class TenantDirectoryRow(Base):
    """Which code is which tenant; kept by a trigger, read through ``find_tenant`` only."""

    __tablename__ = "tenant_directory"

    code: Mapped[Code] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]


class SignInDirectoryRow(Base):
    """Which login is a member of which tenants; kept by a trigger, read through ``find_sign_ins`` only."""

    __tablename__ = "sign_in_directory"

    login: Mapped[Code] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)


class TenantEntryRow(TenantRow):
    """A company: the one row whose key is the tenant alone."""

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint("tracking in ('shift', 'always')", name="tracking"),
        CheckConstraint("attendance in ('none', 'phone')", name="attendance"),
        CheckConstraint("retention_days in (30, 90, 180, 365)", name="retention"),
    )

    code: Mapped[Code]
    name: Mapped[str]
    timezone: Mapped[str | None]
    language: Mapped[str]
    added_at: Mapped[datetime]
    travel_prices: Mapped[Document | None]
    currency: Mapped[str | None]
    tracking: Mapped[str] = mapped_column(server_default=text("'shift'"))
    attendance: Mapped[str] = mapped_column(server_default=text("'none'"))
    retention_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("90"))
    uses_learned: Mapped[bool] = mapped_column(server_default=text("true"))
    speeds: Mapped[Document | None]


class TeamRow(TenantRow):
    """A team and the team above it."""

    __tablename__ = "team"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["parent_id"], "team"),
    )

    id: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[Code | None]


class RoleRow(TenantRow):
    """A role of the company's own."""

    __tablename__ = "role"
    __table_args__ = (tenant_key([], "tenant"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]


class RoleGrantRow(TenantRow):
    """One act a role may do, and how far."""

    __tablename__ = "role_grant"
    __table_args__ = (
        tenant_key(["role_id"], "role", on_delete="CASCADE"),
        CheckConstraint("scope in ('own', 'team', 'region', 'all')", name="scope"),
    )

    role_id: Mapped[Code] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]


class MemberRow(TenantRow):
    """A person who signs in."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("tenant_id", "login"),
        tenant_key([], "tenant"),
        tenant_key(["role_id"], "role"),
        tenant_key(["team_id"], "team"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    login: Mapped[Code]
    name: Mapped[str]
    role_id: Mapped[Code]
    team_id: Mapped[Code | None]
    language: Mapped[str]
    added_at: Mapped[datetime]


def find_tenant_id(session: Session, code: str) -> TenantId | None:
    """Return which tenant has a code; asked before a transaction is bound."""
    found = session.scalar(select(func.find_tenant(code, type_=Uuid())))
    return None if found is None else TenantId(found)


def find_sign_ins(session: Session, login: str) -> tuple[tuple[TenantId, MemberId], ...]:
    """Return every membership a login has; asked before a transaction is bound."""
    called = func.find_sign_ins(login).table_valued("tenant_id", "member_id")
    rows = session.execute(select(called.c.tenant_id, called.c.member_id))
    return tuple((TenantId(tenant_id), MemberId(member_id)) for tenant_id, member_id in rows)


def lock_code(session: Session, code: str) -> None:
    """Wait until no other transaction adds a tenant of this code, and keep others waiting until the end of this."""
    _lock(session, f"code:{code}")


def add_tenant(session: Session, tenant: Tenant, *, now: datetime) -> None:
    """Write the bound tenant's own row."""
    session.add(
        TenantEntryRow(
            tenant_id=tenant.id,
            code=tenant.code,
            name=tenant.name,
            timezone=None if tenant.zone is None else tenant.zone.key,
            language=tenant.language,
            added_at=now,
        )
    )
    session.flush()


def get_tenant(session: Session) -> Tenant:
    """Return the tenant the transaction is bound to.

    Raises
    ------
    TenantNotFound
        When it does not exist (any more).
    """
    row = session.scalar(select(TenantEntryRow))
    if row is None:
        raise TenantNotFound("?")
    return Tenant(
        id=TenantId(row.tenant_id),
        code=row.code,
        name=row.name,
        zone=None if row.timezone is None else ZoneInfo(row.timezone),
        language=Language(row.language),
        prices=read_prices(row.currency, row.travel_prices),
        tracking=TrackingRule(
            gate=TrackingGate(row.tracking),
            attendance=Attendance(row.attendance),
            retention_days=row.retention_days,
        ),
        uses_learned=row.uses_learned,
    )


def save_zone(session: Session, zone: ZoneInfo) -> None:
    """Write the time zone of the bound tenant, unless it has one."""
    session.execute(update(TenantEntryRow).where(TenantEntryRow.timezone.is_(None)).values(timezone=zone.key))


def lock_tenant(session: Session) -> None:
    """Keep others from changing the bound tenant's own row, its teams and its roles until the transaction ends.

    Rows that refer to the tenant can still be written: the lock is on everything of the row but its key.
    """
    session.execute(select(TenantEntryRow.tenant_id).with_for_update(key_share=True))


def lock_imports(session: Session) -> None:
    """Wait until no other transaction imports into the bound tenant, and keep others waiting until the end of this."""
    _lock(session, f"import:{bound_tenant(session)}")


def save_team(session: Session, team: Team) -> None:
    """Write a team, new or known."""
    save_rows(session, TeamRow, [{"id": team.id, "name": team.name, "parent_id": team.parent_id}])


def list_teams(session: Session) -> tuple[Team, ...]:
    """Return the company's teams by id."""
    rows = session.scalars(select(TeamRow).order_by(TeamRow.id))
    return tuple(_team(row) for row in rows)


def list_team_ids_below(session: Session, team_id: TeamId) -> frozenset[TeamId]:
    """Return a team and all teams below it.

    Raises
    ------
    TeamNotFound
        When there is no such team.

    Notes
    -----
    A cycle, should one ever be written, ends the search as the rows are distinct.
    """
    below = select(TeamRow.id).where(TeamRow.id == team_id).cte("below", recursive=True)
    below = below.union(select(TeamRow.id).where(TeamRow.parent_id == below.c.id))
    found = frozenset(TeamId(one) for one in session.scalars(select(below.c.id)))
    if not found:
        raise TeamNotFound(team_id)
    return found


def save_role(session: Session, role: Role) -> None:
    """Write a role, new or known, with exactly its grants.

    A built-in role as the code has it keeps no grants of its own: what a later version adds to it holds at once.
    """
    save_rows(session, RoleRow, [{"id": role.id, "name": role.name}])
    session.execute(RoleGrantRow.__table__.delete().where(RoleGrantRow.role_id == role.id))  # type: ignore[attr-defined]
    if role.grants != DEFAULT_GRANTS.get(role.id):
        session.add_all(
            RoleGrantRow(role_id=role.id, act=act.value, scope=scope.value) for act, scope in role.grants.items()
        )
    session.flush()


def get_role(session: Session, role_id: RoleId) -> Role:
    """Return a role.

    Raises
    ------
    RoleNotFound
        When the company has no such role.
    """
    for role in list_roles(session):
        if role.id == role_id:
            return role
    raise RoleNotFound(role_id)


def list_roles(session: Session) -> tuple[Role, ...]:
    """Return the company's roles by id; what a grant says that this version does not know is left out."""
    grants: dict[str, dict[Act, Scope]] = {}
    for row in session.scalars(select(RoleGrantRow)):
        known = grants.setdefault(row.role_id, {})
        if row.act in Act and row.scope in Scope:
            known[Act(row.act)] = Scope(row.scope)
    rows = session.scalars(select(RoleRow).order_by(RoleRow.id))
    return tuple(_role(row, grants.get(row.id)) for row in rows)


def add_member(session: Session, member: Member) -> bool:
    """Write a new member; False when another one of the company signs in so, also since a moment ago."""
    values = {
        "id": member.id,
        "login": member.login,
        "name": member.name,
        "role_id": member.role_id,
        "team_id": member.team_id,
        "language": member.language,
        "added_at": member.added_at,
    }
    statement = insert(MemberRow).values(values).on_conflict_do_nothing(index_elements=["tenant_id", "login"])
    return session.scalar(statement.returning(MemberRow.id)) is not None


def lock_member(session: Session, member_id: MemberId) -> None:
    """Keep others from changing or linking a member until the transaction ends.

    Raises
    ------
    MemberNotFound
        When the company has no such member.
    """
    query = select(MemberRow.id).where(MemberRow.id == member_id).with_for_update(key_share=True)
    if session.scalar(query) is None:
        raise MemberNotFound(member_id)


def find_member_id(session: Session, login: str) -> MemberId | None:
    """Return which member of the company signs in so."""
    found = session.scalar(select(MemberRow.id).where(MemberRow.login == login))
    return None if found is None else MemberId(found)


def get_member(session: Session, member_id: MemberId) -> Member:
    """Return a member.

    Raises
    ------
    MemberNotFound
        When the company has no such member.
    """
    row = session.scalar(select(MemberRow).where(MemberRow.id == member_id))
    if row is None:
        raise MemberNotFound(member_id)
    return Member(
        id=MemberId(row.id),
        login=row.login,
        name=row.name,
        role_id=RoleId(row.role_id),
        team_id=None if row.team_id is None else TeamId(row.team_id),
        language=Language(row.language),
        added_at=row.added_at,
    )


def find_names(session: Session, member_ids: Iterable[MemberId]) -> dict[MemberId, str]:
    """Return the name of each of the members that is known."""
    query = select(MemberRow.id, MemberRow.name).where(MemberRow.id.in_(sorted(set(member_ids))))
    return {MemberId(member_id): name for member_id, name in session.execute(query)}


def _lock(session: Session, name: str) -> None:
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _role(row: RoleRow, grants: dict[Act, Scope] | None) -> Role:
    role_id = RoleId(row.id)
    return Role(id=role_id, name=row.name, grants=DEFAULT_GRANTS.get(role_id, {}) if grants is None else grants)


def save_language(session: Session, member_id: MemberId, language: Language) -> None:
    """Write which language a member reads."""
    session.execute(update(MemberRow).where(MemberRow.id == member_id).values(language=language.value))


def _team(row: TeamRow) -> Team:
    return Team(id=TeamId(row.id), name=row.name, parent_id=None if row.parent_id is None else TeamId(row.parent_id))


def require_teams(session: Session, team_ids: Iterable[TeamId]) -> None:
    """Raise unless the company has every team.

    Raises
    ------
    TeamNotFound
        For the first that is missing.
    """
    wanted = sorted(set(team_ids))
    known = set(session.scalars(select(TeamRow.id).where(among(TeamRow.id, wanted)))) if wanted else set[str]()
    for team_id in wanted:
        if team_id not in known:
            raise TeamNotFound(team_id)


def require_no_cycle(session: Session, team: Team) -> None:
    """Raise unless the team's parent stands outside the team.

    Raises
    ------
    TeamCycle
        When the parent is the team itself or below it.
    """
    known = session.scalar(select(TeamRow.id).where(TeamRow.id == team.id))
    below = list_team_ids_below(session, team.id) if known else frozenset({team.id})
    if team.parent_id in below:
        raise TeamCycle(team.id)
