"""Measures how soon a dispatcher is answered over 20 million stored fixes, after the database was started again.

Run it as ``.venv/bin/python tests/benchmarks/tracks_read.py [--devices N] [--days N] [--fixes N] [--pairs N]``.
`geo-engine serve` over a private PostgreSQL is asked over HTTP, in turn, where everybody is, for a worker's day with
the first data of its replay, and for who passed a place where that worker was on that day: a thousand workers and days
by chance, none twice. Some answers are compared with a search without index or formula (`plain_passes.py`), and with
the fixes themselves. Ends with 1 when a goal is not met or an answer is another.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.databases import OwnDatabase
from support.dispatchers import Dispatcher, add_dispatcher, signed_in
from support.fleets import count_fixes, durability_of
from support.outcomes import killable_database
from support.plain_passes import STEP_S, PlainPass, PlainTrajectories
from support.stored_days import StoredCompany, StoredDay, make_up_company, store_company
from support.tracked import HERE, fix_at
from support.web_server import running_server

from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.geometry.measure import metres_per_degree
from geo_engine.geometry.zones import parse_zone
from geo_engine.tenancy import OPERATOR
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.looking import WorkerPass, list_passes
from geo_engine.tracks.worker_days import day_span

GOAL_MS, GOAL_KB = 200.0, 300.0
COMPANY, ZONE = "read", parse_zone("Asia/Shanghai")
RADIUS_M = 100.0
# Moves of a trajectory keep to the fixes but in stops, which are at one place; a fix is at most so far from the next.
ASIDE_M, APART_M = 60.0, 80.0
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a day: the day itself, and who passed a place where the worker was then."""

    device: int
    number: int
    day: StoredDay
    place: Position

    @property
    def span(self) -> TimeSpan:
        """The day, where the company is."""
        return day_span(self.day.service_on, ZONE)


