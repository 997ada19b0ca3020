"""Rows of trajectories: where devices were as a function of time, found by device, time and place."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import delete, func, select

from geo_engine.db.base import SRID_WGS84
from geo_engine.db.session import Session
from geo_engine.geometry import Box
from geo_engine.ids import DeviceId
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.rows import TrajectoryRow
from geo_engine.tracks.timed_lines import timed_columns, timed_ewkb
from geo_engine.tracks.trajectories import TrajectoryPiece

_ROWS_AT_ONCE = 500


def renew_pieces(
    session: Session, device_id: DeviceId, pieces: Sequence[TrajectoryPiece], *, from_at: datetime
) -> None:
    """Have a device's pieces that began at a moment or later be these; those that stand already stay."""
    row = TrajectoryRow
    query = select(row.started_at, row.geom).where(row.device_id == device_id, row.started_at >= from_at)
    standing = {started_at: bytes(geom.data) for started_at, geom in session.execute(query)}
    wanted = {piece.started_at: (piece.ended_at, timed_ewkb(piece.columns)) for piece in pieces}
    obsolete = [at for at, ewkb in standing.items() if at not in wanted or wanted[at][1] != ewkb]
    session.execute(delete(row).where(row.device_id == device_id, row.started_at.in_(obsolete)))
    session.add_all(
        TrajectoryRow(
            device_id=device_id,
            started_at=started_at,
            ended_at=ended_at,
            geom=WKBElement(ewkb, srid=SRID_WGS84, extended=True),
        )
        for started_at, (ended_at, ewkb) in wanted.items()
        if standing.get(started_at) != ewkb
    )
    session.flush()


def list_pieces(session: Session, device_id: DeviceId, span: TimeSpan) -> list[TrajectoryPiece]:
    """Return a device's pieces that reach into a span, in order."""
    row = TrajectoryRow
    within = (row.device_id == device_id, row.started_at < span.end_at, row.ended_at >= span.start_at)
    query = select(row.geom).where(*within).order_by(row.started_at)
    return [_piece(geom) for geom in session.scalars(query)]


def stream_pieces_in_box(
    session: Session, box: Box, span: TimeSpan, *, device_ids: Iterable[DeviceId] | None = None
) -> Iterator[tuple[DeviceId, list[TrajectoryPiece]]]:
    """Yield device after device the pieces that come into an area and reach into a span, in order.

    Notes
    -----
    One device's are in memory at a time: a depot is passed by everybody, all day.
    """
    row = TrajectoryRow
    area = func.st_makeenvelope(box.west, box.south, box.east, box.north, SRID_WGS84)
    query = select(row.device_id, row.geom).where(
        row.geom.op("&&")(area), row.started_at < span.end_at, row.ended_at >= span.start_at
    )
    if device_ids is not None:
        query = query.where(row.device_id.in_(sorted(device_ids)))
    query = query.order_by(row.device_id, row.started_at).execution_options(yield_per=_ROWS_AT_ONCE)
    for device_id, rows in groupby(session.execute(query), key=itemgetter(0)):
        yield DeviceId(device_id), [_piece(geom) for _, geom in rows]


def _piece(geom: WKBElement) -> TrajectoryPiece:
    times_us, lons_deg, lats_deg = timed_columns(to_shape(geom))
    return TrajectoryPiece(times_us=times_us, lons_deg=lons_deg, lats_deg=lats_deg)
