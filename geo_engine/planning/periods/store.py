"""Rows of visiting rules, of periods that were asked for, and of the visits planned for them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    Index,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, defer, mapped_column

from geo_engine.db.base import Code, Document, TenantRow, tenant_key
from geo_engine.db.session import Session
from geo_engine.ids import MemberId, PeriodId, SiteId, TeamId, WorkerId
from geo_engine.planning.periods.documents import forecast_document, read_forecast
from geo_engine.planning.periods.kept import KeptPeriod, PeriodAsk, PeriodNotFound, PeriodVisit
from geo_engine.planning.periods.model import PeriodPlan, VisitingRule
from geo_engine.planning.periods.replacing import Adopted
from geo_engine.planning.requests.attempt_store import AttemptStore
from geo_engine.planning.requests.failures import read_failure
from geo_engine.planning.versions.model import RequestState
from geo_engine.planning.versions.rows import AttemptRow, attempt_checks


class VisitingRuleRow(TenantRow):
    """How often the sites of a level, or one site, are due."""

    __tablename__ = "visiting_rule"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["site_id"], "site", on_delete="CASCADE"),
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        CheckConstraint("level <> '' or site_id is not null", name="subject"),
        CheckConstraint("visits > 0 and weeks > 0 and min_gap_days between 1 and max_gap_days", name="beat"),
        UniqueConstraint("tenant_id", "level", "site_id", postgresql_nulls_not_distinct=True),
        Index(None, "tenant_id", "site_id"),
        Index(None, "tenant_id", "worker_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, server_default=text("gen_random_uuid()"))
    level: Mapped[str]
    site_id: Mapped[Code | None]
    visits: Mapped[int]
    weeks: Mapped[int]
    min_gap_days: Mapped[int]
    max_gap_days: Mapped[int]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger, dimensions=1))
    worker_id: Mapped[Code | None]
    closed_on: Mapped[list[date]] = mapped_column(ARRAY(Date, dimensions=1))


class PeriodRow(AttemptRow):
    """Weeks that somebody asked to be planned."""

    __tablename__ = "period"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["team_id"], "team"),
        *attempt_checks(),
        Index(None, "tenant_id", "team_id"),
    )

    team_id: Mapped[Code | None]
    first_on: Mapped[date]
    week_count: Mapped[int]
    today_on: Mapped[date]
    workdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger, dimensions=1))
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date, dimensions=1))
    search_s: Mapped[float]
    round_limit: Mapped[int | None]
    uses_learned: Mapped[bool | None]
    days_off: Mapped[Document | None]
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    share: Mapped[float]
    forecast: Mapped[Document | None]
    adopted_at: Mapped[datetime | None]
    adopted_by: Mapped[UUID | None]


ATTEMPTS = AttemptStore(PeriodRow)


class PeriodVisitRow(TenantRow):
    """A visit of a period."""

    __tablename__ = "period_visit"
    __table_args__ = (
        tenant_key(["period_id"], "period", on_delete="CASCADE"),
        tenant_key(["site_id"], "site", on_delete="CASCADE"),
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        Index(None, "tenant_id", "site_id"),
        Index(None, "tenant_id", "worker_id"),
    )

    period_id: Mapped[UUID] = mapped_column(primary_key=True)
    planned_on: Mapped[date] = mapped_column(primary_key=True)
    site_id: Mapped[Code] = mapped_column(primary_key=True)
    worker_id: Mapped[Code]
    number: Mapped[int] = mapped_column(SmallInteger)


def replace_rules(session: Session, rules: Iterable[VisitingRule]) -> None:
    """Have the company's visiting rules be these."""
    session.execute(delete(VisitingRuleRow))
    values = [_rule_values(rule) for rule in rules]
    if values:
        session.execute(insert(VisitingRuleRow), values)


def list_rules(session: Session) -> tuple[VisitingRule, ...]:
    """Return the company's visiting rules, those of levels first."""
    row = VisitingRuleRow
    return tuple(_rule(one) for one in session.scalars(select(row).order_by(row.site_id.nulls_first(), row.level)))


def add_period(session: Session, ask: PeriodAsk, *, by: MemberId | None, now: datetime) -> PeriodId:
    """Write a period that is asked for and return its id."""
    values = {
        "team_id": ask.team_id,
        "first_on": ask.first_on,
        "week_count": ask.week_count,
        "today_on": ask.today_on,
        "workdays": sorted(ask.workdays),
        "holidays": sorted(ask.holidays),
        "search_s": ask.search_s,
        "round_limit": ask.round_limit,
        "uses_learned": ask.uses_learned,
        "days_off": {worker: sorted(map(str, days)) for worker, days in ask.days_off.items()},
    }
    statement = insert(PeriodRow).values(
        **values, asked_by=by, asked_at=now, state=RequestState.QUEUED.value, attempt=0, share=0.0
    )
    return PeriodId(session.execute(statement.returning(PeriodRow.id)).scalar_one())