def main() -> None:
    """Fill, start again, ask, compare, print."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as name, killable_database() as own, ExitStack() as ends:
        print(durability_of(own))
        company = _fill(own, chosen)
        again = _started_again(own, ends)
        server = ends.enter_context(running_server(again, Path(name)))
        asked = _asked(company, chosen)
        with signed_in(server.origin, COMPANY) as dispatcher:
            is_met = _measure(dispatcher, asked)
        is_right = _compare(again, company, asked[: chosen.compared])
    sys.exit(not (is_met and is_right))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=250)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--fixes", type=int, default=8_100, help="of a device on a day")
    parser.add_argument("--pairs", type=int, default=1_000, help="of a device and a day")
    parser.add_argument("--compared", type=int, default=50, help="of these, with a plain search")
    return parser.parse_args()


def _fill(own: OwnDatabase, chosen: argparse.Namespace) -> StoredCompany:
    """Store the days before today, and have every device report where it is now."""
    began_s, now = time.perf_counter(), datetime.now(UTC)
    company = make_up_company(
        own.app,
        COMPANY,
        device_count=chosen.devices,
        day_count=chosen.days,
        fix_count=chosen.fixes,
        first_on=(now - chosen.days * _A_DAY).date(),
    )
    devices = [first.device for first in company.firsts]
    add_dispatcher(own.app, devices[0].tenant_id)
    with connected(own.cluster, database=own.name) as server:
        store_company(own, server, company)
        Ingest(own.app).commit([one.arrival(fix_at(now), received_at=now) for one in devices], now=now)
        server.execute("vacuum (analyze)")
        size = server.execute("select pg_size_pretty(pg_database_size(current_database()))").fetchone()
    print(
        f"{count_fixes(own):,} fixes of {chosen.devices} devices on {chosen.days} days, {chosen.fixes:,} each day; "
        f"{size[0] if size else ''}, stored in {time.perf_counter() - began_s:.0f} s"
    )
    return company


def _started_again(own: OwnDatabase, ends: ExitStack) -> OwnDatabase:
    own.app.close()
    own.cluster.down()
    own.cluster.up()
    app = Database(own.cluster.url(DatabaseRole.APP, database=own.name), pool_size=1)
    ends.callback(app.close)
    return replace(own, app=app)


def _asked(company: StoredCompany, chosen: argparse.Namespace) -> list[Asked]:
    chance = np.random.default_rng(7)
    count = min(chosen.pairs, company.moves_deg.size)
    pairs = chance.choice(company.moves_deg.size, count, replace=False)
    return [_asked_of(company, *divmod(int(pair), company.moves_deg.shape[1]), chance) for pair in pairs]


def _asked_of(company: StoredCompany, device: int, number: int, chance: np.random.Generator) -> Asked:
    day = company.day(device, number)
    fix = chance.integers(len(day.track))
    place = Position(round(float(day.track.lons_deg[fix]), 6), round(float(day.track.lats_deg[fix]), 6))
    return Asked(device=device, number=number, day=replace(day, spans=(), pieces=()), place=place)


def _measure(dispatcher: Dispatcher, asked: Sequence[Asked]) -> bool:
    """Ask for everything of each day in turn, print how long that took, and return whether the goals are met."""
    took_ms: dict[str, list[float]] = {}
    sizes: list[int] = []

    def timed[T](name: str, act: Callable[[], T]) -> T:
        began_s = time.perf_counter()
        result = act()
        took_ms.setdefault(name, []).append(1e3 * (time.perf_counter() - began_s))
        return result

    for one in asked:
        timed("live positions", lambda: dispatcher.get("/live"))
        page = dispatcher.led_to("/tracks", **_day_form(one))
        timed("a day, first data", lambda page=page: sizes.append(_replay(dispatcher, page)))  # type: ignore[misc]
        page = dispatcher.led_to("/tracks/passes", **_passes_form(one))
        timed("who passed here", lambda page=page: dispatcher.get(page))  # type: ignore[misc]
    are_met = [_told_ms(name, times_ms) for name, times_ms in took_ms.items()]
    p95_kb, most_kb = np.percentile(sizes, 95) / 1e3, max(sizes) / 1e3
    print(f"{'first data':20} p95 {p95_kb:6.0f} kB  most {most_kb:6.0f} kB  goal {GOAL_KB:g} kB")
    return all(are_met) and most_kb <= GOAL_KB


def _told_ms(name: str, times_ms: Sequence[float]) -> bool:
    p50, p95 = np.percentile(times_ms, (50, 95))
    print(
        f"{name:20} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  most {max(times_ms):6.0f} ms  goal {GOAL_MS:g} ms, "
        f"of {len(times_ms):,}"
    )
    return bool(p95 <= GOAL_MS)


def _day_form(one: Asked) -> dict[str, str]:
    return {"worker": one.day.worker_id, "date": one.day.service_on.isoformat(), "purpose": "measuring"}


def _passes_form(one: Asked) -> dict[str, str]:
    ends = (moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") for moment in (one.span.start_at, one.span.end_at))
    place = {"lon": f"{one.place.lon:.6f}", "lat": f"{one.place.lat:.6f}", "radius_m": f"{RADIUS_M:.0f}"}
    return {**place, **dict(zip(("from", "until"), ends, strict=True)), "purpose": "measuring"}


def _replay(dispatcher: Dispatcher, page: str) -> int:
    """Open a day and read its first data as the page does; return how many bytes these are."""
    found = re.search(r'"replay_url":\s*("[^"]+")', dispatcher.get(page).text)
    assert found is not None, page
    return len(dispatcher.get(json.loads(found[1])).content)


def _compare(own: OwnDatabase, company: StoredCompany, asked: Sequence[Asked]) -> bool:
    """Look for passes plainly, print in how many cases the same were found, and return whether in all."""
    with connected(own.cluster, database=own.name) as server:
        plain = PlainTrajectories(server)
    fixes = _FirstFixes(company)
    same_count = told_count = close_count = 0
    for one in asked:
        with own.app.bound(one.day.device.tenant_id) as session:
            found = list_passes(
                session,
                one.place,
                radius_m=RADIUS_M,
                span=one.span,
                purpose="comparing",
                by=OPERATOR,
                now=datetime.now(UTC),
            )
        same_count += _are_same(found, plain.passes(one.place, radius_m=RADIUS_M, span=one.span))
        close_count += fixes.agree(one, {company.firsts.index(first) for first in _found_first(company, found)})
        told_count += len(found)
    print(
        f"who passed: {same_count} of {len(asked)} answers ({told_count:,} passes) are those of a plain search through "
        f"{len(plain):,} points, {close_count} fit the fixes"
    )
    return same_count == close_count == len(asked)


def _found_first(company: StoredCompany, found: Sequence[WorkerPass]) -> list[StoredDay]:
    device_ids = {one.device_id for one in found}
    return [first for first in company.firsts if first.device.device_id in device_ids]


def _are_same(found: Sequence[WorkerPass], plain: Sequence[PlainPass]) -> bool:
    """Whether two searches found the same; what is near for no longer than the plain one's step is left out."""
    ours = sorted(
        (one.device_id, one.near.started_at.timestamp(), one.near.ended_at.timestamp(), one.near.nearest_m)
        for one in found
    )
    theirs = sorted((one.device_id, one.started_s, one.ended_s, one.nearest_m) for one in plain)
    ours, theirs = ([one for one in side if one[2] - one[1] > 4 * STEP_S] for side in (ours, theirs))
    return len(ours) == len(theirs) and all(
        a[0] == b[0] and np.allclose(a[1:3], b[1:3], rtol=0, atol=2 * STEP_S) and abs(a[3] - b[3]) < 1.0
        for a, b in zip(ours, theirs, strict=True)
    )


class _FirstFixes:
    """What all devices reported on the first day, from which every other is moved."""

    def __init__(self, company: StoredCompany) -> None:
        self._moves_deg = company.moves_deg
        tracks = [first.track for first in company.firsts]
        self._places_deg: NDArray[np.complex128] = np.stack([one.lons_deg + 1j * one.lats_deg for one in tracks])

    def agree(self, one: Asked, found: set[int]) -> bool:
        """Whether every device with a fix well within the circle was found, and none without a fix near it."""
        away_deg = self._places_deg + self._moves_deg[:, one.number, None] - complex(one.place.lon, one.place.lat)
        east, north = metres_per_degree(HERE.lat)
        nearest_m = np.hypot(away_deg.real * east, away_deg.imag * north).min(axis=1)
        certain, possible = (
            set(np.flatnonzero(nearest_m < limit_m).tolist()) for limit_m in (RADIUS_M - ASIDE_M, RADIUS_M + APART_M)
        )
        return certain <= found <= possible


if __name__ == "__main__":
    main()
