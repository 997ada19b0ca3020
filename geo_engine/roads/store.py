"""Rows of road graphs: which graph a company's routes are planned on."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.base import Code, TenantRow, tenant_key
from geo_engine.db.rows import save_rows
from geo_engine.db.session import Session
from geo_engine.ids import GraphKey
from geo_engine.roads.model import RoadChoice


class RoadGraphRow(TenantRow):
    """A road graph by the hash of what it was made from; the one chosen last is in use."""

    __tablename__ = "road_graph"
    __table_args__ = (tenant_key([], "tenant"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    extract_name: Mapped[str]
    chosen_at: Mapped[datetime]


def save_choice(session: Session, choice: RoadChoice, *, now: datetime) -> None:
    """Write that the bound tenant plans on a graph from now on."""
    save_rows(session, RoadGraphRow, [{"id": choice.key, "extract_name": choice.extract_name, "chosen_at": now}])


def find_choice(session: Session) -> RoadChoice | None:
    """Return what the bound tenant plans on, or None when it never chose."""
    row = session.scalar(select(RoadGraphRow).order_by(RoadGraphRow.chosen_at.desc()).limit(1))
    return None if row is None else _choice(row)


def get_graph(session: Session, key: GraphKey) -> RoadChoice:
    """Return a graph that the bound tenant has chosen, now or before; none is ever taken out."""
    return _choice(session.scalars(_of_key(key)).one())


def find_graph(session: Session, key: GraphKey) -> RoadChoice | None:
    """Return a graph of the bound tenant, or None when it never chose it."""
    row = session.scalar(_of_key(key))
    return None if row is None else _choice(row)


def _of_key(key: GraphKey) -> Select[RoadGraphRow]:
    return select(RoadGraphRow).where(RoadGraphRow.id == key)


def _choice(row: RoadGraphRow) -> RoadChoice:
    return RoadChoice(key=GraphKey(row.id), extract_name=row.extract_name)
