"""How a person is erased: nothing arrives any more, then all that was recorded goes, then it is looked what is left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session
from geo_engine.errors import Unavailable
from geo_engine.ids import TenantId, WorkerId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy import Access, Act
from geo_engine.tracks import erasing_store as store
from geo_engine.tracks.derived_store import lock_deriving
from geo_engine.tracks.erasing_store import WornSpan
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.words import Message
from geo_engine.workforce import device_store
from geo_engine.workforce.devices import revoke_keys
from geo_engine.workforce.erasing import erase_told
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams

_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class TracksLeft(Unavailable):
    """Something of a person that was to be erased came while it was; erasing again takes that too."""

    def __init__(self, count: int) -> None:
        super().__init__(
            Message("{count} rows came while the rest was erased and are left; erase again.", {"count": count})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was deleted of a worker by table, and what was found left afterwards: nothing, or it is done again."""

    deleted: Mapping[str, int]
    left: Mapping[str, int]

    def require_all(self) -> None:
        """Raise `TracksLeft` unless nothing is left."""
        count = sum(self.left.values())
        if count:
            raise TracksLeft(count)


def erase_tracks(database: Database, tenant_id: TenantId, worker_id: WorkerId, *, by: Access, now: datetime) -> Erasure:
    """Delete every position that was recorded of a worker and all that was derived from it, and count what is left.

    The trail keeps who erased whose tracks and how many rows, and nothing of where the worker was: of every other
    event that tells of the worker only that there was one, when and whose act it was. Devices that nobody
    else wore go with their keys; others keep what was recorded of others. When something is left, it is still known
    which devices the worker wore when, and all can be done again.

    Raises
    ------
    NotAllowed
        When the actor may not change the company.
    WorkerNotFound
        When there is no such worker.
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not done can be done again.

    Notes
    -----
    Three steps, each committed before the next. Keys and wearings end first, so that what is posted from then on is
    refused; each device is then erased while nobody derives it, its live row last, so that others' posts wait for
    nothing but a moment; what is left is counted when all others' commits can be seen.
    """
    by.require(Act.CHANGE_TENANT)
    with database.bound(tenant_id) as session:
        if worker_id not in find_teams(session, [worker_id]):
            raise WorkerNotFound(worker_id)
        spans = _end_wearings(session, worker_id, by=by, now=now)
    deleted = Counter[str]()
    for span in spans:
        with database.bound(tenant_id) as session:
            deleted.update(_erase(session, span))
    with database.bound(tenant_id) as session:
        left = _finish(session, worker_id, spans, deleted, by=by)
        record_act(session, "erase_tracks", ("worker", worker_id), by=by.member_id, now=now, **deleted)
    return Erasure(deleted=deleted, left=left)


def _end_wearings(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> tuple[WornSpan, ...]:
    """Take the keys of what the worker wears, end that it is worn, and return what was ever worn when."""
    first_at, last_at = _EVER
    wearings = device_store.list_wearings(session, earliest_at=first_at, latest_at=last_at, worker_ids=[worker_id])
    device_ids = sorted({one.device_id for one in wearings})
    for device_id in device_ids:
        if device_store.find_wearer(session, device_id) == worker_id:
            revoke_keys(session, device_id, by=by, now=now)
            device_store.end_wearing(session, device_id, at=now)
    everybodys = device_store.list_wearings(session, earliest_at=first_at, latest_at=last_at, device_ids=device_ids)

    # What a device said when nobody wore it any more is still of who wore it last.
    begins = {(one.device_id, one.worn_from) for one in everybodys}
    return tuple(
        WornSpan(
            device_id=one.device_id,
            from_at=one.worn_from,
            until_at=min((at for of, at in begins if of == one.device_id and at > one.worn_from), default=last_at),
        )
        for one in wearings
    )


def _erase(session: Session, span: WornSpan) -> Mapping[str, int]:
    lock_deriving(session, span.device_id)
    counts = store.erase_span(session, span)
    if store.release_live(session, span):
        # Of what reached from one wearer to another nothing stands: the others' part is derived anew.
        enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS)
        return counts
    return counts | {"device_live": 1}


def _finish(
    session: Session, worker_id: WorkerId, spans: Sequence[WornSpan], deleted: Counter[str], *, by: Access
) -> Mapping[str, int]:
    device_ids = sorted({one.device_id for one in spans})
    store.lock_devices(session, device_ids)
    left = Counter[str]()
    for span in spans:
        left.update(store.count_span(session, span))
    if not any(left.values()):
        deleted["device_wearing"] = device_store.delete_wearings(session, worker_id)
        deleted["device"] = device_store.delete_unworn_devices(session, device_ids)
        deleted["audit_event"] = erase_told(session, worker_id, by=by.member_id)
    return left
