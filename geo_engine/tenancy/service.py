"""Use cases of companies and their people."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session, bound_tenant
from geo_engine.ids import MemberId, RoleId, TeamId, TenantId, parse_id, parse_name
from geo_engine.queue import Lane, enqueue
from geo_engine.tenancy import company_store, price_store, rule_store, speed_store, store
from geo_engine.tenancy.model import (
    LoginTaken,
    Member,
    NewMember,
    NoAdministratorLeft,
    RoleWithoutGrants,
    Team,
    Tenant,
    TenantDiffers,
    TenantExists,
    TenantNotFound,
    TrackingRule,
)
from geo_engine.tenancy.permissions import Access, Act, Role, Subject, default_roles
from geo_engine.tenancy.speeds import SpeedsByMode, require_percents
from geo_engine.tenancy.travel_prices import ModePrice, TravelPrices, stated_prices
from geo_engine.travel_modes import TravelMode, parse_mode
from geo_engine.words import Language

MOVE_FIXES_TASK = "move_fixes"
"""The name of the queue's task that moves fixes to where they are kept as long as the company says."""


def get_tenant_id(database: Database, code: str) -> TenantId:
    """Return which tenant has a code.

    Raises
    ------
    TenantNotFound
        When none has.
    InvalidInput
        When it can be nobody's, such as an empty one.
    """
    with database.unbound() as session:
        tenant_id = store.find_tenant_id(session, parse_id(code).lower())
    if tenant_id is None:
        raise TenantNotFound(code)
    return tenant_id


def list_companies(database: Database) -> tuple[TenantId, ...]:
    """Return all companies there are."""
    with database.unbound() as session:
        return company_store.list_companies(session)


def add_tenant(session: Session, tenant: Tenant, *, by: Access, now: datetime) -> None:
    """Add the company the transaction is bound to, with the built-in roles as its own.

    Raises
    ------
    TenantExists
        When its code is taken.
    InvalidInput
        When its name cannot be one.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    named = replace(tenant, name=parse_name(tenant.name))
    store.lock_code(session, tenant.code)
    if store.find_tenant_id(session, tenant.code) is not None:
        raise TenantExists(tenant.code)

    store.add_tenant(session, named, now=now)
    for role in default_roles():
        store.save_role(session, role)
    record_act(session, "add_tenant", ("tenant", str(tenant.id)), by=by.member_id, now=now)


def take_tenant(
    session: Session, *, name: str | None = None, zone: ZoneInfo | None = None, language: Language | None = None
) -> None:
    """Take the company the transaction is bound to as it is; where nobody has said its zone, it is the one given.

    Raises
    ------
    TenantDiffers
        When its name, zone or language is another than the one that is expected; None is for any.
    """
    if zone is not None:
        store.save_zone(session, zone)
    tenant = store.get_tenant(session)
    facts = (
        (tenant.name, None if name is None else parse_name(name)),
        (str(tenant.zone), None if zone is None else str(zone)),
        (tenant.language, language),
    )
    for found, asked in facts:
        if asked not in {None, found}:
            raise TenantDiffers(tenant.code, found=found, asked=str(asked))


def set_price(
    session: Session,
    price: ModePrice,
    *,
    currency: str,
    mode: TravelMode = TravelMode.CAR,
    by: Access,
    now: datetime,
) -> TravelPrices:
    """Say what a kilometre by a mode costs the company; what was said in another currency is forgotten.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    store.lock_tenant(session)
    said = {**price_store.find_said_prices(session, currency), mode: price}

    price_store.save_prices(session, currency, said)
    facts = {"mode": mode.value, "per_km": price.per_km, "currency": currency}
    record_act(session, "set_price", ("tenant", str(bound_tenant(session))), by=by.member_id, now=now, **facts)
    return stated_prices(currency, said)


def set_uses_learned(session: Session, *, uses_learned: bool, by: Access, now: datetime) -> None:
    """Say whether days are planned with learned times, where whoever plans says nothing else.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)

    rule_store.save_uses_learned(session, uses_learned=uses_learned)
    facts = {"uses_learned": uses_learned}
    record_act(session, "set_uses_learned", ("tenant", str(bound_tenant(session))), by=by.member_id, now=now, **facts)


def get_speeds(session: Session) -> SpeedsByMode:
    """Return how fast the company's people get on at each hour of the day, by travel mode."""
    return speed_store.get_speeds(session)