def get_period(session: Session, period_id: PeriodId) -> KeptPeriod:
    """Return a period.

    Raises
    ------
    PeriodNotFound
        When there is none.
    """
    found = session.scalar(select(PeriodRow).where(PeriodRow.id == period_id))
    if found is None:
        raise PeriodNotFound(period_id)
    return _period(found)


def list_periods(session: Session, *, limit: int) -> tuple[KeptPeriod, ...]:
    """Return the periods asked for last, the newest first."""
    rows = session.scalars(select(PeriodRow).order_by(PeriodRow.asked_at.desc(), PeriodRow.id).limit(limit))
    return tuple(_period(row) for row in rows)


def list_adopted(session: Session, *, limit: int) -> tuple[Adopted, ...]:
    """Return the periods adopted last, the latest first."""
    adopted = select(PeriodRow).where(PeriodRow.adopted_at.is_not(None)).options(defer(PeriodRow.forecast))
    rows = session.scalars(adopted.order_by(PeriodRow.adopted_at.desc(), PeriodRow.id).limit(limit))
    return tuple(
        Adopted(id=PeriodId(row.id), ask=_ask(row), asked_at=row.asked_at, adopted_at=row.adopted_at)
        for row in rows
        if row.adopted_at is not None
    )


def end_planned(session: Session, period_id: PeriodId, attempt: int, plan: PeriodPlan, *, now: datetime) -> bool:
    """Write what an attempt has planned; False, and nothing written, when another took over or ended it."""
    told = {"forecast": forecast_document(plan), "share": 1.0}
    if not ATTEMPTS.end(session, period_id, attempt, RequestState.PLANNED, now=now, **told):
        return False
    visits = [
        {
            "period_id": period_id,
            "planned_on": day.service_on,
            "site_id": visit.job_id,
            "worker_id": route.worker_id,
            "number": number,
        }
        for day in plan.days
        for route in day.routes
        for number, visit in enumerate(route.planned_visits, start=1)
    ]
    if visits:
        session.execute(insert(PeriodVisitRow), visits)
    return True


def list_visits(session: Session, period_id: PeriodId) -> tuple[PeriodVisit, ...]:
    """Return the visits of a period by day, worker and order."""
    row = PeriodVisitRow
    query = select(row.site_id, row.planned_on, row.worker_id, row.number).where(row.period_id == period_id)
    return tuple(
        PeriodVisit(site_id=SiteId(site_id), planned_on=on, worker_id=WorkerId(worker_id), number=number)
        for site_id, on, worker_id, number in session.execute(query.order_by(row.planned_on, row.worker_id, row.number))
    )


def save_adopted(session: Session, period_id: PeriodId, *, by: MemberId | None, now: datetime) -> None:
    """Write that the days follow a period."""
    session.execute(update(PeriodRow).where(PeriodRow.id == period_id).values(adopted_at=now, adopted_by=by))


def _rule_values(rule: VisitingRule) -> dict[str, Any]:
    return {
        "level": rule.level,
        "site_id": rule.site_id,
        "visits": rule.visits,
        "weeks": rule.weeks,
        "min_gap_days": rule.min_gap_days,
        "max_gap_days": rule.max_gap_days,
        "weekdays": sorted(rule.weekdays),
        "worker_id": rule.worker_id,
        "closed_on": sorted(rule.closed_on),
    }


def _rule(row: VisitingRuleRow) -> VisitingRule:
    return VisitingRule(
        level=row.level,
        site_id=None if row.site_id is None else SiteId(row.site_id),
        visits=row.visits,
        weeks=row.weeks,
        min_gap_days=row.min_gap_days,
        max_gap_days=row.max_gap_days,
        weekdays=frozenset(row.weekdays),
        worker_id=None if row.worker_id is None else WorkerId(row.worker_id),
        closed_on=frozenset(row.closed_on),
    )


def _ask(row: PeriodRow) -> PeriodAsk:
    return PeriodAsk(
        team_id=None if row.team_id is None else TeamId(row.team_id),
        first_on=row.first_on,
        week_count=row.week_count,
        today_on=row.today_on,
        workdays=frozenset(row.workdays),
        holidays=frozenset(row.holidays),
        search_s=row.search_s,
        round_limit=row.round_limit,
        uses_learned=row.uses_learned,
        days_off={
            WorkerId(worker): frozenset(map(date.fromisoformat, days)) for worker, days in (row.days_off or {}).items()
        },
    )


def _period(row: PeriodRow) -> KeptPeriod:
    return KeptPeriod(
        id=PeriodId(row.id),
        ask=_ask(row),
        asked_by=None if row.asked_by is None else MemberId(row.asked_by),
        asked_at=row.asked_at,
        state=RequestState(row.state),
        share=row.share,
        failure=read_failure(row.failure, row.failure_family),
        forecast=read_forecast(row.forecast),
        adopted_at=row.adopted_at,
    )
