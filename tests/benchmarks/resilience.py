"""Kills workers and PostgreSQL at random while days are planned, and counts how the requests end.

Run it as ``.venv/bin/python tests/benchmarks/resilience.py [--jobs 50] [--workers 2] [--kills 24] [--seed 1]``.
Every request is to end once, planned or reported; the exit code is 1 when one does not. The workers are
`geo-engine worker` as shipped, the server is durable as shipped, and a killed one is replaced within seconds.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.cluster import connected
from support.companies import NOW, SCOPE, SERVICE_ON, add_company
from support.databases import OwnDatabase
from support.outcomes import ask, kill_server, killable_database
from support.program import PROGRAM
from support.workers import WorkerProcess, running_worker

from geo_engine.customers.service import import_sites
from geo_engine.customers.store import list_sites
from geo_engine.db.roles import DatabaseRole
from geo_engine.db.session import Database
from geo_engine.ids import TenantId
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource

TENANT_COUNT = 5
DOWN_S = (0.0, 4.0)
# Written by the database itself, whatever the program believes.
WATCH = """
create table ending as select tenant_id, id as request_id, state from plan_request limit 0;
create function note_ending() returns trigger language plpgsql security definer as $$
begin
    insert into ending values (new.tenant_id, new.id, new.state);
    return null;
end $$;
create trigger note_ending after update on plan_request for each row
when (new.state in ('planned', 'failed')) execute function note_ending();
"""
STATES = """
select request.state, request.attempt,
       (select count(*) from ending where request_id = request.id),
       (select count(*) from plan where request_id = request.id),
       (select count(*) from audit_event where facts ->> 'request_id' = request.id::text)
from plan_request as request where request.id = any(%s)
"""
OPEN = "select count(*) from plan_request where id = any(%s) and state in ('queued', 'solving')"
IN_QUEUE = "select count(*) from procrastinate_jobs where args ->> 'request_id' = any(%s::text[])"
REASONS = "select failure, count(*) from plan_request where id = any(%s) and failure is not null group by 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one request stands, and how often the database saw it end."""

    state: str
    attempt: int
    ending_count: int
    plan_count: int
    record_count: int

    @property
    def is_right(self) -> bool:
        """Whether it ended once, with one plan and one record of it, or with none and a report."""
        planned = 1 if self.state == "planned" else 0
        counts = self.ending_count, self.plan_count, self.record_count
        return self.state in {"planned", "failed"} and counts == (1, planned, planned)


