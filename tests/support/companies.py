"""Companies with something in every table, made through the product's own services."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher

from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.vault import Vault
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Database, Session
from geo_engine.geofences import Circle, Geofence
from geo_engine.geofences.service import add_fence
from geo_engine.geofences.site_fences import set_site_radius
from geo_engine.geometry import Position
from geo_engine.geometry.zones import parse_zone
from geo_engine.ids import (
    CustomerId,
    GeofenceId,
    ImportId,
    MemberId,
    PeriodId,
    PlanId,
    PlanRequestId,
    RoleId,
    SiteId,
    TeamId,
    TenantId,
    WorkerId,
)
from geo_engine.imports.model import ImportChoices, ImportKind
from geo_engine.imports.service import make_draft
from geo_engine.planning import service as planning
from geo_engine.planning.changes.unread import acknowledge_change
from geo_engine.planning.periods import service as periods
from geo_engine.planning.periods.kept import PeriodAsk
from geo_engine.planning.periods.model import VisitingRule
from geo_engine.planning.periods.solving import solve_period, take_up_period
from geo_engine.planning.replan.progress import Lock
from geo_engine.planning.replanning import lock_stop
from geo_engine.planning.requests.attempts import fail_attempt
from geo_engine.planning.requests.solving import solve_attempt, take_up
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import NothingToPlan, Notice, PlanScope
from geo_engine.roads import STRAIGHT_ROADS, RoadChoice
from geo_engine.roads.service import use_roads
from geo_engine.tables import TableFile
from geo_engine.tenancy import OPERATOR, Act, Role, Scope, Team, Tenant, passwords
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.sign_in import set_password
from geo_engine.timespan import ClockWindow
from geo_engine.visits.driven_before import find_driven_before
from geo_engine.visits.made import find_made_visits
from geo_engine.words import Language, Message
from geo_engine.workforce import BreakRule, Worker, WorkerShift
from geo_engine.workforce.service import access_of, import_workers, link_member, set_shifts
from support.photographed import add_some_photo
from support.stays import keep_learned
from support.tracked import NO_ROADS, report_a_little
from support.visited import visit_a_site

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SERVICE_ON = date(2026, 11, 25)
SCOPE = PlanScope(service_on=SERVICE_ON)
PASSWORD = "correct horse battery staple"  # noqa: S105 - of companies that live as long as a test
AUDIT_KEY = "a key of trails that live as long as a test"
PERIOD_ON = date(2026, 11, 30)
QUICK = Budget(solution_limit=5)
NORTH, SOUTH, SOUTH_WEST = TeamId("north"), TeamId("south"), TeamId("south-west")
_SURVEYOR = Role(id=RoleId("surveyor"), name="勘察员", grants={Act.SEE_SITES: Scope.TEAM, Act.CHANGE_SITES: Scope.TEAM})


@dataclass(frozen=True, kw_only=True)
class Company:
    """A tenant and what a test needs to find its things again."""

    database: Database
    tenant_id: TenantId
    code: str
    dispatcher_id: MemberId
    plan_id: PlanId
    failed_request_id: PlanRequestId
    draft_id: ImportId


def now() -> datetime:
    """Return the moment at which tests live."""
    return NOW


def add_bare_company(database: Database, code: str, *, zone: str = "Asia/Shanghai") -> TenantId:
    """Add a company that has nothing yet but its built-in roles, a zone and estimates for roads."""
    tenant = Tenant(id=TenantId(uuid.uuid4()), code=code, name=code, zone=parse_zone(zone), language=Language.ZH_CN)
    with database.bound(tenant.id) as session:
        tenancy.add_tenant(session, tenant, by=OPERATOR, now=NOW)
        use_roads(session, RoadChoice(key=STRAIGHT_ROADS), by=OPERATOR, now=NOW)
    return tenant.id


def add_company(database: Database, code: str, *, site_count: int = 8) -> Company:
    """Add a company with rows in every table of the product, its day planned and published."""
    tenant_id = add_bare_company(database, code)
    with database.bound(tenant_id) as session:
        for team in (Team(id=NORTH, name="北区"), Team(id=SOUTH, name="南区")):
            tenancy.save_team(session, team, by=OPERATOR, now=NOW)
        tenancy.save_team(session, Team(id=SOUTH_WEST, name="西南", parent_id=SOUTH), by=OPERATOR, now=NOW)
        tenancy.save_role(session, _SURVEYOR, by=OPERATOR, now=NOW)
        import_workers(session, _workers(code), source=RowSource(file="workers.csv"), by=OPERATOR, now=NOW)
        import_sites(
            session,
            _sites(code, site_count),
            source=RowSource(file="sites.csv"),
            due_on=SERVICE_ON,
            by=OPERATOR,
            now=NOW,
        )
        _draw_fences(session)
        shift = WorkerShift(service_on=SERVICE_ON, worker_id=WorkerId("W1"), hours=_hours(8, 17))
        set_shifts(session, [shift], by=OPERATOR, now=NOW)
        dispatcher_id = uuid.uuid4()
        _add_member(session, dispatcher_id, login="shared@example.com", role="dispatcher", team=SOUTH)
        worker_member = uuid.uuid4()
        _add_member(session, worker_member, login=f"w1@{code}", role="worker", team=NORTH)
        link_member(session, WorkerId("W1"), MemberId(worker_member), by=OPERATOR, now=NOW)
        with quickly_hashed():
            set_password(session, MemberId(dispatcher_id), PASSWORD, by=OPERATOR, now=NOW)
        draft_id = _send_file(session, MemberId(dispatcher_id))
    plan_weeks(database, tenant_id)
    failed = ask_for_plan(database, tenant_id)
    told = Message("No visit is due on {date}.", {"date": "2026-11-25"})
    fail_attempt(_taken(database, tenant_id, failed), NothingToPlan(told))
    made = plan_company(database, tenant_id)
    with database.bound(tenant_id) as session:
        planning.publish_plan(session, made, instead_of=None, by=OPERATOR, now=NOW)
        worker_id, *_ = planning.list_published_workers(session, SERVICE_ON, by=OPERATOR)
        _lock_last(session, made)
        reader = replace(access_of(session, MemberId(worker_member)), worker_id=worker_id)
        notice = Notice(plan_id=made, number=1, is_end=False)
        acknowledge_change(session, SERVICE_ON, notice, by=reader, now=NOW)
    report_a_little(database, tenant_id, worn_from=NOW)
    with database.bound(tenant_id) as session:
        photo = add_some_photo(session, worker_id, by=reader)
    visit_a_site(database, tenant_id, SiteId("S001"), photo.id, worker_id=worker_id, by=reader)
    with database.bound(tenant_id) as session:
        keep_learned(session, SiteId("S999"), given_s=900, service_s=1_260, now=NOW)
    with TemporaryDirectory() as folder:
        seal_trail(database, tenant_id, Vault(state_dir=Path(folder), given_key=AUDIT_KEY))
    return Company(
        database=database,
        tenant_id=tenant_id,
        code=code,
        dispatcher_id=MemberId(dispatcher_id),
        plan_id=made,
        failed_request_id=failed,
        draft_id=draft_id,
    )


@contextmanager
def quickly_hashed() -> Iterator[None]:
    """Hash passwords that are set meanwhile so that looking at them is quick, too: a hash says what it costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


