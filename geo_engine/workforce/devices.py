"""Use cases of devices: adding one, handing it over, giving it another key, taking its keys away."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session, bound_tenant
from geo_engine.ids import DeviceId, WorkerId, parse_name
from geo_engine.tenancy import Access, Act, Scope, Subject
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.workforce import device_store as store
from geo_engine.workforce.device_model import Device, DeviceKey, DeviceNotFound, KnownKey, NamedDevice, WearingOverlap
from geo_engine.workforce.service import WorkerNotFound, access_of
from geo_engine.workforce.store import find_members, find_teams

DEFAULT_OVERLAP = timedelta(days=7)
"""For how long an old key still holds beside its successor: a phone that is away for a holiday can still report."""


def add_device(
    session: Session,
    *,
    worker_id: WorkerId,
    protocol: str,
    name: str,
    by: Access,
    now: datetime,
    worn_from: datetime | None = None,
) -> tuple[Device, DeviceKey]:
    """Add a device that a worker wears from a moment on, now unless it is said, and return it with its key.

    The key is not kept: who has lost it is given another.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    InvalidInput
        When the name cannot be one.
    NotAllowed
        When the actor may not change the worker.
    """
    _require(session, worker_id, by)

    device = Device(id=DeviceId(uuid4()), protocol=protocol, name=parse_name(name), worker_id=worker_id)
    key = DeviceKey.make(bound_tenant(session))
    store.add_device(session, device, now=now)
    store.add_key(session, device.id, key.secret_hash, now=now)
    store.add_wearing(session, device.id, worker_id, worn_from=worn_from or now)
    _record(session, "add_device", device.id, by=by, now=now, worker_id=worker_id, protocol=protocol)
    return device, key


def find_keys(session: Session, keys: Iterable[DeviceKey], *, now: datetime) -> dict[bytes, KnownKey]:
    """Return by its hash what is known of each key that somebody shows, in a transaction bound to their company."""
    return store.find_keys(session, (key.secret_hash for key in keys), now=now)


def find_device(session: Session, key: DeviceKey, *, now: datetime) -> DeviceId | None:
    """Return the device that somebody shows a key of, in a transaction bound to its company; None when it is over."""
    known = store.find_keys(session, [key.secret_hash], now=now).get(key.secret_hash)
    return known.device_id if known is not None and known.is_valid else None


def lock_device(session: Session, device_id: DeviceId) -> None:
    """Have what else is sent by a device, and its being handed over, wait until the transaction ends."""
    store.lock_device(session, device_id)


def find_wearer_at(session: Session, device_id: DeviceId, *, at: datetime) -> WorkerId | None:
    """Return who wore a device at a moment; None when nobody did."""
    worn = store.list_wearings(session, earliest_at=at, latest_at=at, device_ids=[device_id])
    return worn[0].worker_id if worn else None


def get_wearers_access(session: Session, worker_id: WorkerId) -> Access:
    """Return what a worker may do by a device alone: state something of one's own.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    """
    members = find_members(session, [worker_id])
    if worker_id not in members:
        raise WorkerNotFound(worker_id)
    return Access(member_id=members[worker_id], worker_id=worker_id, grants={Act.CHECK_IN: Scope.OWN})


def require_of_wearer(session: Session, device_id: DeviceId, act: Act, *, at: datetime) -> None:
    """Raise unless the role of the member who wears a device has an act: a device's key alone gives none.

    Raises
    ------
    NotAllowed
        When nobody wears it, its wearer is no member, or the member's role lacks the act.
    """
    worker_id = find_wearer_at(session, device_id, at=at)
    member_id = None if worker_id is None else find_members(session, [worker_id]).get(worker_id)
    if member_id is None or act not in access_of(session, member_id).grants:
        raise NotAllowed(act)


def find_named(session: Session, protocol: str, names: Iterable[str], *, now: datetime) -> dict[str, NamedDevice]:
    """Return the devices that speak a protocol by their names, in a transaction bound to their company.

    A device whose keys were all taken away, or are over, is left out: what is reported of it is dropped.
    """
    return store.find_named(session, protocol, names, now=now)


def list_devices(session: Session, *, by: Access) -> tuple[Device, ...]:
    """Return the devices of those workers whom the actor may see, the oldest first; of nobody's only to who sees all.

    Raises
    ------
    NotAllowed
        When the actor may see nobody's but one's own.
    """
    limit = by.team_limit(Act.SEE_WORKERS)
    devices = store.list_devices(session)
    if limit is None:
        return devices
    teams = find_teams(session, [device.worker_id for device in devices if device.worker_id is not None])
    return tuple(one for one in devices if one.worker_id is not None and teams.get(one.worker_id) in limit)


def get_device(session: Session, device_id: DeviceId, *, by: Access) -> Device:
    """Return a device to whoever may change it, and keep others from changing it until the transaction ends.

    Raises
    ------
    DeviceNotFound
        When there is none.
    NotAllowed
        When the actor may not change who wears it.
    """
    device = store.lock_device(session, device_id)
    if device is None:
        raise DeviceNotFound(device_id)
    if device.worker_id is None:
        by.require(Act.CHANGE_WORKERS)
    else:
        _require(session, device.worker_id, by)
    return device


def hand_over(session: Session, device_id: DeviceId, worker_id: WorkerId, *, by: Access, at: datetime) -> None:
    """Have a device worn by another worker from a moment on; what it reported before stays with who wore it then.

    Raises
    ------
    DeviceNotFound, WorkerNotFound
        When there is none.
    WearingOverlap
        When it was handed over later than that already.
    NotAllowed
        When the actor may not change both workers.
    """
    get_device(session, device_id, by=by)
    _require(session, worker_id, by)

    if not store.end_wearing(session, device_id, at=at):
        raise WearingOverlap(device_id)
    store.add_wearing(session, device_id, worker_id, worn_from=at)
    _record(session, "hand_over_device", device_id, by=by, now=at, worker_id=worker_id)


def rotate_key(
    session: Session, device_id: DeviceId, *, by: Access, now: datetime, overlap: timedelta = DEFAULT_OVERLAP
) -> DeviceKey:
    """Give a device another key and return it; the one it had holds for the overlap.

    Raises
    ------
    DeviceNotFound
        When there is none.
    NotAllowed
        When the actor may not change who wears it.
    """
    get_device(session, device_id, by=by)

    key = DeviceKey.make(bound_tenant(session))
    store.end_keys(session, device_id, ends_at=now + overlap, is_revoked=False)
    store.add_key(session, device_id, key.secret_hash, now=now)
    _record(session, "rotate_device_key", device_id, by=by, now=now)
    return key


def revoke_keys(session: Session, device_id: DeviceId, *, by: Access, now: datetime) -> int:
    """Take a device's keys away: what it reports from now on is dropped. Return how many held.

    Raises
    ------
    DeviceNotFound
        When there is none.
    NotAllowed
        When the actor may not change who wears it.
    """
    get_device(session, device_id, by=by)

    count = store.end_keys(session, device_id, ends_at=now, is_revoked=True)
    _record(session, "revoke_device_keys", device_id, by=by, now=now, count=count)
    return count


def _require(session: Session, worker_id: WorkerId, by: Access) -> None:
    teams = find_teams(session, [worker_id])
    if worker_id not in teams:
        raise WorkerNotFound(worker_id)
    by.require(Act.CHANGE_WORKERS, Subject(worker_id=worker_id, team_id=teams[worker_id]))


def _record(session: Session, act: str, device_id: DeviceId, *, by: Access, now: datetime, **facts: str | int) -> None:
    record_act(session, act, ("device", device_id), by=by.member_id, now=now, **facts)
