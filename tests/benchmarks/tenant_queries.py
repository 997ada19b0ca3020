"""Measures what a map and a plan ask among 2,000,000 sites of 50 companies, beside the same without row-level security.

Run it as ``.venv/bin/python tests/benchmarks/tenant_queries.py [--sites N] [--tenants N] [--queries N] [--seed N]``.
It makes a throwaway cluster, which forgets at a crash (reads are as fast as a durable one's), and a query is timed as
a request asks it: from the pool, bound to its company, until the sites are there as the product's own. Beside it
stands the same statement of the maintenance role, which no policy binds, with the company in its condition.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.crowds import DAYS, FIRST_DUE_ON, fill_sites
from support.databases import Databases, OwnDatabase, migrated_databases

from geo_engine.customers import Site
from geo_engine.customers.store import list_sites_due, list_sites_in_box, list_sites_near
from geo_engine.db.base import TenantRow
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database, Session
from geo_engine.geometry import Box, Position
from geo_engine.ids import TeamId, TenantId

type Transaction = Callable[[Database, TenantId], AbstractContextManager[Session]]

GOAL_MS = 20.0
BOX_LIMIT = 500
WARM_UP = 20
BOX_DEG = (0.02, 0.15)  # of a street corner's map to a whole city's


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query with its values, of one company."""

    tenant_id: TenantId
    ask: Callable[[Session], Sequence[Site]]


@dataclass(frozen=True, kw_only=True)
class Look:
    """Where somebody of a company and a team looks."""

    tenant_id: TenantId
    team_id: TeamId
    at: Position


