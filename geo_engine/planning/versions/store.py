"""Rows of plans: versions, routes, planned visits, and what was left out; and how they become a plan again."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, case, func, select
from sqlalchemy.dialects.postgresql import insert

from geo_engine.customers.store import get_sites
from geo_engine.db.among import among
from geo_engine.db.base import TenantRow, to_point, to_position
from geo_engine.db.session import Session
from geo_engine.ids import GraphKey, JobId, MemberId, PlanId, PlanRequestId, SiteId, TeamId, WorkerId
from geo_engine.planning.day import DayPlan, job_id_of
from geo_engine.planning.model import Plan, PlannedBreak, PlannedVisit, Route, Unassigned
from geo_engine.planning.savings import read_savings, savings_document
from geo_engine.planning.solver.baselines import Travel
from geo_engine.planning.versions.inputs import (
    Names,
    inputs_document,
    kept_mode,
    read_inputs,
    read_learned,
    read_sentence,
    read_speeds,
    read_violation,
    sentence_document,
    violation_document,
)
from geo_engine.planning.versions.left_out_store import add_left_out, list_left_out
from geo_engine.planning.versions.model import (
    OrderedVisit,
    PlanNotFound,
    PlanScope,
    PlanVersion,
    VersionMark,
    WorkerDay,
)
from geo_engine.planning.versions.publication_store import find_publication, published_routes
from geo_engine.planning.versions.rows import PlannedVisitRow, PlanRow, RouteRow
from geo_engine.roads.store import get_graph
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES
from geo_engine.workforce.store import get_workers

_RESTORES = "restores"  # of a plan's inputs: it was made from another version


def get_newest_version(session: Session, scope: PlanScope) -> int:
    """Return the newest version of a scope; 0 when there is none."""
    return session.scalar(select(func.coalesce(func.max(PlanRow.version), 0)).where(*_within(scope))) or 0


def add_plan(
    session: Session,
    day_plan: DayPlan,
    *,
    scope: PlanScope,
    version: int,
    graph_key: GraphKey,
    request_id: PlanRequestId | None,
    made_by: MemberId | None,
    now: datetime,
    restores: int | None = None,
) -> PlanId | None:
    """Write a plan as a version of its scope; None, and nothing written, when the version is already there.

    Parameters
    ----------
    graph_key
        Which of the roads the tenant has chosen, now or before, it was planned on.
    restores
        The earlier version it is equal to, where somebody went back to that.
    """
    plan = day_plan.plan
    values: dict[str, Any] = {
        "service_on": scope.service_on,
        "team_id": scope.team_id,
        "version": version,
        "request_id": request_id,
        "made_at": now,
        "made_by": made_by,
        "timezone": day_plan.zone.key,
        "road_graph_id": graph_key,
        "road_source": day_plan.road_source,
        "is_estimate": day_plan.is_estimate,
        "cost": plan.cost,
        "travel_s": plan.travel_s,
        "travel_m": plan.travel_m,
        "nearest_m": None if day_plan.nearest is None else day_plan.nearest.travel_m,
        "nearest_s": None if day_plan.nearest is None else day_plan.nearest.travel_s,
        "by_list_m": None if day_plan.by_list is None else day_plan.by_list.travel_m,
        "by_list_s": None if day_plan.by_list is None else day_plan.by_list.travel_s,
        "first_plan_s": day_plan.first_plan_s,
        "savings": savings_document(day_plan),
        "inputs": inputs_document(day_plan) | ({} if restores is None else {_RESTORES: restores}),
        "violations": [violation_document(violation) for violation in plan.violations],
        "worker_notes": [[worker_id, sentence_document(note)] for worker_id, note in day_plan.worker_notes.items()],
    }
    # As parameters of a plain statement: the ORM's would look into every part of the inputs.
    table = cast("Table", PlanRow.__table__)
    statement = insert(table).on_conflict_do_nothing().returning(table.c.id)
    plan_id = session.scalar(statement, values)
    if plan_id is None:
        return None
    _add_routes(session, plan_id, day_plan)
    add_left_out(session, plan_id, day_plan)
    return PlanId(plan_id)


def get_plan(session: Session, plan_id: PlanId) -> PlanVersion:
    """Return a version of a plan.

    Raises
    ------
    PlanNotFound
        When there is none.
    """
    row = session.scalar(select(PlanRow).where(PlanRow.id == plan_id))
    if row is None:
        raise PlanNotFound(plan_id)
    return _version(session, row)


def get_scope(session: Session, plan_id: PlanId) -> PlanScope:
    """Return the scope of a version.

    Raises
    ------
    PlanNotFound
        When there is none.
    """
    found = session.execute(select(PlanRow.service_on, PlanRow.team_id).where(PlanRow.id == plan_id)).one_or_none()
    if found is None:
        raise PlanNotFound(plan_id)
    return PlanScope(service_on=found[0], team_id=None if found[1] is None else TeamId(found[1]))


def find_plan_id(session: Session, scope: PlanScope, version: int | None = None) -> PlanId | None:
    """Return which plan a version of a scope is, the newest when None is asked for."""
    query = select(PlanRow.id).where(*_within(scope)).order_by(PlanRow.version.desc()).limit(1)
    found = session.scalar(query if version is None else query.where(PlanRow.version == version))
    return None if found is None else PlanId(found)


def list_versions(session: Session, scope: PlanScope) -> tuple[VersionMark, ...]:
    """Return each version of a scope, the newest first."""
    is_by_hand = PlanRow.request_id.is_(None)
    restores = case((is_by_hand, PlanRow.inputs[_RESTORES].as_integer()))  # the inputs of the others are not unpacked
    query = select(PlanRow.id, PlanRow.version, PlanRow.made_at, is_by_hand, restores).where(*_within(scope))
    return tuple(
        VersionMark(id=PlanId(row[0]), version=row[1], made_at=row[2], is_by_hand=row[3], restores=row[4])
        for row in session.execute(query.order_by(PlanRow.version.desc()))
    )


def find_worker_day(session: Session, worker_id: WorkerId, service_on: date) -> WorkerDay | None:
    """Return a worker's day as published last, or None when nothing was."""
    query = published_routes(service_on).where(RouteRow.worker_id == worker_id).limit(1)
    found = session.execute(query).one_or_none()
    return None if found is None else _worker_day(session, *found)


