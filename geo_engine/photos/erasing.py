"""How all photos of a person's work go: rows and files, together."""

from collections.abc import Sequence
from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database
from geo_engine.ids import PhotoId, TenantId, WorkerId
from geo_engine.photos import store
from geo_engine.photos.files import PhotoFiles
from geo_engine.tenancy import Access, Act
from geo_engine.workforce.erasing import erase_told
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams

_AT_ONCE = 100


def erase_photos(
    database: Database, files: PhotoFiles, tenant_id: TenantId, worker_id: WorkerId, *, by: Access, now: datetime
) -> int:
    """Delete every photo of a worker's work with its files, and return how many there were.

    The trail keeps who erased whose photos and how many, and nothing else that tells of the worker. A file that
    another worker's photo holds too stays with it.

    Raises
    ------
    NotAllowed
        When the actor may not change the company.
    WorkerNotFound
        When there is no such worker.
    PhotoPlaceUnavailable, DatabaseUnavailable, DatabaseTooSlow
        When files or rows cannot be reached: what is not done can be done again.

    Notes
    -----
    A hundred at a time, each with its files in one transaction, the files first: what breaks off leaves rows, never
    files that nobody knows of. Whoever sends photos waits for one such step at most. Ends when there are none left,
    those that came meanwhile among them.
    """
    by.require(Act.CHANGE_TENANT)
    with database.bound(tenant_id) as session:
        if worker_id not in find_teams(session, [worker_id]):
            raise WorkerNotFound(worker_id)
    count = 0
    while True:
        with database.bound(tenant_id) as session:
            some = store.list_worker_photo_ids(session, worker_id, limit=_AT_ONCE)
        if not some:
            break
        count += _erase(database, files, tenant_id, some)
    with database.bound(tenant_id) as session:
        erase_told(session, worker_id, by=by.member_id)
        record_act(session, "erase_photos", ("worker", worker_id), by=by.member_id, now=now, photo=count)
    return count


def _erase(database: Database, files: PhotoFiles, tenant_id: TenantId, photo_ids: Sequence[PhotoId]) -> int:
    with database.bound(tenant_id) as session:
        store.lock_files(session, is_shared=False)
        deleted, hashes = store.delete_photos(session, photo_ids)
        for sha256 in sorted(hashes):
            files.delete(tenant_id, sha256)
    return deleted
