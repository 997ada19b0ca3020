"""How long it takes to append an event, to seal a trail of a million events and to verify it, and in how much memory.

Run it from the repository's root: ``python tests/benchmarks/audit_speed.py``.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase, migrated_databases

from geo_engine.audit.sealing import seal_trail
from geo_engine.audit.service import record_act
from geo_engine.audit.vault import Vault
from geo_engine.audit.verifying import verify_trail
from geo_engine.ids import MemberId, TenantId

_FILL = """
insert into audit_event (tenant_id, happened_at, member_id, act, subject_kind, subject_id, facts)
select %s, now(), gen_random_uuid(), 'look_at_track', 'worker', 'W' || n %% 500,
    jsonb_build_object('service_on', '2026-11-24', 'purpose', 'complaint ' || n)
from generate_series(1, %s) as n
"""
_APPENDED = 2_000


def main() -> None:
    """Fill, seal, verify, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    count = parser.parse_args().events
    with migrated_databases() as databases, databases.clone() as own, tempfile.TemporaryDirectory() as folder:
        tenant_id, vault = add_bare_company(own.app, "acme"), Vault(state_dir=Path(folder))
        _append(own, tenant_id)
        with connected(own.cluster, database=own.name) as server:
            server.execute(_FILL, [tenant_id, count])
            server.execute("vacuum analyze audit_event")
        began_s = time.perf_counter()
        sealed = seal_trail(own.app, tenant_id, vault)
        _tell("seal", sealed.linked_count, began_s)
        for _ in range(2):
            began_s = time.perf_counter()
            seal_trail(own.app, tenant_id, vault)
            print(f"seal when nothing is new: {1e3 * (time.perf_counter() - began_s):.1f} ms")
        began_s = time.perf_counter()
        report = verify_trail(own.app, tenant_id, vault)
        _tell("verify", report.length, began_s)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"intact: {report.is_intact}; anchored {report.anchored_length}; peak memory {peak_mb:.0f} MB")
        sizes = sum(path.stat().st_size for path in (Path(folder) / "audit-anchors").iterdir())
        print(f"anchors {sizes / sealed.linked_count:.1f} bytes an event")


def _append(own: OwnDatabase, tenant_id: TenantId) -> None:
    with own.app.bound(tenant_id) as session:
        began_s = time.perf_counter()
        for number in range(_APPENDED):
            by, facts = MemberId(tenant_id), {"service_on": "2026-11-24", "purpose": "a complaint"}
            record_act(session, "look_at_track", ("worker", f"W{number}"), by=by, now=NOW, **facts)
        print(f"append: {1e6 * (time.perf_counter() - began_s) / _APPENDED:.0f} µs an event")


def _tell(what: str, count: int, began_s: float) -> None:
    took_s = time.perf_counter() - began_s
    print(f"{what}: {count} events in {took_s:.1f} s, {count / took_s:.0f} a second")


if __name__ == "__main__":
    main()
