"""How what a person stated, and what was derived and decided of it, is erased."""

from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.geofences import accuracy_store
from geo_engine.ids import WorkerId
from geo_engine.photos import store as photo_store
from geo_engine.tenancy import Access, Act
from geo_engine.visits import check_in_store, visit_store
from geo_engine.workforce.erasing import erase_told
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams, lock_references


def erase_visits(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> int:
    """Delete every statement of a worker and every visit with what was decided of it, and return how many rows.

    How exact the worker's fixes were at fences goes with them: it tells who was where on which day. Whoever derives one
    of the worker's days is waited for: what comes of it goes too. The trail keeps who erased whose visits and how many
    rows, and nothing else that tells of the worker.

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
    visit_store.lock_deriving(session, worker_id)
    deleting = (check_in_store.delete_check_ins, visit_store.delete_visits, accuracy_store.delete_worker)
    count = sum(delete(session, worker_id) for delete in deleting)
    erase_told(session, worker_id, by=by.member_id)
    record_act(session, "erase_visits", ("worker", worker_id), by=by.member_id, now=now, rows=count)
    return count


def count_left(session: Session, worker_id: WorkerId, *, by: Access) -> dict[str, int]:
    """Return how many visits, statements and photos of a worker there are, by table: once erased, what came meanwhile.

    Whoever writes one is waited for.

    Raises
    ------
    NotAllowed
        When the actor may not change the company.
    """
    by.require(Act.CHANGE_TENANT)
    lock_references(session, worker_id)
    return {
        "visit": visit_store.count_visits(session, worker_id),
        "check_in": check_in_store.count_check_ins(session, worker_id),
        "photo": photo_store.count_photos(session, worker_id),
    }
