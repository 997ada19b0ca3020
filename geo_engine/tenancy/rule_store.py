"""What a company decides about itself, written into its own row."""

from sqlalchemy import update

from geo_engine.db.session import Session
from geo_engine.tenancy.model import TrackingRule
from geo_engine.tenancy.store import TenantEntryRow


def save_tracking(session: Session, rule: TrackingRule) -> None:
    """Write when the bound tenant's people are tracked, and for how long their fixes are kept."""
    values = {"tracking": rule.gate, "attendance": rule.attendance, "retention_days": rule.retention_days}
    session.execute(update(TenantEntryRow).values(values))


def save_uses_learned(session: Session, *, uses_learned: bool) -> None:
    """Write whether days of the bound tenant are planned with learned times, where nothing else is asked for."""
    session.execute(update(TenantEntryRow).values(uses_learned=uses_learned))
