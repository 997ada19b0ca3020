"""Whose phone asks: the key it shows, and the device it is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request

from geo_engine.db.session import Session
from geo_engine.errors import Forbidden
from geo_engine.ids import DeviceId, TenantId
from geo_engine.words import Message
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.devices import find_device
from web.wiring import wiring

_BEARER = "bearer"


class KeyUnknown(Forbidden):
    """No key was shown, or one that does not hold."""

    def __init__(self) -> None:
        super().__init__(Message("Show the key of a device: Authorization: Bearer KEY."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone that asks, and whose company's it is."""

    tenant_id: TenantId
    device_id: DeviceId


def asking_phone() -> Phone:
    """Return the phone that asks.

    Raises
    ------
    KeyUnknown
        When its key does not hold.
    """
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    key = DeviceKey.parse(shown.strip()) if scheme.lower() == _BEARER else None
    if key is None:
        raise KeyUnknown
    with wiring().bound(key.tenant_id) as session:
        device_id = find_device(session, key, now=wiring().now())
    if device_id is None:
        raise KeyUnknown
    return Phone(tenant_id=key.tenant_id, device_id=device_id)


@contextmanager
def rows_of(phone: Phone) -> Iterator[Session]:
    """Give a transaction of the phone's company."""
    with wiring().bound(phone.tenant_id) as session:
        yield session
