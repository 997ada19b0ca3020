"""Rows of what members sign in with, and how often that failed."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint, Uuid, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import TenantRow, tenant_key
from geo_engine.db.session import Session
from geo_engine.ids import MemberId
from geo_engine.tenancy.model import Credential
from geo_engine.tenancy.store import MemberRow


class CredentialRow(TenantRow):
    """What a member signs in with."""

    __tablename__ = "credential"
    __table_args__ = (
        tenant_key(["member_id"], "member", on_delete="CASCADE"),
        UniqueConstraint("tenant_id", "session_key"),
    )

    member_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    password_hash: Mapped[str]
    session_key: Mapped[UUID]
    set_at: Mapped[datetime]
    failed_count: Mapped[int]
    retry_at: Mapped[datetime | None]


def save_credential(session: Session, member_id: MemberId, password_hash: str, *, now: datetime) -> None:
    """Write what a member signs in with from now on; whoever is signed in as the member is no longer."""
    values = {
        "member_id": member_id,
        "password_hash": password_hash,
        "session_key": uuid4(),
        "set_at": now,
        "failed_count": 0,
        "retry_at": None,
    }
    statement = insert(CredentialRow).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "member_id"], set_=values))


def lock_credential(session: Session, login: str) -> Credential | None:
    """Return what the member of a login signs in with, and keep others from trying until the transaction ends."""
    of_member = (MemberRow.tenant_id == CredentialRow.tenant_id) & (MemberRow.id == CredentialRow.member_id)
    query = select(CredentialRow).join(MemberRow, of_member).where(MemberRow.login == login)
    row = session.scalar(query.with_for_update(of=CredentialRow))
    return None if row is None else _credential(row)


def find_by_session_key(session: Session, session_key: UUID) -> Credential | None:
    """Return whose sign-in a session belongs to; None when the password was changed since."""
    row = session.scalar(select(CredentialRow).where(CredentialRow.session_key == session_key))
    return None if row is None else _credential(row)


def save_tries(session: Session, member_id: MemberId, *, failed_count: int, retry_at: datetime | None) -> None:
    """Write how often signing in failed, and until when no other try is looked at."""
    statement = update(CredentialRow).where(CredentialRow.member_id == member_id)
    session.execute(statement.values(failed_count=failed_count, retry_at=retry_at))


def _credential(row: CredentialRow) -> Credential:
    return Credential(
        member_id=MemberId(row.member_id),
        password_hash=row.password_hash,
        session_key=row.session_key,
        failed_count=row.failed_count,
        retry_at=row.retry_at,
    )
