"""Which companies there are, asked in a transaction that is bound to none."""

from sqlalchemy import func, select

from geo_engine.db.session import Session
from geo_engine.ids import TenantId


def list_companies(session: Session) -> tuple[TenantId, ...]:
    """Return all companies."""
    return tuple(TenantId(one) for one in session.scalars(select(func.tracked_companies())))