def add_alpha(database: Database) -> Company:
    """Add the company that most tests of companies are about."""
    return add_company(database, "alpha")


def add_two(database: Database) -> tuple[Company, Company]:
    """Add two companies whose people, sites and days have the same ids."""
    return add_company(database, "alpha"), add_company(database, "beta")


def _lock_last(session: Session, plan_id: PlanId) -> None:
    """Lock the last stop of the last route to its worker."""
    last = planning.get_plan_by_id(session, plan_id, by=OPERATOR).day_plan.plan.routes[-1].planned_visits[-1]
    lock_stop(session, plan_id, last.job_id, {Lock.WORKER}, by=OPERATOR, now=NOW)


def _send_file(session: Session, author: MemberId) -> ImportId:
    file = TableFile(name="sites.csv", content="id,name,lon,lat\nS001,新名称,116.35,39.95\n".encode())
    choices = ImportChoices(kind=ImportKind.SITES, team_id=NORTH)
    return make_draft(session, file, choices, by=replace(OPERATOR, member_id=author), now=NOW)


def ask_for_plan(database: Database, tenant_id: TenantId, scope: PlanScope = SCOPE) -> PlanRequestId:
    """Ask for a plan of a scope."""
    with database.bound(tenant_id) as session:
        return planning.request_plan(session, scope, QUICK, by=OPERATOR, now=NOW)


