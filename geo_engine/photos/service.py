"""Use cases of photos: taken in once, looked at, and found where they were seen before."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from geo_engine.audit.model import Fact
from geo_engine.audit.service import record_act
from geo_engine.db.session import Session, bound_tenant
from geo_engine.errors import Conflict
from geo_engine.ids import PhotoId, WorkerId
from geo_engine.photos import store
from geo_engine.photos.alignment import compare
from geo_engine.photos.developing import DevelopedPhoto
from geo_engine.photos.files import PhotoFileDamaged, PhotoFileMissing, PhotoFiles
from geo_engine.photos.fingerprints import distances, meet
from geo_engine.photos.jpeg import read_shades
from geo_engine.photos.model import KeptFile, Photo, Reuse, ReuseKind
from geo_engine.photos.reuse import ReuseParams, kind_of
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import get_tenant
from geo_engine.words import Message
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPhoto:
    """A photo that is to be kept.

    Parameters
    ----------
    id
        Made by the sender; the same photo sent again has the same.
    worker_id
        Whose work it shows.
    """

    id: PhotoId
    worker_id: WorkerId
    developed: DevelopedPhoto


class PhotoIdTaken(Conflict):
    """Another photo was sent under the same id."""

    def __init__(self) -> None:
        super().__init__(Message("Another photo was sent under this id."))


def add_photo(session: Session, files: PhotoFiles, sent: SentPhoto, *, by: Access, now: datetime) -> Photo:
    """Keep a photo of a worker's work; one that was sent before is returned as it was kept.

    Parameters
    ----------
    sent
        Developed before the transaction began, see `developing.develop`.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor is not the worker and may not change the worker.
    PhotoIdTaken
        When another photo, or one of another worker, has the id.
    PhotoPlaceUnavailable
        When its files cannot be kept.
    """
    _require(session, sent.worker_id, Act.CHANGE_WORKERS, by=by)
    store.lock_files(session, is_shared=True)
    photo = _kept(session, files, sent, by=by, now=now)
    if not store.add_photo(session, photo):
        return _sent_before(session, photo)

    facts: dict[str, Fact] = {
        "worker": photo.worker_id,
        "sha256": photo.original.sha256,
        "bytes": photo.original.byte_count,
    }
    record_act(session, "add_photo", ("photo", photo.id), by=by.member_id, now=now, **facts)
    return photo


def give_photo(session: Session, photo_id: PhotoId, worker_id: WorkerId, *, by: Access, now: datetime) -> None:
    """Have a photo be of the work of the worker whose it turned out to be.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    NotAllowed
        When the actor is not the worker and may not change the worker.
    """
    _require(session, worker_id, Act.CHANGE_WORKERS, by=by)
    store.save_worker(session, photo_id, worker_id, sent_by=by.member_id)
    record_act(session, "give_photo", ("photo", photo_id), by=by.member_id, now=now, worker=worker_id)


def get_photo(session: Session, photo_id: PhotoId, *, by: Access) -> Photo:
    """Return a photo.

    Raises
    ------
    PhotoNotFound
        When there is none of that id.
    NotAllowed
        When the actor may not see the tracks of the worker: a photo says where its worker was.
    """
    photo = store.get_photo(session, photo_id)
    _require(session, photo.worker_id, Act.SEE_TRACKS, by=by)
    return photo


def read_display(session: Session, files: PhotoFiles, photo_id: PhotoId, *, by: Access) -> bytes:
    """Return the copy of a photo that is shown: JPEG, without anything it said of itself.

    Raises
    ------
    PhotoNotFound, NotAllowed
        As `get_photo`.
    PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
        When its file is not there, holds something else or cannot be read.
    """
    return files.read(bound_tenant(session), get_photo(session, photo_id, by=by).display.sha256)


def read_thumbnail(session: Session, files: PhotoFiles, photo_id: PhotoId, *, by: Access) -> bytes:
    """Return the small copy of a photo, JPEG.

    Raises
    ------
    PhotoNotFound, NotAllowed, PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
        As `read_display`.
    """
    return files.read(bound_tenant(session), get_photo(session, photo_id, by=by).thumbnail.sha256)


def read_original(session: Session, files: PhotoFiles, photo_id: PhotoId, *, by: Access, now: datetime) -> bytes:
    """Return a photo byte by byte as it was sent, with all it says of itself; that somebody did is on record.

    Raises
    ------
    PhotoNotFound
        As `get_photo`.
    NotAllowed
        When the actor may not audit: it is evidence, and says more than what is shown.
    PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
        As `read_display`.
    """
    photo = store.get_photo(session, photo_id)
    _require(session, photo.worker_id, Act.SEE_AUDIT, by=by)
    content = files.read(bound_tenant(session), photo.original.sha256)

    record_act(session, "read_original_photo", ("photo", photo_id), by=by.member_id, now=now, worker=photo.worker_id)
    return content


def find_reuses(
    session: Session, files: PhotoFiles, photo: Photo, *, params: ReuseParams | None = None
) -> tuple[Reuse, ...]:
    """Return the other photos of the company that show what a photo shows, the most alike first.

    Whoever asks decides what it means: the same picture at another visit is reuse, at the same one it is not.

    Raises
    ------
    PhotoFileMissing, PhotoFileDamaged
        When the photo's own thumbnail is not there or holds something else; of others it is told in the log, and they
        are passed over.
    PhotoPlaceUnavailable
        When thumbnails cannot be read.

    Notes
    -----
    All fingerprints of the company are read and compared, O(n), then some thumbnails. Of more photos of one place
    than are looked at closely, a copy that was cut may be missed.
    """
    params = params or ReuseParams()
    same_ids = store.list_same_files(session, photo.original.sha256, except_id=photo.id)
    near_ids = _find_near(session, photo, params)
    others = store.get_photos(session, {*near_ids, *same_ids})

    shades = read_shades(files.read(bound_tenant(session), photo.thumbnail.sha256))
    found = []
    for other in others:
        try:
            reuse = _reuse(session, files, photo, other, shades=shades, params=params)
        except (PhotoFileMissing, PhotoFileDamaged) as error:
            _log.warning("Photo %s cannot be compared: %s", other.id, error)
        else:
            found += [] if reuse is None else [reuse]
    return tuple(sorted(found, key=lambda one: -one.details))


def _reuse(
    session: Session, files: PhotoFiles, photo: Photo, other: Photo, *, shades: NDArray[np.uint8], params: ReuseParams
) -> Reuse | None:
    if other.original.sha256 == photo.original.sha256:
        return Reuse(photo=other, kind=ReuseKind.SAME_FILE, details=1.0)
    other_shades = read_shades(files.read(bound_tenant(session), other.thumbnail.sha256))
    meeting = meet(photo.fingerprint, other.fingerprint)
    likeness = compare(shades, other_shades, meeting)
    kind = kind_of(meeting.distance, likeness, params)
    return None if kind is None else Reuse(photo=other, kind=kind, details=likeness.details)


def _find_near(session: Session, photo: Photo, params: ReuseParams) -> list[PhotoId]:
    """Return the photos whose fingerprints are the most alike, the nearest first."""
    ids, fingerprints = store.get_fingerprints(session)
    apart = distances(photo.fingerprint, fingerprints)
    near = np.flatnonzero(apart <= params.farthest)
    ordered = near[np.argsort(apart[near], kind="stable")][: params.most_compared + 1]
    found = (PhotoId(UUID(bytes=bytes(ids[index]))) for index in ordered)
    return [photo_id for photo_id in found if photo_id != photo.id][: params.most_compared]


def _require(session: Session, worker_id: WorkerId, act: Act, *, by: Access) -> None:
    teams = find_teams(session, [worker_id])
    if worker_id not in teams:
        raise WorkerNotFound(worker_id)
    is_own = act is Act.CHANGE_WORKERS and worker_id == by.worker_id
    if not is_own:
        by.require(act, Subject(worker_id=worker_id, team_id=teams[worker_id]))


def _kept(session: Session, files: PhotoFiles, sent: SentPhoto, *, by: Access, now: datetime) -> Photo:
    """Keep the files of a photo, and return what is to be known of it."""
    made, tenant_id = sent.developed, bound_tenant(session)
    original, display, thumbnail = (
        KeptFile(sha256=files.keep(tenant_id, content), byte_count=len(content))
        for content in (made.original, made.display, made.thumbnail)
    )
    return Photo(
        id=sent.id,
        worker_id=sent.worker_id,
        sent_by=by.member_id,
        received_at=now,
        kind=made.kind,
        width=made.width,
        height=made.height,
        original=original,
        display=display,
        thumbnail=thumbnail,
        taken=made.evidence.taken(get_tenant(session).zone or UTC),
        evidence=made.evidence,
        fingerprint=made.fingerprint,
    )


def _sent_before(session: Session, photo: Photo) -> Photo:
    known = store.get_photo(session, photo.id)
    if (known.original.sha256, known.worker_id) != (photo.original.sha256, photo.worker_id):
        raise PhotoIdTaken
    return known