def list_ordered_visits(
    session: Session, service_on: date, worker_ids: Iterable[WorkerId]
) -> dict[WorkerId, tuple[OrderedVisit, ...]]:
    """Return what workers have to do on a day as published last, each worker's visits in order."""
    columns = published_routes(service_on).with_only_columns(RouteRow.worker_id, RouteRow.plan_id)
    routes = session.execute(columns.where(among(RouteRow.worker_id, worker_ids)))
    plan_of: dict[str, UUID] = {}
    for worker_id, plan_id in routes:
        plan_of.setdefault(worker_id, plan_id)
    rows = [visit for plan_id in set(plan_of.values()) for visit in session.scalars(_visits_of(plan_id))]
    visits = [row for row in rows if plan_of.get(row.worker_id) == row.plan_id]
    sites = {site.id: site for site in get_sites(session, {SiteId(row.site_id) for row in visits})}
    found: dict[WorkerId, list[OrderedVisit]] = {}
    for row in visits:
        one = OrderedVisit(number=row.number, visit=_planned_visit(row), site=sites[SiteId(row.site_id)])
        found.setdefault(WorkerId(row.worker_id), []).append(one)
    return {worker_id: tuple(ordered) for worker_id, ordered in found.items()}


def list_travel_m(session: Session, service_on: date, worker_ids: Iterable[WorkerId]) -> dict[WorkerId, int]:
    """Return how far workers drive on a day as published last, with the way to the end of the route; metres."""
    columns = published_routes(service_on).with_only_columns(RouteRow.worker_id, RouteRow.travel_m)
    found: dict[WorkerId, int] = {}
    for worker_id, travel_m in session.execute(columns.where(among(RouteRow.worker_id, worker_ids))):
        found.setdefault(WorkerId(worker_id), travel_m)
    return found


