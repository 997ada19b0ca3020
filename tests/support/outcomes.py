"""What became of requests to plan, counted in the tables themselves; and databases that may be killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from geo_engine.db.cluster import Cluster
from geo_engine.db.roles import DATABASE_NAME, DatabaseRole
from geo_engine.db.session import Database
from geo_engine.ids import PlanRequestId, TenantId
from geo_engine.planning import service as planning
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import PlanRequest, PlanScope
from geo_engine.tenancy import OPERATOR
from support.cluster import connected, memory_with_room, reachable_folder, remove_cluster
from support.companies import NOW, SCOPE
from support.databases import OwnDatabase, migrate_as_shipped

_COUNTS = """
select (select count(*) from plan where request_id = %(id)s),
       (select count(*) from audit_event where act = 'record_plan' and facts ->> 'request_id' = %(id)s::text),
       (select count(*) from procrastinate_jobs where args ->> 'request_id' = %(id)s::text)
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a request led to: plans, records of them in the trail, and jobs still in the queue."""

    plan_count: int
    record_count: int
    job_count: int


ENDED_ONCE = Outcome(plan_count=1, record_count=1, job_count=0)
REPORTED = Outcome(plan_count=0, record_count=0, job_count=0)


def ask(database: Database, tenant_id: TenantId, budget: Budget, scope: PlanScope = SCOPE) -> PlanRequestId:
    """Ask for a plan with a budget."""
    with database.bound(tenant_id) as session:
        return planning.request_plan(session, scope, budget, by=OPERATOR, now=NOW)


def look(database: Database, tenant_id: TenantId, request_id: PlanRequestId) -> PlanRequest:
    """Return a request as it stands."""
    with database.bound(tenant_id) as session:
        return planning.get_request(session, request_id, by=OPERATOR)


def outcome_of(own: OwnDatabase, request_id: PlanRequestId) -> Outcome:
    """Count what a request led to."""
    with connected(own.cluster, database=own.name) as session:
        row = session.execute(_COUNTS, {"id": request_id}).fetchone()
    assert row is not None
    return Outcome(plan_count=row[0], record_count=row[1], job_count=row[2])


@contextmanager
def killable_database() -> Iterator[OwnDatabase]:
    """Give a database whose server loses nothing when it is killed, unlike those of other tests."""
    with reachable_folder(memory_with_room()) as folder:  # a killed server's files stay, wherever they lie
        cluster = Cluster(folder)
        try:
            cluster.up()
            migrate_as_shipped(cluster.url(DatabaseRole.OWNER))
            app = Database(cluster.url(DatabaseRole.APP), pool_size=2)
            yield OwnDatabase(cluster=cluster, name=DATABASE_NAME, app=app)
            app.close()
        finally:
            remove_cluster(cluster, folder)


def kill_server(cluster: Cluster) -> None:
    """End a cluster's server as a crash would."""
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
