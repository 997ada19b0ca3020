"""Workers in processes of their own: whatever ends them or the database, a request ends once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.cluster import connected
from support.companies import NOW, SERVICE_ON, Company, add_company
from support.databases import Databases, OwnDatabase
from support.outcomes import ENDED_ONCE, Outcome, ask, kill_server, killable_database, look, outcome_of
from support.program import PROGRAM
from support.workers import HURRIED, WorkerProcess, is_alive, running_worker, wait_for

from geo_engine.db.roles import DatabaseRole
from geo_engine.ids import PlanRequestId
from geo_engine.planning import service as planning
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import PlanRequest, RequestState
from geo_engine.tenancy import OPERATOR

SHORT, LONG = Budget(time_limit_s=1.0), Budget(time_limit_s=60.0)
# Longer than a worker in a hurry may go without telling that it lives.
MIDDLING = Budget(time_limit_s=2.5)
# More than Python's own limit of threads is on two cores.
MANY_AT_ONCE = 8
# A worker whose tasks end when as many are at work at once; if they never are, it fails.
MEET = """
import os, sys, threading
from geo_engine.queue.worker import run_worker

count = int(sys.argv[1])
met = threading.Event()
together = threading.Barrier(count, action=met.set, timeout=20)

def meet(tenant_id, ids):
    try:
        met.is_set() or together.wait()
    except threading.BrokenBarrierError:
        os._exit(1)

run_worker(os.environ["DATABASE_URL"], {"plan_day": meet}, concurrency=count, until_idle=True)
"""


class Scene:
    """A company in a database, and workers that plan for it."""

    def __init__(self, own: OwnDatabase, folder: Path) -> None:
        self.own = own
        self.company: Company = add_company(own.app, "acme", site_count=6)
        self._folder = folder

    def worker(self, *command: str | Path, name: str = "worker") -> AbstractContextManager[WorkerProcess]:
        """Give a running worker."""
        addresses = {role: self.own.url(role) for role in (DatabaseRole.APP, DatabaseRole.OWNER)}
        return running_worker(addresses, self._folder / f"{name}.log", *command)

    def ask(self, budget: Budget) -> PlanRequestId:
        """Ask for a plan of the company's day."""
        return ask(self.own.app, self.company.tenant_id, budget)

    def look(self, request_id: PlanRequestId) -> PlanRequest:
        """Return how a request stands."""
        return look(self.own.app, self.company.tenant_id, request_id)

    def stop(self, request_id: PlanRequestId) -> None:
        """Ask for the best plan so far."""
        with self.own.app.bound(self.company.tenant_id) as session:
            planning.stop_planning(session, request_id, by=OPERATOR, now=NOW)

    def solving(self, request_id: PlanRequestId, worker: WorkerProcess) -> set[int]:
        """Wait until a worker is in the middle of a request's solve, and return its solvers."""
        wait_for(lambda: self.look(request_id).progress, "progress")
        return wait_for(worker.solvers, "solvers")

    def ended(self, request_id: PlanRequestId) -> PlanRequest:
        """Wait until a request has ended and its job is gone."""
        wait_for(lambda: self.look(request_id).has_ended, "the end of the request")
        wait_for(lambda: not outcome_of(self.own, request_id).job_count, "the end of the job")
        return self.look(request_id)


