"""What the rows of visits and of published plans tell of how long services and legs took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from geo_engine.db.session import Session
from geo_engine.geofences.presences import Presence
from geo_engine.ids import SiteId, VisitId, WorkerId
from geo_engine.visits.day import PlannedStop
from geo_engine.visits.documents import read_presence, read_stop
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.model import Verdict
from geo_engine.visits.rows import VisitDecisionRow, VisitRow

BELIEVED = frozenset({Verdict.CONFIRMED, Verdict.LIKELY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """As much of a visit as tells when it was.

    Parameters
    ----------
    is_believed
        Whether it took place: as a person said, else by its verdict, and it is clear of which site it was.
    """

    service_on: date
    worker_id: WorkerId
    site_id: SiteId
    stop: PlannedStop | None
    presence: Presence | None
    is_believed: bool


def list_stays(session: Session, *, since: date, before: date) -> tuple[Stay, ...]:
    """Return the visits from one day to before another as they are believed, by day, worker and time.

    Notes
    -----
    Of each document only what is needed is sent, and no statement is read.
    """
    row = VisitRow
    said = _decided(session, since, before)
    query = select(
        row.id,
        row.service_on,
        row.worker_id,
        row.site_id,
        row.verdict,
        row.is_ambiguous,
        row.told["stop"],
        row.told["presence"],
    ).where(row.service_on >= since, row.service_on < before, row.superseded_at.is_(None))
    return tuple(
        Stay(
            service_on=on,
            worker_id=WorkerId(worker_id),
            site_id=SiteId(site_id),
            stop=None if stop is None else read_stop(stop),
            presence=None if presence is None else read_presence(presence),
            is_believed=not is_ambiguous and _is_believed(Verdict(verdict), said.get(VisitId(visit_id))),
        )
        for visit_id, on, worker_id, site_id, verdict, is_ambiguous, stop, presence in session.execute(
            query.order_by(row.service_on, row.worker_id, row.began_at, row.id)
        )
    )


def _is_believed(verdict: Verdict, said: DecisionKind | None) -> bool:
    if said in {DecisionKind.ACCEPTED, DecisionKind.REJECTED}:
        return said is DecisionKind.ACCEPTED
    return verdict in BELIEVED


def _decided(session: Session, since: date, before: date) -> Mapping[VisitId, DecisionKind]:
    """Return the last that people said of visits."""
    row = VisitDecisionRow
    query = select(row.visit_id, row.kind).where(row.service_on >= since, row.service_on < before)
    found = session.execute(query.order_by(row.decided_at, row.id))
    return {VisitId(visit_id): DecisionKind(kind) for visit_id, kind in found}
