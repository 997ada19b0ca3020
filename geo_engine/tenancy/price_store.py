"""What a company's row says of the prices of travel."""

from collections.abc import Mapping

from sqlalchemy import select, update

from geo_engine.db.session import Session
from geo_engine.tenancy.store import TenantEntryRow
from geo_engine.tenancy.travel_prices import ModePrice, prices_document, read_said
from geo_engine.travel_modes import TravelMode


def find_said_prices(session: Session, currency: str) -> dict[TravelMode, ModePrice]:
    """Return what the bound tenant said in a currency that a kilometre costs; nothing when it was another one."""
    found = session.scalar(select(TenantEntryRow.travel_prices).where(TenantEntryRow.currency == currency))
    return read_said(found)


def save_prices(session: Session, currency: str, said: Mapping[TravelMode, ModePrice]) -> None:
    """Write what a kilometre costs the bound tenant by each mode."""
    session.execute(update(TenantEntryRow).values(travel_prices=prices_document(said), currency=currency))
