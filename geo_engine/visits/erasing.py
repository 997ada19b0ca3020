"""How what a person stated, and what was derived and decided of it, is erased."""

from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.tenancy import Access, Act
from geo_engine.visits import check_in_store, visit_store
from geo_engine.workforce.erasing import erase_told
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams


def erase_visits(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> int:
    """Delete every statement of a worker and every visit with what was decided of it, and return how many rows.

    The trail keeps who erased whose visits and how many rows, and nothing else that tells of the worker.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor may not change the company.
    """
    by.require(Act.CHANGE_TENANT)
    if worker_id not in find_teams(session, [worker_id]):
        raise WorkerNotFound(worker_id)
    count = check_in_store.delete_check_ins(session, worker_id) + visit_store.delete_visits(session, worker_id)
    erase_told(session, worker_id, by=by.member_id)
    record_act(session, "erase_visits", ("worker", worker_id), by=by.member_id, now=now, rows=count)
    return count
