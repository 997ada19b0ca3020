"""Use cases of statements: a worker says to have arrived at a site, or to leave it, with or without a signal."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.customers.model import SiteUnknown
from geo_engine.customers.store import find_teams as find_site_teams
from geo_engine.db.session import Session
from geo_engine.errors import Conflict, InvalidInput
from geo_engine.ids import CheckInId, PhotoId, WorkerId
from geo_engine.photos.files import PhotoFiles
from geo_engine.photos.model import Photo
from geo_engine.photos.service import SentPhoto, add_photo
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import get_tenant
from geo_engine.visits import check_in_store as store
from geo_engine.visits.clocks import LONGEST_UNSENT, put_right
from geo_engine.visits.model import CheckIn
from geo_engine.visits.service_days import list_days_of
from geo_engine.visits.visit_store import claim_each, find_reuses
from geo_engine.words import Message
from geo_engine.workforce.service import WorkerNotFound
from geo_engine.workforce.store import find_teams

DERIVE_VISITS_TASK = "derive_visits"
_UTC = ZoneInfo("UTC")


class CheckInIdTaken(Conflict):
    """Another statement has this id."""

    def __init__(self, check_in_id: CheckInId) -> None:
        super().__init__(Message("Another check-in has the id {id} already.", {"id": check_in_id}))


class CheckInTooOld(InvalidInput):
    """It was stated so long ago that nothing is left to hold it against."""

    def __init__(self) -> None:
        super().__init__(Message("The check-in is older than {days} days.", {"days": LONGEST_UNSENT.days}))


def state_check_in(session: Session, check_in: CheckIn, *, by: Access, now: datetime) -> bool:
    """Keep a statement, have its day derived anew, and return whether it was new: sent again it changes nothing.

    So are the days on which its photos were shown as well: whatever came first, it is the later visit that shows one
    again.

    It is judged against the fence as it was when it was stated, whenever it arrives; also outside of the shift, when
    its own positions are all that is kept.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    SiteUnknown
        When there is no such site.
    CheckInTooOld
        When it was stated more than 60 days ago, by a clock that was put right.
    CheckInIdTaken
        When another statement has its id.
    NotAllowed
        When the actor is not the worker, and may not state for others.
    """
    teams = find_teams(session, [check_in.worker_id])
    if check_in.worker_id not in teams:
        raise WorkerNotFound(check_in.worker_id)
    by.require(Act.CHECK_IN, Subject(worker_id=check_in.worker_id, team_id=teams[check_in.worker_id]))
    if check_in.site_id not in find_site_teams(session, [check_in.site_id]):
        raise SiteUnknown(check_in.site_id)
    (right,) = put_right([check_in])
    if right.stated_at < now - LONGEST_UNSENT:
        raise CheckInTooOld
    if not store.add_check_in(session, right, by=by.member_id):
        _require_same(session, check_in)
        return False

    _claim_days(session, [(right.worker_id, right.stated_at)], now=now)
    if right.photo_ids:
        alike = find_reuses(session, right.photo_ids)
        claim_days_naming(session, {*right.photo_ids, *(one for ids in alike.values() for one in ids)}, now=now)
    facts = {
        "worker": check_in.worker_id,
        "site": check_in.site_id,
        "kind": check_in.kind.value,
        "sha256": digest_of(document_of(check_in)),
    }
    record_act(session, "check_in", ("check_in", check_in.id), by=by.member_id, now=now, **facts)
    return True


def take_photo(session: Session, files: PhotoFiles, sent: SentPhoto, *, by: Access, now: datetime) -> Photo:
    """Keep a photo, and have the days of the statements that name it derived anew: it may come after all else.

    Raises
    ------
    WorkerNotFound, NotAllowed, PhotoIdTaken, PhotoPlaceUnavailable
        As `add_photo`.
    """
    photo = add_photo(session, files, sent, by=by, now=now)
    claim_days_naming(session, [photo.id], now=now)
    return photo


def claim_days_naming(session: Session, photo_ids: Collection[PhotoId], *, now: datetime) -> None:
    """Have the days be derived anew on which anybody named one of some photos in a statement."""
    _claim_days(session, store.list_moments_naming(session, photo_ids), now=now)


def document_of(check_in: CheckIn) -> dict[str, Any]:
    """Return all that was stated as JSON can hold it: what the audit trail commits to."""
    return {
        "kind": check_in.kind.value,
        "worker": check_in.worker_id,
        "site": check_in.site_id,
        "told_at": _text(check_in.told_at),
        "sent_at": _text(check_in.sent_at),
        "received_at": _text(check_in.received_at),
        "device": None if check_in.device_id is None else str(check_in.device_id),
        "positions": [
            {
                "tracked_at": _text(one.tracked_at),
                "lon": one.position.lon,
                "lat": one.position.lat,
                "accuracy_m": one.accuracy_m,
                "is_mock": one.is_mock,
            }
            for one in check_in.positions
        ],
        "photos": [str(photo_id) for photo_id in check_in.photo_ids],
        "note": check_in.note,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what `document_of` returns, however it was written meanwhile."""
    written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _claim_days(session: Session, moments: Collection[tuple[WorkerId, datetime]], *, now: datetime) -> None:
    """Have the days be derived anew on which workers stated something."""
    zone = get_tenant(session).zone or _UTC
    by_worker = defaultdict[WorkerId, list[tuple[datetime, datetime]]](list)
    for worker_id, at in moments:
        by_worker[worker_id].append((at, at))
    days = [
        (worker_id, service_on)
        for worker_id, spans in by_worker.items()
        for service_on in list_days_of(session, worker_id, spans, zone, now=now)
    ]
    claim_each(session, days, now=now)
    if moments:
        enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)


def _require_same(session: Session, check_in: CheckIn) -> None:
    kept = store.find_check_ins(session, [check_in.id])[check_in.id]
    for name in ("worker_id", "site_id", "kind", "told_at", "positions", "photo_ids", "note"):
        if getattr(kept, name) != getattr(check_in, name):
            raise CheckInIdTaken(check_in.id)
