"""A device that a worker of a test's company wears, and what it reports."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from geoalchemy2 import WKTElement
from shapely import LineString

from geo_engine.db.base import TenantRow, to_point
from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, TenantId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import Attendance, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Fix
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.protocols import Protocol
from geo_engine.tracks.rows import GapRow, StopRow, TrackStateRow, TrajectoryRow, TripRow
from geo_engine.words import Message
from geo_engine.workforce.attendance import clock_in
from geo_engine.workforce.device_model import DeviceKey
from geo_engine.workforce.devices import add_device

ON_SHIFT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Ten o'clock in the morning of the day that companies of tests plan, where they are."""
OFF_SHIFT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
HERE = Position(116.397, 39.908)
WORKER = WorkerId("W1")


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
    database: Database, tenant_id: TenantId, worker_id: WorkerId = WORKER, *, worn_from: datetime
) -> Tracked:
    """Give a worker a device."""
    with database.bound(tenant_id) as session:
        device, key = add_device(
            session, worker_id=worker_id, protocol=Protocol.OWNTRACKS, name="phone", by=OPERATOR, now=worn_from
        )
    return Tracked(tenant_id=tenant_id, device_id=device.id, key=key)


def report_a_little(database: Database, tenant_id: TenantId, *, worn_from: datetime) -> Tracked:
    """Have a worker's device report on shift, off shift and what nobody understands: a row in every table of tracks."""
    tracked = give_device(database, tenant_id, worn_from=worn_from)
    with database.bound(tenant_id) as session:
        set_tracking(session, TrackingRule(attendance=Attendance.PHONE), by=OPERATOR, now=worn_from)
    reports = [fix_at(ON_SHIFT + timedelta(minutes=minute)) for minute in range(3)]
    told = Message("There is nothing in it.")
    Ingest(database).commit(
        [
            tracked.arrival(*reports, received_at=ON_SHIFT + timedelta(minutes=3), rejected=(told,)),
            tracked.arrival(fix_at(OFF_SHIFT), received_at=OFF_SHIFT),
        ],
        now=OFF_SHIFT,
    )
    with database.bound(tenant_id) as session:
        clock_in(session, WORKER, at=ON_SHIFT - timedelta(hours=1), by=OPERATOR, now=OFF_SHIFT)
        session.add_all(_derived(tracked.device_id))
    return tracked


def _derived(device_id: DeviceId) -> list[TenantRow]:
    span = {"device_id": device_id, "started_at": ON_SHIFT, "ended_at": ON_SHIFT + timedelta(minutes=2)}
    told = {"is_open": False, "settled_on": ON_SHIFT.date(), "rules": "1", "derived_at": OFF_SHIFT}
    made = span | told
    line = LineString([(HERE.lon, HERE.lat, ON_SHIFT.timestamp()), (HERE.lon, HERE.lat, ON_SHIFT.timestamp() + 120)])
    return [
        StopRow(id=uuid4(), geom=to_point(HERE), radius_m=5.0, fix_count=3, **made),
        TripRow(id=uuid4(), distance_m=10.0, fix_count=3, **made),
        GapRow(id=uuid4(), cause="unknown", **made),
        TrackStateRow(device_id=device_id, derived_on=ON_SHIFT.date(), state={}, newest_at=ON_SHIFT, rules="1"),
        TrajectoryRow(**span, geom=WKTElement(f"SRID=4326;LINESTRING M ({_xym(line)})", extended=True)),
    ]


def _xym(line: LineString) -> str:
    return ", ".join(f"{x} {y} {m}" for x, y, m in line.coords)
