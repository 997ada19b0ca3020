"""How an act becomes part of the trail, and how the newest are read."""

from datetime import datetime, timedelta

from geo_engine.audit import store
from geo_engine.audit.model import AuditEvent, Fact
from geo_engine.db.session import Session
from geo_engine.ids import MemberId


def list_newest(session: Session, *, limit: int) -> tuple[AuditEvent, ...]:
    """Return the newest events of the bound tenant's trail, newest first."""
    return store.list_events(session, limit=limit)


def record_act(
    session: Session, act: str, subject: tuple[str, object], *, by: MemberId | None, now: datetime, **facts: Fact
) -> None:
    """Append what was done, to what and by whom, in the transaction that does it.

    Parameters
    ----------
    subject
        Its kind and its id.
    by
        None for the installation's own operator.
    facts
        Ids and figures, never a name.
    """
    kind, subject_id = subject
    event = AuditEvent(act=act, subject=(kind, str(subject_id)), member_id=by, happened_at=now, facts=facts)
    store.append_event(session, event)


def record_once(session: Session, event: AuditEvent, *, within: timedelta) -> None:
    """Append an event unless one like it but for its moment was appended so short a time before: it goes on."""
    if not store.is_written(session, event, since=event.happened_at - within):
        store.append_event(session, event)
