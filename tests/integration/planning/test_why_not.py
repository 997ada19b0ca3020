"""“Why not” on a day on real roads: kept with the plan, true of every version, quick to work out after an edit."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.day_plans import SERVICE_ON, ZONE
from support.monaco_day import EXTRACT, monaco_day
from support.offers import broken_promises, offers_of

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import DayPlan, DayRequest, build_day, plan_day
from geo_engine.planning.edits import with_moved
from geo_engine.planning.explain.offers import Lever
from geo_engine.planning.solver.solve import Budget
from geo_engine.roads import RoadRouter
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings


@pytest.fixture(scope="module")
def overfull() -> Iterator[tuple[DayRequest, DayPlan, RoadRouter]]:
    """Give a day in the town for which two people are too few, its plan and its roads."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=read_settings().cache_dir)) as router:
        given = monaco_day(router, worker_count=2, visit_count=58, hostile=False)
        first, second = given.workers.values()
        request = DayRequest(
            service_on=SERVICE_ON,
            zone=ZONE,
            sites=tuple(replace(site, priority=10 * (n % 3)) for n, site in enumerate(given.sites.values())),
            workers=(replace(first, skills=frozenset({"冷链"})), replace(second, max_visits=25)),
            budget=Budget(solution_limit=5),
        )
        yield request, plan_day(request, router), router


def _orders(plan: DayPlan) -> dict[WorkerId, list[JobId]]:
    return {route.worker_id: [visit.job_id for visit in route.planned_visits] for route in plan.plan.routes}


def test_each_offer_of_a_days_plan_places_its_job(overfull: tuple[DayRequest, DayPlan, RoadRouter]) -> None:
    """On the town's roads all that is left out has offers of more than one kind, and each of them holds."""
    request, plan, router = overfull
    problem, _ = build_day(request, router)

    offers = offers_of(plan.why_nots)

    assert list(plan.why_nots)
    assert set(plan.why_nots) == {left.job_id for left in plan.plan.unassigned}
    assert all(place.offers for why_not in plan.why_nots.values() for place in why_not.places)
    assert {Lever.SHIFT_LATER, Lever.SKILL} <= {one.lever for offer in offers for one in offer.relaxations}
    assert broken_promises(problem, _orders(plan), offers) == []


def test_after_an_edit_it_is_true_of_the_next_version(overfull: tuple[DayRequest, DayPlan, RoadRouter]) -> None:
    """A visit is moved by hand: the offers of the next version hold for its routes, those not touched included."""
    request, plan, router = overfull
    problem, _ = build_day(request, router)
    first, second = _orders(plan)

    moved = with_moved(plan, _orders(plan)[first][0], worker_id=second, number=None, router=router)

    assert moved.why_nots != plan.why_nots
    assert broken_promises(problem, _orders(moved), offers_of(moved.why_nots)) == []


def test_a_taken_offer_breaks_what_it_said(overfull: tuple[DayRequest, DayPlan, RoadRouter]) -> None:
    """Overtime that is offered by the minute is what the edited plan is over its shift, to the minute."""
    _, plan, router = overfull
    offer = next(
        offer for offer in offers_of(plan.why_nots) if [one.lever for one in offer.relaxations] == [Lever.SHIFT_LATER]
    )

    taken = with_moved(
        plan, offer.job_id, worker_id=offer.worker_id, number=offer.position + 1, router=router
    ).plan.violations

    assert [violation.kind for violation in taken] == ["shift"]
    assert -(-taken[0].excess // 60) * 60 == offer.relaxations[0].amount
