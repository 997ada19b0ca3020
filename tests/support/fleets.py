"""A company all of whose phones report at once, for measurements: each worker on shift all day, with a device."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.ids import TenantId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import Worker, WorkerShift
from geo_engine.workforce.service import import_workers, set_shifts
from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase
from support.tracked import HERE, Tracked, give_device

_DAY = timedelta(days=1)
_WHOLE_DAY = ClockWindow(earliest_s=0, latest_s=24 * 3600)
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def add_fleet(database: Database, code: str, *, device_count: int, since: datetime) -> list[Tracked]:
    """Add a company that tracks by shift, its workers on shift from a day before some moment until tomorrow."""
    tenant_id = add_bare_company(database, code)
    worker_ids = [WorkerId(f"W{number}") for number in range(device_count)]
    _put_on_shift(database, tenant_id, worker_ids, since=since)
    return [give_device(database, tenant_id, worker_id, worn_from=since) for worker_id in worker_ids]


def _put_on_shift(database: Database, tenant_id: TenantId, worker_ids: Sequence[WorkerId], *, since: datetime) -> None:
    now = datetime.now(UTC)
    workers = [Worker(id=worker_id, name=worker_id, start=HERE) for worker_id in worker_ids]
    days = [since.date() + _DAY * number for number in range(-1, (now - since).days + 3)]
    shifts = [
        WorkerShift(service_on=day, worker_id=worker_id, hours=_WHOLE_DAY) for worker_id in worker_ids for day in days
    ]
    with database.bound(tenant_id) as session:
        import_workers(session, workers, source=RowSource(file="fleet"), by=OPERATOR, now=now)
        set_shifts(session, shifts, by=OPERATOR, now=now)


def durability_of(own: OwnDatabase) -> str:
    """Return what the server itself says of how it keeps what was committed."""
    with connected(own.cluster, database=own.name) as server:
        said = {name: server.execute(f"show {name}").fetchone() for name in _DURABLE}
    return ", ".join(f"{name} {row[0]}" for name, row in said.items() if row)


def count_fixes(own: OwnDatabase) -> int:
    """Return how many fixes the database keeps, of every company."""
    with connected(own.cluster, database=own.name) as server:
        row = server.execute("select count(*) from fix").fetchone()
    assert row is not None
    return int(row[0])
