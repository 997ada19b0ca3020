"""Rows of trips as to what was driven: which do not tell it yet, and what is told then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import LineString, MultiLineString
from sqlalchemy import select, update

from geo_engine.db.base import SRID_WGS84
from geo_engine.db.session import Session
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.driven import DrivenTrip, DrivenWay
from geo_engine.tracks.rows import TripRow


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


def save_driven(session: Session, trip_id: UUID, driven: DrivenTrip, ways: Sequence[DrivenWay]) -> None:
    """Write how far a trip went, and the ways it was seen on."""
    lines = [LineString(list(zip(way.lons_deg, way.lats_deg, strict=True))) for way in ways]
    # Not extended it would be sent as rounded text.
    matched = from_shape(MultiLineString(lines), srid=SRID_WGS84, extended=True) if lines else None
    row = TripRow
    values = {"driven_m": driven.driven_m, "confidence": driven.confidence, "matched": matched}
    session.execute(update(row).where(row.id == trip_id).values(values))


def find_driven(session: Session, device_id: DeviceId, span: TimeSpan) -> dict[datetime, DrivenTrip]:
    """Return what is known of the trips of a device that reach into a span, by when they began."""
    row = TripRow
    query = select(row.started_at, row.driven_m, row.confidence).where(
        row.device_id == device_id,
        row.started_at < span.end_at,
        row.ended_at >= span.start_at,
        row.superseded_at.is_(None),
    )
    return {
        started_at: DrivenTrip(driven_m=driven_m, confidence=confidence)
        for started_at, driven_m, confidence in session.execute(query)
        if driven_m is not None and confidence is not None
    }
