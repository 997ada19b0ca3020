"""A published day that changes: stops go from one worker to another, and the newer version is published."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from geo_engine.customers.service import import_sites, list_sites
from geo_engine.db.session import Session
from geo_engine.ids import JobId, PlanId, SiteId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.changes.unread import acknowledge_change, find_day_news
from geo_engine.planning.edits import move_visit
from geo_engine.planning.versions.model import WorkerDay
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.workforce.service import access_of
from geo_engine.workforce.store import find_members
from support.companies import NOW, SCOPE, SERVICE_ON, Company


def describe_site(company: Company, site_id: str, **facts: object) -> None:
    """Give a site other facts, such as a name, a phone or notes."""
    with company.database.bound(company.tenant_id) as session:
        known = {site.id: site for site in list_sites(session, by=OPERATOR)}[SiteId(site_id)]
        source = RowSource(file="sites.csv")
        import_sites(session, [replace(known, **facts)], source=source, due_on=None, by=OPERATOR, now=NOW)


def publish_moves(company: Company, moves: Sequence[tuple[str, str, int | None]], *, now: datetime = NOW) -> PlanId:
    """Move visits, each to a worker and a place in the order, and publish the version that results.

    Parameters
    ----------
    moves
        Job, worker, number; the first is made in the version that is published.
    """
    router = StraightRouter()

    def bound() -> AbstractContextManager[Session]:
        return company.database.bound(company.tenant_id)

    with bound() as session:
        plan_id = planning.get_plan(session, SCOPE, by=OPERATOR).id
    for job_id, worker_id, number in moves:
        plan_id = move_visit(
            bound,
            plan_id,
            JobId(job_id),
            worker_id=WorkerId(worker_id),
            number=number,
            router_of=lambda _: router,
            by=OPERATOR,
            now=now,
        ).id
    with bound() as session:
        had = planning.find_published_id(session, SCOPE, by=OPERATOR)
        planning.publish_plan(session, plan_id, instead_of=had, by=OPERATOR, now=now)
    return plan_id


def read_news(company: Company, worker_id: str, *, now: datetime = NOW) -> None:
    """Read what there is to say to a worker, as the member that the worker is."""
    with company.database.bound(company.tenant_id) as session:
        member_id = find_members(session, [WorkerId(worker_id)])[WorkerId(worker_id)]
        assert member_id is not None
        reader = access_of(session, member_id)
        news = find_day_news(session, SERVICE_ON, by=reader)
        assert news is not None
        acknowledge_change(session, SERVICE_ON, news.notice, by=reader, now=now)


def withdraw(company: Company, *, now: datetime = NOW) -> None:
    """Take the published version from the workers."""
    with company.database.bound(company.tenant_id) as session:
        had = planning.find_published_id(session, SCOPE, by=OPERATOR)
        assert had is not None
        planning.withdraw_plan(session, had, by=OPERATOR, now=now)


def day_of(company: Company, worker_id: str) -> WorkerDay:
    """Return a worker's day as published."""
    with company.database.bound(company.tenant_id) as session:
        return planning.get_worker_day(session, WorkerId(worker_id), SERVICE_ON, by=OPERATOR)


def stop_names(company: Company, worker_id: str) -> list[str]:
    """Return the names of a worker's stops, in order."""
    return [stop.site.name for stop in day_of(company, worker_id).ordered_visits]
