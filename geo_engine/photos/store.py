"""Rows of photos: what is known of each, never its bytes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CheckConstraint, Index, LargeBinary, Uuid, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import Code, TenantRow, point_column, tenant_key, to_point, to_position
from geo_engine.db.session import Session
from geo_engine.ids import MemberId, PhotoId, WorkerId
from geo_engine.photos.fingerprints import FINGERPRINT_BYTES, Fingerprints, read_fingerprints
from geo_engine.photos.model import (
    KeptFile,
    Photo,
    PhotoNotFound,
    PictureEvidence,
    PictureKind,
    TakenCertainty,
    TakenMoment,
)

_HASH = "~ '^[0-9a-f]{64}$'"


class PhotoRow(TenantRow):
    """A photo that was sent. The picture never changes; whose it is may turn out, and who sent it be forgotten."""

    __tablename__ = "photo"
    __table_args__ = (
        tenant_key([], "tenant"),
        tenant_key(["worker_id"], "worker"),
        tenant_key(["sent_by"], "member", on_delete="SET NULL (sent_by)"),
        CheckConstraint("kind in ('jpeg', 'png', 'webp', 'heic')", name="kind"),
        CheckConstraint("taken_certainty in ('offset', 'satellites', 'zone')", name="taken_certainty"),
        CheckConstraint("(taken_at is null) = (taken_certainty is null)", name="taken"),
        CheckConstraint(
            f"original_sha256 {_HASH} and display_sha256 {_HASH} and thumbnail_sha256 {_HASH}", name="hashes"
        ),
        CheckConstraint(f"octet_length(fingerprint) = {FINGERPRINT_BYTES}", name="fingerprint"),
        Index(None, "tenant_id", "worker_id", "received_at"),
        Index(None, "tenant_id", "sent_by"),
        Index(None, "tenant_id", "original_sha256"),
        Index(None, "tenant_id", "display_sha256"),
        Index(None, "tenant_id", "thumbnail_sha256"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    worker_id: Mapped[Code]
    sent_by: Mapped[UUID | None]
    received_at: Mapped[datetime]
    kind: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    original_sha256: Mapped[Code]
    original_bytes: Mapped[int]
    display_sha256: Mapped[Code]
    display_bytes: Mapped[int]
    thumbnail_sha256: Mapped[Code]
    thumbnail_bytes: Mapped[int]
    taken_at: Mapped[datetime | None]
    taken_certainty: Mapped[str | None]
    clock_at: Mapped[str | None]
    gps_at: Mapped[datetime | None]
    geom: Mapped[Any] = point_column(nullable=True)
    position_error_m: Mapped[float | None]
    make: Mapped[str | None]
    model: Mapped[str | None]
    software: Mapped[str | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)


_FILES = (PhotoRow.original_sha256, PhotoRow.display_sha256, PhotoRow.thumbnail_sha256)
# One text of bytes each: the server builds an array in twice the time, and COPY is read here row by row.
FINGERPRINTS = "select string_agg(uuid_send(id), ''), string_agg(fingerprint, '') from photo"


def add_photo(session: Session, photo: Photo) -> bool:
    """Write a photo; False when its id is known, whatever is known of it."""
    evidence, taken = photo.evidence, photo.taken
    values = {
        "id": photo.id,
        "worker_id": photo.worker_id,
        "sent_by": photo.sent_by,
        "received_at": photo.received_at,
        "kind": photo.kind.value,
        "width": photo.width,
        "height": photo.height,
        "taken_at": None if taken is None else taken.at,
        "taken_certainty": None if taken is None else taken.certainty.value,
        "clock_at": None if evidence.clock_at is None else evidence.clock_at.isoformat(),
        "gps_at": evidence.gps_at,
        "geom": None if evidence.position is None else to_point(evidence.position),
        "position_error_m": evidence.position_error_m,
        "make": evidence.make,
        "model": evidence.model,
        "software": evidence.software,
        "fingerprint": photo.fingerprint,
    }
    for name, file in (("original", photo.original), ("display", photo.display), ("thumbnail", photo.thumbnail)):
        values |= {f"{name}_sha256": file.sha256, f"{name}_bytes": file.byte_count}
    statement = insert(PhotoRow).values(values).on_conflict_do_nothing(index_elements=["tenant_id", "id"])
    return session.scalar(statement.returning(PhotoRow.id)) is not None


def save_worker(session: Session, photo_id: PhotoId, worker_id: WorkerId, *, sent_by: MemberId | None) -> None:
    """Write whose work a photo shows, and who has sent it."""
    session.execute(update(PhotoRow).where(PhotoRow.id == photo_id).values(worker_id=worker_id, sent_by=sent_by))


def get_photo(session: Session, photo_id: PhotoId) -> Photo:
    """Return a photo.

    Raises
    ------
    PhotoNotFound
        When there is none of that id.
    """
    found = get_photos(session, [photo_id])
    if not found:
        raise PhotoNotFound
    return found[0]


def get_photos(session: Session, photo_ids: Iterable[PhotoId]) -> tuple[Photo, ...]:
    """Return those photos of some ids that there are, in the order of when they were received."""
    row = PhotoRow
    query = select(row).where(among(row.id, photo_ids)).order_by(row.received_at, row.id)
    return tuple(map(_photo, session.scalars(query)))


def list_same_files(session: Session, sha256: str, *, except_id: PhotoId) -> tuple[PhotoId, ...]:
    """Return the other photos that were sent with the same bytes."""
    row = PhotoRow
    query = select(row.id).where(row.original_sha256 == sha256, row.id != except_id).order_by(row.received_at, row.id)
    return tuple(map(PhotoId, session.scalars(query)))


def get_fingerprints(session: Session) -> tuple[NDArray[np.generic], Fingerprints]:
    """Return the ids of all photos of the company, sixteen bytes each, and their fingerprints.

    Notes
    -----
    O(n): a microsecond a photo, nearly all of it at the server; no row is made an object.
    """
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        ids, fingerprints = cursor.execute(FINGERPRINTS).fetchone()
    return np.frombuffer(ids or b"", dtype="V16"), read_fingerprints(fingerprints or b"")


def list_worker_photo_ids(session: Session, worker_id: WorkerId, *, limit: int) -> tuple[PhotoId, ...]:
    """Return photos of a worker's work, the oldest first, at most so many."""
    row = PhotoRow
    query = select(row.id).where(row.worker_id == worker_id).order_by(row.received_at).limit(limit)
    return tuple(map(PhotoId, session.scalars(query)))


