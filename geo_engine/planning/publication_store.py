"""Rows of publications: which version of a scope the workers have, and which they had when."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId, PlanId, WorkerId
from geo_engine.planning.rows import PlanRow, PublicationRow, RouteRow
from geo_engine.planning.versions import PlanScope, Publication

_IS_CURRENT = PublicationRow.ended_at.is_(None)


def lock_scope(session: Session, scope: PlanScope) -> None:
    """Wait until no other transaction publishes within the scope, and keep others waiting until the end of this."""
    name = f"plan:{bound_tenant(session)}:{scope.service_on}:{scope.team_id or ''}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def find_published_id(session: Session, scope: PlanScope) -> PlanId | None:
    """Return which version of a scope the workers have, or None when they have none."""
    found = session.scalar(select(PublicationRow.plan_id).where(*_within(scope), _IS_CURRENT))
    return None if found is None else PlanId(found)


def find_publication(session: Session, plan_id: PlanId) -> Publication | None:
    """Return the newest publication of a version, or None when the workers never had it."""
    of_plan = select(PublicationRow).where(PublicationRow.plan_id == plan_id)
    row = session.scalar(of_plan.order_by(PublicationRow.number.desc()).limit(1))
    return None if row is None else Publication(published_at=row.published_at, ended_at=row.ended_at)


def add_publication(session: Session, plan_id: PlanId, *, by: MemberId | None, now: datetime) -> None:
    """Write that the workers have a version from now on; its scope has no current one."""
    newest = select(func.coalesce(func.max(PublicationRow.number), 0)).where(PublicationRow.plan_id == plan_id)
    values: dict[str, Any] = {
        "plan_id": PlanRow.id,
        "number": newest.scalar_subquery() + 1,
        "service_on": PlanRow.service_on,
        "team_id": PlanRow.team_id,
        "published_at": literal(now, PublicationRow.published_at.type),
        "published_by": literal(by, PublicationRow.published_by.type),
    }
    of_plan = select(*values.values()).where(PlanRow.id == plan_id)
    session.execute(insert(PublicationRow).from_select(list(values), of_plan))


def end_publication(session: Session, plan_id: PlanId, *, by: MemberId | None, now: datetime) -> None:
    """Write that the workers no longer have a version: another took its place, or none did."""
    current = update(PublicationRow).where(PublicationRow.plan_id == plan_id, _IS_CURRENT)
    session.execute(current.values(ended_at=now, ended_by=by))


def published_routes(service_on: date) -> Select[RouteRow, PlanRow]:
    """Return the query for the routes the workers have for a day, the newest publication first."""
    is_of_plan = (PlanRow.tenant_id == PublicationRow.tenant_id) & (PlanRow.id == PublicationRow.plan_id)
    is_in_it = (RouteRow.tenant_id == PublicationRow.tenant_id) & (RouteRow.plan_id == PublicationRow.plan_id)
    return (
        select(RouteRow, PlanRow)
        .select_from(PublicationRow)
        .join(PlanRow, is_of_plan)
        .join(RouteRow, is_in_it)
        .where(PublicationRow.service_on == service_on, _IS_CURRENT)
        .order_by(PublicationRow.published_at.desc(), RouteRow.number)
    )


def list_published_workers(session: Session, service_on: date) -> tuple[WorkerId, ...]:
    """Return whoever has a route for a day."""
    routes = session.execute(published_routes(service_on))
    return tuple(dict.fromkeys(WorkerId(route.worker_id) for route, _ in routes))


def _within(scope: PlanScope) -> tuple[Any, ...]:
    return PublicationRow.service_on == scope.service_on, PublicationRow.team_id.is_not_distinct_from(scope.team_id)
