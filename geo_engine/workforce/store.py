"""Rows of depots, workers and shifts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    FetchedValue,
    Index,
    Integer,
    Select,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import Code, Codes, Document, TenantRow, point_column, tenant_key, to_point, to_position
from geo_engine.db.rows import add_missing_rows, save_rows
from geo_engine.db.session import Session
from geo_engine.ids import DepotId, MemberId, TeamId, WorkerId
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce.model import BreakRule, Depot, Worker, WorkerShift

_A_MODE = "travel_mode in ('car', 'ebike', 'bicycle', 'foot')"


class DepotRow(TenantRow):
    """A place where routes start or end."""

    __tablename__ = "depot"
    __table_args__ = (tenant_key([], "tenant"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    geom: Mapped[WKBElement] = point_column()


class WorkerRow(TenantRow):
    """A person who visits, with the usual working day in local clock time."""

    __tablename__ = "worker"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["team_id"], "team"),
        tenant_key(["start_depot_id"], "depot"),
        tenant_key(["end_depot_id"], "depot"),
        tenant_key(["member_id"], "member"),
        UniqueConstraint("tenant_id", "member_id"),
        CheckConstraint(_A_MODE, name="travel_mode"),
        Index(None, "tenant_id", "team_id"),
    )

    id: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[Code | None]
    start_depot_id: Mapped[Code]
    end_depot_id: Mapped[Code | None]
    shift_earliest_s: Mapped[int]
    shift_latest_s: Mapped[int]
    breaks: Mapped[Document]
    skills: Mapped[Codes]
    max_visits: Mapped[int | None]
    max_driving_s: Mapped[int | None]
    capacity: Mapped[list[int]] = mapped_column(ARRAY(Integer, dimensions=1))
    cost_fixed: Mapped[float]
    cost_per_hour: Mapped[float]
    cost_per_km: Mapped[float]
    member_id: Mapped[UUID | None]
    travel_mode: Mapped[str] = mapped_column(server_default=text("'car'"))


class ShiftRow(TenantRow):
    """When a worker works on one day; the database itself writes the moments, by the company's time zone."""

    __tablename__ = "shift"
    __table_args__ = (
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        Index(None, "tenant_id", "worker_id", "service_on"),
        CheckConstraint("latest_s > earliest_s", name="hours"),
        CheckConstraint(_A_MODE, name="travel_mode"),
    )

    service_on: Mapped[date] = mapped_column(primary_key=True)
    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    earliest_s: Mapped[int]
    latest_s: Mapped[int]
    start_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    end_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    travel_mode: Mapped[str | None]


_START, _END = aliased(DepotRow, name="start_depot"), aliased(DepotRow, name="end_depot")


def save_depots(session: Session, depots: Iterable[Depot]) -> None:
    """Write depots, new or known."""
    values = [{"id": depot.id, "geom": to_point(depot.position)} for depot in depots]
    save_rows(session, DepotRow, values)


def save_workers(session: Session, workers: Sequence[Worker], depots: Sequence[tuple[DepotId, DepotId | None]]) -> None:
    """Write workers, new or known, with the depots of their start and end.

    Parameters
    ----------
    depots
        Per worker in the same order; an end of None is open.
    """
    values = [_worker_values(worker, *ends) for worker, ends in zip(workers, depots, strict=True)]
    save_rows(session, WorkerRow, values)


def save_shifts(session: Session, shifts: Iterable[WorkerShift]) -> None:
    """Write shifts, new or known."""
    save_rows(session, ShiftRow, map(_shift_values, shifts), key=("service_on", "worker_id"))


def add_missing_shifts(session: Session, shifts: Iterable[WorkerShift]) -> None:
    """Write the shifts of those who have none on the day."""
    add_missing_rows(session, ShiftRow, map(_shift_values, shifts), key=("service_on", "worker_id"))


def workers_of(team_ids: Iterable[TeamId] | None) -> Select[WorkerRow, WKBElement, WKBElement | None]:
    """Return the query for workers by id, of some teams or of all."""
    query = (
        select(WorkerRow, _START.geom, _END.geom)
        .join(_START, (_START.tenant_id == WorkerRow.tenant_id) & (_START.id == WorkerRow.start_depot_id))
        .outerjoin(_END, (_END.tenant_id == WorkerRow.tenant_id) & (_END.id == WorkerRow.end_depot_id))
        .order_by(WorkerRow.id)
    )
    return query if team_ids is None else query.where(among(WorkerRow.team_id, team_ids))


def list_workers(session: Session, *, team_ids: Iterable[TeamId] | None = None) -> tuple[Worker, ...]:
    """Return workers by id; of some teams, or of all when None."""
    return tuple(_worker(*row) for row in session.execute(workers_of(team_ids)))


def get_workers(session: Session, worker_ids: Iterable[WorkerId]) -> tuple[Worker, ...]:
    """Return those of the workers that are known, by id."""
    query = workers_of(None).where(among(WorkerRow.id, worker_ids))
    return tuple(_worker(*row) for row in session.execute(query))


def find_shifts(session: Session, service_on: date) -> dict[WorkerId, ClockWindow]:
    """Return the hours of everyone who has a shift of that day."""
    rows = session.scalars(select(ShiftRow).where(ShiftRow.service_on == service_on))
    return {WorkerId(row.worker_id): ClockWindow(earliest_s=row.earliest_s, latest_s=row.latest_s) for row in rows}


