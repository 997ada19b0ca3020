"""How what the trail tells of a worker is erased: whatever it is about, and wherever the worker is named."""

from geo_engine.audit.erasing import erase_matters
from geo_engine.db.session import Session
from geo_engine.ids import MemberId, WorkerId

_NAMES = "worker", "worker_id"
"""Under which events name a worker in their facts; whoever records one that tells of a worker names the worker so."""


def erase_told(session: Session, worker_id: WorkerId, *, by: MemberId | None) -> int:
    """Erase what events tell of a worker but that they were, when and whose act, and return of how many.

    That something of the worker was erased stays.
    """
    return erase_matters(session, ("worker", worker_id), _NAMES, by=by)