def set_speeds(session: Session, speeds: SpeedsByMode, *, by: Access, now: datetime) -> None:
    """Say how fast the company's people get on at each hour of the day; days are planned so from now on.

    Raises
    ------
    InvalidInput
        When a mode is none, or has not one number for each hour, or one is out of bounds.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    for mode, percents in speeds.items():
        require_percents(parse_mode(mode), percents)
    speeds = {parse_mode(mode): percents for mode, percents in speeds.items()}

    speed_store.save_speeds(session, speeds)
    facts = {mode: ",".join(map(str, percents)) for mode, percents in speeds.items()}
    record_act(session, "set_speeds", ("tenant", str(bound_tenant(session))), by=by.member_id, now=now, **facts)


def get_code(session: Session) -> str:
    """Return what the company the transaction is bound to is called by the command line."""
    return store.get_tenant(session).code


def get_tracking(session: Session) -> TrackingRule:
    """Return when the company's people are tracked; until the transaction ends nobody else changes it."""
    store.lock_tenant(session)
    return store.get_tenant(session).tracking


def set_tracking(session: Session, rule: TrackingRule, *, by: Access, now: datetime) -> None:
    """Say when the company's people are tracked, and for how long their fixes are kept.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    before = store.get_tenant(session).tracking

    rule_store.save_tracking(session, rule)
    if rule.retention_days != before.retention_days:
        enqueue(session, MOVE_FIXES_TASK, lane=Lane.TRACKS)
    record_act(
        session,
        "set_tracking",
        ("tenant", str(bound_tenant(session))),
        by=by.member_id,
        now=now,
        gate=rule.gate,
        attendance=rule.attendance,
        retention_days=rule.retention_days,
    )


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
    InvalidInput
        When its id or name cannot be one.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_TENANT)
    named = replace(team, id=TeamId(parse_id(team.id)), name=parse_name(team.name))
    store.lock_tenant(session)
    if named.parent_id is not None:
        store.require_teams(session, [named.parent_id])
        store.require_no_cycle(session, named)

    store.save_team(session, named)
    record_act(session, "save_team", ("team", named.id), by=by.member_id, now=now)


def save_role(session: Session, role: Role, *, by: Access, now: datetime) -> None:
    """Add a role, such as a changed copy of a built-in one, or change one.

    Raises
    ------
    RoleWithoutGrants, NoAdministratorLeft
        When the role would allow nothing, or no other may administer the company.
    InvalidInput
        When its id or name cannot be one.
    NotAllowed
        When the actor may not, or the role would allow what the actor may not do.
    """
    by.require(Act.CHANGE_TENANT)
    by.require_to_give(role.grants)
    named = replace(role, id=RoleId(parse_id(role.id)), name=parse_name(role.name))
    if not named.grants:
        raise RoleWithoutGrants
    store.lock_tenant(session)
    others = (other for other in store.list_roles(session) if other.id != named.id)
    if not any(one.is_administrator for one in (named, *others)):
        raise NoAdministratorLeft

    store.save_role(session, named)
    record_act(session, "save_role", ("role", named.id), by=by.member_id, now=now)


def add_member(session: Session, new: NewMember, *, member_id: UUID, by: Access, now: datetime) -> Member:
    """Add a person who signs in.

    Raises
    ------
    LoginTaken
        When another member of the company signs in so.
    RoleNotFound, TeamNotFound
        When the company has no such role or team.
    InvalidInput
        When the login or the name cannot be one.
    NotAllowed
        When the actor may not, or the role would allow in its team what the actor may not do there.
    """
    by.require(Act.CHANGE_MEMBERS, Subject(team_id=new.team_id))
    by.require_to_give(store.get_role(session, new.role_id).grants_in(new.team_id), new.team_id)
    store.require_teams(session, [] if new.team_id is None else [new.team_id])
    member = Member(
        id=MemberId(member_id),
        login=parse_id(new.login).lower(),
        name=parse_name(new.name),
        role_id=new.role_id,
        team_id=new.team_id,
        language=new.language,
        added_at=now,
    )

    if not store.add_member(session, member):
        raise LoginTaken(member.login)
    record_act(session, "add_member", ("member", str(member.id)), by=by.member_id, now=now)
    return member


def set_language(session: Session, language: Language, *, by: Access) -> None:
    """Say which language the actor reads; every page and message speaks it from now on."""
    if by.member_id is not None:
        store.save_language(session, by.member_id, language)


def list_teams_within(session: Session, act: Act, *, by: Access) -> tuple[Team, ...]:
    """Return the teams whose things the actor may reach with an act, by id.

    Raises
    ------
    NotAllowed
        When the act is not allowed on anybody's things but one's own.
    """
    limit = by.team_limit(act)
    return tuple(team for team in store.list_teams(session) if limit is None or team.id in limit)
