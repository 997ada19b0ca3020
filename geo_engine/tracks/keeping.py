"""Use cases of keeping fixes no longer than wanted: another class for a company, erasing a person, what is regular."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from geo_engine.audit.service import record_act
from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId, WorkerId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.model import RETENTION_DAYS
from geo_engine.tenancy.store import get_tenant
from geo_engine.tracks import keeping_store as store
from geo_engine.tracks.deriving import SETTLED_AFTER
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.ingest_store import add_partition
from geo_engine.workforce.device_store import delete_unworn_devices, delete_wearings, list_wearings

_FIXES_AT_ONCE = 10_000
_A_MINUTE = timedelta(minutes=1)
_log = logging.getLogger(__name__)
_END_OF_DAY = timedelta(days=1, microseconds=-1)
_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was deleted of a worker by table, and what was found left afterwards: nothing."""

    deleted: Mapping[str, int]
    left: Mapping[str, int]


def erase_tracks(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> Erasure:
    """Delete every position that was recorded of a worker and all that was derived from it, and count what is left.

    The trail keeps who erased whose tracks and how many rows, and nothing of where anybody was. Devices that nobody
    else wore go with their keys; others keep what was recorded of others.

    Raises
    ------
    NotAllowed
        When the actor may not change the company.
    """
    by.require(Act.CHANGE_TENANT)
    first_at, last_at = _EVER
    wearings = list_wearings(session, earliest_at=first_at, latest_at=last_at, worker_ids=[worker_id])
    spans = [(one.device_id, one.worn_from, one.worn_until or last_at) for one in wearings]

    deleted, left = Counter[str](), Counter[str]()
    for device_id, from_at, until_at in spans:
        deleted.update(store.erase_span(session, device_id, from_at=from_at, until_at=until_at))
    for device_id, from_at, until_at in spans:
        left.update(store.count_span(session, device_id, from_at=from_at, until_at=until_at))
    deleted["device_wearing"] = delete_wearings(session, worker_id)
    deleted["device"] = delete_unworn_devices(session, {device_id for device_id, _, _ in spans})
    record_act(session, "erase_tracks", ("worker", worker_id), by=by.member_id, now=now, **deleted)
    return Erasure(deleted=deleted, left=left)


def move_fixes(database: Database, tenant_id: TenantId, *, now: datetime) -> int:
    """Move a company's fixes to where they are kept as long as it says, some at a time, and return how many.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not moved is moved next time.
    """
    count = 0
    with database.bound(tenant_id) as session:
        wanted = get_tenant(session).tracking.retention_days
        days = {day for one in RETENTION_DAYS if one != wanted for day in store.list_days(session, retention_days=one)}
    with database.unbound() as session:
        for day in sorted(days):
            add_partition(session, wanted, day + _END_OF_DAY)
    for other in RETENTION_DAYS:
        while other != wanted:
            with database.bound(tenant_id) as session:
                moved = store.move_some(session, retention_days=other, limit=_FIXES_AT_ONCE, now=now)
            count += moved
            if moved == 0:
                break
    return count


def tidy(database: Database) -> None:
    """Let go of what each company has kept for as long as it says, and make room for the days to come.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away; a company that others work on is left for next time.
    """
    _do_for_each(database, store.tidy)


def drop_expired(database: Database) -> None:
    """Drop the partitions in which all is expired.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away, or somebody reads fixes for long: it is done next time.
    """
    with database.unbound() as session:
        store.drop_expired(session)


def wake(database: Database, *, now: datetime) -> None:
    """Have derived and matched what no post asks for: the last trips of a day, and fixes whose taker died.

    A trip that nothing has followed for an hour by the clock is believed for good, as one that an hour of fixes
    followed is.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away; a company that others work on is left for next time.
    """

    def wake_up(session: Session) -> None:
        settled_count = store.settle_trips(session, ended_before=now - SETTLED_AFTER)
        if settled_count or store.is_waiting(session, received_before=now - _A_MINUTE):
            enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS)

    _do_for_each(database, wake_up)


def _do_for_each(database: Database, what: Callable[[Session], None]) -> None:
    """Do something for each company; one for which it fails keeps no other waiting."""
    with database.unbound() as session:
        companies = store.list_companies(session)
    for tenant_id in companies:
        try:
            with database.bound(tenant_id) as session:
                what(session)
        except DatabaseTooSlow:
            _log.warning("A company's tracks could not be looked after in time; it is tried again later.")