def main() -> None:
    """Ask, kill, wait, count."""
    arguments = _arguments()
    chance = random.Random(arguments.seed)
    began_s = time.monotonic()
    with killable_database() as own, tempfile.TemporaryDirectory() as folder, ExitStack() as ends:
        request_ids = _asked(own, arguments.jobs, time_limit_s=arguments.time_limit)
        workers = _Workers(own, Path(folder), ends, count=arguments.workers)
        asked_s = time.monotonic()
        kills = _kill(own, workers, chance, count=arguments.kills, mean_gap_s=arguments.gap)
        killed_s, open_count = time.monotonic(), _count(own, OPEN, request_ids)
        _wait(own, request_ids, until_s=began_s + arguments.limit)
        ended_s = time.monotonic()
        endings = _endings(own, request_ids)
        print_counts(endings, kills)
        for reason, count in _rows(own, REASONS, request_ids):
            print(f"reported {count} times: {reason}")
        print(f"jobs left in the queue {_count(own, IN_QUEUE, request_ids)}")
        print(f"{killed_s - asked_s:.0f} s of kills, {open_count} requests open at the last one")
    print(f"{ended_s - asked_s:.0f} s until all had ended")
    sys.exit(not all(ending.is_right for ending in endings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--gap", type=float, default=3.5, help="seconds between kills on average")
    parser.add_argument("--time-limit", type=float, default=4.0, help="seconds of each search")
    parser.add_argument(
        "--limit", type=float, default=350.0, help="seconds after which what is open is counted as such"
    )
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _asked(own: OwnDatabase, count: int, *, time_limit_s: float) -> list[object]:
    """Ask for plans of several companies' days, and let the database itself note how they end."""
    tenant_ids = [add_company(own.app, f"c{number}").tenant_id for number in range(TENANT_COUNT)]
    days = [timedelta(days=number) for number in range(-(-count // TENANT_COUNT))]
    for tenant_id in tenant_ids:
        _make_due(own.app, tenant_id, days)
    with connected(own.cluster) as session:
        session.execute("delete from procrastinate_jobs")
        session.execute(WATCH)
    budget = Budget(time_limit_s=time_limit_s)
    scopes = [PlanScope(service_on=SERVICE_ON + day) for day in days]
    wanted = [(tenant_id, scope) for scope in scopes for tenant_id in tenant_ids][:count]
    return [ask(own.app, tenant_id, budget, scope) for tenant_id, scope in wanted]


def _make_due(database: Database, tenant_id: TenantId, days: list[timedelta]) -> None:
    with database.bound(tenant_id) as session:
        sites = list_sites(session)
        for day in days:
            due_on = SCOPE.service_on + day
            import_sites(session, sites, source=RowSource(file="sites"), due_on=due_on, by=OPERATOR, now=NOW)


class _Workers:
    """As many workers as wanted; one that is killed is replaced."""

    def __init__(self, own: OwnDatabase, folder: Path, ends: ExitStack, *, count: int) -> None:
        self._addresses = {role: own.url(role) for role in (DatabaseRole.APP, DatabaseRole.OWNER)}
        self._log = folder / "workers.log"
        self._ends = ends
        self._running = [self._start() for _ in range(count)]

    def kill(self, chance: random.Random) -> None:
        """Kill one and start another."""
        place = chance.randrange(len(self._running))
        self._running[place].kill()
        self._running[place] = self._start()

    def restart_ended(self) -> None:
        """Do what a supervisor does: start another for each that ended, such as one that found no database."""
        self._running = [worker if worker.is_running else self._start() for worker in self._running]

    def _start(self) -> WorkerProcess:
        return self._ends.enter_context(running_worker(self._addresses, self._log, PROGRAM, "worker"))


def _kill(own: OwnDatabase, workers: _Workers, chance: random.Random, *, count: int, mean_gap_s: float) -> Counter[str]:
    """Kill again and again, one or the other; a killed server is away for up to four seconds."""
    kills: Counter[str] = Counter()
    for _ in range(count):
        time.sleep(chance.uniform(0.2, 2 * mean_gap_s))
        workers.restart_ended()
        if chance.random() < 0.5:
            workers.kill(chance)
            kills["worker"] += 1
        else:
            kill_server(own.cluster)
            time.sleep(chance.uniform(*DOWN_S))
            own.cluster.up()
            kills["PostgreSQL"] += 1
    workers.restart_ended()
    return kills


def _wait(own: OwnDatabase, request_ids: list[object], *, until_s: float) -> None:
    while time.monotonic() < until_s and any(_count(own, query, request_ids) for query in (OPEN, IN_QUEUE)):
        time.sleep(0.5)


def _endings(own: OwnDatabase, request_ids: list[object]) -> list[Ending]:
    names = ("state", "attempt", "ending_count", "plan_count", "record_count")
    return [Ending(**dict(zip(names, row, strict=True))) for row in _rows(own, STATES, request_ids)]


def _rows(own: OwnDatabase, query: str, request_ids: list[object]) -> list[tuple[object, ...]]:
    with connected(own.cluster) as session:
        return session.execute(query, [request_ids]).fetchall()


def _count(own: OwnDatabase, query: str, request_ids: list[object]) -> int:
    return int(str(_rows(own, query, request_ids)[0][0]))


def print_counts(endings: list[Ending], kills: Counter[str]) -> None:
    """Print how many ended how."""
    print(f"jobs {len(endings)}")
    print(f"kills {kills.total()}: " + ", ".join(f"{what} {count}" for what, count in sorted(kills.items())))
    print(f"planned {sum(ending.state == 'planned' for ending in endings)}")
    print(f"reported {sum(ending.state == 'failed' for ending in endings)}")
    print(f"ended more than once {sum(ending.ending_count > 1 for ending in endings)}")
    print(f"left open {sum(ending.state not in {'planned', 'failed'} for ending in endings)}")
    print(f"plans or records too many or too few {sum(not ending.is_right for ending in endings)}")
    print(f"attempts {sum(ending.attempt for ending in endings)}, at most {max(e.attempt for e in endings)} of one")


if __name__ == "__main__":
    main()
