"""The use case of a track file: it becomes fixes of who wore the device."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_engine.db.session import Database
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.tenancy import Access
from geo_engine.tracks.arrivals import FILE_SOURCE, Arrival, Outcome
from geo_engine.tracks.files import NamedTrack
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import select_fixes, to_moment
from geo_engine.workforce.devices import add_device, revoke_keys

FILE_PROTOCOL = "file"
_FIXES_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTracks:
    """What an import made: a device for each track, and what became of the fixes."""

    device_ids: tuple[DeviceId, ...]
    outcomes: Mapping[Outcome, int]


def import_tracks(
    database: Database,
    tenant_id: TenantId,
    tracks: Sequence[tuple[WorkerId, NamedTrack]],
    *,
    is_gated: bool,
    by: Access,
    now: datetime,
) -> ImportedTracks:
    """Keep the tracks of a file as what workers wore, each as a device of its own that reports nothing else.

    Parameters
    ----------
    tracks
        With each who wore it; none is empty.
    is_gated
        Whether only what lies in shifts is kept, as of what phones post.

    Raises
    ------
    WorkerNotFound
        When a worker is nobody.
    NotAllowed
        When the actor may not change one of the workers.
    """
    ingest, outcomes, devices = Ingest(database), Counter[Outcome](), []
    for worker_id, named in tracks:
        with database.bound(tenant_id) as session:
            device, key = add_device(
                session,
                worker_id=worker_id,
                protocol=FILE_PROTOCOL,
                name=named.device or named.name or worker_id,
                by=by,
                now=now,
                worn_from=to_moment(int(named.track.times_us[0])),
            )
        for first in range(0, len(named.track), _FIXES_AT_ONCE):
            arrival = Arrival(
                tenant_id=tenant_id,
                device_id=device.id,
                key_hash=key.secret_hash,
                source=FILE_SOURCE,
                received_at=now,
                fixes=select_fixes(named.track, slice(first, first + _FIXES_AT_ONCE)),
                is_gated=is_gated,
            )
            outcomes += ingest.commit([arrival], now=now)
        with database.bound(tenant_id) as session:
            revoke_keys(session, device.id, by=by, now=now)
        devices.append(device.id)
    return ImportedTracks(device_ids=tuple(devices), outcomes=outcomes)