def plan_company(database: Database, tenant_id: TenantId, scope: PlanScope = SCOPE) -> PlanId:
    """Plan a scope as the queue's task does, in this process."""
    request_id = ask_for_plan(database, tenant_id, scope)
    work_off(database, tenant_id, request_id)
    with database.bound(tenant_id) as session:
        return planning.get_planned(session, request_id, by=OPERATOR).id


def plan_weeks(database: Database, tenant_id: TenantId, **facts: object) -> PeriodId:
    """Plan two weeks from a visiting rule of one site as the queue's task does, in this process."""
    ask = PeriodAsk(first_on=PERIOD_ON, week_count=2, today_on=PERIOD_ON, round_limit=3)
    rule = VisitingRule(site_id=SiteId("S001"), visits=1, weeks=1, min_gap_days=4, max_gap_days=9)
    with database.bound(tenant_id) as session:
        periods.set_rules(session, [rule], by=OPERATOR, now=NOW)
        period_id = periods.request_period(session, replace(ask, **facts), by=OPERATOR, now=NOW)  # type: ignore[arg-type]
    attempt = take_up_period(database, tenant_id, period_id, now=now)
    assert attempt is not None
    solve_period(attempt, cache_dir=NO_ROADS, find_made=find_made_visits)
    return period_id


def work_off(database: Database, tenant_id: TenantId, request_id: PlanRequestId) -> None:
    """Plan what a request asks for, in this process."""
    solve_attempt(_taken(database, tenant_id, request_id), cache_dir=NO_ROADS, find_driven=find_driven_before)


def _taken(database: Database, tenant_id: TenantId, request_id: PlanRequestId):  # noqa: ANN202
    attempt = take_up(database, tenant_id, request_id, now=now)
    assert attempt is not None
    return attempt


def _add_member(session, member_id: uuid.UUID, *, login: str, role: str, team: TeamId) -> None:  # noqa: ANN001
    new = NewMember(login=login, name=login, role_id=RoleId(role), team_id=team, language=Language.ZH_CN)
    tenancy.add_member(session, new, member_id=member_id, by=OPERATOR, now=NOW)


def _draw_fences(session: Session) -> None:
    """Give every site a fence, and draw one for a site of the north, wider than usual."""
    set_site_radius(session, 120.0, by=OPERATOR, now=NOW)
    yard = Circle(centre=Position(116.31, 39.91), radius_m=200.0)
    fence = Geofence(id=GeofenceId("yard"), name="院子", shape=yard, site_id=SiteId("S001"))
    add_fence(session, fence, by=OPERATOR, now=NOW)


def _hours(first: int, last: int) -> ClockWindow:
    return ClockWindow(earliest_s=first * 3600, latest_s=last * 3600)


def _workers(code: str) -> list[Worker]:
    lunch = BreakRule(duration_s=3600, window=_hours(11, 13))
    home, office = Position(116.397, 39.908), Position(116.31, 39.99)
    return [
        Worker(id=WorkerId("W1"), name=f"王芳 {code}", start=home, end=home, breaks=(lunch,), team_id=NORTH),
        Worker(id=WorkerId("W2"), name=f"Li {code}", start=home, end=office, skills=frozenset({"gas"}), team_id=SOUTH),
    ]


def _sites(code: str, count: int) -> list[Site]:
    sites = [
        Site(
            id=SiteId(f"S{number:03d}"),
            name=f"{code} 网点 {number}",
            position=Position(116.30 + 0.01 * (number % 17), 39.90 + 0.01 * (number % 13)),
            address=f"{number} 中关村大街, {code}",
            windows=(_hours(9, 12),) if number % 4 == 0 else (),
            skills=frozenset({"gas"}) if number % 5 == 0 else frozenset(),
            customer_id=CustomerId(f"C{number % 3}"),
            team_id=NORTH if number % 2 else SOUTH,
            priority=10 * (number % 3),
            amounts=(1, number),
        )
        for number in range(count)
    ]
    impossible = Site(
        id=SiteId("S999"),
        name=f"{code} nobody can",
        position=Position(116.4, 39.9),
        skills=frozenset({"alchemy"}),
        team_id=SOUTH,
    )
    return [*sites, impossible]
