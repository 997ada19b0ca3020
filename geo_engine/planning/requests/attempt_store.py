"""Attempts at what was asked for, in the rows that hold it: who takes it up, how far it is, and how it ended — once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from geo_engine.db.session import Session
from geo_engine.planning.versions.model import RequestState
from geo_engine.planning.versions.rows import AttemptRow

OPEN_STATES = (RequestState.QUEUED.value, RequestState.SOLVING.value)


class AttemptStore:
    """The attempts at one kind of work, each by the id of what was asked for.

    Parameters
    ----------
    row
        The kind of rows that hold it.
    """

    def __init__(self, row: type[AttemptRow]) -> None:
        self._row = row

    def begin(self, session: Session, key: UUID) -> int | None:
        """Take work up and return which attempt this is; None when it has ended, or there is none."""
        taken = self._open(key).values(state=RequestState.SOLVING.value, attempt=self._row.attempt + 1)
        number: int | None = session.scalar(taken.returning(self._row.attempt))
        return number

    def save_progress(self, session: Session, key: UUID, number: int, **columns: object) -> bool:
        """Write how far an attempt is; return whether it shall stop: it was asked to, or another attempt took over."""
        saved = self._of_attempt(key, number).values(**columns)
        found = session.execute(saved.returning(self._row.stop_asked_at)).one_or_none()
        return found is None or found[0] is not None

    def ask_to_stop(self, session: Session, key: UUID, *, now: datetime) -> bool:
        """Write that the best plan so far shall do; False, and nothing written, when the work has ended."""
        return session.scalar(self._open(key).values(stop_asked_at=now).returning(self._row.id)) is not None

    def end(
        self, session: Session, key: UUID, number: int, state: RequestState, *, now: datetime, **columns: object
    ) -> bool:
        """Write how an attempt ended; False, and nothing written, when another attempt took over or ended it."""
        ended = self._of_attempt(key, number).values(state=state.value, ended_at=now, **columns)
        return session.scalar(ended.returning(self._row.id)) is not None

    def _open(self, key: UUID):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return update(self._row).where(self._row.id == key, self._row.state.in_(OPEN_STATES))

    def _of_attempt(self, key: UUID, number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
        row = self._row
        return update(row).where(row.id == key, row.attempt == number, row.state == RequestState.SOLVING.value)
