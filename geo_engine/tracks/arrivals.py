"""Fixes on their way into rows: what of each is known on arrival, and the bytes a binary COPY takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray

from geo_engine.ids import DeviceId, TenantId
from geo_engine.tracks.flags import flag_each
from geo_engine.tracks.model import MICROSECONDS_PER_S, Fix, Flag, Track, concatenate, select_fixes, to_microseconds
from geo_engine.tracks.protocols import Protocol
from geo_engine.words import Message

FARTHEST_AHEAD = timedelta(hours=24)
"""What is tracked later than this is not kept: its clock is no clock."""

POSTGRES_EPOCH_US = 946_684_800 * MICROSECONDS_PER_S
_PLACES_PER_DEGREE = 10_000_000
_WGS84_POINT = b"\x01\x01\x00\x00\x20\xe6\x10\x00\x00"  # little-endian EWKB of a point with SRID 4326
NEVER_US = np.iinfo(np.int64).min
"""What stands for no moment; in binary COPY it is -infinity."""
_SOURCE_NUMBERS = {
    Protocol.OWNTRACKS: 1,
    Protocol.TRACCAR: 2,
    Protocol.OSMAND: 3,
    Protocol.OVERLAND: 4,
    Protocol.GPSLOGGER: 5,
    Protocol.OPENGTS: 6,
    Protocol.TRACCAR_FORWARD: 7,
    Protocol.BATCH: 8,
}
FILE_SOURCE = 0
"""Of what was imported from a file."""
COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_TAIL = b"\xff\xff"


class Outcome(StrEnum):
    """What becomes of a fix that was acknowledged; all but what is kept is counted by day."""

    KEPT = "kept"
    SEALED = "sealed"
    OFF_SHIFT = "off_shift"
    EXPIRED = "expired"
    CLOCK_AHEAD = "clock_ahead"
    REVOKED = "revoked"


def copied_layout(columns: Sequence[tuple[str, str]]) -> np.dtype[np.void]:
    """Return the layout of a row as PostgreSQL's binary COPY has it: a count, then each value behind its length."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for name, kind in columns:
        fields += [(f"{name}_bytes", ">i4"), (name, kind)]
    return np.dtype(fields)


_COLUMNS = (
    ("tenant_id", "V16"),
    ("device_id", "V16"),
    ("tracked_at", ">i8"),
    ("place", ">i8"),
    ("retention_days", ">i2"),
    ("received_at", ">i8"),
    ("sent_at", ">i8"),
    ("geom", "V25"),
    ("accuracy_m", ">f4"),
    ("altitude_m", ">f4"),
    ("speed_mps", ">f4"),
    ("heading_deg", ">f4"),
    ("battery_percent", ">f4"),
    ("flags", ">i2"),
    ("source", ">i2"),
)
_ROW = copied_layout(_COLUMNS)
_EMPTY_ROW = np.zeros(1, dtype=_ROW)
_EMPTY_ROW["count"] = len(_COLUMNS)
for _name, _ in _COLUMNS:
    _EMPTY_ROW[f"{_name}_bytes"] = _ROW[_name].itemsize
