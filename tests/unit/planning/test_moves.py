"""What a change by hand works out anew, and what it takes over."""

from dataclasses import replace

import pytest
from support.day_plans import day_plan, site, worker

from geo_engine.geometry import Position
from geo_engine.ids import JobId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.edits import with_moved
from geo_engine.roads.straight import StraightRouter

ROUTER = StraightRouter()


def _day(visit_count: int) -> DayPlan:
    """Return a day of so many visits, and two that were left out."""
    sites = [site(number, Position(7.40 + number * 1e-5, 43.73)) for number in range(visit_count + 2)]
    workers = [worker(number, Position(7.42, 43.74), breaks=()) for number in range(visit_count // 20)]
    given = [(who, sites[at * 20 : at * 20 + 20]) for at, who in enumerate(workers)]
    return day_plan(given, left=sites[visit_count:], router=ROUTER)


def _placed(day: DayPlan, number: int) -> DayPlan:
    """Return the day with a visit given to the first worker."""
    first = day.plan.routes[0].worker_id
    return with_moved(day, JobId(f"S{number:03d}"), worker_id=first, number=None, router=ROUTER)


@pytest.mark.parametrize(("visit_count", "is_known"), [(100, True), (600, False)])
def test_one_more_visit_is_compared_anew_only_where_that_is_quick(visit_count: int, *, is_known: bool) -> None:
    """On a large day it would take many times as long as the move itself, for this visit and for the next."""
    once = _placed(_day(visit_count), visit_count)

    twice = _placed(once, visit_count + 1)

    assert [one.nearest is not None for one in (once, twice)] == [is_known, is_known]
    assert once.by_list is not None


def test_the_same_visits_keep_their_comparison() -> None:
    """Nearest neighbour drives to the same places, whoever goes there: what is known stays known, also at size."""
    day = _day(600)

    assert day.nearest is not None
    assert _placed(day, 599).nearest == day.nearest
    assert _placed(replace(day, nearest=None), 599).nearest is None