def count_photos(session: Session, worker_id: WorkerId) -> int:
    """Return how many photos there are of a worker's work."""
    return session.scalars(select(func.count()).select_from(PhotoRow).where(PhotoRow.worker_id == worker_id)).one()


def delete_photos(session: Session, photo_ids: Iterable[PhotoId]) -> tuple[int, frozenset[str]]:
    """Delete photos; return how many there were, and the hashes of the files that no photo is made of any more."""
    statement = delete(PhotoRow).where(among(PhotoRow.id, photo_ids)).returning(*_FILES)
    deleted = session.execute(statement).all()
    gone = {sha256 for row in deleted for sha256 in row}
    left = {sha256 for column in _FILES for sha256 in session.scalars(select(column).where(among(column, gone)))}
    return len(deleted), frozenset(gone - left)


def lock_files(session: Session, *, is_shared: bool) -> None:
    """Wait until nobody else deletes files of the company, and keep them from it until the transaction ends.

    Parameters
    ----------
    is_shared
        Whether others may write files meanwhile; who deletes some is alone.
    """
    take = func.pg_advisory_xact_lock_shared if is_shared else func.pg_advisory_xact_lock
    session.execute(select(take(func.hashtextextended(text("'photo files ' || current_setting('app.tenant_id')"), 0))))


def _photo(row: PhotoRow) -> Photo:
    taken = None
    if row.taken_at is not None and row.taken_certainty is not None:
        taken = TakenMoment(at=row.taken_at, certainty=TakenCertainty(row.taken_certainty))
    return Photo(
        id=PhotoId(row.id),
        worker_id=WorkerId(row.worker_id),
        sent_by=None if row.sent_by is None else MemberId(row.sent_by),
        received_at=row.received_at,
        kind=PictureKind(row.kind),
        width=row.width,
        height=row.height,
        original=KeptFile(sha256=row.original_sha256, byte_count=row.original_bytes),
        display=KeptFile(sha256=row.display_sha256, byte_count=row.display_bytes),
        thumbnail=KeptFile(sha256=row.thumbnail_sha256, byte_count=row.thumbnail_bytes),
        taken=taken,
        evidence=PictureEvidence(
            clock_at=None if row.clock_at is None else datetime.fromisoformat(row.clock_at),
            gps_at=row.gps_at,
            position=None if row.geom is None else to_position(row.geom),
            position_error_m=row.position_error_m,
            make=row.make,
            model=row.model,
            software=row.software,
        ),
        fingerprint=row.fingerprint,
    )
