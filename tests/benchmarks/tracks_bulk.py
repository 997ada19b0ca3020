"""Measures how fast batches become fixes, beside the raw rate of COPY into a staging table and INSERT … ON CONFLICT.

Run it as ``.venv/bin/python tests/benchmarks/tracks_bulk.py [--fixes N] [--batch N] [--rounds N] [--writers N]``.
Ours are posts of msgpack columns to `geo-engine serve`, by HTTP, decoded, judged, flagged, copied, with live rows, and
answered after their commit. Beside it stands a superuser, whom no policy binds, who copies such bytes into the same
table of the same durable server, and into a plain one with the same columns and key, without partitions. There are as
many writers as web processes, and all take turns in one run.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.databases import OwnDatabase
from support.fleets import add_fleet, count_fixes, durability_of
from support.outcomes import killable_database
from support.processor_time import seconds_of_tree
from support.tracked import Tracked
from support.web_server import running_server

from geo_engine.tracks import Track
from geo_engine.tracks.arrivals import COPY_HEAD, COPY_TAIL, STAGING_COLUMNS, Batch, copied_rows
from geo_engine.tracks.ingest_store import STAGING
from geo_engine.tracks.protocols import encode_columns
from geo_engine.tracks.rows import FIX_COLUMNS

RATIO_GOAL = 0.4
DEVICES = 40
POSTS_PER_WRITER = 2
BEHIND = timedelta(hours=40)
COPY = f"copy pg_temp.staged_fix ({', '.join(STAGING_COLUMNS)}) from stdin (format binary)"
NAMES = ("posts of batches", "COPY, ON CONFLICT", "COPY, plain table")
PLAIN = """
create table plain_fix (like fix including defaults,
    primary key (tenant_id, device_id, tracked_at, place, retention_days))
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of a round, and the microseconds of the processor a fix took, by whose they are."""

    fix_count: int
    took_s: float
    used_us: dict[str, float]

    @property
    def per_s(self) -> float:
        """Return how many fixes were taken in a second."""
        return self.fix_count / self.took_s


def main() -> None:
    """Fill, serve, write in turn, count, print."""
    chosen = _arguments()
    since = datetime.now(UTC) - BEHIND
    with tempfile.TemporaryDirectory() as name, killable_database() as own, ExitStack() as ends:
        print(durability_of(own))
        with connected(own.cluster, database=own.name) as superuser:
            superuser.execute(PLAIN)
        ours, raw = (add_fleet(own.app, code, device_count=DEVICES, since=since) for code in ("ours", "raw"))
        server = ends.enter_context(running_server(own, Path(name), "--processes", str(chosen.writers)))
        trees = {"web": server.pid, "PostgreSQL": own.cluster.status().pid or 0}
        posts = _Posts(server.origin, chosen.writers * POSTS_PER_WRITER)
        copies = [_Copies(own, table, chosen.writers, ends) for table in ("fix", "plain_fix")]
        batches = zip(_tracks(ours, chosen, since), _tracks(raw, chosen, since), strict=True)
        rounds = []
        for mine, theirs in batches:
            sent = [(device, encode_columns(track, device="van")) for device, track in mine]
            bytes_of = [_copied(device, track) for device, track in theirs]
            mine_taken = _run(posts, sent, trees, chosen.batch)
            rounds.append((mine_taken, *(_run(copy, bytes_of, trees, chosen.batch) for copy in copies)))
        stored = count_fixes(own)
    # The first round makes partitions and opens connections.
    _report(rounds[1:], stored, expected=2 * len(rounds) * chosen.batch * _posts_a_round(chosen))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixes", type=int, default=1_000_000, help="of each side, in all rounds")
    parser.add_argument("--batch", type=int, default=5_000, help="fixes of a post")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--writers", type=int, default=2, help="web processes, and connections that copy")
    return parser.parse_args()


def _posts_a_round(chosen: argparse.Namespace) -> int:
    return max(1, chosen.fixes // chosen.rounds // chosen.batch)


def _tracks(
    fleet: Sequence[Tracked], chosen: argparse.Namespace, since: datetime
) -> Iterator[list[tuple[Tracked, Track]]]:
    """Yield the batches of each round: device after device, each going on a second later where it ended."""
    random = np.random.default_rng(1)
    begin_us = (int(since.timestamp()) + 1) * 1_000_000
    posts = _posts_a_round(chosen)
    for number in range(chosen.rounds + 1):
        counted = range(number * posts, (number + 1) * posts)
        yield [(fleet[one % DEVICES], _track(random, begin_us, one // DEVICES, chosen.batch)) for one in counted]


def _track(random: np.random.Generator, begin_us: int, lap: int, count: int) -> Track:
    return Track(
        times_us=begin_us + (lap * count + np.arange(count)) * 1_000_000,
        lons_deg=-8.6 + random.normal(0, 1e-4, count).cumsum(),
        lats_deg=41.1 + random.normal(0, 1e-4, count).cumsum(),
        accuracies_m=random.uniform(1, 50, count),
        altitudes_m=random.uniform(0, 100, count),
        speeds_mps=random.uniform(0, 30, count),
        headings_deg=random.uniform(0, 360, count),
        batteries_percent=random.uniform(0, 100, count),
        mocks=np.zeros(count, dtype=np.bool_),
    )


class _Posts:
    """Posts batches, several at once, each connection one after the other."""

    def __init__(self, origin: str, connections: int) -> None:
        self._place = urlsplit(origin).netloc
        self._threads = ThreadPoolExecutor(connections, initializer=self._connect)
        self._own = threading.local()

    def __call__(self, batches: Sequence[tuple[Tracked, bytes]]) -> None:
        list(self._threads.map(self._post, batches))

    def _connect(self) -> None:
        self._own.connection = HTTPConnection(self._place, timeout=60)

    def _post(self, batch: tuple[Tracked, bytes]) -> None:
        device, body = batch
        self._own.connection.request("POST", f"/ingest/batch/{device.key}", body)
        with self._own.connection.getresponse() as answer:
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"a post was answered with {answer.status}")


class _Copies:
    """Copies batches as they are into a table, over several connections at once."""

    def __init__(self, own: OwnDatabase, table: str, connections: int, ends: ExitStack) -> None:
        columns = ", ".join(("tenant_id", *FIX_COLUMNS))
        self._take = f"insert into {table} ({columns}) select {columns} from pg_temp.staged_fix on conflict do nothing"  # noqa: S608
        self._idle = [ends.enter_context(connected(own.cluster, database=own.name)) for _ in range(connections)]
        for connection in self._idle:
            connection.execute(STAGING)
            connection.autocommit = False
        self._threads = ThreadPoolExecutor(connections)

    def __call__(self, batches: Sequence[bytes]) -> None:
        list(self._threads.map(self._copy, batches))

    def _copy(self, content: bytes) -> None:
        connection = self._idle.pop()
        with connection.cursor() as cursor:
            with cursor.copy(COPY) as copy:
                copy.write(content)
            cursor.execute(self._take)
        connection.commit()
        self._idle.append(connection)


def _copied(device: Tracked, track: Track) -> bytes:
    """Return the bytes that a COPY of a batch takes."""
    batch = Batch.of([replace(device.arrival(received_at=datetime.now(UTC)), fixes=track)])
    rows = copied_rows(batch, np.zeros(len(batch), dtype=np.int16), np.full(len(batch), 90, dtype=np.int16))
    return COPY_HEAD + rows.tobytes() + COPY_TAIL


def _run[T](write: Callable[[Sequence[T]], None], batches: Sequence[T], trees: dict[str, int], batch: int) -> Run:
    """Write batches and return how long it took."""

    def used_s() -> dict[str, float]:
        return {"client": time.process_time(), **{name: seconds_of_tree(pid) for name, pid in trees.items()}}

    fix_count, before, began_s = len(batches) * batch, used_s(), time.perf_counter()
    write(batches)
    took_s = time.perf_counter() - began_s
    used_us = {name: 1e6 * (after - before[name]) / fix_count for name, after in used_s().items()}
    return Run(fix_count=fix_count, took_s=took_s, used_us=used_us)


def _report(rounds: Sequence[Sequence[Run]], stored: int, *, expected: int) -> None:
    """Print what each round and all of them came to; end with 1 when the goal is not met, or a fix is missing."""
    for one in rounds:
        print("; ".join(f"{run.per_s:9,.0f} fixes/s" for run in one))
    are_met = [stored == expected]
    for name, runs in zip(NAMES, zip(*rounds, strict=True), strict=True):
        used = ", ".join(f"{whose} {median(run.used_us[whose] for run in runs):.2f}" for whose in runs[0].used_us)
        print(f"{name:22} {median(run.per_s for run in runs):9,.0f} fixes/s  µs of the processor a fix: {used}")
    for number, name in list(enumerate(NAMES))[1:]:
        ratio = median(one[0].per_s / one[number].per_s for one in rounds)
        by_time = median(sum(one[number].used_us.values()) / sum(one[0].used_us.values()) for one in rounds)
        print(f"ratio to {name} {ratio:.2f}, goal {RATIO_GOAL:g}; by time of the processor {by_time:.2f}")
        are_met.append(ratio >= RATIO_GOAL)
    print(f"stored {stored:,} of {expected:,}")
    sys.exit(not all(are_met))


if __name__ == "__main__":
    main()