def main() -> None:
    """Fill, ask, print."""
    chosen = _arguments()
    with migrated_databases() as databases, _filled(databases, chosen) as (own, tenants):
        looks = _looks(own, random.Random(chosen.seed), count=200 * len(tenants))
        maintenance = Database(own.url(DatabaseRole.MAINTENANCE))
        sides = Side(own.app, _bound_by_policy), Side(maintenance, _bound_by_condition)
        print(f"{'ms':24}{'p50':>8}{'p95':>8}{'most':>8}   without row-level security: p50, p95; ratio of the p95")
        slow = []
        for name, make in _QUESTIONS.items():
            chance = random.Random(f"{chosen.seed}/{name}")
            asked = [make(chance.choice(looks), chance) for _ in range(WARM_UP + chosen.queries)]
            if _measure(name, asked, *sides) > GOAL_MS:
                slow.append(name)
        maintenance.close()
    if slow:
        sys.exit(f"over {GOAL_MS:g} ms: {', '.join(slow)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=2_000_000)
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def _filled(databases: Databases, chosen: argparse.Namespace) -> Iterator[tuple[OwnDatabase, Sequence[TenantId]]]:
    with databases.clone() as own:
        began = time.perf_counter()
        with connected(own.cluster, database=own.name) as server:
            tenants = fill_sites(server, tenant_count=chosen.tenants, site_count=chosen.sites)
            sizes = [
                count for (count,) in server.execute("select count(*) from site group by tenant_id order by 1 desc")
            ]
            (size,) = server.execute("select pg_size_pretty(pg_total_relation_size('site'))").fetchone()
        print(
            f"{sum(sizes):,} sites of {len(sizes)} companies ({sizes[-1]:,} to {sizes[0]:,}), {size} with indexes",
            end="",
        )
        print(f", made in {time.perf_counter() - began:.0f} s")
        yield own, tenants


def _looks(own: OwnDatabase, chance: random.Random, *, count: int) -> list[Look]:
    """Return where somebody looks: at sites of any company, so that large ones look more often."""
    query = "select tenant_id, team_id, st_x(geom), st_y(geom) from site tablesample system (1) repeatable (1)"
    with connected(own.cluster, database=own.name) as server:
        found = [
            Look(tenant_id=TenantId(tenant_id), team_id=TeamId(team_id), at=Position(lon, lat))
            for tenant_id, team_id, lon, lat in server.execute(query)
        ]
    return chance.sample(found, k=min(len(found), count))


def _in_box(look: Look, chance: random.Random) -> Question:
    half, at = chance.uniform(*BOX_DEG) / 2, look.at
    box = Box(west=at.lon - half, south=at.lat - half, east=at.lon + half, north=at.lat + half)
    return Question(tenant_id=look.tenant_id, ask=lambda session: list_sites_in_box(session, box, limit=BOX_LIMIT))


def _near(look: Look, chance: random.Random) -> Question:
    away = Position(look.at.lon + chance.gauss(0, 0.02), look.at.lat + chance.gauss(0, 0.02))
    return Question(tenant_id=look.tenant_id, ask=lambda session: list_sites_near(session, away, count=10))


def _due(look: Look, chance: random.Random) -> Question:
    due_on, teams = FIRST_DUE_ON + timedelta(days=chance.randrange(DAYS)), [look.team_id]
    return Question(tenant_id=look.tenant_id, ask=lambda session: list_sites_due(session, due_on, team_ids=teams))


_QUESTIONS: dict[str, Callable[[Look, random.Random], Question]] = {
    "sites in this box": _in_box,
    "nearest 10 sites": _near,
    "sites of a team due": _due,
}


class Side:
    """One of the two ways to ask, and how long each question took, whole and at the database."""

    def __init__(self, database: Database, transaction: Transaction) -> None:
        self._database = database
        self._transaction = transaction
        self._statements_s: list[float] = []
        event.listen(database.engine, "before_cursor_execute", self._begin)
        event.listen(database.engine, "after_cursor_execute", self._end)

    def ask(self, question: Question) -> tuple[Sequence[Site], float, float]:
        """Return the sites, and how many milliseconds it took, whole and at the database."""
        self._statements_s.clear()
        began = time.perf_counter()
        with self._transaction(self._database, question.tenant_id) as session:
            found = question.ask(session)
        return found, 1000 * (time.perf_counter() - began), 1000 * sum(self._statements_s)

    def _begin(self, *_: object) -> None:
        self._statements_s.append(-time.perf_counter())

    def _end(self, *_: object) -> None:
        self._statements_s[-1] += time.perf_counter()


def _measure(name: str, questions: Sequence[Question], bound: Side, free: Side) -> float:
    """Ask both sides one kind of question in turn, print how long it took, and return the p95 of the bound one."""
    times_ms, counts = [], []
    for question in questions:
        found, *took_ms = bound.ask(question)
        expected, *free_ms = free.ask(question)
        assert len(found) == len(expected)
        assert {site.id for site in found} == {site.id for site in expected} or len(found) == BOX_LIMIT
        times_ms.append((*took_ms, *free_ms))
        counts.append(len(found))
    whole, statements, free_whole, free_statements = np.array(times_ms[WARM_UP:]).T
    rows = f"{np.median(counts):.0f} rows, at most {max(counts)}"
    _print_row(name, whole, free_whole, rows)
    _print_row("  at the database", statements, free_statements, "")
    return float(np.percentile(whole, 95))


def _print_row(name: str, times_ms: NDArray[np.float64], free_ms: NDArray[np.float64], rows: str) -> None:
    (p50, p95), (free_p50, free_p95) = np.percentile(times_ms, (50, 95)), np.percentile(free_ms, (50, 95))
    print(f"{name:24}{p50:8.2f}{p95:8.2f}{times_ms.max():8.2f}", end="")
    print(f"   {free_p50:8.2f}{free_p95:8.2f}{p95 / free_p95:8.2f}   {rows}")


@contextmanager
def _bound_by_policy(app: Database, tenant_id: TenantId) -> Iterator[Session]:
    with app.bound(tenant_id) as session:
        yield session


@contextmanager
def _bound_by_condition(maintenance: Database, tenant_id: TenantId) -> Iterator[Session]:
    """Give a transaction in which each statement says whose rows it means."""
    with maintenance.bound(tenant_id) as session:

        def narrow(state: ORMExecuteState) -> None:
            if isinstance(state.statement, Select):
                whose = with_loader_criteria(TenantRow, lambda row: row.tenant_id == tenant_id, include_aliases=True)
                state.statement = state.statement.options(whose)

        event.listen(session, "do_orm_execute", narrow)
        yield session


if __name__ == "__main__":
    main()
