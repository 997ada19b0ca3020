"""Measures how soon a map is told where 10,000 people are: all of them, those who moved, and that nobody did.

Run it as ``.venv/bin/python tests/benchmarks/live_positions.py [--devices 10000] [--asks 30]``. Everybody has a year of
shifts, half of them began today's themselves; the server is one of ours on loopback.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.companies import add_bare_company
from support.databases import OwnDatabase, migrated_databases
from support.dispatchers import Dispatcher, add_dispatcher, signed_in
from support.web_server import running_server

from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, TenantId
from geo_engine.tracks import Fix
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.protocols import Protocol

GOAL_MS = 200.0
COMPANY = "live"
MOVED = "update device_live set changed_in = pg_current_xact_id()::text::bigint where random() < %s"
_ROWS = (
    """insert into depot (tenant_id, id, geom)
    select %(t)s, 'W' || n, st_setsrid(st_point(116 + n / 1e5, 39), 4326) from generate_series(1, %(n)s::int) as n""",
    """insert into worker (tenant_id, id, name, start_depot_id, shift_earliest_s, shift_latest_s, breaks, skills,
        capacity, cost_fixed, cost_per_hour, cost_per_km)
    select %(t)s, id, 'Worker ' || id, id, 0, 86399, '[]', '{}', '{}', 0, 0, 0 from depot""",
    """insert into shift (tenant_id, service_on, worker_id, earliest_s, latest_s, start_at, end_at)
    select %(t)s, day, id, 0, 86399, day, day + interval '86399 seconds'
    from worker, generate_series(now()::date - 365, now()::date + 7, interval '1 day') as day""",
    """insert into shift_record (tenant_id, worker_id, clocked_in_at, clocked_out_at, service_on)
    select %(t)s, id, now() - d * interval '1 day' - interval '3 hours',
        case when d > 0 then now() - d * interval '1 day' + interval '5 hours' end, now()::date - d
    from worker, generate_series(0, 365) as d where substr(id, 2)::int %% 2 = 0""",
    """insert into device (tenant_id, id, protocol, name, added_at)
    select %(t)s, md5(id)::uuid, 'batch', id, now() - interval '1 year' from worker""",
    """insert into device_wearing (tenant_id, device_id, worn_from, worker_id)
    select %(t)s, id, added_at, name from device""",
    """insert into device_key (tenant_id, secret_hash, device_id, made_at, is_revoked)
    select %(t)s, sha256(uuid_send(id)), id, added_at, false from device""",
)


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--asks", type=int, default=30)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, migrated_databases() as databases, databases.clone() as own:
        tenant_id = add_bare_company(own.app, COMPANY)
        add_dispatcher(own.app, tenant_id)
        with connected(own.cluster, database=own.name) as server, running_server(own, Path(folder)) as web:
            _fill(server, tenant_id, chosen.devices)
            _report(own, server, tenant_id)
            with signed_in(web.origin, COMPANY) as dispatcher:
                is_met = _measure(dispatcher, server, chosen.asks)
    sys.exit(not is_met)


def _fill(server: psycopg.Connection, tenant_id: TenantId, count: int) -> None:
    with server.transaction():
        server.execute("set local session_replication_role = replica")
        for statement in _ROWS:
            server.execute(statement, {"t": tenant_id, "n": count})


def _report(own: OwnDatabase, server: psycopg.Connection, tenant_id: TenantId) -> None:
    """Have every device report once; its key is its own id."""
    now = datetime.now(UTC)
    arrivals = [
        Arrival(
            tenant_id=tenant_id,
            device_id=DeviceId(device_id),
            key_hash=sha256(device_id.bytes).digest(),
            source=source_number(Protocol.BATCH),
            received_at=now,
            fixes=(_fix(number, now),),
        )
        for number, (device_id,) in enumerate(server.execute("select id from device").fetchall())
    ]
    Ingest(own.app).commit(arrivals, now=now)
    server.execute("vacuum analyze")


def _fix(number: int, now: datetime) -> Fix:
    position = Position(116 + number / 1e5, 39.0)
    figures = {"accuracy_m": 12.0, "speed_mps": 3.0, "heading_deg": 90.0, "battery_percent": 55.0}
    return Fix(device=None, tracked_at=now, position=position, **figures)


def _measure(dispatcher: Dispatcher, server: psycopg.Connection, asks: int) -> bool:
    """Ask after so many have moved, print how long that took, and return whether the goal is met."""
    _ask(dispatcher, None)
    are_met = []
    for name, share, is_all in (
        ("all", 0.0, True),
        ("nobody moved", 0.0, False),
        ("1 %", 0.01, False),
        ("30 %", 0.3, False),
    ):
        cursor = _ask(dispatcher, None)[1]
        times_ms, size, count = [], 0, 0
        for _ in range(asks):
            if share:
                server.execute(MOVED, [share])
            began_s = time.perf_counter()
            size, cursor, count = _ask(dispatcher, None if is_all else cursor)
            times_ms.append((time.perf_counter() - began_s) * 1e3)
        p50, p95 = np.percentile(times_ms, (50, 95))
        figures = f"p50 {p50:5.0f} ms  p95 {p95:5.0f} ms  goal {GOAL_MS:g} ms"
        print(f"{name:14}{count:7,} told, {size / 1e3:5.0f} kB  {figures}")
        are_met.append(p95 <= GOAL_MS)
    return all(are_met)


def _ask(dispatcher: Dispatcher, cursor: str | None) -> tuple[int, str | None, int]:
    """Return how many bytes the answer has, what to ask with next, and of how many people it tells."""
    answer = dispatcher.get("/live") if cursor is None else dispatcher.get("/live", since=cursor)
    told = {"cursor": cursor, "positions": []} if answer.status_code == 304 else answer.json()
    return len(answer.content), told["cursor"], len(told["positions"])


if __name__ == "__main__":
    main()
