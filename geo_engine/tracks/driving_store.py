"""Rows of trips as to what was driven: which do not tell it yet, and what is told then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import delete, select, update

from geo_engine.db.base import SRID_WGS84
from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.driven import DrivenTrip, DrivenWay, WayKind
from geo_engine.tracks.rows import TripRow, TripWayRow
from geo_engine.tracks.timed_lines import timed_columns, timed_ewkb


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedTrip:
    """A trip that is believed for good, and of which nobody has looked up yet how far it went along roads."""

    id: UUID
    device_id: DeviceId
    started_at: datetime
    ended_at: datetime


def list_unmatched(session: Session, *, limit: int) -> list[UnmatchedTrip]:
    """Return trips of the bound tenant that may be matched and are not, the oldest first."""
    row = TripRow
    is_waiting = (~row.is_open, row.superseded_at.is_(None), row.driven_m.is_(None))
    query = select(row.id, row.device_id, row.started_at, row.ended_at).where(*is_waiting)
    return [
        UnmatchedTrip(id=one.id, device_id=DeviceId(one.device_id), started_at=one.started_at, ended_at=one.ended_at)
        for one in session.execute(query.order_by(row.started_at).limit(limit))
    ]


def save_driven(session: Session, trip_id: UUID, driven: DrivenTrip) -> None:
    """Write how far a trip went and on which ways, instead of what was written before."""
    values = {"driven_m": driven.driven_m, "confidence": driven.confidence}
    session.execute(update(TripRow).where(TripRow.id == trip_id).values(values))
    session.execute(delete(TripWayRow).where(TripWayRow.trip_id == trip_id))
    session.add_all(_row(trip_id, number, way) for number, way in enumerate(driven.ways))
    session.flush()


def find_driven(session: Session, device_id: DeviceId, span: TimeSpan) -> dict[datetime, DrivenTrip]:
    """Return what is known of the trips of a device that reach into a span, by when they began."""
    row = TripRow
    query = select(row.id, row.started_at, row.driven_m, row.confidence).where(
        row.device_id == device_id,
        row.started_at < span.end_at,
        row.ended_at >= span.start_at,
        row.superseded_at.is_(None),
    )
    known = [one for one in session.execute(query) if one.driven_m is not None and one.confidence is not None]
    ways = _find_ways(session, [one.id for one in known])
    return {
        one.started_at: DrivenTrip(driven_m=one.driven_m, confidence=one.confidence, ways=tuple(ways.get(one.id, ())))
        for one in known
    }


def _find_ways(session: Session, trip_ids: Sequence[UUID]) -> dict[UUID, list[DrivenWay]]:
    row = TripWayRow
    query = select(row).where(row.trip_id.in_(trip_ids)).order_by(row.trip_id, row.number)
    found: dict[UUID, list[DrivenWay]] = {}
    for one in session.scalars(query):
        found.setdefault(one.trip_id, []).append(_way(one))
    return found


def _row(trip_id: UUID, number: int, way: DrivenWay) -> TripWayRow:
    return TripWayRow(
        trip_id=trip_id,
        number=number,
        kind=way.kind.value,
        geom=WKBElement(timed_ewkb((way.times_us, way.lons_deg, way.lats_deg)), srid=SRID_WGS84, extended=True),
        distance_m=way.distance_m,
        least_m=way.least_m,
        most_m=way.most_m,
        confidence=way.confidence,
    )


def _way(row: TripWayRow) -> DrivenWay:
    times_us, lons_deg, lats_deg = timed_columns(to_shape(row.geom))
    return DrivenWay(
        kind=WayKind(row.kind),
        times_us=times_us,
        lons_deg=lons_deg,
        lats_deg=lats_deg,
        distance_m=row.distance_m,
        least_m=row.least_m,
        most_m=row.most_m,
        confidence=row.confidence,
    )
