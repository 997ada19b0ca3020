"""Rows of audit events: the app role may add and read them, nothing else."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, exists, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.audit.model import AuditEvent
from geo_engine.db.base import Document, TenantRow, tenant_key
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import MemberId

_SALT = "uuid_send(gen_random_uuid())"


class AuditEventRow(TenantRow):
    """One event, numbered in the order of writing; it outlives everything but its company, all it refers to by key.

    `number` and `written_at` are the server's: the app role may not insert them. What happened may be told later, but
    nobody says that it was told earlier. So are the salts, which keep what can be personal from being tried out by its
    commitment. The subject's id and the facts are one thing, the matter: it can be erased, by a function of the owner
    alone, and then its commitment stands for it.
    """

    __tablename__ = "audit_event"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    happened_at: Mapped[datetime]
    member_id: Mapped[UUID | None]
    act: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str | None]
    facts: Mapped[Document | None]
    written_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    who_salt: Mapped[bytes] = mapped_column(server_default=text(_SALT))
    matter_salt: Mapped[bytes | None] = mapped_column(server_default=text(_SALT))
    matter_commitment: Mapped[bytes | None]

    __table_args__ = (
        tenant_key([], "tenant"),
        CheckConstraint(
            "num_nonnulls(subject_id, facts, matter_salt) = case when matter_commitment is null then 3 else 0 end",
            name="clear_or_erased",
        ),
        Index(None, "tenant_id", "subject_kind", "subject_id", "number"),
    )


def append_event(session: Session, event: AuditEvent) -> None:
    """Append an event to the bound tenant's trail."""
    kind, subject_id = event.subject
    values = {
        "happened_at": event.happened_at,
        "member_id": event.member_id,
        "act": event.act,
        "subject_kind": kind,
        "subject_id": subject_id,
        "facts": dict(event.facts),
    }
    session.execute(insert(AuditEventRow).values(values))


def list_events(session: Session, *, limit: int = 100) -> tuple[AuditEvent, ...]:
    """Return the newest events, newest first."""
    rows = session.scalars(select(AuditEventRow).order_by(AuditEventRow.number.desc()).limit(limit))
    return tuple(map(_event, rows))


def list_events_about(
    session: Session, subject: tuple[str, str], acts: Iterable[str], *, limit: int
) -> tuple[AuditEvent, ...]:
    """Return the newest events in which one of some acts was done to a subject, newest first."""
    row = AuditEventRow
    kind, subject_id = subject
    about = (row.subject_kind == kind, row.subject_id == subject_id, row.act.in_(sorted(acts)))
    return tuple(map(_event, session.scalars(select(row).where(*about).order_by(row.number.desc()).limit(limit))))


def is_written(session: Session, event: AuditEvent, *, since: datetime) -> bool:
    """Return whether an event like this one but for its moment happened since.

    Whoever asks of the same meanwhile waits until this transaction ends: of several who would write it one does.
    """
    kind, subject_id = event.subject
    name = f"{event.act}:{bound_tenant(session)}:{event.member_id}:{kind}:{subject_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    row = AuditEventRow
    alike = (
        row.subject_kind == kind,
        row.subject_id == subject_id,
        row.act == event.act,
        row.member_id.is_not_distinct_from(event.member_id),
        row.facts == dict(event.facts),
        row.happened_at >= since,
    )
    return bool(session.scalar(select(exists().where(*alike))))


def _event(row: AuditEventRow) -> AuditEvent:
    return AuditEvent(
        act=row.act,
        subject=(row.subject_kind, row.subject_id or ""),
        member_id=None if row.member_id is None else MemberId(row.member_id),
        happened_at=row.happened_at,
        facts=row.facts or {},
        is_erased=row.subject_id is None,
    )
