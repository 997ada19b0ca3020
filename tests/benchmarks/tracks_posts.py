"""Measures one fix a post from 64 connections, acknowledged after its commit, beside a Flask view that does nothing.

Run it as ``.venv/bin/python tests/benchmarks/tracks_posts.py [--devices N] [--seconds S] [--rounds N] [--processes N]``
The load comes from `wrk`, the same for both; both are served by Granian on loopback and asked in turn in one run. Ours
is `geo-engine serve` over a durable database; the view is served in whichever of some settings is the fastest for it.
"""

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from flask import Flask

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.databases import OwnDatabase
from support.fleets import add_fleet, count_fixes, durability_of
from support.outcomes import killable_database
from support.processor_time import seconds_of_tree
from support.web_server import running_server

CONNECTIONS = 64
RATIO_GOAL, P99_GOAL_MS = 0.4, 100.0
SCRIPT = Path(__file__).with_suffix(".lua")
GRANIAN = Path(sys.executable).parent / "granian"
SETTINGS = [(workers, threads) for workers in (1, 2) for threads in (1, 2, 4)]
TRIAL_S, WARM_UP_S = 2, 3
BEHIND = timedelta(hours=20)

application = Flask(__name__)


@application.post("/noop")
def noop() -> bytes:
    """Answer as OwnTracks wants it, and do nothing."""
    return b"[]"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is asked, and the first of the processes that answer, by name."""

    origin: str
    paths: Path
    trees: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Load:
    """What became of a load, and the microseconds of the processor that an answer took, by whose they are."""

    answered: int
    took_s: float
    error_count: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    used_us: dict[str, float]

    @property
    def per_s(self) -> float:
        """Return how many were answered in a second."""
        return self.answered / self.took_s


class Posts:
    """Posts fixes, none of them twice: each load tracks on from where the one before ended.

    Parameters
    ----------
    since
        When the first fix of each device is tracked; each next one a second later.
    """

    def __init__(self, since: datetime) -> None:
        self._start_s = int(since.timestamp())

    def load(self, target: Target, *, seconds: int) -> Load:
        """Post on every connection, one after the other, for some seconds."""
        wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", SCRIPT, target.origin]
        command = [*wrk, "--", target.paths, self._start_s]
        before = _used_s(target)
        done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=True)
        used_s = {name: after - before[name] for name, after in _used_s(target).items()}
        told = json.loads(done.stdout.splitlines()[-1])
        device_count = target.paths.read_text(encoding="utf-8").count("\n")
        self._start_s += (told["answered"] + CONNECTIONS) // device_count + 1
        return Load(**told, used_us={name: 1e6 * one / max(1, told["answered"]) for name, one in used_s.items()})


def _used_s(target: Target) -> dict[str, float]:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)  # of children that ended, wrk alone does while it is measured
    trees = {name: seconds_of_tree(pid) for name, pid in target.trees.items()}
    return {"wrk": ended.ru_utime + ended.ru_stime, **trees}


def main() -> None:
    """Fill, serve, post in turn, count, print."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as name, killable_database() as own:
        folder = Path(name)
        print(durability_of(own))
        os.sync()  # what others left to be written would be written meanwhile
        setting = _fastest_setting(folder)
        with _ours(own, folder, chosen) as ours, _reference(folder, *setting) as reference:
            # Each with moments of its own: what does nothing answers so many that ours would lie in the future.
            posts, nothing = (Posts(datetime.now(UTC) - BEHIND) for _ in range(2))
            acknowledged = posts.load(ours, seconds=WARM_UP_S).answered
            sides = (posts, ours), (nothing, reference)
            rounds = [[one.load(side, seconds=chosen.seconds) for one, side in sides] for _ in range(chosen.rounds)]
            stored = count_fixes(own)
    acknowledged += sum(one.answered - one.error_count for one, _ in rounds)
    is_met = _report(rounds)
    under_way = CONNECTIONS * (len(rounds) + 1)
    print(f"acknowledged {acknowledged:,}, stored {stored:,} (at most {under_way} under way when a load ended)")
    sys.exit(not (is_met and acknowledged <= stored <= acknowledged + under_way))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=256)
    parser.add_argument("--companies", type=int, default=1, help="that the devices belong to")
    parser.add_argument("--seconds", type=int, default=10, help="of each load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1, help="of `geo-engine serve`")
    return parser.parse_args()


@contextmanager
def _ours(own: OwnDatabase, folder: Path, chosen: argparse.Namespace) -> Iterator[Target]:
    """Serve a fleet's company, and give where its phones post."""
    each = chosen.devices // chosen.companies
    fleets = [
        add_fleet(own.app, f"fleet{number}", device_count=each, since=datetime.now(UTC) - BEHIND)
        for number in range(chosen.companies)
    ]
    keys = [device.key for same in zip(*fleets, strict=True) for device in same]
    paths = folder / "ours.txt"
    paths.write_text("".join(f"/ingest/owntracks/{key}\n" for key in keys), encoding="utf-8")
    postmaster = own.cluster.status().pid
    assert postmaster is not None
    with running_server(own, folder, "--processes", str(chosen.processes)) as server:
        yield Target(origin=server.origin, paths=paths, trees={"web": server.pid, "PostgreSQL": postmaster})


@contextmanager
def _reference(folder: Path, workers: int, threads: int) -> Iterator[Target]:
    """Serve the view that does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    paths = folder / "noop.txt"
    paths.write_text("/noop\n", encoding="utf-8")
    module = f"{Path(__file__).stem}:application"
    options = ["--interface", "wsgi", "--port", port, "--workers", workers, "--blocking-threads", threads, "--no-log"]
    command = [str(word) for word in (GRANIAN, *options, "--no-ws", "--working-dir", Path(__file__).parent, module)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        origin = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(origin)
        yield Target(origin=origin, paths=paths, trees={"web": process.pid})
        process.terminate()


def _wait_until_it_answers(origin: str) -> None:
    give_up_at_s = time.monotonic() + 30
    while time.monotonic() < give_up_at_s:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{origin}/noop", method="POST"), timeout=2)  # noqa: S310 - our own
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the reference does not answer")


def _fastest_setting(folder: Path) -> tuple[int, int]:
    """Try the view in each setting, and return the fastest one's workers and threads."""
    rates = {}
    for setting in SETTINGS:
        with _reference(folder, *setting) as target:
            posts = Posts(datetime.now(UTC))
            rates[setting] = max(posts.load(target, seconds=TRIAL_S).per_s for _ in range(2))
        print("a view that does nothing, {} workers of {} threads: {:,.0f}/s".format(*setting, rates[setting]))
    return max(rates, key=lambda setting: rates[setting])


def _report(rounds: Sequence[Sequence[Load]]) -> bool:
    """Print what each round and all of them came to, and return whether the goals are met."""
    for pair in rounds:
        print("; ".join(f"{one.per_s:7,.0f}/s p50 {one.p50_ms:5.1f} p99 {one.p99_ms:5.1f} ms" for one in pair))
    for name, loads in zip(("one fix a post", "a view that does nothing"), zip(*rounds, strict=True), strict=True):
        _print_side(name, loads)
    ratio = median(ours.per_s / reference.per_s for ours, reference in rounds)
    by_time = median(sum(reference.used_us.values()) / sum(ours.used_us.values()) for ours, reference in rounds)
    p99_ms = median(ours.p99_ms for ours, _ in rounds)
    print(f"ratio {ratio:.2f}, goal {RATIO_GOAL:g}; by time of the processor {by_time:.2f}")
    print(f"p99 {p99_ms:.0f} ms, goal {P99_GOAL_MS:g}")
    return ratio >= RATIO_GOAL and p99_ms < P99_GOAL_MS


def _print_side(name: str, loads: Sequence[Load]) -> None:
    used_us = {whose: median(load.used_us[whose] for load in loads) for whose in loads[0].used_us}
    share = median(load.used_us["wrk"] / sum(load.used_us.values()) for load in loads)
    print(
        f"{name:25} {median(load.per_s for load in loads):8,.0f}/s"
        f"  p50 {median(load.p50_ms for load in loads):.1f}  p99 {median(load.p99_ms for load in loads):.1f}"
        f"  most {max(load.most_ms for load in loads):.0f} ms  errors {sum(load.error_count for load in loads)}"
    )
    print(f"{'':25} µs of the processor: ", end="")
    print(", ".join(f"{whose} {one_us:.0f}" for whose, one_us in used_us.items()), end="")
    print(f"; wrk's share {share:.0%}")


if __name__ == "__main__":
    main()
