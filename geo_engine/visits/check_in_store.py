"""Rows of statements: what workers said of arriving and leaving."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo_engine.db.among import among
from geo_engine.db.session import Session
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, DeviceId, MemberId, PhotoId, SiteId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.visits.model import CheckIn, CheckInKind, CheckInPosition
from geo_engine.visits.rows import CheckInPhotoRow, CheckInRow


def add_check_in(session: Session, check_in: CheckIn, *, by: MemberId | None) -> bool:
    """Write a statement whose clock was put right, and return whether there was none of its id."""
    values = {
        "id": check_in.id,
        "kind": check_in.kind.value,
        "worker_id": check_in.worker_id,
        "site_id": check_in.site_id,
        "told_at": check_in.told_at,
        "sent_at": check_in.sent_at,
        "received_at": check_in.received_at,
        "stated_at": check_in.stated_at,
        "positions": [_position_document(one) for one in check_in.positions],
        "device_id": check_in.device_id,
        "note": check_in.note,
        "stated_by": by,
    }
    adding = insert(CheckInRow).values(values).on_conflict_do_nothing(index_elements=["tenant_id", "id"])
    is_new = session.scalar(adding.returning(CheckInRow.id)) is not None
    if is_new and check_in.photo_ids:
        shown = [
            {"photo_id": photo_id, "check_in_id": check_in.id, "number": number}
            for number, photo_id in enumerate(check_in.photo_ids)
        ]
        session.execute(insert(CheckInPhotoRow), shown)
    return is_new


def find_check_ins(session: Session, ids: Iterable[CheckInId]) -> dict[CheckInId, CheckIn]:
    """Return those of some statements that there are, by id."""
    found = _read(session, select(CheckInRow).where(among(CheckInRow.id, ids)))
    return {check_in.id: check_in for check_in in found}


def list_check_ins(session: Session, worker_id: WorkerId, span: TimeSpan) -> tuple[CheckIn, ...]:
    """Return what a worker stated in a span, by clocks that were put right when it came, in order of time."""
    row = CheckInRow
    within = (row.worker_id == worker_id, row.stated_at >= span.start_at, row.stated_at < span.end_at)
    return _read(session, select(row).where(*within).order_by(row.stated_at, row.id))


def list_moments_naming(session: Session, photo_ids: Iterable[PhotoId]) -> tuple[tuple[WorkerId, datetime], ...]:
    """Return who named one of some photos in a statement, and when, by clocks that were put right when it came."""
    naming = select(CheckInPhotoRow.check_in_id).where(among(CheckInPhotoRow.photo_id, photo_ids))
    found = session.execute(select(CheckInRow.worker_id, CheckInRow.stated_at).where(CheckInRow.id.in_(naming)))
    return tuple((WorkerId(worker_id), stated_at) for worker_id, stated_at in found)


def list_naming(session: Session, photo_id: PhotoId) -> tuple[CheckIn, ...]:
    """Return the statements that name a photo, in the order in which they were received."""
    naming = select(CheckInPhotoRow.check_in_id).where(CheckInPhotoRow.photo_id == photo_id)
    query = select(CheckInRow).where(CheckInRow.id.in_(naming))
    return _read(session, query.order_by(CheckInRow.received_at, CheckInRow.id))


def list_showing(session: Session, photo_ids: Iterable[PhotoId]) -> tuple[CheckIn, ...]:
    """Return the statements that name one of some photos, whoever made them, in order of time."""
    shown = select(CheckInPhotoRow.check_in_id).where(among(CheckInPhotoRow.photo_id, photo_ids))
    row = CheckInRow
    return _read(session, select(row).where(row.id.in_(shown)).order_by(row.stated_at, row.id))


def delete_check_ins(session: Session, worker_id: WorkerId) -> int:
    """Delete what a worker stated, and return how much that was."""
    return len(
        session.scalars(delete(CheckInRow).where(CheckInRow.worker_id == worker_id).returning(CheckInRow.id)).all()
    )


def count_check_ins(session: Session, worker_id: WorkerId) -> int:
    """Return how much a worker stated."""
    row = CheckInRow
    return session.scalars(select(func.count()).select_from(row).where(row.worker_id == worker_id)).one()


def _read(session: Session, query: Select[CheckInRow]) -> tuple[CheckIn, ...]:
    rows = session.scalars(query).all()
    shown = select(CheckInPhotoRow).where(among(CheckInPhotoRow.check_in_id, [row.id for row in rows]))
    photos = defaultdict[UUID, list[PhotoId]](list)
    for one in session.scalars(shown.order_by(CheckInPhotoRow.number)) if rows else ():
        photos[one.check_in_id].append(PhotoId(one.photo_id))
    return tuple(_check_in(row, photos[row.id]) for row in rows)


def _check_in(row: CheckInRow, photo_ids: Sequence[PhotoId]) -> CheckIn:
    return CheckIn(
        id=CheckInId(row.id),
        kind=CheckInKind(row.kind),
        worker_id=WorkerId(row.worker_id),
        site_id=SiteId(row.site_id),
        told_at=row.told_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
        positions=tuple(map(_position, row.positions)),
        photo_ids=tuple(photo_ids),
        device_id=None if row.device_id is None else DeviceId(row.device_id),
        note=row.note,
    )


def _position_document(one: CheckInPosition) -> dict[str, Any]:
    return {
        "at": one.tracked_at.isoformat(),
        "lon": one.position.lon,
        "lat": one.position.lat,
        "accuracy_m": one.accuracy_m,
        "is_mock": one.is_mock,
    }


def _position(told: Mapping[str, Any]) -> CheckInPosition:
    return CheckInPosition(
        tracked_at=datetime.fromisoformat(told["at"]),
        position=Position(told["lon"], told["lat"]),
        accuracy_m=told["accuracy_m"],
        is_mock=told["is_mock"],
    )
