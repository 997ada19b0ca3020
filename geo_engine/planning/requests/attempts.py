"""How planning that was asked for is worked off: two short transactions around work that holds none.

A worker may die at any moment, and so may the database. What is recorded is recorded by the attempt that holds the
work then, so it ends once, however often it is taken up.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geo_engine.db.session import Database, DatabaseTooSlow, DatabaseUnavailable, Session
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.ids import TenantId
from geo_engine.planning.requests.attempt_store import AttemptStore
from geo_engine.planning.requests.failures import failure_values
from geo_engine.planning.versions.model import RequestState
from geo_engine.roads.opening import GraphMissing
from geo_engine.words import Message

_MOST_ATTEMPTS = 5
_TOLD_EVERY_S = 1.0
_TRY_AGAIN_S = 1.0
_KEEP_TRYING_S = 900.0

type Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt[Key: UUID]:
    """Work that this process has taken up, and for which time; `store` is that of what is asked for."""

    store: AttemptStore
    database: Database
    tenant_id: TenantId
    key: Key
    number: int
    now: Clock


def begin_attempt[Key: UUID](
    store: AttemptStore, database: Database, tenant_id: TenantId, key: Key, *, now: Clock
) -> Attempt[Key] | None:
    """Take work up; None when it has ended, also when it was interrupted too often just now.

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached.
    """
    with database.bound(tenant_id) as session:
        number = store.begin(session, key)
        if number is None:
            return None
        if number > _MOST_ATTEMPTS:
            told = Message("Planning was interrupted {count} times and is given up.", {"count": _MOST_ATTEMPTS})
            _end_failed(session, store, key, number, Unavailable(told), now=now())
            return None
    return Attempt(store=store, database=database, tenant_id=tenant_id, key=key, number=number, now=now)


def finish_attempt[Key: UUID](attempt: Attempt[Key], work: Callable[[], None]) -> None:
    """Do the work of an attempt, which records what it led to, or record why it led to nothing.

    Raises
    ------
    DatabaseUnavailable, GraphMissing
        When the database stays away, or the roads are not on this machine; the work is still open and may be taken up
        again, by a machine that has them. The last attempt records that they are missing.
    DatabaseTooSlow
        When not even a failure could be written in time; the work is still open as well.
    """
    try:
        work()
    except DatabaseUnavailable:
        raise
    except GeoEngineError as error:
        if isinstance(error, GraphMissing) and attempt.number < _MOST_ATTEMPTS:
            raise
        fail_attempt(attempt, error)


def fail_attempt[Key: UUID](attempt: Attempt[Key], failure: GeoEngineError) -> None:
    """Record that an attempt's work led to nothing, and why; nothing when it has ended.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database stays away, or is too slow.
    """

    def record() -> None:
        with attempt.database.bound(attempt.tenant_id) as session:
            _end_failed(session, attempt.store, attempt.key, attempt.number, failure, now=attempt.now())

    insist(record)


def _end_failed(
    session: Session, store: AttemptStore, key: UUID, number: int, failure: GeoEngineError, *, now: datetime
) -> None:
    why = failure_values(failure)
    store.end(session, key, number, RequestState.FAILED, now=now, **why)


class Teller[Key: UUID, Told]:
    """What an attempt tells the database about itself, and hears back; a database that is away misses it.

    Parameters
    ----------
    columns_of
        Returns what is told as columns.
    """

    def __init__(self, attempt: Attempt[Key], columns_of: Callable[[Told], Mapping[str, object]]) -> None:
        self._attempt = attempt
        self._columns_of = columns_of
        self._told_at_s = 0.0
        self._shall_stop = False

    def tell(self, told: Told) -> None:
        """Write the progress, at most once a second."""
        now_s = time.monotonic()
        if now_s - self._told_at_s < _TOLD_EVERY_S:
            return
        self._told_at_s = now_s
        attempt = self._attempt
        try:
            with attempt.database.bound(attempt.tenant_id) as session:
                columns = self._columns_of(told)
                self._shall_stop = attempt.store.save_progress(session, attempt.key, attempt.number, **columns)
        except (DatabaseUnavailable, DatabaseTooSlow):
            return

    def shall_stop(self) -> bool:
        """Whether somebody asked to stop, or the work is another attempt's by now."""
        return self._shall_stop


def insist[T](act: Callable[[], T]) -> T:
    """Read or record even if the database is away for a while: attempts are counted, and a solve is too dear to lose.

    What was committed though its confirmation was lost is done once more; the attempt has ended then, so the
    second time does nothing. What the database does not finish in time is not tried again: it would take as long.
    """
    give_up_at_s = time.monotonic() + _KEEP_TRYING_S
    while True:
        try:
            return act()
        except DatabaseUnavailable:
            if time.monotonic() > give_up_at_s:
                raise
            time.sleep(_TRY_AGAIN_S)
