"""Rows of devices, their keys, who wears them and when workers clocked in."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, LargeBinary, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from geo_engine.db.among import among
from geo_engine.db.base import Code, TenantRow, tenant_key
from geo_engine.db.session import Session
from geo_engine.ids import DeviceId, WorkerId
from geo_engine.workforce.device_model import Device, KnownKey, NamedDevice, ShiftRecord, Wearing


class DeviceRow(TenantRow):
    """A phone or tracker that reports positions."""

    __tablename__ = "device"
    __table_args__ = (tenant_key([], "tenant"), Index(None, "tenant_id", "protocol", "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    protocol: Mapped[str]
    name: Mapped[str]
    added_at: Mapped[datetime]


class DeviceKeyRow(TenantRow):
    """What a device reports with, as a hash; several while one takes another's place."""

    __tablename__ = "device_key"
    __table_args__ = (
        tenant_key(["device_id"], "device", on_delete="CASCADE"),
        Index(None, "tenant_id", "device_id"),
    )

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    device_id: Mapped[UUID]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    is_revoked: Mapped[bool]


class DeviceWearingRow(TenantRow):
    """Who wore a device from when until when."""

    __tablename__ = "device_wearing"
    __table_args__ = (
        tenant_key(["device_id"], "device", on_delete="CASCADE"),
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        Index(None, "tenant_id", "worker_id", "worn_from"),
        CheckConstraint("worn_until > worn_from", name="span"),
    )

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    worn_from: Mapped[datetime] = mapped_column(primary_key=True)
    worn_until: Mapped[datetime | None]
    worker_id: Mapped[Code]


class ShiftRecordRow(TenantRow):
    """When a worker clocked in and out."""

    __tablename__ = "shift_record"
    __table_args__ = (
        tenant_key(["worker_id"], "worker", on_delete="CASCADE"),
        Index(None, "tenant_id", "worker_id", "service_on"),
        CheckConstraint("clocked_out_at > clocked_in_at", name="span"),
    )

    worker_id: Mapped[Code] = mapped_column(primary_key=True)
    clocked_in_at: Mapped[datetime] = mapped_column(primary_key=True)
    clocked_out_at: Mapped[datetime | None]
    service_on: Mapped[date]


def add_device(session: Session, device: Device, *, now: datetime) -> None:
    """Write a new device."""
    session.add(DeviceRow(id=device.id, protocol=device.protocol, name=device.name, added_at=now))
    session.flush()


def lock_device(session: Session, device_id: DeviceId) -> Device | None:
    """Return a device and keep others from changing what belongs to it; None when there is none."""
    row = session.scalar(select(DeviceRow).where(DeviceRow.id == device_id).with_for_update(key_share=True))
    return None if row is None else _device(row, find_wearer(session, device_id))


def list_devices(session: Session) -> tuple[Device, ...]:
    """Return the devices, the oldest first, with who wears each now."""
    worn_now = (
        (DeviceWearingRow.tenant_id == DeviceRow.tenant_id)
        & (DeviceWearingRow.device_id == DeviceRow.id)
        & DeviceWearingRow.worn_until.is_(None)
    )
    query = select(DeviceRow, DeviceWearingRow.worker_id).outerjoin(DeviceWearingRow, worn_now)
    rows = session.execute(query.order_by(DeviceRow.added_at, DeviceRow.id))
    return tuple(_device(row, None if worker is None else WorkerId(worker)) for row, worker in rows)


def find_names(session: Session, device_ids: Iterable[DeviceId]) -> dict[DeviceId, str]:
    """Return what people call each of the devices that is known."""
    query = select(DeviceRow.id, DeviceRow.name).where(among(DeviceRow.id, device_ids))
    return {DeviceId(device_id): name for device_id, name in session.execute(query)}


