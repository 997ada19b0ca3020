"""A day replanned from a moment on tells why visits are left out, and what the rest saves, as a planned day does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning.day import DayPlan, DayRequest, judge_day, plan_day
from geo_engine.planning.explain.offers import Lever
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import DayProgress, Lock, Standing, StopProgress
from geo_engine.planning.replan.rest_day import RestDay, before_whom, insert_in_day, replan_day, rest_of_day
from geo_engine.planning.solver.solve import Budget
from geo_engine.roads.straight import StraightRouter
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language
from geo_engine.workforce import Worker

ZONE = ZoneInfo("UTC")
DAY = date(2026, 11, 25)
ROADS = StraightRouter()
MASON, EARLY = JobId("mason"), JobId("early")
ORDER = [JobId("S4"), JobId("S1"), JobId("S2"), JobId("S3")]


def _place(east: int) -> Position:
    return Position(7.40 + 0.004 * east, 43.73)


def _request() -> DayRequest:
    """Return a day of one worker on a line: four sites given in a bad order, one for a mason, one as the day begins."""
    sites = [
        Site(id=SiteId(job_id), name=job_id, position=_place(east), service_s=600)
        for job_id, east in zip(ORDER, (4, 1, 2, 3), strict=True)
    ]
    mason = Site(id=SiteId(MASON), name="m", position=_place(5), skills=frozenset({"stone"}))
    early = Site(id=SiteId(EARLY), name="e", position=_place(2), windows=(_hours(7, 8),))
    worker = Worker(id=WorkerId("W1"), name="Ann", start=_place(0), end=_place(0), shift=_hours(8, 17))
    return DayRequest(
        service_on=DAY, zone=ZONE, sites=(*sites, mason, early), workers=(worker,), budget=Budget(solution_limit=5)
    )


def _hours(first: int, last: int) -> ClockWindow:
    return ClockWindow(earliest_s=first * 3600, latest_s=last * 3600)


def _at(hour: float) -> datetime:
    return datetime(2026, 11, 25, tzinfo=ZONE) + timedelta(hours=hour)


def _under_way(
    request: DayRequest, before: DayPlan, *, done_count: int, locks: Mapping[JobId, frozenset[Lock]] | None = None
) -> RestDay:
    """Return what is left when some of the route was made, as planned."""
    made = before.plan.routes[0].planned_visits[:done_count]
    stops = {
        one.job_id: StopProgress(standing=Standing.DONE, began_at=one.start_at, ended_at=one.end_at) for one in made
    }
    progress = DayProgress(now=max(one.end_at for one in made), stops=stops, locks=locks or {}, promises={})
    return rest_of_day(request, ROADS, before=before, progress=progress)


def test_a_place_that_is_told_is_counted_in_the_whole_day() -> None:
    """Giving a left-out visit to the worker at the place that is told puts it at that very stop."""
    request = _request()
    day = _under_way(request, plan_day(request, ROADS), done_count=2)

    (place,) = replan_day(day, ROADS, reach=Reach.WHOLE_DAY).why_nots[MASON].places
    behind = before_whom(day, MASON, worker_id=place.worker_id, number=place.position + 1)
    taken = insert_in_day(day, ROADS, MASON, worker_id=place.worker_id, before_id=behind)

    stops = [visit.job_id for visit in taken.plan.routes[0].planned_visits]
    assert [(one.lever, one.skills) for one in place.offers[0].relaxations] == [(Lever.SKILL, ("stone",))]
    assert (stops.index(MASON), place.offers[0].position) == (place.position, place.position)
    assert place.position >= 2


@pytest.mark.parametrize("reach", list(Reach))
def test_what_was_placed_without_the_skill_and_locked_is_not_thrown_out(reach: Reach) -> None:
    """Nobody has the skill, a dispatcher gives the visit to somebody and locks it: a replan keeps it, and says so."""
    request = _request()
    day = _under_way(request, plan_day(request, ROADS), done_count=1)
    placed = insert_in_day(day, ROADS, MASON, worker_id=WorkerId("W1"), before_id=None)
    locked = _under_way(request, placed, done_count=1, locks={MASON: frozenset({Lock.WORKER})})

    after = replan_day(locked, ROADS, reach=reach)

    assert MASON in {visit.job_id for visit in after.plan.routes[0].planned_visits}
    assert [(one.kind, one.job_id) for one in after.plan.violations] == [(ViolationKind.SKILL, MASON)]


def test_what_was_placed_without_the_skill_and_not_locked_is_told_to_be_taken_off_again() -> None:
    """Nobody has the skill and nothing holds the visit where it was put: whose it was stands before the reason."""
    request = _request()
    day = _under_way(request, plan_day(request, ROADS), done_count=1)
    placed = insert_in_day(day, ROADS, MASON, worker_id=WorkerId("W1"), before_id=None)

    again = replan_day(_under_way(request, placed, done_count=1), ROADS, reach=Reach.WHOLE_DAY)
    untold = replan_day(_under_way(request, again, done_count=1), ROADS, reach=Reach.WHOLE_DAY)

    assert _told_of(MASON, again, Language.EN) == (
        "Planning anew took it off the route of Ann. No worker who may do it has the skill: stone."
    )
    assert _told_of(MASON, again, Language.ZH_CN) == (
        "重新规划时已从 Ann 的路线中移出。可以承担的人员都不具备技能：stone。"
    )
    assert _told_of(MASON, untold, Language.EN) == "No worker who may do it has the skill: stone."


def _told_of(job_id: JobId, day: DayPlan, language: Language) -> str:
    return next(one.detail.render(language) for one in day.plan.unassigned if one.job_id == job_id)


def test_what_is_outside_the_shifts_is_told_by_the_hours_people_know() -> None:
    """At noon a window of the morning is outside what is left of the shifts, one of the evening outside all of them."""
    request, now = _request(), _at(12)
    left = {"m": _hours(10, 11), "n": _hours(19, 20)}
    sites = [Site(id=SiteId(name), name=name, position=_place(1), windows=(one,)) for name, one in left.items()]
    before = plan_day(request, ROADS)
    progress = DayProgress(now=now, stops={}, locks={}, promises={})
    more = replace(request, sites=(*request.sites, *sites))

    after = replan_day(rest_of_day(more, ROADS, before=before, progress=progress), ROADS, reach=Reach.WHOLE_DAY)

    told = {one.job_id: one.detail for one in after.plan.unassigned}
    assert [told[JobId(name)].render(Language.EN) for name in left] == [
        "Its time window 10:00–11:00 is outside what is left of the shifts (08:00–17:00) at 12:00.",
        "Its time window 19:00–20:00 is outside every shift (08:00–17:00).",
    ]
    assert [told[JobId(name)].render(Language.ZH_CN) for name in left] == [
        "时间窗 10:00–11:00 在 12:00 时各班次（08:00–17:00）的剩余时间之外。",
        "时间窗 19:00–20:00 在所有班次（08:00–17:00）之外。",
    ]


def test_of_a_visit_that_is_too_long_it_is_told_what_is_left_of_the_longest_shift() -> None:
    """At noon two hours are left of a shift that ends at 14:00, whatever it was in the morning."""
    request = _request()
    long = Site(id=SiteId("long"), name="l", position=_place(1), service_s=3 * 3600)
    short = replace(request.workers[0], shift=_hours(8, 14))
    before = plan_day(replace(request, workers=(short,)), ROADS)
    more = replace(request, sites=(*request.sites, long), workers=(short,))
    progress = DayProgress(now=_at(12), stops={}, locks={}, promises={})

    after = replan_day(rest_of_day(more, ROADS, before=before, progress=progress), ROADS, reach=Reach.WHOLE_DAY)

    (told,) = (one.detail for one in after.plan.unassigned if one.job_id == "long")
    assert told.render(Language.EN) == "Service takes 180 min, at most 120 min are left of any shift."
    assert told.render(Language.ZH_CN) == "服务需要 180 分钟，而各班次最多只剩 120 分钟。"


def test_nobody_is_asked_to_begin_before_now() -> None:
    """In the morning an earlier beginning would do; of a day that is under way nobody is told so any more."""
    request = _request()
    before = plan_day(request, ROADS)
    after = replan_day(_under_way(request, before, done_count=1), ROADS, reach=Reach.WHOLE_DAY)

    levers = [
        {one.lever for place in day.why_nots[EARLY].places for offer in place.offers for one in offer.relaxations}
        for day in (before, after)
    ]

    assert Lever.SHIFT_EARLIER in levers[0]
    assert Lever.SHIFT_EARLIER not in levers[1]
    assert levers[1]


def test_what_was_driven_is_the_same_in_what_it_is_compared_with() -> None:
    """The first stop was made; the rest in the order it was given takes the ways there, and from there that order."""
    request = _request()
    before = judge_day(
        request, ROADS, {WorkerId("W1"): [JobId("S1"), *ORDER[:1], *ORDER[2:]]}, before=plan_day(request, ROADS)
    )
    day = replan_day(_under_way(request, before, done_count=1), ROADS, reach=Reach.WHOLE_DAY)

    by_list = [_place(0), _place(1), _place(4), _place(2), _place(3), _place(0)]
    assert day.by_list is not None
    assert day.by_list.travel_m == pytest.approx(_metres(by_list), abs=5)
    assert day.nearest is not None
    assert day.nearest.travel_m == day.plan.travel_m


def test_nothing_is_saved_where_nothing_is_left() -> None:
    """With every stop made there is nothing that could have been driven otherwise."""
    request = _request()
    day = replan_day(_under_way(request, plan_day(request, ROADS), done_count=4), ROADS, reach=Reach.WHOLE_DAY)

    assert (day.nearest, day.by_list) == (None, None)


def _metres(places: list[Position]) -> float:
    matrix = ROADS.matrix(places)
    return float(sum(matrix.distances_m[i, i + 1] for i in range(len(places) - 1)))
