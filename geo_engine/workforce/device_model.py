"""A device: what a worker wears, for a while, and the keys it reports with."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from geo_engine.errors import Conflict, NotFound
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.words import Message

_SECRET_BYTES = 24
_WRITTEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A phone or tracker that reports positions.

    Parameters
    ----------
    protocol
        The wire format it speaks, as the address it posts to names it.
    name
        What people call it.
    worker_id
        Who wears it now; None when nobody does.
    """

    id: DeviceId
    protocol: str
    name: str
    worker_id: WorkerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearing:
    """Who wore a device from when until when; an end of None is still to come."""

    device_id: DeviceId
    worker_id: WorkerId
    worn_from: datetime
    worn_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKey:
    """What a device is known by: its company and a secret; written ``company.secret``, fit for a path.

    Whoever shows it reports positions as the device. Only a hash of it is kept: it has 192 random bits, so that nothing
    slower than SHA-256 is needed against guessing.
    """

    tenant_id: TenantId
    secret: str = field(repr=False)

    @classmethod
    def make(cls, tenant_id: TenantId) -> Self:
        """Return a new key of a company."""
        return cls(tenant_id=tenant_id, secret=secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the key that is written so; None when none is: each is written in one way only."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            return None
        company, secret = written.groups()
        key = cls(tenant_id=TenantId(UUID(bytes=base64.urlsafe_b64decode(f"{company}=="))), secret=secret)
        return key if str(key) == text else None

    def __str__(self) -> str:
        company = base64.urlsafe_b64encode(self.tenant_id.bytes).decode().rstrip("=")
        return f"{company}.{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        """What of the secret is kept."""
        return hashlib.sha256(self.secret.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """What is known of a key that somebody shows.

    Parameters
    ----------
    is_valid
        False when it was revoked or its time is over.
    """

    device_id: DeviceId
    protocol: str
    is_valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDevice:
    """A device that was found by its name.

    Parameters
    ----------
    key_hash
        Of its newest key that holds: as long as that does, what is reported of the device is kept.
    """

    device_id: DeviceId
    key_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRecord:
    """When a worker clocked in, and out unless the shift still runs or nobody ended it."""

    clocked_in_at: datetime
    clocked_out_at: datetime | None


class DeviceNotFound(NotFound):
    """The company has no such device."""

    def __init__(self, device_id: DeviceId) -> None:
        super().__init__(Message("There is no device {id}.", {"id": str(device_id)}))


class WearingOverlap(Conflict):
    """Somebody else wears the device at that time."""

    def __init__(self, device_id: DeviceId) -> None:
        super().__init__(Message("The device {id} was handed over after that moment already.", {"id": str(device_id)}))
