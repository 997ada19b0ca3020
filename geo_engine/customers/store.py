"""Rows of customers, sites and due visits, and the queries a map and a plan ask of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from geoalchemy2 import Geography, WKBElement
from sqlalchemy import ARRAY, CheckConstraint, Index, Integer, Select, cast, delete, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.customers.model import Site
from geo_engine.db.among import among
from geo_engine.db.base import (
    SRID_WGS84,
    BigInt,
    Code,
    Codes,
    Document,
    TenantRow,
    point_column,
    tenant_key,
    to_point,
    to_position,
)
from geo_engine.db.rows import add_missing_rows, save_rows
from geo_engine.db.session import Session
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import box_around
from geo_engine.ids import CustomerId, SiteId, TeamId, WorkerId
from geo_engine.timespan import ClockWindow


class CustomerRow(TenantRow):
    """Who is visited."""

    __tablename__ = "customer"
    __table_args__ = (tenant_key([], "tenant"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]


class SiteRow(TenantRow):
    """The place where, and what a visit there needs."""

    __tablename__ = "site"

    id: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
    customer_id: Mapped[Code | None]
    team_id: Mapped[Code | None]
    geom: Mapped[WKBElement] = point_column()
    address: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    notes: Mapped[str] = mapped_column(server_default="")
    service_s: Mapped[int]
    windows: Mapped[Document]
    skills: Mapped[Codes]
    priority: Mapped[int]
    penalty: Mapped[BigInt | None]
    required: Mapped[bool]
    worker_ids: Mapped[Codes]
    amounts: Mapped[list[int]] = mapped_column(ARRAY(Integer, dimensions=1))
    level: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["customer_id"], "customer"),
        CheckConstraint("priority between 0 and 100", name="priority"),
        tenant_key(["team_id"], "team"),
        Index("ix_site_tenant_id_geom", "tenant_id", "geom", postgresql_using="gist"),
        Index(None, "tenant_id", "team_id", "id"),
        Index(None, "tenant_id", "customer_id"),
    )


class DueVisitRow(TenantRow):
    """A site that is to be visited on a day; who is to go is said by the period that has it, and by nothing else."""

    __tablename__ = "due_visit"
    __table_args__ = (
        tenant_key(["site_id"], "site", on_delete="CASCADE"),
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        Index(None, "tenant_id", "site_id"),
        Index(None, "tenant_id", "worker_id", "due_on"),
    )

    due_on: Mapped[date] = mapped_column(primary_key=True)
    site_id: Mapped[Code] = mapped_column(primary_key=True)
    worker_id: Mapped[Code | None]


def save_sites(session: Session, sites: Iterable[Site]) -> None:
    """Write sites, new or known; their customers and teams are already there."""
    save_rows(session, SiteRow, map(_values, sites), keeping=("customer_id",))


def add_due_visits(session: Session, site_ids: Iterable[SiteId], due_on: date) -> None:
    """Write that sites are to be visited on a day; what is already due stays due."""
    values = ({"due_on": due_on, "site_id": site_id} for site_id in site_ids)
    add_missing_rows(session, DueVisitRow, values, key=("due_on", "site_id"))


def replace_due_visits(
    session: Session,
    due: Iterable[tuple[date, SiteId, WorkerId]],
    *,
    from_on: date,
    until_on: date,
    team_ids: Iterable[TeamId] | None,
) -> None:
    """Have a period's visits be these between two days, both included, for the sites of some teams or of all.

    What was due by itself stays due; where the period has it as well, the period says who goes.
    """
    row = DueVisitRow
    sites = select(SiteRow.id) if team_ids is None else select(SiteRow.id).where(among(SiteRow.team_id, team_ids))
    of_periods = (row.worker_id.is_not(None), row.due_on.between(from_on, until_on), row.site_id.in_(sites))
    session.execute(delete(row).where(*of_periods))
    values = ({"due_on": on, "site_id": site_id, "worker_id": worker_id} for on, site_id, worker_id in due)
    save_rows(session, row, values, key=("due_on", "site_id"))


def list_due_workers(session: Session, from_on: date, until_on: date) -> tuple[tuple[date, SiteId, WorkerId], ...]:
    """Return the due visits of two days and all between of which a period says who goes: day, site, worker."""
    row = DueVisitRow
    query = select(row.due_on, row.site_id, row.worker_id)
    query = query.where(row.due_on.between(from_on, until_on), row.worker_id.is_not(None))
    rows = session.execute(query.order_by(row.due_on, row.site_id))
    return tuple((on, SiteId(site_id), WorkerId(worker_id)) for on, site_id, worker_id in rows if worker_id is not None)


def sites_in_box(box: Box, *, limit: int) -> Select[Any]:
    """Return the query for the sites within a box, its sides included.

    Notes
    -----
    Under row-level security ``&&`` alone is served by the index. It compares boxes of single precision, that is to
    about a metre, so the coordinates themselves are compared as well.
    """
    envelope = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, SRID_WGS84)
    lon, lat = func.ST_X(SiteRow.geom), func.ST_Y(SiteRow.geom)
    within = lon.between(box.west, box.east) & lat.between(box.south, box.north)
    return select(SiteRow).where(SiteRow.geom.intersects(envelope), within).limit(limit)


def nearest_by_degrees(position: Position, *, count: int) -> Select[Any]:
    """Return the query for how far, in metres, the `count` sites are that are nearest in degrees."""
    return select(_metres_to(position)).order_by(SiteRow.geom.distance_centroid(to_point(position))).limit(count)


def nearest_in_box(position: Position, box: Box, *, count: int) -> Select[Any]:
    """Return the query for the `count` sites within a box that are nearest to a position in metres, nearest first."""
    return sites_in_box(box, limit=count).order_by(_metres_to(position), SiteRow.id)


def sites_due(due_on: date, team_ids: Iterable[TeamId] | None) -> Select[Any]:
    """Return the query for the sites due on a day, by id; of some teams, or of all when None."""
    query = (
        select(SiteRow)
        .join(DueVisitRow, (DueVisitRow.tenant_id == SiteRow.tenant_id) & (DueVisitRow.site_id == SiteRow.id))
        .where(DueVisitRow.due_on == due_on)
        .order_by(SiteRow.id)
    )
    return query if team_ids is None else query.where(among(SiteRow.team_id, team_ids))


def list_sites_in_box(session: Session, box: Box, *, limit: int = 1_000) -> tuple[Site, ...]:
    """Return up to `limit` sites within a box, in no order."""
    return _sites(session, sites_in_box(box, limit=limit))


def list_sites_near(session: Session, position: Position, *, count: int = 10) -> tuple[Site, ...]:
    """Return the `count` sites nearest to a position in metres, nearest first.

    Notes
    -----
    The index orders by degrees, which is not by metres away from the equator. So the `count` nearest by
    degrees come first; no truly nearest one is farther in metres than the farthest of them, so all within
    that distance are compared on the ellipsoid.
    """
    farthest_m = max(session.scalars(nearest_by_degrees(position, count=count)), default=None)
    if farthest_m is None:
        return ()
    return _sites(session, nearest_in_box(position, box_around(position, farthest_m), count=count))


def list_sites_due(session: Session, due_on: date, *, team_ids: Iterable[TeamId] | None = None) -> tuple[Site, ...]:
    """Return the sites due on a day, by id; of some teams, or of all when None."""
    return _sites(session, sites_due(due_on, team_ids))


def list_sites(session: Session, *, team_ids: Iterable[TeamId] | None = None) -> tuple[Site, ...]:
    """Return sites by id; of some teams, or of all when None."""
    query = select(SiteRow).order_by(SiteRow.id)
    return _sites(session, query if team_ids is None else query.where(among(SiteRow.team_id, team_ids)))


def get_sites(session: Session, site_ids: Iterable[SiteId]) -> tuple[Site, ...]:
    """Return those of the sites that are known, by id."""
    return _sites(session, select(SiteRow).where(among(SiteRow.id, site_ids)).order_by(SiteRow.id))


def list_names(session: Session, *, team_ids: Iterable[TeamId] | None = None) -> tuple[tuple[SiteId, str], ...]:
    """Return what sites are called, by id; those of some teams, or all when None."""
    query = select(SiteRow.id, SiteRow.name).order_by(SiteRow.id)
    rows = session.execute(query if team_ids is None else query.where(among(SiteRow.team_id, team_ids)))
    return tuple((SiteId(site_id), name) for site_id, name in rows)


def find_teams(session: Session, site_ids: Iterable[SiteId]) -> dict[SiteId, TeamId | None]:
    """Return the team of each of the sites that is known."""
    query = select(SiteRow.id, SiteRow.team_id).where(among(SiteRow.id, site_ids))
    return {SiteId(site_id): None if team is None else TeamId(team) for site_id, team in session.execute(query)}


def add_missing_customers(session: Session, customer_ids: Iterable[CustomerId]) -> None:
    """Write those customers that are not known yet, named by their ids."""
    add_missing_rows(session, CustomerRow, ({"id": one, "name": one} for one in set(customer_ids)))


def _metres_to(position: Position) -> Any:  # noqa: ANN401 - an expression of SQLAlchemy's
    here = literal(to_point(position), SiteRow.geom.type)
    return func.ST_Distance(cast(SiteRow.geom, Geography), cast(here, Geography))


def _sites(session: Session, query: Select[Any]) -> tuple[Site, ...]:
    # As plain rows, in the order of the table: that a session keeps track of each costs a fifth of the time,
    # and nobody changes one.
    rows = session.execute(query.with_only_columns(*SiteRow.__table__.columns))
    return tuple(_site(row) for row in rows)


def _values(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        "name": site.name,
        "customer_id": site.customer_id,
        "team_id": site.team_id,
        "geom": to_point(site.position),
        "address": site.address,
        "phone": site.phone,
        "notes": site.notes,
        "service_s": site.service_s,
        "windows": [[window.earliest_s, window.latest_s] for window in site.windows],
        "skills": sorted(site.skills),
        "priority": site.priority,
        "penalty": site.penalty,
        "required": site.required,
        "worker_ids": sorted(site.worker_ids),
        "amounts": list(site.amounts),
        "level": site.level,
    }


def _site(row: Sequence[Any]) -> Site:
    # Taken apart at once: reading a row by its columns' names took two fifths of making 500 sites.
    (
        _, site_id, name, customer_id, team_id, geom, address, phone, notes, service_s,
        windows, skills, priority, penalty, required, worker_ids, amounts, level,
    ) = row  # fmt: skip
    return Site(
        id=SiteId(site_id),
        name=name,
        customer_id=None if customer_id is None else CustomerId(customer_id),
        team_id=None if team_id is None else TeamId(team_id),
        position=to_position(geom),
        address=address,
        phone=phone,
        notes=notes,
        service_s=service_s,
        windows=tuple(ClockWindow(earliest_s=earliest_s, latest_s=latest_s) for earliest_s, latest_s in windows),
        skills=frozenset(skills),
        priority=priority,
        penalty=penalty,
        required=required,
        worker_ids=frozenset(map(WorkerId, worker_ids)),
        amounts=tuple(amounts),
        level=level,
    )
