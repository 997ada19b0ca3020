"""A company in the middle of its day, by the clock of the machine: published, begun, and something urgent has come."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Database, Session
from geo_engine.geometry import Position
from geo_engine.ids import PlanId, RoleId, SiteId, TenantId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.sign_in import set_password
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers
from support.companies import PASSWORD, add_bare_company, plan_company, quickly_hashed
from support.stays import keep_learned

_FILE = RowSource(file="today")
_CLOCK_NOW_H = 9
_RUSH = (*(100,) * 7, 60, 60, *(100,) * 8, 55, *(100,) * 6)
_NAMES = ("王芳", "Li Na", "赵 Smith-Montgomery")
_MODES = (TravelMode.CAR, TravelMode.EBIKE, TravelMode.FOOT)


def morning_zone() -> ZoneInfo:
    """Return a zone in which it is between nine and ten in the morning."""
    offset_h = (_CLOCK_NOW_H - datetime.now(UTC).hour + 11) % 24 - 11
    return ZoneInfo(f"Etc/GMT{-offset_h:+d}")


def add_todays_day(database: Database, code: str) -> date:
    """Add a company whose day is published and under way, with a dispatcher; return the date it lives on.

    Three people travel by three modes; one visit nobody can make, one finds no room, one is longer than given, and
    “U1” is due since the plan was made.
    """
    zone = morning_zone()
    today = datetime.now(zone).date()
    tenant_id = add_bare_company(database, code, zone=zone.key)
    now = datetime.now(UTC)
    with database.bound(tenant_id) as session:
        add_dispatcher(session, now)
        import_workers(session, _workers(), source=_FILE, by=OPERATOR, now=now)
        import_sites(session, _sites(), source=_FILE, due_on=today, by=OPERATOR, now=now)
        tenancy.set_speeds(session, {"car": _RUSH, "bicycle": (80,) * 24}, by=OPERATOR, now=now)
        keep_learned(session, SiteId("S01"), given_s=900, service_s=1_920, now=now)
    publish_today(database, tenant_id, plan_company(database, tenant_id, PlanScope(service_on=today)))
    urgent = Site(id=SiteId("U1"), name="急单 urgent", position=_place(5), service_s=600, priority=50)
    with database.bound(tenant_id) as session:
        import_sites(session, [urgent], source=_FILE, due_on=today, by=OPERATOR, now=datetime.now(UTC))
    return today


def add_orders(database: Database, code: str, today: date, sites: Sequence[Site]) -> None:
    """Add what is due since the plan of a company was made."""
    with database.bound(tenancy.get_tenant_id(database, code)) as session:
        import_sites(session, sites, source=_FILE, due_on=today, by=OPERATOR, now=datetime.now(UTC))


def publish_today(database: Database, tenant_id: TenantId, plan_id: PlanId) -> None:
    """Publish the first plan."""
    with database.bound(tenant_id) as session:
        planning.publish_plan(session, plan_id, instead_of=None, by=OPERATOR, now=datetime.now(UTC))


def add_dispatcher(session: Session, now: datetime) -> None:
    """Add a member “dispatcher” who may sign in."""
    new = NewMember(login="dispatcher", name="D", role_id=RoleId("dispatcher"))
    member = tenancy.add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=now)
    with quickly_hashed():
        set_password(session, member.id, PASSWORD, by=OPERATOR, now=now)


def _workers() -> list[Worker]:
    return [
        Worker(
            id=WorkerId(f"W{number}"),
            name=name,
            start=_place(3 * number),
            end=_place(3 * number),
            shift=_hours(8, 17),
            mode=mode,
        )
        for number, (name, mode) in enumerate(zip(_NAMES, _MODES, strict=True), start=1)
    ]


def _sites() -> list[Site]:
    many = [
        Site(
            id=SiteId(f"S{number:02d}"), name=f"网点 {number}", position=_place(number), address=f"{number} 中关村大街"
        )
        for number in range(1, 15)
    ]
    late = Site(
        id=SiteId("L1"), name="太久 too long", position=_place(4), windows=(_hours(15, 16),), service_s=3 * 3600
    )
    never = Site(id=SiteId("X1"), name="要执照 licence", position=_place(7), skills=frozenset({"alchemy"}))
    return [*many, late, never]


def _place(number: int) -> Position:
    return Position(116.38 + 0.006 * (number % 5), 39.90 + 0.005 * (number % 4))


def _hours(first: int, last: int) -> ClockWindow:
    return ClockWindow(earliest_s=first * 3600, latest_s=last * 3600)