_POINT = np.dtype([("head", f"V{len(_WGS84_POINT)}"), ("lon", "<f8"), ("lat", "<f8")])
STAGING_COLUMNS = tuple(name for name, _ in _COLUMNS)
"""The columns of the staging table, in order; an unknown figure is NaN there, an unknown moment -infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What one post brought of one device.

    Parameters
    ----------
    key_hash
        Of the key it was posted with.
    device_key_hash
        Of a key of the device's own, where it was posted with another's: both must hold.
    source
        A number of the protocol.
    fixes
        Fixes, or columns of them where a post brings thousands.
    rollovers
        With columns: whether a fix's date was moved by 1,024 weeks.
    rejected
        Why something in it became no fix.
    is_gated
        Whether it is kept only while whoever wears the device may be tracked.
    """

    tenant_id: TenantId
    device_id: DeviceId
    key_hash: bytes
    source: int
    received_at: datetime
    fixes: tuple[Fix, ...] | Track
    rollovers: NDArray[np.bool_] | None = None
    rejected: tuple[Message, ...] = ()
    is_gated: bool = True
    device_key_hash: bytes | None = None

    @property
    def key_hashes(self) -> frozenset[bytes]:
        """Of all keys that must hold."""
        return frozenset({self.key_hash, self.device_key_hash or self.key_hash})

    def portions(self, most_fixes: int) -> Iterator[Self]:
        """Give it as several of at most so many fixes each; what became no fix is told with the first."""
        if len(self.fixes) <= most_fixes:
            yield self
            return
        for first in range(0, len(self.fixes), most_fixes):
            part = slice(first, first + most_fixes)
            yield replace(
                self,
                fixes=select_fixes(self.fixes, part) if isinstance(self.fixes, Track) else self.fixes[part],
                rollovers=None if self.rollovers is None else self.rollovers[part],
                rejected=() if first else self.rejected,
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """The fixes of many arrivals of one company as columns, in the order of arrival.

    Parameters
    ----------
    track
        Not ordered by time.
    owners
        Which arrival each fix is of.
    device_ids
        Of whatever brings a fix, each once, as the database has it and in its order.
    device_numbers
        Which of them each fix is of.
    received_us
        When each fix was received, microseconds since 1970.
    sent_us
        When the device built each report, microseconds since 1970; `NEVER_US` where it did not say.
    rollovers
        Whether a fix's date was moved by 1,024 weeks.
    """

    tenant_id: TenantId
    arrivals: tuple[Arrival, ...]
    track: Track
    owners: NDArray[np.intp]
    device_ids: NDArray[np.void]
    device_numbers: NDArray[np.intp]
    received_us: NDArray[np.int64]
    sent_us: NDArray[np.int64]
    rollovers: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.track)

    @classmethod
    def of(cls, arrivals: Sequence[Arrival]) -> Self:
        """Return what arrived of one company as columns."""
        counts = [len(arrival.fixes) for arrival in arrivals]
        owners = np.repeat(np.arange(len(arrivals)), counts)
        # By the device's id as a number, which hashes at once.
        device_ids = sorted({arrival.device_id.int for arrival in arrivals if arrival.fixes})
        numbers = {device_id: number for number, device_id in enumerate(device_ids)}
        of_arrivals = [numbers.get(arrival.device_id.int, -1) for arrival in arrivals]
        received_us = [to_microseconds(arrival.received_at) for arrival in arrivals]
        parts = [_NONE, *map(_part, _grouped(arrivals))]
        return cls(
            tenant_id=arrivals[0].tenant_id,
            arrivals=tuple(arrivals),
            track=concatenate([part.track for part in parts]),
            owners=owners,
            device_ids=np.frombuffer(b"".join(one.to_bytes(16) for one in device_ids), dtype="V16"),
            device_numbers=np.array(of_arrivals, dtype=np.intp)[owners],
            received_us=np.array(received_us, dtype=np.int64)[owners],
            sent_us=np.concatenate([part.sent_us for part in parts]),
            rollovers=np.concatenate([part.rollovers for part in parts]),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Some fixes in a row, as columns."""

    track: Track
    sent_us: NDArray[np.int64]
    rollovers: NDArray[np.bool_]


def _grouped(arrivals: Sequence[Arrival]) -> Iterator[Arrival | list[Fix]]:
    """Give runs of fixes that can become columns together: many small posts as a list, columns as they came."""
    gathered: list[Fix] = []
    for arrival in arrivals:
        if isinstance(arrival.fixes, Track):
            if gathered:
                yield gathered
                gathered = []
            yield arrival
        else:
            gathered.extend(arrival.fixes)
    if gathered:
        yield gathered


def _part(group: Arrival | list[Fix]) -> _Part:
    if isinstance(group, list):
        sent = [NEVER_US if fix.sent_at is None else to_microseconds(fix.sent_at) for fix in group]
        return _Part(
            track=Track.in_order(group),
            sent_us=np.array(sent, dtype=np.int64),
            rollovers=np.array([fix.is_rollover for fix in group], dtype=np.bool_),
        )
    count = len(group.fixes)
    return _Part(
        track=cast("Track", group.fixes),
        sent_us=np.full(count, NEVER_US),
        rollovers=np.zeros(count, dtype=np.bool_) if group.rollovers is None else group.rollovers,
    )


_NONE = _part([])


def source_number(protocol: Protocol) -> int:
    """Return under which number a protocol is kept; the numbers never change."""
    return _SOURCE_NUMBERS[protocol]


def flags_on_arrival(batch: Batch) -> NDArray[np.int16]:
    """Return what is doubtful about each fix by itself, as bits of `Flag`; what its neighbours tell comes later."""
    flags = flag_each(batch.track, received_us=batch.received_us).astype(np.int16)
    flags[batch.rollovers] |= Flag.ROLLOVER
    return flags


def places_of(track: Track) -> NDArray[np.int64]:
    """Return each position as one number, to 1e-7 degrees (about a centimetre)."""
    lons = np.rint(track.lons_deg * _PLACES_PER_DEGREE).astype(np.int64)
    lats = np.rint(track.lats_deg * _PLACES_PER_DEGREE).astype(np.int64)
    return (lons << 32) + lats


def in_shared_order(batch: Batch) -> NDArray[np.intp]:
    """Return the indices of a batch's fixes by device, time and place, of one said twice in the order of arrival.

    Whoever writes in this order waits for nobody who waits for it.
    """
    return np.lexsort((places_of(batch.track), batch.track.times_us, batch.device_numbers))


def copied_rows(batch: Batch, flags: NDArray[np.int16], retention_days: NDArray[np.int16]) -> NDArray[np.void]:
    """Return the rows of a batch, laid out as binary COPY takes them.

    Parameters
    ----------
    flags, retention_days
        One of each per fix.
    """
    track = batch.track
    rows = np.repeat(_EMPTY_ROW, len(batch))
    rows["tenant_id"] = np.void(batch.tenant_id.bytes)
    rows["device_id"] = batch.device_ids[batch.device_numbers]
    rows["tracked_at"] = track.times_us - POSTGRES_EPOCH_US
    rows["place"] = places_of(track)
    rows["retention_days"] = retention_days
    rows["received_at"] = batch.received_us - POSTGRES_EPOCH_US
    rows["sent_at"] = np.where(batch.sent_us == NEVER_US, NEVER_US, batch.sent_us - POSTGRES_EPOCH_US)
    points = np.zeros(len(batch), dtype=_POINT)
    points["head"] = np.void(_WGS84_POINT)
    points["lon"], points["lat"] = track.lons_deg, track.lats_deg
    rows["geom"] = points.view("V25")
    for name, figures in _figures(track).items():
        rows[name] = figures
    rows["flags"] = flags
    rows["source"] = np.array([arrival.source for arrival in batch.arrivals], dtype=np.int16)[batch.owners]
    return rows


def _figures(track: Track) -> dict[str, NDArray[np.float64]]:
    return {
        "accuracy_m": track.accuracies_m,
        "altitude_m": track.altitudes_m,
        "speed_mps": track.speeds_mps,
        "heading_deg": track.headings_deg,
        "battery_percent": track.batteries_percent,
    }
