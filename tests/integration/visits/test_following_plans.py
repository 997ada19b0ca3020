"""How visits follow the plan: which version the workers have is known to each visit of the day, whenever it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from support.cluster import connected
from support.companies import NOW, SERVICE_ON, add_bare_company, plan_company
from support.databases import OwnDatabase
from support.photographed import photo_files
from support.tracked import HERE, OFF_SHIFT, ON_SHIFT
from support.visited import THERE, check_in_at

from geo_engine import jobs
from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.ids import PlanId, SiteId, TenantId, WorkerId
from geo_engine.planning.service import publish_plan, withdraw_plan
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.overview import get_day_visits
from geo_engine.visits.visit_store import list_claims
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

A, B = SiteId("a"), SiteId("b")
W1, W2 = WorkerId("W1"), WorkerId("W2")
PLACES = {A: HERE, B: THERE}
FILE = RowSource(file="f")
SCOPE = PlanScope(service_on=SERVICE_ON)

type Told = tuple[SiteId, bool]


@dataclass(frozen=True, kw_only=True)
class World:
    """A company with two sites and two workers, who both were at the first of them on a day without a plan."""

    own: OwnDatabase
    tenant_id: TenantId

    def plan(self, *due: SiteId, worker_id: WorkerId) -> PlanId:
        """Plan the day anew: some sites are due, and only one worker may go there."""
        with connected(self.own.cluster, database=self.own.name) as server:
            server.execute("delete from due_visit")
        with self.own.app.bound(self.tenant_id) as session:
            sites = [_site(one, worker_id) for one in due]
            import_sites(session, sites, source=FILE, due_on=SERVICE_ON, by=OPERATOR, now=NOW)
        return plan_company(self.own.app, self.tenant_id, SCOPE)

    def publish(self, plan_id: PlanId, *, instead_of: PlanId | None = None) -> None:
        """Give the workers a version."""
        with self.own.app.bound(self.tenant_id) as session:
            publish_plan(session, plan_id, instead_of=instead_of, by=OPERATOR, now=OFF_SHIFT)

    def withdraw(self, plan_id: PlanId) -> None:
        """Take it back."""
        with self.own.app.bound(self.tenant_id) as session:
            withdraw_plan(session, plan_id, by=OPERATOR, now=OFF_SHIFT)

    def waiting(self) -> list[tuple[str, dict[str, UUID]]]:
        """Take what waits in the queue from it: tasks and the ids they are about, but for the tenant's."""
        with connected(self.own.cluster, database=self.own.name) as server:
            found = server.execute("delete from procrastinate_jobs returning task_name, args").fetchall()
        return [(name, {key: UUID(one) for key, one in args.items() if key != "tenant_id"}) for name, args in found]

    def work_off(self) -> None:
        """Do all that waits in the queue, and what that asks for; what was to be planned is planned already."""
        tasks = jobs.registered_tasks(self.own.app, cache_dir=Path("/nonexistent"), photos=photo_files())
        while waiting := self.waiting():
            for name, ids in waiting:
                if name != "plan_day":
                    tasks[name](self.tenant_id, ids)

    def told(self, worker_id: WorkerId) -> tuple[Sequence[Told], int]:
        """Return where a worker was, whether each visit knows a planned one, and how many count as not planned."""
        with self.own.app.bound(self.tenant_id) as session:
            (found,) = get_day_visits(session, SERVICE_ON, by=OPERATOR, worker_id=worker_id).workers
        visits = [one.visit for one in found.kept.values()]
        return [(one.site_id, one.stop is not None) for one in visits], len(found.comparison.extra)


@pytest.fixture
def world(own: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give such a company, with its day derived; the queue works in the day's evening, each look at its clock later."""
    moments = (OFF_SHIFT + timedelta(seconds=number) for number in count())
    monkeypatch.setattr(jobs, "_now", lambda: next(moments))
    world = World(own=own, tenant_id=add_bare_company(own.app, "acme"))
    with own.app.bound(world.tenant_id) as session:
        people = [Worker(id=one, name=one, start=HERE) for one in (W1, W2)]
        import_workers(session, people, source=FILE, by=OPERATOR, now=NOW)
        import_sites(session, [_site(one, W1) for one in PLACES], source=FILE, due_on=None, by=OPERATOR, now=NOW)
        refresh_site_fences(session, now=NOW)
        for one in (W1, W2):
            told = check_in_at(A, ON_SHIFT, worker_id=one)
            state_check_in(session, told, by=OPERATOR, now=OFF_SHIFT)
    world.work_off()
    return world


def _site(site_id: SiteId, worker_id: WorkerId) -> Site:
    return Site(id=site_id, name=site_id, position=PLACES[site_id], worker_ids=frozenset({worker_id}))


def test_a_visit_learns_that_it_was_planned(world: World) -> None:
    """The day was derived without a plan; once one is published, nothing of it is “not planned” any more."""
    before = world.told(W1)

    world.publish(world.plan(A, worker_id=W1))
    world.work_off()

    assert before == ([(A, False)], 1)
    assert world.told(W1) == ([(A, True)], 0)


def test_a_visit_learns_that_it_is_planned_no_longer(world: World) -> None:
    """Withdrawn, or replaced by a version that sends somebody else: whoever had the stop has none, and is told anew."""
    first, second = world.plan(A, worker_id=W1), world.plan(A, worker_id=W2)
    world.publish(first)
    world.work_off()

    world.publish(second, instead_of=first)
    world.work_off()
    replaced = world.told(W1), world.told(W2)
    world.withdraw(second)
    world.work_off()

    assert replaced == (([(A, False)], 1), ([(A, True)], 0))
    assert world.told(W2) == ([(A, False)], 1)


@pytest.mark.parametrize(
    ("at", "claimed"),
    [
        (ON_SHIFT - timedelta(hours=11), ()),
        (ON_SHIFT - timedelta(hours=9), ((W1, SERVICE_ON),)),
        (OFF_SHIFT + timedelta(days=20), ((W1, SERVICE_ON),)),
    ],
)
def test_no_day_is_derived_before_it_begins(
    world: World, monkeypatch: pytest.MonkeyPatch, at: datetime, claimed: Sequence[object]
) -> None:
    """Where the company is: an hour before midnight of the day nothing is claimed, in the hour behind it is."""
    world.publish(world.plan(A, worker_id=W1))
    follow = [one for one in world.waiting() if one[0] == "follow_plan"]
    monkeypatch.setattr(jobs, "_now", lambda: at)

    tasks = jobs.registered_tasks(world.own.app, cache_dir=Path("/nonexistent"), photos=photo_files())
    for name, ids in follow:
        tasks[name](world.tenant_id, ids)

    assert len(follow) == 1
    with world.own.app.bound(world.tenant_id) as session:
        assert list_claims(session, limit=9) == claimed


def test_what_is_published_already_is_not_followed_again(world: World) -> None:
    """Publishing the same version changes nothing, and nothing is derived for it."""
    plan_id = world.plan(A, worker_id=W1)
    world.publish(plan_id)
    world.waiting()

    world.publish(plan_id, instead_of=plan_id)

    assert world.waiting() == []
