"""Rows of the legs of workers' days."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.among import among
from geo_engine.db.session import Session
from geo_engine.ids import SiteId, VisitId, WorkerId
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import Bounds, Verdict
from geo_engine.visits.rows import VisitLegRow, VisitRow


def replace_legs(session: Session, worker_id: WorkerId, service_on: date, legs: Sequence[Leg]) -> None:
    """Have the legs of a worker's day be these."""
    row = VisitLegRow
    if list_legs(session, service_on, [worker_id]).get(worker_id, ()) == tuple(legs):
        return
    session.execute(delete(row).where(row.service_on == service_on, row.worker_id == worker_id))
    if legs:
        session.execute(insert(row), [_values(worker_id, service_on, leg) for leg in legs])


def list_legs(session: Session, service_on: date, worker_ids: Iterable[WorkerId]) -> dict[WorkerId, tuple[Leg, ...]]:
    """Return the legs of a day of some workers, each worker's in order of time."""
    row = VisitLegRow
    query = select(row).where(row.service_on == service_on, among(row.worker_id, worker_ids))
    found: dict[WorkerId, list[Leg]] = {}
    for one in session.scalars(query.order_by(row.worker_id, row.number)):
        found.setdefault(WorkerId(one.worker_id), []).append(_leg(one))
    return {worker_id: tuple(legs) for worker_id, legs in found.items()}


def list_mean_driven_m(session: Session, first_on: date, last_on: date) -> dict[SiteId, float]:
    """Return by site how far the ways to it were in the mean, of some days; a way not followed throughout is left out.

    Notes
    -----
    By day, as legs are kept: a month of a company of 200 people reads 60,000 of them.
    """
    leg, visit = VisitLegRow, VisitRow
    query = (
        select(visit.site_id, func.avg(leg.driven_m))
        .join(visit, (visit.tenant_id == leg.tenant_id) & (visit.id == leg.visit_id))
        .where(visit.superseded_at.is_(None), visit.verdict != Verdict.CONTRADICTED)
        .where(leg.service_on.between(first_on, last_on), leg.driven_most_m.is_not(None))
        .group_by(visit.site_id)
    )
    return {SiteId(site_id): float(mean_m) for site_id, mean_m in session.execute(query)}


def _values(worker_id: WorkerId, service_on: date, leg: Leg) -> dict[str, object]:
    off = leg.off_m
    return {
        "worker_id": worker_id,
        "service_on": service_on,
        "number": leg.number,
        "visit_id": leg.visit_id,
        "planned_m": leg.planned_m,
        "direct_m": leg.direct_m,
        "driven_least_m": leg.driven_m.least,
        "driven_m": leg.driven_m.likely,
        "driven_most_m": _finite(leg.driven_m.most),
        "off_least_m": None if off is None else off.least,
        "off_m": None if off is None else off.likely,
        "off_most_m": None if off is None else _finite(off.most),
    }


def _finite(most_m: float) -> float | None:
    return None if math.isinf(most_m) else most_m


def _leg(row: VisitLegRow) -> Leg:
    return Leg(
        number=row.number,
        visit_id=None if row.visit_id is None else VisitId(row.visit_id),
        planned_m=row.planned_m,
        direct_m=row.direct_m,
        driven_m=_bounds(row.driven_least_m, row.driven_m, row.driven_most_m),
        off_m=None
        if row.off_least_m is None or row.off_m is None
        else _bounds(row.off_least_m, row.off_m, row.off_most_m),
    )


def _bounds(least_m: float, likely_m: float, most_m: float | None) -> Bounds:
    return Bounds(least=least_m, likely=likely_m, most=math.inf if most_m is None else most_m)