def get_worker_day(session: Session, plan_id: PlanId, worker_id: WorkerId) -> WorkerDay:
    """Return a worker's day as a version has it.

    Raises
    ------
    PlanNotFound
        When there is no such version, or it has no route of the worker.
    """
    is_of_plan = (PlanRow.tenant_id == RouteRow.tenant_id) & (PlanRow.id == RouteRow.plan_id)
    query = select(RouteRow, PlanRow).join(PlanRow, is_of_plan)
    found = session.execute(query.where(RouteRow.plan_id == plan_id, RouteRow.worker_id == worker_id)).one_or_none()
    if found is None:
        raise PlanNotFound(plan_id)
    return _worker_day(session, *found)


def list_beginnings(
    session: Session, plan_ids: Collection[PlanId], worker_ids: Iterable[WorkerId]
) -> dict[tuple[PlanId, WorkerId], list[tuple[JobId, datetime]]]:
    """Return the jobs of workers' routes in some versions, in order, and when each begins."""
    row = PlannedVisitRow
    query = select(row.plan_id, row.worker_id, row.job_id, row.start_at).order_by(row.number)
    found: dict[tuple[PlanId, WorkerId], list[tuple[JobId, datetime]]] = {}
    for plan_id, worker_id, job_id, start_at in session.execute(
        query.where(row.plan_id.in_(plan_ids), among(row.worker_id, worker_ids))
    ):
        found.setdefault((PlanId(plan_id), WorkerId(worker_id)), []).append((JobId(job_id), start_at))
    return found


def _worker_day(session: Session, row: RouteRow, plan: PlanRow) -> WorkerDay:
    worker_id = WorkerId(row.worker_id)
    visits = list(session.scalars(_visits_of(row.plan_id).where(PlannedVisitRow.worker_id == worker_id)))
    sites = {site.id: site for site in get_sites(session, {SiteId(visit.site_id) for visit in visits})}
    return WorkerDay(
        worker_id=worker_id,
        worker_name=get_workers(session, [worker_id])[0].name,
        service_on=plan.service_on,
        zone=ZoneInfo(plan.timezone),
        route=_route(row, visits),
        ordered_visits=tuple(
            OrderedVisit(number=visit.number, visit=_planned_visit(visit), site=sites[SiteId(visit.site_id)])
            for visit in visits
        ),
        mode=kept_mode(plan.inputs, worker_id),
    )


def _within(scope: PlanScope) -> tuple[Any, ...]:
    return PlanRow.service_on == scope.service_on, PlanRow.team_id.is_not_distinct_from(scope.team_id)


def _add_routes(session: Session, plan_id: UUID, day_plan: DayPlan) -> None:
    routes = day_plan.plan.routes
    values = [
        {
            "plan_id": plan_id,
            "worker_id": route.worker_id,
            "number": number,
            "start_geom": to_point(route.start),
            "end_geom": None if route.end is None else to_point(route.end),
            "start_at": route.start_at,
            "end_at": route.end_at,
            "breaks": [[pause.start_at.isoformat(), pause.end_at.isoformat()] for pause in route.breaks],
            "travel_s": route.travel_s,
            "travel_m": route.travel_m,
            "cost": route.cost,
        }
        for number, route in enumerate(routes, start=1)
    ]
    _insert(session, RouteRow, values)
    _insert(session, PlannedVisitRow, [visit for route in routes for visit in _visit_values(plan_id, route, day_plan)])


def _visit_values(plan_id: UUID, route: Route, day_plan: DayPlan) -> Iterable[dict[str, Any]]:
    return (
        {
            "plan_id": plan_id,
            "worker_id": route.worker_id,
            "number": number,
            "job_id": visit.job_id,
            "site_id": day_plan.sites[visit.job_id].id,
            "geom": to_point(visit.position),
            "arrival_at": visit.arrival_at,
            "start_at": visit.start_at,
            "end_at": visit.end_at,
            "travel_s": visit.travel_s,
            "travel_m": visit.travel_m,
        }
        for number, visit in enumerate(route.planned_visits, start=1)
    )


def _insert(session: Session, row: type[TenantRow], values: list[dict[str, Any]]) -> None:
    if values:
        session.execute(insert(row), values)


def _version(session: Session, row: PlanRow) -> PlanVersion:
    team_id = None if row.team_id is None else TeamId(row.team_id)
    publication = find_publication(session, PlanId(row.id))
    return PlanVersion(
        id=PlanId(row.id),
        scope=PlanScope(service_on=row.service_on, team_id=team_id),
        version=row.version,
        made_at=row.made_at,
        published_at=None if publication is None else publication.published_at,
        superseded_at=None if publication is None else publication.ended_at,
        roads=get_graph(session, GraphKey(row.road_graph_id)),
        day_plan=_day_plan(session, row),
    )


