"""What the photos of a day say by themselves, and which of them were shown for another visit before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_engine.db.session import Session
from geo_engine.ids import CheckInId, PhotoId
from geo_engine.photos.files import PhotoFiles
from geo_engine.photos.model import Photo, ReuseKind
from geo_engine.photos.service import find_reuses
from geo_engine.photos.store import get_photos
from geo_engine.visits import check_in_store, visit_store
from geo_engine.visits.check_ins import claim_days_naming
from geo_engine.visits.clocks import put_right
from geo_engine.visits.model import CheckIn, PhotoEvidence

_ONE_VISIT = timedelta(hours=6)
_SAME_PICTURE = frozenset({ReuseKind.SAME_FILE, ReuseKind.SAME_PICTURE})


def list_unexamined(session: Session, check_ins: Iterable[CheckIn]) -> tuple[PhotoId, ...]:
    """Return the photos shown that arrived and were not yet held against all others."""
    shown = {photo_id for check_in in check_ins for photo_id in check_in.photo_ids}
    examined = visit_store.find_reuses(session, shown) if shown else {}
    return tuple(photo.id for photo in get_photos(session, shown - examined.keys())) if shown else ()


def examine_photo(session: Session, files: PhotoFiles, photo_id: PhotoId, *, now: datetime) -> None:
    """Look once for other photos that show the same picture as one; whoever shows it later shows it again.

    Which was shown first may change with a photo that arrives late: the days of all others are derived anew.

    Raises
    ------
    PhotoFileMissing, PhotoFileDamaged, PhotoPlaceUnavailable
        When it cannot be compared, see `find_reuses`.
    """
    for photo in get_photos(session, [photo_id]):  # none when it was erased meanwhile
        same_ids = [one.photo.id for one in find_reuses(session, files, photo) if one.kind in _SAME_PICTURE]
        visit_store.lock_reuses(session)
        visit_store.add_reuse(session, photo.id, same_ids, now=now)
        for other_id, known in visit_store.find_reuses(session, same_ids).items() if same_ids else ():
            visit_store.replace_reuse(session, other_id, {*known, photo.id}, now=now)
        if same_ids:
            claim_days_naming(session, same_ids, now=now)


def photo_evidence(session: Session, check_ins: Sequence[CheckIn]) -> Mapping[PhotoId, PhotoEvidence]:
    """Return what the photos say that a worker shows; those of another worker's work say nothing of this one's.

    Parameters
    ----------
    check_ins
        Of a day, their clocks put right by all of it; those of other days are put right each by itself.
    """
    named = {photo_id: check_in.worker_id for check_in in check_ins for photo_id in check_in.photo_ids}
    own = [photo for photo in get_photos(session, named) if photo.worker_id == named[photo.id]] if named else []
    if not own:
        return {}
    same = visit_store.find_reuses(session, [photo.id for photo in own])
    known = {photo.id: photo for photo in (*own, *get_photos(session, {one for ids in same.values() for one in ids}))}
    right = {check_in.id: check_in for check_in in check_ins}
    shown = _shown(session, known, right)
    return {
        photo.id: PhotoEvidence(
            id=photo.id,
            taken_at=None if photo.taken is None else photo.taken.at,
            position=photo.evidence.position,
            shown_before=_shown_before(
                [one for one in shown if one.photo.id == photo.id and one.check_in.id in right],
                [one for one in shown if one.photo.id in {photo.id, *same.get(photo.id, ())}],
            ),
        )
        for photo in own
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A photo, and a statement of the worker whose work it shows that names it."""

    photo: Photo
    check_in: CheckIn


def _shown(session: Session, photos: Mapping[PhotoId, Photo], right: Mapping[CheckInId, CheckIn]) -> list[_Shown]:
    return [
        _Shown(photo=photo, check_in=right.get(check_in.id) or put_right([check_in])[0])
        for check_in in check_in_store.list_showing(session, photos)
        for photo_id in check_in.photo_ids
        if (photo := photos.get(photo_id)) is not None and photo.worker_id == check_in.worker_id
    ]


def _shown_before(shown: Sequence[_Shown], alike: Sequence[_Shown]) -> dict[CheckInId, PhotoId]:
    """Return of each statement that shows a picture again what showed it before."""
    again = ((one, other) for one in shown for other in alike if _is_reuse(one, other))
    return {one.check_in.id: other.photo.id for one, other in again}


def _is_reuse(one: _Shown, other: _Shown) -> bool:
    """Return whether a picture was shown before, and for another visit: whoever shows it first may."""
    is_later = (one.check_in.stated_at, one.check_in.id) > (other.check_in.stated_at, other.check_in.id)
    is_same_place = (
        one.check_in.site_id == other.check_in.site_id and one.check_in.worker_id == other.check_in.worker_id
    )
    return is_later and not (is_same_place and abs(one.check_in.stated_at - other.check_in.stated_at) <= _ONE_VISIT)
