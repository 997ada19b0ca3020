"""Kills the web process and PostgreSQL while phones report, and looks whether what was acknowledged is there, once.

Run it as ``.venv/bin/python tests/benchmarks/tracks_crash.py [--seconds 60] [--kills 4] [--phones 32] [--seed N]``. The
installation is `geo-engine up`, which starts again what dies; the phones are in a process of their own, which writes
what was acknowledged, to the disk, before they go on (`support/reporters.py`). Some post batches, and some fixes are of
before anybody was on shift: these are acknowledged and must not be there. Ends with 1 unless nothing is lost or twice.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.databases import OwnDatabase
from support.fleets import add_fleet, durability_of
from support.installations import Installation, free_port, installations
from support.outcomes import kill_server
from support.reporters import BULK_EVERY
from support.tracked import Tracked
from support.workers import wait_for

from geo_engine.db.cluster import Cluster
from geo_engine.db.roles import DATABASE_NAME, DatabaseRole
from geo_engine.db.session import Database

REPORTERS = Path(__file__).parents[1] / "support" / "reporters.py"
BEHIND = timedelta(hours=40)
HEALED_S = 90.0
STORED = "select device_id, (extract(epoch from tracked_at) * 1000)::bigint, count(*) from fix group by 1, 2"

type Fixes = Counter[tuple[object, int]]
"""How often there is one of a device and a millisecond."""


def main() -> None:
    """Report, kill, wait, count."""
    chosen = _arguments()
    port = free_port()
    with installations(port) as start, tempfile.TemporaryDirectory() as name:
        up = start()
        up.wait_until_ready()
        cluster = Cluster(up.folder)
        own = OwnDatabase(cluster=cluster, name=DATABASE_NAME, app=Database(cluster.url(DatabaseRole.APP), pool_size=1))
        print(durability_of(own))
        fleet = add_fleet(own.app, "fleet", device_count=chosen.phones, since=datetime.now(UTC) - BEHIND)
        own.app.close()
        addresses, ledger = Path(name) / "addresses", Path(name) / "ledger"
        addresses.write_text("".join(f"{_address(port, number, fleet[number])}\n" for number in range(chosen.phones)))
        command = [sys.executable, str(REPORTERS), str(addresses), str(ledger), str(chosen.seconds)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(REPORTERS.parents[2])}) as reporters:
            try:
                kills = _kill(up, cluster, chosen)
                code = reporters.wait(timeout=chosen.seconds + HEALED_S)
            finally:
                reporters.kill()
        wait_for(lambda: cluster.status().is_running, "the database to run again", within_s=HEALED_S)
        stored = _stored(own)
        acknowledged = _acknowledged(ledger, fleet)
    sys.exit(code or not _report(kills, acknowledged, stored))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of reports")
    parser.add_argument("--kills", type=int, default=4, help="of each of both")
    parser.add_argument("--phones", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _address(port: int, number: int, device: Tracked) -> str:
    return f"http://127.0.0.1:{port}/ingest/{'batch' if number % BULK_EVERY == 0 else 'owntracks'}/{device.key}"


def _kill(up: Installation, cluster: Cluster, chosen: argparse.Namespace) -> Counter[str]:
    """Kill one or the other at random moments, each as soon as it runs again; return how often each was."""
    chance = random.Random(chosen.seed)
    victims = ["web process", "PostgreSQL"] * chosen.kills
    chance.shuffle(victims)
    ends_at_s = time.monotonic() + chosen.seconds
    kills: Counter[str] = Counter()
    for number, victim in enumerate(victims):
        left_s = ends_at_s - time.monotonic()
        time.sleep(chance.uniform(0.0, 2 * max(0.0, left_s) / (len(victims) - number + 1)))
        if victim == "web process":
            pid = wait_for(lambda: up.child("serve") or 0, "a web process", within_s=HEALED_S)
            os.kill(chance.choice([pid, *_below(up, pid)]), signal.SIGKILL)
        else:
            wait_for(lambda: cluster.status().is_running, "a database", within_s=HEALED_S)
            kill_server(cluster)
        kills[victim] += 1
    return kills


def _below(up: Installation, pid: int) -> list[int]:
    """Return the processes that answer: those that the server started."""
    return sorted(one for one in up.everything() if _parent(one) == pid)


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return None


def _acknowledged(ledger: Path, fleet: list[Tracked]) -> Fixes:
    found: Fixes = Counter()
    for line in ledger.read_text(encoding="utf-8").splitlines():
        phone, first_ms, count = json.loads(line)
        found.update((fleet[phone].device_id, moment_ms) for moment_ms in range(first_ms, first_ms + count))
    return found


def _stored(own: OwnDatabase) -> Fixes:
    with connected(own.cluster, database=own.name) as server:
        return Counter({(device_id, moment_ms): count for device_id, moment_ms, count in server.execute(STORED)})


def _report(kills: Counter[str], acknowledged: Fixes, stored: Fixes) -> bool:
    """Print what became of all fixes, and return whether that is right."""
    on_shift_from_ms = 1000 * (time.time() - BEHIND.total_seconds())
    on_shift = {fix for fix in acknowledged if fix[1] >= on_shift_from_ms}
    off_shift = acknowledged.keys() - on_shift
    lost, wrong = on_shift - stored.keys(), {fix for fix in stored if fix[1] < on_shift_from_ms}
    twice = {fix for fix, count in stored.items() if count > 1}
    print("killed " + ", ".join(f"{victim} {count} times" for victim, count in sorted(kills.items())))
    print(f"acknowledged {len(acknowledged):,}: on shift {len(on_shift):,}, off shift {len(off_shift):,}")
    print(f"stored {len(stored):,}, {len(stored.keys() - acknowledged.keys()):,} of them not acknowledged")
    print(f"lost {len(lost)}, stored twice {len(twice)}, stored though off shift {len(wrong)}; goal 0 of each")
    return bool(on_shift) and bool(off_shift) and not (lost or twice or wrong)


if __name__ == "__main__":
    main()
