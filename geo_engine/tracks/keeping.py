"""Use cases of keeping fixes no longer than wanted, and of having done what nobody asks for."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from geo_engine.db.refusals import DatabaseTooSlow
from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy.model import RETENTION_DAYS
from geo_engine.tenancy.service import MOVE_FIXES_TASK, list_companies
from geo_engine.tenancy.store import get_tenant
from geo_engine.tracks import keeping_store as store
from geo_engine.tracks.deriving import SETTLED_AFTER
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.ingest_store import add_partition

_FIXES_AT_ONCE = 10_000
_A_MINUTE = timedelta(minutes=1)
_log = logging.getLogger(__name__)
_END_OF_DAY = timedelta(days=1, microseconds=-1)


def move_fixes(database: Database, tenant_id: TenantId, *, now: datetime, at_once: int = _FIXES_AT_ONCE) -> int:
    """Move some of a company's fixes to where they are kept as long as it says, and return how many.

    So many at once that what others' devices report need not wait for long to be derived; for the rest it asks the
    queue to be called again.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not moved is moved next time.
    """
    count = 0
    with database.bound(tenant_id) as session:
        wanted = get_tenant(session).tracking.retention_days
    for other in RETENTION_DAYS:
        if other != wanted and count < at_once:
            count += _move_some(database, tenant_id, (other, wanted), limit=at_once - count, now=now)
    if count == at_once:
        with database.bound(tenant_id) as session:
            enqueue_once(session, MOVE_FIXES_TASK, lane=Lane.TRACKS)
    return count


def _move_some(database: Database, tenant_id: TenantId, classes: tuple[int, int], *, limit: int, now: datetime) -> int:
    """Move fixes from one class to another, where there is room for them by then."""
    other, wanted = classes
    with database.bound(tenant_id) as session:
        days = store.list_days(session, retention_days=other, limit=limit)
    with database.unbound() as session:
        for day in days:
            add_partition(session, wanted, day + _END_OF_DAY)
    with database.bound(tenant_id) as session:
        return store.move_some(session, retention_days=other, limit=limit, now=now)


def tidy(database: Database) -> None:
    """Let go of what each company has kept for as long as it says, and make room for the days to come.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away; a company that others work on is left for next time.
    """
    do_for_each(database, store.tidy)


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

    do_for_each(database, wake_up)


def do_for_each(database: Database, what: Callable[[Session], None]) -> None:
    """Do something for each company; one for which it fails keeps no other waiting."""
    for tenant_id in list_companies(database):
        try:
            with database.bound(tenant_id) as session:
                what(session)
        except DatabaseTooSlow:
            _log.warning("A company's tracks could not be looked after in time; it is tried again later.")
