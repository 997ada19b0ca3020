"""How a request to plan is worked off: it ends once, planned or reported, whoever takes it up and how often."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event
from support.cluster import connected
from support.companies import NOW, QUICK, SCOPE, SERVICE_ON, Company, add_bare_company, add_company, now
from support.databases import Databases, OwnDatabase
from support.outcomes import Outcome, ask, look, outcome_of
from support.photographed import photo_files
from support.program import MONACO

from geo_engine.db.session import Database, DatabaseTooSlow
from geo_engine.ids import GraphKey, PlanRequestId, TenantId
from geo_engine.jobs import registered_tasks
from geo_engine.planning import service as planning
from geo_engine.planning.requests.attempts import Attempt
from geo_engine.planning.requests.solving import solve_attempt, take_up
from geo_engine.planning.service import PLAN_DAY_TASK
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions.model import PlanRequest, RequestState
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import GraphMissing, choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.tenancy import OPERATOR

CACHE = Path("/nonexistent")
# The jobs of these requests stay in the queue: no worker runs.
PLANNED = Outcome(plan_count=1, record_count=1, job_count=1)
REPORTED = Outcome(plan_count=0, record_count=0, job_count=1)


class Asked:
    """Requests of one company, worked off in this process."""

    def __init__(self, own: OwnDatabase, tenant_id: TenantId) -> None:
        self.own = own
        self.tenant_id = tenant_id

    def ask(self, budget: Budget = QUICK) -> PlanRequestId:
        """Ask for a plan."""
        return ask(self.own.app, self.tenant_id, budget)

    def take_up(self, request_id: PlanRequestId) -> Attempt[PlanRequestId] | None:
        """Take a request up once more."""
        return take_up(self.own.app, self.tenant_id, request_id, now=now)

    def taken(self, request_id: PlanRequestId) -> Attempt[PlanRequestId]:
        """Take up a request that is open."""
        attempt = self.take_up(request_id)
        assert attempt is not None
        return attempt

    def look(self, request_id: PlanRequestId) -> PlanRequest:
        """Return how a request stands."""
        return look(self.own.app, self.tenant_id, request_id)

    def ended(self, request_id: PlanRequestId) -> tuple[RequestState, str | None, Outcome]:
        """Return how a request ended and what it led to."""
        request = self.look(request_id)
        failure = None if request.failure is None else request.failure.message.template
        return request.state, failure, outcome_of(self.own, request_id)


@pytest.fixture(scope="module")
def asked(databases: Databases) -> Iterator[Asked]:
    """Give a company with something to plan."""
    with databases.clone() as own:
        yield Asked(own, add_company(own.app, "acme", site_count=6).tenant_id)


def _children() -> set[int]:
    threads = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {int(child) for thread in threads for child in (thread / "children").read_text().split()}


def test_an_attempt_that_lost_its_request_records_nothing(asked: Asked) -> None:
    """The plan of a worker that was taken for dead is dropped; the one that took over records its own."""
    request_id = asked.ask()
    lost, holding = asked.taken(request_id), asked.taken(request_id)

    solve_attempt(lost, cache_dir=CACHE)
    after_lost = asked.look(request_id).state, outcome_of(asked.own, request_id)
    solve_attempt(holding, cache_dir=CACHE)

    assert after_lost == (RequestState.SOLVING, REPORTED)
    assert asked.ended(request_id) == (RequestState.PLANNED, None, PLANNED)


def test_recording_again_changes_nothing(asked: Asked) -> None:
    """An attempt whose commit was not confirmed records once more, and there is one plan; nobody takes it up again."""
    request_id = asked.ask()
    attempt = asked.taken(request_id)

    solve_attempt(attempt, cache_dir=CACHE)
    solve_attempt(attempt, cache_dir=CACHE)

    assert asked.ended(request_id) == (RequestState.PLANNED, None, PLANNED)
    assert asked.take_up(request_id) is None


def test_of_two_requests_for_one_day_the_second_is_told(asked: Asked) -> None:
    """Both saw the same newest version: the first plan becomes the next one, and nothing overwrites it."""
    first, second = asked.ask(), asked.ask()
    for request_id in (first, second):
        solve_attempt(asked.taken(request_id), cache_dir=CACHE)

    with asked.own.app.bound(asked.tenant_id) as session:
        newest = planning.get_plan(session, SCOPE, by=OPERATOR)

    told = "Somebody else changed the plan of {date} meanwhile; look at the newest version, then try again."
    assert asked.ended(second) == (RequestState.FAILED, told, REPORTED)
    assert newest.id == asked.look(first).plan_id
    assert newest.version == asked.look(first).base_version + 1


def test_a_request_that_was_interrupted_five_times_is_reported(asked: Asked) -> None:
    """What kills its worker again and again is given up instead of being tried for ever."""
    request_id = asked.ask()
    for _ in range(5):
        asked.taken(request_id)

    sixth = asked.take_up(request_id)

    assert sixth is None
    told = "Planning was interrupted {count} times and is given up."
    assert asked.ended(request_id) == (RequestState.FAILED, told, REPORTED)


def test_asking_to_stop_keeps_the_best_plan_so_far(asked: Asked) -> None:
    """A search of a minute ends soon after, with a plan; progress was told meanwhile, and no solver is left behind."""
    request_id = asked.ask(Budget(time_limit_s=60.0))
    before, began_s = _children(), time.monotonic()

    with ThreadPoolExecutor(max_workers=1) as pool:
        solving = pool.submit(solve_attempt, asked.taken(request_id), cache_dir=CACHE)
        seen: dict[float, None] = {}
        while len(seen) < 3 and time.monotonic() - began_s < 20.0:
            progress = asked.look(request_id).progress
            seen |= {} if progress is None else {progress.elapsed_s: None}
            time.sleep(0.05)
        with asked.own.app.bound(asked.tenant_id) as session:
            planning.stop_planning(session, request_id, by=OPERATOR, now=NOW)
        solving.result(timeout=20.0)

    assert len(seen) == 3
    assert list(seen) == sorted(seen)
    assert asked.ended(request_id) == (RequestState.PLANNED, None, PLANNED)
    assert _children() == before


def test_a_machine_without_the_roads_leaves_the_request_to_others(
    own: OwnDatabase, company: Company, tmp_path: Path
) -> None:
    """What is not on this machine is on another one: the task is given back, and that machine makes the plan."""
    asked = Asked(own, company.tenant_id)
    choice = choose_roads(str(MONACO), cache_dir=tmp_path)
    with own.app.bound(asked.tenant_id) as session:
        use_roads(session, choice, by=OPERATOR, now=NOW + timedelta(minutes=1))
    request_id = asked.ask()
    without, having = (
        registered_tasks(own.app, cache_dir=at, photos=photo_files())[PLAN_DAY_TASK] for at in (CACHE, tmp_path)
    )

    with pytest.raises(GraphMissing):
        without(asked.tenant_id, {"request_id": request_id})
    between = asked.look(request_id).state
    having(asked.tenant_id, {"request_id": request_id})

    assert between is RequestState.SOLVING
    assert asked.ended(request_id) == (RequestState.PLANNED, None, PLANNED)


def test_roads_that_are_on_no_machine_are_reported(own: OwnDatabase, company: Company) -> None:
    """A request that no attempt could begin has ended too, for a reason its reader understands."""
    asked = Asked(own, company.tenant_id)
    request_id = asked.ask()
    elsewhere = RoadChoice(key=GraphKey("0" * 16), extract_name="far.osm.pbf")
    with own.app.bound(asked.tenant_id) as session:
        use_roads(session, elsewhere, by=OPERATOR, now=NOW + timedelta(minutes=1))

    for _ in range(4):
        with pytest.raises(GraphMissing):
            solve_attempt(asked.taken(request_id), cache_dir=CACHE)
        assert not asked.look(request_id).has_ended
    solve_attempt(asked.taken(request_id), cache_dir=CACHE)

    told = "The roads of {extract} are not on this machine: run geo-engine roads build with that extract."
    assert asked.ended(request_id) == (RequestState.FAILED, told, REPORTED)


def test_a_day_that_has_become_empty_is_reported(own: OwnDatabase, company: Company) -> None:
    """The visits that were due when it was asked for are gone when it is taken up."""
    asked = Asked(own, company.tenant_id)
    request_id = asked.ask()
    with connected(own.cluster, database=own.name) as session:
        session.execute("delete from due_visit where due_on = %s", [SERVICE_ON])

    solve_attempt(asked.taken(request_id), cache_dir=CACHE)

    assert asked.ended(request_id) == (RequestState.FAILED, "No visit is due on {date}.", REPORTED)


def test_a_defect_is_reported_and_left_to_the_log(own: OwnDatabase, company: Company) -> None:
    """A row that no program of ours writes breaks the task: whoever waits is told, and the queue hears of it too."""
    asked = Asked(own, company.tenant_id)
    request_id = asked.ask()
    with connected(own.cluster, database=own.name) as session:
        session.execute("update site set windows = '[[true]]'")
    task = registered_tasks(own.app, cache_dir=CACHE, photos=photo_files())[PLAN_DAY_TASK]

    with pytest.raises(ValueError, match="unpack"):
        task(asked.tenant_id, {"request_id": request_id})

    told = "Planning failed by a defect of the program; its log says more."
    assert asked.ended(request_id) == (RequestState.FAILED, told, REPORTED)


def test_a_database_that_is_too_slow_is_not_tried_again(own: OwnDatabase, company: Company) -> None:
    """A statement that waits longer than it may ends the attempt at once; the request is open, for the queue to retry.

    What a lost connection is worth, asking again for a quarter of an hour, a table that is locked is not.
    """
    asked = Asked(own, company.tenant_id)
    impatient = Database(own.url())
    event.listen(impatient.engine, "connect", _grow_impatient)
    request_id = asked.ask()
    attempt = replace(asked.taken(request_id), database=impatient)
    began_s = time.monotonic()

    with connected(own.cluster, database=own.name) as server, server.transaction():
        server.execute("lock table plan_request in access exclusive mode")
        with pytest.raises(DatabaseTooSlow):
            solve_attempt(attempt, cache_dir=CACHE)
    impatient.close()

    assert time.monotonic() - began_s < 10.0
    assert asked.look(request_id).state is RequestState.SOLVING


def _grow_impatient(connection: psycopg.Connection, _: object) -> None:
    connection.execute("set statement_timeout = 200")
    connection.commit()


def test_another_companys_request_is_none(asked: Asked) -> None:
    """A task bound to one company finds no request of another."""
    request_id = asked.ask()
    stranger = Asked(asked.own, add_bare_company(asked.own.app, "stranger"))

    taken = stranger.take_up(request_id)

    assert taken is None
    assert asked.look(request_id).state is RequestState.QUEUED
