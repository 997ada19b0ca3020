"""A company's speeds by the hour, in its own row."""

from sqlalchemy import select, update

from geo_engine.db.session import Session
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.tenancy.store import TenantEntryRow


def get_speeds(session: Session) -> SpeedsByMode:
    """Return how fast the bound tenant's people get on at each hour, by travel mode; others as the roads say."""
    held = session.scalar(select(TenantEntryRow.speeds))
    return {mode: tuple(percents) for mode, percents in (held or {}).items()}


def save_speeds(session: Session, speeds: SpeedsByMode) -> None:
    """Write how fast the bound tenant's people get on at each hour; nothing where that is as the roads say."""
    values = {mode: list(percents) for mode, percents in speeds.items()}
    session.execute(update(TenantEntryRow).values(speeds=values or None))
