"""Rows of requests to plan a day; who takes one up, and how it ends, is in `attempt_store`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId, PlanId, PlanRequestId, TeamId
from geo_engine.planning.requests.attempt_store import OPEN_STATES, AttemptStore
from geo_engine.planning.requests.failures import read_failure
from geo_engine.planning.requests.wishes import read_wish, wish_document
from geo_engine.planning.solver.solve import Budget, Progress
from geo_engine.planning.versions.model import PlanRequest, PlanRequestNotFound, PlanScope, ReplanWish, RequestState
from geo_engine.planning.versions.rows import PlanRequestRow, PlanRow

ATTEMPTS = AttemptStore(PlanRequestRow)


def lock_scope(session: Session, scope: PlanScope) -> None:
    """Wait until no other transaction asks for a plan of the scope or changes it by hand, and keep others waiting."""
    name = f"plan_request:{bound_tenant(session)}:{scope.service_on}:{scope.team_id or ''}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def add_request(
    session: Session,
    *,
    scope: PlanScope,
    budget: Budget,
    base_version: int,
    replan: ReplanWish | None = None,
    uses_learned: bool = True,
    by: MemberId | None,
    now: datetime,
) -> PlanRequestId:
    """Write a new request and return its id."""
    statement = insert(PlanRequestRow).values(
        service_on=scope.service_on,
        team_id=scope.team_id,
        time_limit_s=budget.time_limit_s,
        solution_limit=budget.solution_limit,
        requested_by=by,
        requested_at=now,
        base_version=base_version,
        state=RequestState.QUEUED.value,
        attempt=0,
        replan=None if replan is None else wish_document(replan),
        uses_learned=uses_learned,
    )
    return PlanRequestId(session.execute(statement.returning(PlanRequestRow.id)).scalar_one())


def get_request(session: Session, request_id: PlanRequestId) -> PlanRequest:
    """Return a request.

    Raises
    ------
    PlanRequestNotFound
        When there is none.
    """
    found = session.execute(_with_plans().where(PlanRequestRow.id == request_id)).one_or_none()
    if found is None:
        raise PlanRequestNotFound(request_id)
    return _request(*found)


def find_open_request(session: Session, scope: PlanScope) -> PlanRequest | None:
    """Return the newest request of a scope that has not ended, or None."""
    of_scope = (
        PlanRequestRow.service_on == scope.service_on,
        PlanRequestRow.team_id.is_not_distinct_from(scope.team_id),
    )
    query = _with_plans().where(*of_scope, PlanRequestRow.state.in_(OPEN_STATES))
    found = session.execute(query.order_by(PlanRequestRow.requested_at.desc()).limit(1)).one_or_none()
    return None if found is None else _request(*found)


def _with_plans() -> Select[PlanRequestRow, UUID | None]:
    is_its_plan = (PlanRow.tenant_id == PlanRequestRow.tenant_id) & (PlanRow.request_id == PlanRequestRow.id)
    return select(PlanRequestRow, PlanRow.id).outerjoin(PlanRow, is_its_plan)


def _request(row: PlanRequestRow, plan_id: UUID | None) -> PlanRequest:
    progress = None
    if row.elapsed_s is not None:
        progress = Progress(elapsed_s=row.elapsed_s, cost=row.cost, unassigned_count=row.unassigned_count)
    return PlanRequest(
        id=PlanRequestId(row.id),
        scope=PlanScope(service_on=row.service_on, team_id=None if row.team_id is None else TeamId(row.team_id)),
        budget=Budget(time_limit_s=row.time_limit_s, solution_limit=row.solution_limit),
        requested_by=None if row.requested_by is None else MemberId(row.requested_by),
        base_version=row.base_version,
        state=RequestState(row.state),
        attempt=row.attempt,
        progress=progress,
        plan_id=None if plan_id is None else PlanId(plan_id),
        failure=read_failure(row.failure, row.failure_family),
        replan=None if row.replan is None else read_wish(row.replan),
        uses_learned=row.uses_learned,
    )
