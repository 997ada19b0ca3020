"""Rows of publications: which version of a scope the workers have, and which they had when."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, aliased

from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId, PlanId, TeamId, WorkerId
from geo_engine.planning.versions.model import Notice, PlanScope, Publication, WorkerPublication
from geo_engine.planning.versions.rows import PlannedVisitRow, PlanRow, PublicationRow, PublicationSeenRow, RouteRow

_IS_CURRENT = PublicationRow.ended_at.is_(None)


def lock_day(session: Session, service_on: date) -> None:
    """Wait until no other transaction publishes a plan of the day, and keep others waiting until the end of this."""
    name = f"plan:{bound_tenant(session)}:{service_on}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def find_published_id(session: Session, scope: PlanScope) -> PlanId | None:
    """Return which version of a scope the workers have, or None when they have none."""
    found = session.scalar(select(PublicationRow.plan_id).where(*_within(scope), _IS_CURRENT))
    return None if found is None else PlanId(found)


def find_overlapping(session: Session, plan_id: PlanId, scope: PlanScope) -> PlanScope | None:
    """Return another scope of the day whose current version shares a route's worker or a placed job with a version.

    Parameters
    ----------
    scope
        The version's own.
    """
    other = (
        PublicationRow.service_on == scope.service_on,
        _IS_CURRENT,
        PublicationRow.team_id.is_distinct_from(scope.team_id),
    )
    shared = union(
        _shared(RouteRow, RouteRow.worker_id, plan_id).where(*other),
        _shared(PlannedVisitRow, PlannedVisitRow.job_id, plan_id).where(*other),
    ).subquery()
    found = session.execute(select(shared.c.team_id).order_by(shared.c.team_id.nulls_first()).limit(1)).one_or_none()
    if found is None:
        return None
    return PlanScope(service_on=scope.service_on, team_id=None if found[0] is None else TeamId(found[0]))


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
    """Write that the workers no longer have a version: another takes its place, or none does."""
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


def find_next_day(session: Session, worker_id: WorkerId, after: date) -> date | None:
    """Return the next day after a date for which a worker has a route, or None when there is none."""
    is_in_it = (RouteRow.tenant_id == PublicationRow.tenant_id) & (RouteRow.plan_id == PublicationRow.plan_id)
    days = select(func.min(PublicationRow.service_on)).join(RouteRow, is_in_it)
    return session.scalar(days.where(RouteRow.worker_id == worker_id, PublicationRow.service_on > after, _IS_CURRENT))


def list_published_workers(session: Session, service_on: date) -> tuple[WorkerId, ...]:
    """Return whoever has a route for a day."""
    routes = session.execute(published_routes(service_on))
    return tuple(dict.fromkeys(WorkerId(route.worker_id) for route, _ in routes))


def list_given_workers(session: Session, scope: PlanScope) -> tuple[WorkerId, ...]:
    """Return whoever was ever given a route by a publication of a scope, by id."""
    query = (
        _given_routes(RouteRow.worker_id)
        .where(PlanRow.service_on == scope.service_on, PlanRow.team_id.is_not_distinct_from(scope.team_id))
        .distinct()
        .order_by(RouteRow.worker_id)
    )
    return tuple(WorkerId(worker_id) for worker_id in session.scalars(query))


def list_worker_publications(
    session: Session, worker_id: WorkerId, service_on: date, *, member_id: MemberId
) -> tuple[WorkerPublication, ...]:
    """Return every publication of a day that gave a worker a route, the one the worker has first, then by their ends.

    Parameters
    ----------
    member_id
        Whose reading of them is told.
    """
    query = _given_routes(PublicationRow, RouteRow.worker_id).where(RouteRow.worker_id == worker_id)
    return _publications(session, query, service_on, {worker_id: member_id}).get(worker_id, ())


def list_day_publications(
    session: Session, service_on: date, readers: Mapping[WorkerId, MemberId | None]
) -> dict[WorkerId, tuple[WorkerPublication, ...]]:
    """Return the same of several workers at once.

    Parameters
    ----------
    readers
        The workers asked for, and the member that each is: whose reading of them is told.
    """
    return _publications(session, _given_routes(PublicationRow, RouteRow.worker_id), service_on, readers)


def add_seen(session: Session, notice: Notice, *, by: MemberId, now: datetime) -> None:
    """Write that a member has read a notice; when it was read first stays."""
    values = {"plan_id": notice.plan_id, "number": notice.number, "is_end": notice.is_end}
    session.execute(insert(PublicationSeenRow).values(**values, member_id=by, seen_at=now).on_conflict_do_nothing())


def _given_routes(*what: Any) -> Select[Any]:  # noqa: ANN401 - rows and columns of them
    """Return the query for what publications, their plans and the routes in these say."""
    is_of_plan = (PublicationRow.tenant_id == PlanRow.tenant_id) & (PublicationRow.plan_id == PlanRow.id)
    is_in_it = (RouteRow.tenant_id == PlanRow.tenant_id) & (RouteRow.plan_id == PlanRow.id)
    return select(*what).select_from(PlanRow).join(PublicationRow, is_of_plan).join(RouteRow, is_in_it)


def _publications(
    session: Session,
    query: Select[PublicationRow, str],
    service_on: date,
    readers: Mapping[WorkerId, MemberId | None],
) -> dict[WorkerId, tuple[WorkerPublication, ...]]:
    seen = _list_seen(session, service_on, [member_id for member_id in readers.values() if member_id is not None])
    found = session.execute(
        query.where(PlanRow.service_on == service_on).order_by(
            PublicationRow.ended_at.desc().nulls_first(),
            PublicationRow.published_at.desc(),
            PlanRow.version.desc(),
            PublicationRow.number.desc(),
        )
    )
    had: dict[WorkerId, tuple[WorkerPublication, ...]] = {}
    for row, worker in found:
        worker_id = WorkerId(worker)
        if worker_id in readers:
            had[worker_id] = (*had.get(worker_id, ()), _worker_publication(row, readers[worker_id], seen))
    return had


def _list_seen(
    session: Session, service_on: date, member_ids: Collection[MemberId]
) -> frozenset[tuple[MemberId, Notice]]:
    """Return what members have read of a day."""
    row = PublicationSeenRow
    is_of_plan = (row.tenant_id == PlanRow.tenant_id) & (row.plan_id == PlanRow.id)
    query = select(row).join(PlanRow, is_of_plan)
    found = session.scalars(query.where(PlanRow.service_on == service_on, row.member_id.in_(member_ids)))
    return frozenset(
        (MemberId(one.member_id), Notice(plan_id=PlanId(one.plan_id), number=one.number, is_end=one.is_end))
        for one in found
    )


def _worker_publication(
    row: PublicationRow, member_id: MemberId | None, seen: AbstractSet[tuple[MemberId | None, Notice]]
) -> WorkerPublication:
    plan_id = PlanId(row.plan_id)
    came, ended = (Notice(plan_id=plan_id, number=row.number, is_end=is_end) for is_end in (False, True))
    return WorkerPublication(
        plan_id=plan_id,
        number=row.number,
        scope=PlanScope(service_on=row.service_on, team_id=None if row.team_id is None else TeamId(row.team_id)),
        published_at=row.published_at,
        ended_at=row.ended_at,
        is_read=(member_id, came) in seen,
        is_end_read=(member_id, ended) in seen,
    )


def _shared(
    row: type[RouteRow | PlannedVisitRow], what: InstrumentedAttribute[str], plan_id: PlanId
) -> Select[str | None]:
    """Return the query for the scopes of publications that have in common with a version what a column says."""
    own = aliased(row)
    is_in_it = (row.tenant_id == PublicationRow.tenant_id) & (row.plan_id == PublicationRow.plan_id)
    is_same = (own.tenant_id == row.tenant_id) & (getattr(own, what.key) == what)
    return (
        select(PublicationRow.team_id).join(row, is_in_it).join(own, is_same).where(own.plan_id == plan_id).distinct()
    )


def _within(scope: PlanScope) -> tuple[Any, ...]:
    return PublicationRow.service_on == scope.service_on, PublicationRow.team_id.is_not_distinct_from(scope.team_id)
