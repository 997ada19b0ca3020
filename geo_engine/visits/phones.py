"""Whose it is what a phone sends: of who wore it when that was stated, whoever wears it when it comes through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.errors import Forbidden
from geo_engine.ids import DeviceId, PhotoId, WorkerId
from geo_engine.photos import Photo
from geo_engine.photos.developing import DevelopedPhoto
from geo_engine.photos.files import PhotoFiles
from geo_engine.photos.model import TakenMoment
from geo_engine.photos.service import SentPhoto, give_photo
from geo_engine.photos.store import get_photos
from geo_engine.tenancy.store import get_tenant
from geo_engine.visits import check_in_store as store
from geo_engine.visits.check_ins import state_check_in, take_photo
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import Statement
from geo_engine.words import Message
from geo_engine.workforce.devices import find_wearer_at, get_wearers_access, lock_device

_UTC = ZoneInfo("UTC")


class WornByNobody(Forbidden):
    """Nobody wore the device when it was stated, nor now: it is nobody's."""

    def __init__(self) -> None:
        super().__init__(Message("Nobody wears this device, nor did anybody when this was stated."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePhoto:
    """A photo that a phone sends, under an id that it has made."""

    id: PhotoId
    device_id: DeviceId
    developed: DevelopedPhoto


def state_by_phone(session: Session, device_id: DeviceId, statement: Statement, *, now: datetime) -> bool:
    """Keep what a phone states as its wearer's of then, and return whether it was new.

    Phones are shared, and send late: what was stated offline is of who wore the phone at that moment, by clocks that
    were put right; where nobody did, of who wears it now. Sent again it is whose it was. Photos of this phone that came
    before the first statement that names them are from now on of who stated it.

    Raises
    ------
    WornByNobody
        When nobody wore it then and nobody does now.
    SiteUnknown, CheckInTooOld, CheckInIdTaken
        As `state_check_in`.
    """
    lock_device(session, device_id)
    known = store.find_check_ins(session, [statement.id]).get(statement.id)
    if known is not None and known.device_id == device_id:
        worker_id = known.worker_id
    else:
        (right,) = put_right([statement])
        worker_id = _wearer(session, device_id, [right.stated_at, now])
    by = get_wearers_access(session, worker_id)
    is_new = state_check_in(session, statement.by(worker_id), by=by, now=now)
    if is_new:
        for photo in get_photos(session, statement.photo_ids):
            if photo.worker_id != worker_id and _is_unclaimed(session, device_id, photo):
                give_photo(session, photo.id, worker_id, by=by, now=now)
    return is_new


def take_phone_photo(session: Session, files: PhotoFiles, sent: PhonePhoto, *, now: datetime) -> Photo:
    """Keep a photo that a phone sends as of who states it, and return it.

    That is who stated what names it on this phone, else who wore the phone when it was taken, else who wears it now.
    Sent again it is whose it was.

    Raises
    ------
    WornByNobody
        When nobody did any of this.
    PhotoIdTaken, PhotoPlaceUnavailable
        As `add_photo`.
    """
    lock_device(session, sent.device_id)
    worker_id = _whose_photo(session, sent, now=now)
    photo = SentPhoto(id=sent.id, worker_id=worker_id, developed=sent.developed)
    return take_photo(session, files, photo, by=get_wearers_access(session, worker_id), now=now)


def _whose_photo(session: Session, sent: PhonePhoto, *, now: datetime) -> WorkerId:
    for known in get_photos(session, [sent.id]):
        return known.worker_id
    for naming in store.list_naming(session, sent.id):
        if naming.device_id == sent.device_id:
            return naming.worker_id
    taken = sent.developed.evidence.taken(get_tenant(session).zone or _UTC)
    return _wearer_of_photo(session, sent.device_id, taken, received_at=now)


def _is_unclaimed(session: Session, device_id: DeviceId, photo: Photo) -> bool:
    """Return whether a photo, of which a first statement has just told, went by its time alone when a phone sent it."""
    if len(store.list_naming(session, photo.id)) > 1:
        return False
    try:
        return _wearer_of_photo(session, device_id, photo.taken, received_at=photo.received_at) == photo.worker_id
    except WornByNobody:
        return False


def _wearer_of_photo(
    session: Session, device_id: DeviceId, taken: TakenMoment | None, *, received_at: datetime
) -> WorkerId:
    return _wearer(session, device_id, [received_at] if taken is None else [taken.at, received_at])


def _wearer(session: Session, device_id: DeviceId, moments: Iterable[datetime]) -> WorkerId:
    """Return who wore a device at the first of some moments at which anybody did."""
    for moment in moments:
        worker_id = find_wearer_at(session, device_id, at=moment)
        if worker_id is not None:
            return worker_id
    raise WornByNobody
