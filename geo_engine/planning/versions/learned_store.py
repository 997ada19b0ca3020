"""Rows of what was learned of a company's days: of the company one, and one of each site."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Row, cast, delete, func, select
from sqlalchemy.dialects.postgresql import JSONPATH, insert

from geo_engine.db.among import among
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning.travel.learned import (
    HoldOut,
    LearnedHour,
    LearnedService,
    LearnedTimes,
    LearnedTravel,
    Learning,
)
from geo_engine.planning.versions.rows import (
    LearnedServiceRow,
    LearningRow,
    PlannedVisitRow,
    PlanRow,
    PublicationRow,
    RouteRow,
)
from geo_engine.tenancy.speed_store import get_speeds
from geo_engine.travel_modes import TravelMode

_NOT_BY_CAR = '$.workers[*] ? (@.mode <> "car").id'


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """A way from one planned visit of a worker to the next, as the workers had it last.

    Parameters
    ----------
    matrix_s
        What the plan has for it, at the speed of its hour where the company says one, without what was learned by then.
    has_break
        Whether a break of the route lies between the two.
    is_estimate
        Whether the matrix followed no road.
    """

    service_on: date
    worker_id: WorkerId
    from_job_id: JobId
    to_job_id: JobId
    matrix_s: float
    has_break: bool
    is_estimate: bool


def lock_learning(session: Session) -> None:
    """Wait until no other transaction learns, and keep others waiting until the end of this one."""
    name = f"learning:{bound_tenant(session)}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def replace_learning(session: Session, learning: Learning, *, now: datetime) -> None:
    """Have what was learned be this, and nothing of before."""
    times = learning.times
    session.execute(delete(LearnedServiceRow))
    session.execute(delete(LearningRow))
    values: dict[str, Any] = {
        "learned_at": now,
        "since_on": learning.since,
        "before_on": learning.before,
        "travel_factor": None if times.travel is None else times.travel.factor,
        "leg_count": 0 if times.travel is None else times.travel.leg_count,
        "hours": [] if times.travel is None else _hours(times.travel.hours),
        "held_out": [
            [one.kind, one.learned_count, one.count, one.given_off_s, one.learned_off_s] for one in learning.held_out
        ],
    }
    session.execute(insert(LearningRow).values(values))
    services = [_service_values(site_id, one) for site_id, one in sorted(times.services.items())]
    if services:
        session.execute(insert(LearnedServiceRow), services)


def find_learning(session: Session, site_ids: Iterable[SiteId] | None = None) -> Learning | None:
    """Return what was learned last, of some sites or of all; None when nothing ever was."""
    row = session.scalar(select(LearningRow))
    if row is None:
        return None
    query = select(LearnedServiceRow).order_by(LearnedServiceRow.site_id)
    if site_ids is not None:
        query = query.where(among(LearnedServiceRow.site_id, site_ids))
    travel = None
    if row.travel_factor is not None:
        travel = LearnedTravel(factor=row.travel_factor, leg_count=row.leg_count, hours=_read_hours(row.hours))
    return Learning(
        since=row.since_on,
        before=row.before_on,
        times=LearnedTimes(
            services={SiteId(one.site_id): _service(one) for one in session.scalars(query)}, travel=travel
        ),
        held_out=tuple(_held_out(*one) for one in row.held_out),
        learned_at=row.learned_at,
    )


def find_learned_at(session: Session) -> datetime | None:
    """Return when it was learned last; None when it never was."""
    return session.scalar(select(LearningRow.learned_at))


def list_planned_legs(session: Session, *, since: date, before: date) -> tuple[PlannedLeg, ...]:
    """Return the legs by car between planned visits of the plans that workers had from one day to before another.

    Of those plans alone that are of the kind of the last one: what is learned of straight lines holds for no road. And
    of those made with the speeds by the hour that the company says today: what made up for others would count twice.

    Notes
    -----
    What a plan was made with is read once a plan, for it is a large document.
    """
    visit, of_route = PlannedVisitRow, RouteRow
    plans = _plans_learned_from(session, since, before)
    is_in_it = (of_route.tenant_id == PublicationRow.tenant_id) & (of_route.plan_id == PublicationRow.plan_id)
    is_on_it = (visit.tenant_id == of_route.tenant_id) & (visit.plan_id == of_route.plan_id)
    query = (
        select(visit.plan_id, visit.worker_id, visit.job_id, visit.start_at, visit.end_at, visit.travel_s)
        .add_columns(PublicationRow.service_on, of_route.breaks)
        .select_from(PublicationRow)
        .join(of_route, is_in_it)
        .join(visit, is_on_it & (visit.worker_id == of_route.worker_id))
        .where(_were_had(since, before))
        .order_by(PublicationRow.service_on, visit.plan_id, visit.worker_id, visit.number)
    )
    legs = [
        _leg(one, after, plan)
        for one, after in pairwise(session.execute(query).all())
        if (one.plan_id, one.worker_id) == (after.plan_id, after.worker_id)
        and (plan := plans.get(one.plan_id)) is not None
        and one.worker_id not in plan.not_by_car
    ]
    return tuple(leg for leg in legs if leg.is_estimate == legs[-1].is_estimate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlanLearnedFrom:
    """What a plan was made with: a factor, and workers that do not go by car."""

    is_estimate: bool
    factor: float
    not_by_car: frozenset[str]


def _plans_learned_from(session: Session, since: date, before: date) -> dict[UUID, _PlanLearnedFrom]:
    is_of_plan = (PlanRow.tenant_id == PublicationRow.tenant_id) & (PlanRow.id == PublicationRow.plan_id)
    query = (
        select(PlanRow.id, PlanRow.is_estimate, PlanRow.inputs["speeds"][TravelMode.CAR.value].label("speeds"))
        .add_columns(
            PlanRow.inputs["learned"]["travel"]["factor"].astext.cast(Double).label("factor"),
            func.jsonb_path_query_array(PlanRow.inputs, cast(_NOT_BY_CAR, JSONPATH)).label("not_by_car"),
        )
        .join(PublicationRow, is_of_plan)
        .where(_were_had(since, before))
    )
    said = get_speeds(session).get(TravelMode.CAR)
    return {
        one.id: _PlanLearnedFrom(
            is_estimate=one.is_estimate, factor=one.factor or 1.0, not_by_car=frozenset(one.not_by_car)
        )
        for one in session.execute(query)
        if said == (None if one.speeds is None else tuple(one.speeds))
    }


def _were_had(since: date, before: date) -> ColumnElement[bool]:
    row = PublicationRow
    return (row.service_on >= since) & (row.service_on < before) & row.ended_at.is_(None)


def _leg(one: Row[Any], after: Row[Any], plan: _PlanLearnedFrom) -> PlannedLeg:
    rests_at = [datetime.fromisoformat(start_at) for start_at, _ in after.breaks]
    return PlannedLeg(
        service_on=after.service_on,
        worker_id=WorkerId(after.worker_id),
        from_job_id=JobId(one.job_id),
        to_job_id=JobId(after.job_id),
        matrix_s=after.travel_s / plan.factor,
        has_break=any(one.end_at <= rest_at < after.start_at for rest_at in rests_at),
        is_estimate=plan.is_estimate,
    )


def _service_values(site_id: SiteId, one: LearnedService) -> Mapping[str, Any]:
    return {
        "site_id": site_id,
        "given_s": one.given_s,
        "service_s": one.service_s,
        "visit_count": one.visit_count,
        "hours": _hours(one.hours),
    }


def _service(row: LearnedServiceRow) -> LearnedService:
    return LearnedService(
        given_s=row.given_s, service_s=row.service_s, visit_count=row.visit_count, hours=_read_hours(row.hours)
    )


def _hours(hours: Iterable[LearnedHour]) -> list[list[float]]:
    return [[one.hour, one.value, one.count] for one in hours]


def _read_hours(kept: Iterable[tuple[int, float, int]]) -> tuple[LearnedHour, ...]:
    return tuple(LearnedHour(hour=hour, value=value, count=count) for hour, value, count in kept)


def _held_out(kind: str, learned_count: int, count: int, given_off_s: Any, learned_off_s: Any) -> HoldOut:  # noqa: ANN401 - whatever JSON held
    return HoldOut(
        kind=kind, learned_count=learned_count, count=count, given_off_s=given_off_s, learned_off_s=learned_off_s
    )
