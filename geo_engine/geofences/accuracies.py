"""How exact fixes are at fences: noted as days are derived, asked for when fences are shown, and let go of in time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.db.session import Database, Session
from geo_engine.geofences import accuracy_store as store
from geo_engine.geofences.accuracy_store import SeenAt
from geo_engine.geofences.detectability import AccuraciesSeen, Outlook, accuracies_seen, outlook_of
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Geofence
from geo_engine.ids import WorkerId
from geo_engine.tenancy.store import get_tenant
from geo_engine.tracks.flags import Flags
from geo_engine.tracks.keeping import do_for_each
from geo_engine.tracks.model import Track

SEEN_DAYS = 90
"""How far back accuracies are looked at; where a company keeps fixes for less, so far."""
LEAST_MINUTES = 3
"""For how many minutes a worker has to have been at a fence on a day: who only passes tells of the road beside it."""

_UTC = ZoneInfo("UTC")


def note_accuracies(
    session: Session,
    worker_id: WorkerId,
    service_on: date,
    tracks: Iterable[tuple[Track, Flags]],
    index: FenceIndex,
) -> int:
    """Have it be known how exact the fixes of a worker's day were at fences, and return how many rows were written.

    Parameters
    ----------
    tracks
        Of each device that the worker wore on the day, whole: what was noted of the day before is replaced.
    index
        The fences of the day, of one that changed all versions: the newest that the worker was at is noted.
    """
    seen = defaultdict[int, AccuraciesSeen](AccuraciesSeen)
    for track, flags in tracks:
        for number, accuracies in accuracies_seen(track, flags, index).items():
            seen[number] += accuracies
    stayed = [(index.fences[number], one) for number, one in seen.items() if one.count >= LEAST_MINUTES]
    stayed.sort(key=lambda told: told[0].version)
    found = {fence.id: SeenAt(fence.version, accuracies) for fence, accuracies in stayed}
    return store.replace_day(session, worker_id, service_on, found)


def list_outlooks(session: Session, fences: Sequence[Geofence], *, at: datetime) -> tuple[Outlook, ...]:
    """Return what may be expected of each of some fences, at the accuracies that were seen there until a moment.

    Parameters
    ----------
    fences
        No two of one id; the caller has asked whether they may be seen.

    Notes
    -----
    One query for all.
    """
    until = at.astimezone(get_tenant(session).zone or _UTC).date()
    seen = store.find_seen(session, fences, since=until - timedelta(days=SEEN_DAYS), until=until)
    depths_m: list[float] = FenceIndex(fences).depths_m.tolist()
    return tuple(outlook_of(depth_m, seen.get(fence.id)) for fence, depth_m in zip(fences, depths_m, strict=True))


def forget_accuracies(database: Database, *, now: datetime) -> None:
    """Let go of what is older than is looked at, or than each company keeps its fixes.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away; a company that others work on is left for next time.
    """

    def forget(session: Session) -> None:
        tenant = get_tenant(session)
        kept = timedelta(days=min(SEEN_DAYS, tenant.tracking.retention_days))
        store.delete_before(session, (now - kept).astimezone(tenant.zone or _UTC).date())

    do_for_each(database, forget)
