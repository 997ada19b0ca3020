"""Whose phone asks: the key it shows, and who wears it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request

from geo_engine.db.session import Session
from geo_engine.errors import Forbidden
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.tenancy import Access
from geo_engine.words import Message
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.devices import find_worn_device
from web.wiring import wiring

_BEARER = "Bearer "


class KeyUnknown(Forbidden):
    """No key was shown, or one that does not hold, or of a device that nobody wears."""

    def __init__(self) -> None:
        super().__init__(Message("Show the key of a device that somebody wears: Authorization: Bearer KEY."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone that asks, who wears it, and what this worker may do."""

    tenant_id: TenantId
    device_id: DeviceId
    worker_id: WorkerId
    access: Access


def asking_phone() -> Phone:
    """Return the phone that asks.

    Raises
    ------
    KeyUnknown
        When its key does not hold, or nobody wears it.
    """
    shown = request.headers.get("Authorization", "")
    key = DeviceKey.parse(shown.removeprefix(_BEARER)) if shown.startswith(_BEARER) else None
    if key is None:
        raise KeyUnknown
    with wiring().bound(key.tenant_id) as session:
        worn = find_worn_device(session, key, now=wiring().now())
    if worn is None:
        raise KeyUnknown
    return Phone(tenant_id=key.tenant_id, device_id=worn.device_id, worker_id=worn.worker_id, access=worn.access)


@contextmanager
def rows_of(phone: Phone) -> Iterator[Session]:
    """Give a transaction of the phone's company."""
    with wiring().bound(phone.tenant_id) as session:
        yield session
