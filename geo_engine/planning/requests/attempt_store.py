"""Attempts at what was asked for, in the rows that hold it: who takes it up, how far it is, and how it ended — once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from geo_engine.db.session import Session
from geo_engine.planning.versions.model import RequestState
from geo_engine.planning.versions.rows import AttemptRow

OPEN_STATES = (RequestState.QUEUED.value, RequestState.SOLVING.value)


def begin_attempt(session: Session, row: type[AttemptRow], key: UUID) -> int | None:
    """Take work up and return which attempt this is; None when it has ended, or there is none."""
    taken = _open(row, key).values(state=RequestState.SOLVING.value, attempt=row.attempt + 1)
    number: int | None = session.scalar(taken.returning(row.attempt))
    return number


def save_progress(session: Session, row: type[AttemptRow], key: UUID, attempt: int, **columns: object) -> bool:
    """Write how far an attempt is; return whether it shall stop: it was asked to, or another attempt took over."""
    found = session.execute(_of_attempt(row, key, attempt).values(**columns).returning(row.stop_asked_at)).one_or_none()
    return found is None or found[0] is not None


def ask_to_stop(session: Session, row: type[AttemptRow], key: UUID, *, now: datetime) -> bool:
    """Write that the best plan so far shall do; False, and nothing written, when the work has ended."""
    return session.scalar(_open(row, key).values(stop_asked_at=now).returning(row.id)) is not None


def end_attempt(
    session: Session,
    row: type[AttemptRow],
    key: UUID,
    attempt: int,
    state: RequestState,
    *,
    now: datetime,
    **columns: object,
) -> bool:
    """Write how an attempt ended; False, and nothing written, when another attempt took over or ended it."""
    ended = _of_attempt(row, key, attempt).values(state=state.value, ended_at=now, **columns)
    return session.scalar(ended.returning(row.id)) is not None


def _open(row: type[AttemptRow], key: UUID):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return update(row).where(row.id == key, row.state.in_(OPEN_STATES))


def _of_attempt(row: type[AttemptRow], key: UUID, attempt: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return update(row).where(row.id == key, row.attempt == attempt, row.state == RequestState.SOLVING.value)
