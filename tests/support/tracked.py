"""A device that a worker of a test's company wears, and what it reports."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import select

from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import Attendance, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Fix
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.driven import DrivenTrip, DrivenWay, WayKind
from geo_engine.tracks.driving_store import save_driven
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.model import to_microseconds
from geo_engine.tracks.protocols import Protocol
from geo_engine.tracks.rows import TripRow
from geo_engine.words import Message
from geo_engine.workforce.attendance import clock_in
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.devices import add_device

ON_SHIFT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Ten o'clock in the morning of the day that companies of tests plan, where they are."""
OFF_SHIFT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
HERE = Position(116.397, 39.908)
WORKER = WorkerId("W1")
NO_ROADS = Path("/nonexistent")
"""A cache that no road graph is in."""


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """A device, its key and its company."""

    tenant_id: TenantId
    device_id: DeviceId
    key: DeviceKey

    def arrival(self, *fixes: Fix, received_at: datetime, rejected: tuple[Message, ...] = ()) -> Arrival:
        """Return what one post of the device brings."""
        return Arrival(
            tenant_id=self.tenant_id,
            device_id=self.device_id,
            key_hash=self.key.secret_hash,
            source=source_number(Protocol.OWNTRACKS),
            received_at=received_at,
            fixes=fixes,
            rejected=rejected,
        )


def fix_at(tracked_at: datetime, position: Position = HERE, **rest: object) -> Fix:
    """Return a fix."""
    return Fix(device=None, tracked_at=tracked_at, position=position, **rest)  # type: ignore[arg-type]


def give_device(
    database: Database,
    tenant_id: TenantId,
    worker_id: WorkerId = WORKER,
    *,
    worn_from: datetime,
    protocol: Protocol = Protocol.OWNTRACKS,
    name: str = "phone",
) -> Tracked:
    """Give a worker a device."""
    with database.bound(tenant_id) as session:
        device, key = add_device(session, worker_id=worker_id, protocol=protocol, name=name, by=OPERATOR, now=worn_from)
    return Tracked(tenant_id=tenant_id, device_id=device.id, key=key)


def a_morning(begins_at: datetime) -> list[Fix]:
    """Return the fixes of an hour: a stay, a drive of two kilometres, another stay, a silence, and one fix more."""
    there = Position(HERE.lon + 0.024, HERE.lat)
    places = [HERE] * 24
    places += [Position(HERE.lon + 0.024 * step / 12, HERE.lat) for step in range(1, 12)]
    places += [there] * 24
    moments = [begins_at + timedelta(seconds=30 * number) for number in range(len(places))]
    return [
        *(fix_at(moment, place, accuracy_m=8.0) for moment, place in zip(moments, places, strict=True)),
        fix_at(begins_at + timedelta(minutes=60), Position(HERE.lon + 0.05, HERE.lat), accuracy_m=8.0),
    ]


def a_driven_trip(begins_at: datetime) -> DrivenTrip:
    """Return what may be known of a trip of a minute on roads."""
    way = DrivenWay(
        kind=WayKind.MATCHED,
        times_us=np.array([to_microseconds(begins_at + timedelta(seconds=seconds)) for seconds in (0, 60)]),
        lons_deg=np.array([HERE.lon, HERE.lon + 0.01]),
        lats_deg=np.array([HERE.lat, HERE.lat]),
        distance_m=900.0,
        least_m=900.0,
        most_m=900.0,
        confidence=0.9,
    )
    return DrivenTrip(driven_m=900.0, confidence=0.9, ways=(way,))


def report_a_little(database: Database, tenant_id: TenantId, *, worn_from: datetime) -> Tracked:
    """Have a worker's device report on shift, off shift and what nobody understands: a row in every table of tracks."""
    tracked = give_device(database, tenant_id, worn_from=worn_from)
    with database.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(attendance=Attendance.PHONE), by=OPERATOR, now=worn_from)
    reports, told = a_morning(ON_SHIFT), Message("There is nothing in it.")
    Ingest(database).commit(
        [
            tracked.arrival(*reports, received_at=OFF_SHIFT, rejected=(told,)),
            tracked.arrival(fix_at(OFF_SHIFT), received_at=OFF_SHIFT),
        ],
        now=OFF_SHIFT,
    )
    derive_tracks(database, tenant_id, now=lambda: OFF_SHIFT)
    with database.bound(tenant_id) as session:
        trip_id = session.scalars(select(TripRow.id).order_by(TripRow.started_at)).first()
        assert trip_id is not None
        save_driven(session, trip_id, a_driven_trip(ON_SHIFT))
        clock_in(session, WORKER, at=ON_SHIFT - timedelta(hours=1), by=OPERATOR, now=OFF_SHIFT)
    return tracked
