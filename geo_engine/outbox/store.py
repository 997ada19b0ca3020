"""Rows of events on their way out."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import Document, TenantRow, tenant_key
from geo_engine.db.session import Session
from geo_engine.outbox.model import OutboxEvent


class OutboxEventRow(TenantRow):
    """One event, numbered in the order of writing."""

    __tablename__ = "outbox_event"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[Document]
    written_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_key([], "tenant"),
        Index(None, "tenant_id", "number", postgresql_where=text("delivered_at is null")),
    )


def append_event(session: Session, event: OutboxEvent, *, now: datetime) -> None:
    """Write an event in the transaction of what it tells."""
    session.add(OutboxEventRow(topic=event.topic, key=event.key, payload=dict(event.payload), written_at=now))
    session.flush()


def list_undelivered(session: Session, *, limit: int = 100) -> tuple[OutboxEvent, ...]:
    """Return the oldest events that nobody was told yet, oldest first."""
    rows = session.scalars(
        select(OutboxEventRow).where(OutboxEventRow.delivered_at.is_(None)).order_by(OutboxEventRow.number).limit(limit)
    )
    return tuple(OutboxEvent(topic=row.topic, key=row.key, payload=row.payload) for row in rows)