def find_shift_modes(session: Session, service_on: date) -> dict[WorkerId, TravelMode]:
    """Return how those travel whose shift of that day says so."""
    shift = ShiftRow
    query = select(shift.worker_id, shift.travel_mode).where(shift.service_on == service_on)
    return {WorkerId(worker_id): TravelMode(mode) for worker_id, mode in session.execute(query) if mode is not None}


def find_hours(session: Session, worker_id: WorkerId, days: Iterable[date]) -> dict[date, ClockWindow]:
    """Return a worker's hours of some days: those of the day's shift, else the usual ones; none of nobody."""
    shift, worker = ShiftRow, WorkerRow
    wanted = sorted(set(days))
    of_day = select(shift).where(shift.worker_id == worker_id, shift.service_on.in_(wanted))
    usual = select(worker.shift_earliest_s, worker.shift_latest_s).where(worker.id == worker_id)
    hours = {
        day: ClockWindow(earliest_s=earliest_s, latest_s=latest_s)
        for earliest_s, latest_s in session.execute(usual)
        for day in wanted
    }
    told = {
        row.service_on: ClockWindow(earliest_s=row.earliest_s, latest_s=row.latest_s) for row in session.scalars(of_day)
    }
    return hours | told


def save_member(session: Session, worker_id: WorkerId, member_id: MemberId) -> bool:
    """Write which member a worker is; False when there is no such worker."""
    statement = update(WorkerRow).where(WorkerRow.id == worker_id).values(member_id=member_id)
    return session.scalar(statement.returning(WorkerRow.id)) is not None


def find_worker_id(session: Session, member_id: MemberId) -> WorkerId | None:
    """Return which worker a member is, or None when the member is none."""
    found = session.scalar(select(WorkerRow.id).where(WorkerRow.member_id == member_id))
    return None if found is None else WorkerId(found)


def find_members(session: Session, worker_ids: Iterable[WorkerId]) -> dict[WorkerId, MemberId | None]:
    """Return which member each of the workers that is known is; None for whoever cannot sign in."""
    query = select(WorkerRow.id, WorkerRow.member_id).where(among(WorkerRow.id, worker_ids))
    return {WorkerId(one): None if member is None else MemberId(member) for one, member in session.execute(query)}


def lock_worker(session: Session, worker_id: WorkerId) -> None:
    """Keep others from changing what belongs to a worker until the transaction ends; others may refer to it."""
    session.execute(select(WorkerRow.id).where(WorkerRow.id == worker_id).with_for_update(key_share=True))


def lock_references(session: Session, worker_id: WorkerId) -> None:
    """Wait for whoever writes what refers to a worker, and keep others from it until the transaction ends."""
    session.execute(select(WorkerRow.id).where(WorkerRow.id == worker_id).with_for_update())


def find_teams(session: Session, worker_ids: Iterable[WorkerId]) -> dict[WorkerId, TeamId | None]:
    """Return the team of each of the workers that is known."""
    query = select(WorkerRow.id, WorkerRow.team_id).where(among(WorkerRow.id, worker_ids))
    return {WorkerId(worker_id): None if team is None else TeamId(team) for worker_id, team in session.execute(query)}


def _shift_values(shift: WorkerShift) -> dict[str, Any]:
    return {
        "service_on": shift.service_on,
        "worker_id": shift.worker_id,
        "earliest_s": shift.hours.earliest_s,
        "latest_s": shift.hours.latest_s,
        "travel_mode": shift.mode,
    }


def _worker_values(worker: Worker, start: DepotId, end: DepotId | None) -> dict[str, Any]:
    return {
        "id": worker.id,
        "name": worker.name,
        "team_id": worker.team_id,
        "start_depot_id": start,
        "end_depot_id": end,
        "shift_earliest_s": worker.shift.earliest_s,
        "shift_latest_s": worker.shift.latest_s,
        "breaks": [[rule.duration_s, rule.window.earliest_s, rule.window.latest_s] for rule in worker.breaks],
        "skills": sorted(worker.skills),
        "max_visits": worker.max_visits,
        "max_driving_s": worker.max_driving_s,
        "capacity": list(worker.capacity),
        "cost_fixed": worker.cost_fixed,
        "cost_per_hour": worker.cost_per_hour,
        "cost_per_km": worker.cost_per_km,
        "travel_mode": worker.mode,
    }


def _worker(row: WorkerRow, start: WKBElement, end: WKBElement | None) -> Worker:
    return Worker(
        id=WorkerId(row.id),
        name=row.name,
        team_id=None if row.team_id is None else TeamId(row.team_id),
        start=to_position(start),
        end=None if end is None else to_position(end),
        shift=ClockWindow(earliest_s=row.shift_earliest_s, latest_s=row.shift_latest_s),
        breaks=tuple(
            BreakRule(duration_s=duration_s, window=ClockWindow(earliest_s=earliest_s, latest_s=latest_s))
            for duration_s, earliest_s, latest_s in row.breaks
        ),
        skills=frozenset(row.skills),
        max_visits=row.max_visits,
        max_driving_s=row.max_driving_s,
        capacity=tuple(row.capacity),
        cost_fixed=row.cost_fixed,
        cost_per_hour=row.cost_per_hour,
        cost_per_km=row.cost_per_km,
        mode=TravelMode(row.travel_mode),
    )