@pytest.fixture(scope="module")
def scene(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give a company for all tests that leave the database alone."""
    with databases.clone() as own:
        yield Scene(own, tmp_path_factory.mktemp("workers"))


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give a company in a database of its own server, which may be killed."""
    with killable_database() as own:
        yield Scene(own, tmp_path_factory.mktemp("fragile"))


def test_the_command_plans_until_it_is_told_to_end(scene: Scene) -> None:
    """`geo-engine worker` plans a day; at SIGTERM it finishes the solve it is at, ends with 0, and says no password."""
    with scene.worker(PROGRAM, "worker", name="command") as worker:
        first = scene.ask(SHORT)
        assert scene.ended(first).state is RequestState.PLANNED
        second = scene.ask(MIDDLING)
        scene.solving(second, worker)

        worker.send(signal.SIGTERM)

        assert worker.ended() == 0
    assert scene.look(second).state is RequestState.PLANNED
    assert [outcome_of(scene.own, one) for one in (first, second)] == [ENDED_ONCE] * 2
    password = urlsplit(scene.own.url()).password
    assert password
    assert password not in worker.said()


def test_a_workers_sessions_are_set_like_the_products(own: OwnDatabase, tmp_path: Path) -> None:
    """No temporary table stands before the queue's own, moments are UTC's, and no statement takes for ever."""
    with connected(own.cluster, database=own.name) as server:
        server.execute(_NOTE_SESSIONS)
        with Scene(own, tmp_path).worker() as worker:
            wait_for(lambda: "Starting worker" in worker.said(), "the start of the worker")
            noted = server.execute("select distinct search_path, zone, longest from noted").fetchall()

    assert noted == [("public,pg_temp", "UTC", "1min")]


_NOTE_SESSIONS = """
create table noted (search_path text, zone text, longest text);
create function note() returns trigger language plpgsql security definer as $$
begin
    insert into public.noted values
        (current_setting('search_path'), current_setting('timezone'), current_setting('statement_timeout'));
    return null;
end $$;
create trigger note after insert on procrastinate_workers for each row execute function note()
"""


def test_a_worker_told_to_end_keeps_its_solve(scene: Scene) -> None:
    """It tells that it lives until its last task is done, so that no other worker takes that from it."""
    request_id = scene.ask(LONG)
    with scene.worker(name="leaving") as leaving:
        scene.solving(request_id, leaving)
        leaving.send(signal.SIGINT)
        with scene.worker(name="staying") as staying:
            with leaving.held():
                wait_for(lambda: "Starting worker" in staying.said(), "the other worker")
                time.sleep(HURRIED.stalled_after_s + 1.0)
            scene.stop(request_id)

            request = scene.ended(request_id)
            assert leaving.ended() == 0
    assert (request.state, request.attempt) == (RequestState.PLANNED, 1)
    assert outcome_of(scene.own, request_id) == ENDED_ONCE


def test_a_second_order_to_end_is_obeyed_at_once(scene: Scene) -> None:
    """No solver is left behind, and the request is the next worker's."""
    request_id = scene.ask(LONG)
    with scene.worker(name="hasty") as hasty:
        solvers = scene.solving(request_id, hasty)

        hasty.send(signal.SIGTERM)
        wait_for(lambda: "Told to end" in hasty.said(), "the first order to be heard")
        hasty.send(signal.SIGTERM)

        assert hasty.ended(within_s=3) == 128 + signal.SIGTERM
    assert len(solvers) == 2
    wait_for(lambda: not any(is_alive(solver) for solver in solvers), "the end of the solvers", within_s=5)
    assert scene.look(request_id).state is RequestState.SOLVING
    scene.stop(request_id)
    with scene.worker(name="next"):
        assert scene.ended(request_id).state is RequestState.PLANNED


def test_a_killed_workers_request_is_ended_by_the_next(scene: Scene) -> None:
    """After kill -9 in mid-solve another worker takes it up as the second attempt; no solver is left behind."""
    request_id = scene.ask(LONG)
    with scene.worker(name="killed") as killed:
        solvers = scene.solving(request_id, killed)
        killed.kill()

    scene.stop(request_id)
    with scene.worker(name="next"):
        request = scene.ended(request_id)

    assert (request.state, request.attempt) == (RequestState.PLANNED, 2)
    assert outcome_of(scene.own, request_id) == ENDED_ONCE
    wait_for(lambda: not any(is_alive(solver) for solver in solvers), "the end of the solvers", within_s=5)


def test_a_worker_that_was_taken_for_dead_changes_nothing_any_more(scene: Scene) -> None:
    """Frozen until another has its task, it neither records its plan nor ends the other's job."""
    request_id = scene.ask(LONG)
    with scene.worker(name="frozen") as frozen:
        scene.solving(request_id, frozen)
        frozen.send(signal.SIGSTOP)
        with scene.worker(name="heir"):
            with frozen.held():
                wait_for(lambda: scene.look(request_id).attempt == 2, "the second attempt")
            frozen.send(signal.SIGCONT)
            frozen.send(signal.SIGTERM)
            assert frozen.ended() == 0
            left_by_the_first = outcome_of(scene.own, request_id), scene.look(request_id).has_ended
            scene.stop(request_id)

            request = scene.ended(request_id)

    assert left_by_the_first == (Outcome(plan_count=0, record_count=0, job_count=1), False)
    assert (request.state, request.attempt) == (RequestState.PLANNED, 2)
    assert outcome_of(scene.own, request_id) == ENDED_ONCE


def test_a_solve_outlives_the_database(fragile: Scene) -> None:
    """PostgreSQL is killed in mid-solve and back after its end: the plan is recorded once, nobody solved it anew.

    It was away for so long that, when it is back, every worker looks stalled to the others.
    """
    with fragile.worker(), fragile.worker(name="beside"):
        request_id = fragile.ask(SHORT)
        wait_for(lambda: fragile.look(request_id).progress, "progress")

        kill_server(fragile.own.cluster)
        time.sleep(max(SHORT.time_limit_s, 2 * HURRIED.stalled_after_s))
        fragile.own.cluster.up()

        request = fragile.ended(request_id)
    assert (request.state, request.attempt) == (RequestState.PLANNED, 1)
    assert outcome_of(fragile.own, request_id) == ENDED_ONCE


def test_an_idle_worker_works_again_after_the_database_was_away(fragile: Scene) -> None:
    """PostgreSQL is killed twice while there is nothing to do; what comes then is planned by the same process."""
    with fragile.worker(name="idle") as worker:
        wait_for(lambda: "Starting worker" in worker.said(), "the start of the worker")
        for _ in range(2):
            kill_server(fragile.own.cluster)
            time.sleep(0.5)
            fragile.own.cluster.up()

        request_id = fragile.ask(SHORT)

        request = fragile.ended(request_id)
        assert worker.is_running
    assert (request.state, request.attempt) == (RequestState.PLANNED, 1)
    assert outcome_of(fragile.own, request_id) == ENDED_ONCE


def test_whoever_watches_a_plan_sees_its_end_though_the_database_was_away(fragile: Scene) -> None:
    """PostgreSQL is killed while a dispatcher waits at a terminal: the plan is shown, and published, all the same."""
    environment = {**os.environ, "DATABASE_URL": fragile.own.url()}
    command = [PROGRAM, "day", "plan", "acme", "--date", SERVICE_ON.isoformat(), "--time-limit", "2", "--publish"]
    with (
        fragile.worker(name="watched"),
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watcher,
    ):
        assert watcher.stderr is not None
        seen = b""
        while b"left out" not in seen:
            told = watcher.stderr.read1(4096)
            assert told, seen
            seen += told
        kill_server(fragile.own.cluster)
        time.sleep(1.0)
        fragile.own.cluster.up()
        out, _ = watcher.communicate(timeout=60)

    assert watcher.returncode == 0
    assert json.loads(out)["published"] is True


def test_as_many_tasks_run_as_a_worker_holds(scene: Scene) -> None:
    """Tasks held at once are at work at once, also on few cores: none waits for a thread."""
    for _ in range(MANY_AT_ONCE):
        scene.ask(SHORT)

    with scene.worker(sys.executable, "-c", MEET, str(MANY_AT_ONCE), name="many") as worker:
        assert worker.ended(within_s=60.0) == 0