def find_holding(session: Session, device_ids: Iterable[DeviceId], *, now: datetime) -> set[DeviceId]:
    """Return those of some devices that have a key that holds."""
    is_asked = among(DeviceKeyRow.device_id, device_ids)
    found = session.scalars(select(DeviceKeyRow.device_id).where(is_asked, _holds(now)))
    return {DeviceId(device_id) for device_id in found}


def find_named(session: Session, protocol: str, names: Iterable[str], *, now: datetime) -> dict[str, NamedDevice]:
    """Return those devices of a protocol that have one of these names and a key that holds; of two the newer."""
    row, key = DeviceRow, DeviceKeyRow
    is_of = (key.tenant_id == row.tenant_id) & (key.device_id == row.id)
    named = (row.protocol == protocol, among(row.name, names), _holds(now))
    query = select(row.name, row.id, key.secret_hash).join(key, is_of).where(*named)
    found = session.execute(query.order_by(row.added_at, row.id, key.made_at))
    return {name: NamedDevice(device_id=DeviceId(device_id), key_hash=key_hash) for name, device_id, key_hash in found}


def add_key(session: Session, device_id: DeviceId, secret_hash: bytes, *, now: datetime) -> None:
    """Write a key of a device."""
    row = DeviceKeyRow(secret_hash=secret_hash, device_id=device_id, made_at=now, ends_at=None, is_revoked=False)
    session.add(row)
    session.flush()


def end_keys(session: Session, device_id: DeviceId, *, ends_at: datetime, is_revoked: bool) -> int:
    """Write when the keys of a device that still hold end, and return how many they were."""
    ending = DeviceKeyRow.ends_at
    holding = (DeviceKeyRow.device_id == device_id) & or_(ending.is_(None), ending > ends_at)
    statement = update(DeviceKeyRow).where(holding).values(ends_at=ends_at, is_revoked=is_revoked)
    return len(session.execute(statement.returning(DeviceKeyRow.device_id)).all())


def find_keys(session: Session, secret_hashes: Iterable[bytes], *, now: datetime) -> dict[bytes, KnownKey]:
    """Return what is known of keys by their hashes; of those that no device ever had nothing."""
    is_device = (DeviceRow.tenant_id == DeviceKeyRow.tenant_id) & (DeviceRow.id == DeviceKeyRow.device_id)
    query = select(DeviceKeyRow, DeviceRow.protocol).join(DeviceRow, is_device)
    found = session.execute(query.where(among(DeviceKeyRow.secret_hash, secret_hashes)))
    return {
        row.secret_hash: KnownKey(
            device_id=DeviceId(row.device_id),
            protocol=protocol,
            is_valid=not row.is_revoked and (row.ends_at is None or now < row.ends_at),
        )
        for row, protocol in found
    }


def find_wearer(session: Session, device_id: DeviceId) -> WorkerId | None:
    """Return who wears a device now; None when nobody does."""
    row = DeviceWearingRow
    found = session.scalar(select(row.worker_id).where(row.device_id == device_id, row.worn_until.is_(None)))
    return None if found is None else WorkerId(found)


def end_wearing(session: Session, device_id: DeviceId, *, at: datetime) -> bool:
    """End who wears a device; False when that began later."""
    row = DeviceWearingRow
    latest = session.scalar(select(func.max(row.worn_from)).where(row.device_id == device_id))
    if latest is not None and latest >= at:
        return False
    session.execute(update(row).where(row.device_id == device_id, row.worn_until.is_(None)).values(worn_until=at))
    return True


def add_wearing(session: Session, device_id: DeviceId, worker_id: WorkerId, *, worn_from: datetime) -> None:
    """Write that a worker wears a device from a moment on."""
    session.add(DeviceWearingRow(device_id=device_id, worker_id=worker_id, worn_from=worn_from, worn_until=None))
    session.flush()