def _day_plan(session: Session, row: PlanRow) -> DayPlan:
    site_ids = [SiteId(site["id"]) for site in row.inputs["sites"]]
    worker_ids = [WorkerId(worker["id"]) for worker in row.inputs["workers"]]
    names = Names(
        sites={site.id: site for site in get_sites(session, site_ids)},
        workers={worker.id: worker.name for worker in get_workers(session, worker_ids)},
    )
    sites, workers = read_inputs(row.inputs, names)
    left_out, kept = list_left_out(session, row.id, names), read_savings(row.savings)
    return DayPlan(
        service_on=row.service_on,
        zone=ZoneInfo(row.timezone),
        plan=_plan(session, row, [left for left, _ in left_out]),
        sites={job_id_of(site): site for site in sites},
        workers={worker.id: worker for worker in workers},
        worker_notes={WorkerId(worker_id): read_sentence(note, names) for worker_id, note in row.worker_notes},
        road_source=row.road_source,
        is_estimate=row.is_estimate,
        nearest=_travel(row.nearest_m, row.nearest_s, {} if kept is None else kept.nearest_m),
        by_list=_travel(row.by_list_m, row.by_list_s, {} if kept is None else kept.by_list_m),
        first_plan_s=row.first_plan_s,
        speeds=read_speeds(row.inputs),
        why_nots={left.job_id: why_not for left, why_not in left_out if why_not is not None},
        learned=read_learned(row.inputs),
        prices=ASSUMED_PRICES if kept is None else kept.prices,
        driven_m={} if kept is None else kept.driven_m,
    )


def _plan(session: Session, row: PlanRow, unassigned: Iterable[Unassigned]) -> Plan:
    visits: dict[str, list[PlannedVisitRow]] = {}
    for visit in session.scalars(_visits_of(row.id)):
        visits.setdefault(visit.worker_id, []).append(visit)
    routes = session.scalars(select(RouteRow).where(RouteRow.plan_id == row.id).order_by(RouteRow.number))
    return Plan(
        routes=tuple(_route(route, visits.get(route.worker_id, [])) for route in routes),
        unassigned=tuple(unassigned),
        violations=tuple(read_violation(document) for document in row.violations),
        cost=row.cost,
        travel_s=row.travel_s,
        travel_m=row.travel_m,
    )


def _travel(travel_m: int | None, travel_s: int | None, by_mode_m: Mapping[str, int]) -> Travel | None:
    if travel_m is None or travel_s is None:
        return None
    return Travel(travel_m=travel_m, travel_s=travel_s, by_mode_m=by_mode_m)


def _visits_of(plan_id: UUID) -> Select[PlannedVisitRow]:
    """Return the query for the visits of a plan, each worker's in order."""
    of_plan = select(PlannedVisitRow).where(PlannedVisitRow.plan_id == plan_id)
    return of_plan.order_by(PlannedVisitRow.worker_id, PlannedVisitRow.number)


def _route(row: RouteRow, visits: Iterable[PlannedVisitRow]) -> Route:
    return Route(
        worker_id=WorkerId(row.worker_id),
        start=to_position(row.start_geom),
        end=None if row.end_geom is None else to_position(row.end_geom),
        start_at=row.start_at,
        end_at=row.end_at,
        breaks=tuple(
            PlannedBreak(start_at=datetime.fromisoformat(start_at), end_at=datetime.fromisoformat(end_at))
            for start_at, end_at in row.breaks
        ),
        planned_visits=tuple(_planned_visit(visit) for visit in visits),
        travel_s=row.travel_s,
        travel_m=row.travel_m,
        cost=row.cost,
    )


def _planned_visit(row: PlannedVisitRow) -> PlannedVisit:
    return PlannedVisit(
        job_id=JobId(row.job_id),
        position=to_position(row.geom),
        arrival_at=row.arrival_at,
        start_at=row.start_at,
        end_at=row.end_at,
        travel_s=row.travel_s,
        travel_m=row.travel_m,
    )