def list_wearings(
    session: Session,
    *,
    earliest_at: datetime,
    latest_at: datetime,
    worker_ids: Iterable[WorkerId] | None = None,
    device_ids: Iterable[DeviceId] | None = None,
) -> tuple[Wearing, ...]:
    """Return who wore what within a span, of some workers or devices or of all, in the order of time."""
    row = DeviceWearingRow
    query = select(row).where(row.worn_from <= latest_at, or_(row.worn_until.is_(None), row.worn_until > earliest_at))
    if worker_ids is not None:
        query = query.where(among(row.worker_id, worker_ids))
    if device_ids is not None:
        query = query.where(among(row.device_id, device_ids))
    return tuple(_wearing(one) for one in session.scalars(query.order_by(row.worn_from, row.device_id)))


def save_clock_in(session: Session, worker_id: WorkerId, *, at: datetime, service_on: date) -> None:
    """Write a clock-in; one of the same moment is the same."""
    values = {"worker_id": worker_id, "clocked_in_at": at, "clocked_out_at": None, "service_on": service_on}
    session.execute(insert(ShiftRecordRow).values(values).on_conflict_do_nothing())


def find_open_record(session: Session, worker_id: WorkerId) -> datetime | None:
    """Return when a worker who has not clocked out clocked in; None when nobody is at work."""
    row = ShiftRecordRow
    query = select(func.max(row.clocked_in_at)).where(row.worker_id == worker_id, row.clocked_out_at.is_(None))
    return session.scalar(query)


def find_last_record(session: Session, worker_id: WorkerId, *, before: datetime | None = None) -> ShiftRecord | None:
    """Return the last shift that a worker began, or began before a moment; None when there is none."""
    row = ShiftRecordRow
    began = select(row.clocked_in_at, row.clocked_out_at).where(row.worker_id == worker_id)
    if before is not None:
        began = began.where(row.clocked_in_at < before)
    found = session.execute(began.order_by(row.clocked_in_at.desc()).limit(1)).one_or_none()
    return None if found is None else ShiftRecord(clocked_in_at=found[0], clocked_out_at=found[1])


def move_clock_in(
    session: Session, worker_id: WorkerId, record: ShiftRecord, *, at: datetime, service_on: date
) -> None:
    """Write that a shift began at another moment, and of which day it is."""
    row = ShiftRecordRow
    chosen = (row.worker_id == worker_id) & (row.clocked_in_at == record.clocked_in_at)
    session.execute(update(row).where(chosen).values(clocked_in_at=at, service_on=service_on))


def save_clock_out(session: Session, worker_id: WorkerId, *, clocked_in_at: datetime, at: datetime) -> None:
    """Write when a worker clocked out."""
    row = ShiftRecordRow
    chosen = (row.worker_id == worker_id) & (row.clocked_in_at == clocked_in_at)
    session.execute(update(row).where(chosen).values(clocked_out_at=at))


def delete_wearings(session: Session, worker_id: WorkerId) -> int:
    """Delete what a worker ever wore, and return how often."""
    row = DeviceWearingRow
    return len(session.scalars(delete(row).where(row.worker_id == worker_id).returning(row.device_id)).all())


def delete_unworn_devices(session: Session, device_ids: Iterable[DeviceId]) -> int:
    """Delete those devices that nobody ever wore, with their keys, and return how many."""
    row, worn = DeviceRow, DeviceWearingRow
    is_worn = exists().where(worn.tenant_id == row.tenant_id, worn.device_id == row.id)
    statement = delete(row).where(among(row.id, device_ids), ~is_worn)
    return len(session.scalars(statement.returning(row.id)).all())


def _device(row: DeviceRow, worker_id: WorkerId | None) -> Device:
    return Device(id=DeviceId(row.id), protocol=row.protocol, name=row.name, worker_id=worker_id)


def _wearing(row: DeviceWearingRow) -> Wearing:
    return Wearing(
        device_id=DeviceId(row.device_id),
        worker_id=WorkerId(row.worker_id),
        worn_from=row.worn_from,
        worn_until=row.worn_until,
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    return ~DeviceKeyRow.is_revoked & or_(DeviceKeyRow.ends_at.is_(None), DeviceKeyRow.ends_at > now)
