"""Day plans made by hand: the same simple day on any router, without the planner."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning import Plan, PlannedBreak, PlannedVisit, Route, Unassigned, UnassignedReason
from geo_engine.planning.day import DayPlan
from geo_engine.planning.solver.baselines import Travel
from geo_engine.roads import RoadRouter
from geo_engine.timespan import ClockWindow, clock_on
from geo_engine.words import Message
from geo_engine.workforce import BreakRule, Worker

SERVICE_ON = date(2026, 11, 23)
ZONE = ZoneInfo("Europe/Monaco")
LUNCH = BreakRule(duration_s=2700, window=ClockWindow(earliest_s=41400, latest_s=48600))
HOSTILE_NAMES = (
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror=alert(1)>",
    "`${window.ran = 1}`",
    "{{ 7 * 7 }}{% raw %}",
    "]]><!--\u2028'\"&amp;",
)


def site(number: int, position: Position, *, name: str = "", **facts: object) -> Site:
    """Return a site of 20 minutes' service."""
    job_id = SiteId(f"S{number:03d}")
    return replace(Site(id=job_id, name=name or f"Site {number}", position=position, service_s=1200), **facts)  # type: ignore[arg-type]


def worker(number: int, position: Position, *, name: str = "", **facts: object) -> Worker:
    """Return a worker who starts and ends at `position` at 08:00 and rests at noon."""
    plain = Worker(
        id=WorkerId(f"W{number}"),
        name=name or f"Worker {number}",
        start=position,
        end=position,
        shift=ClockWindow(earliest_s=28800, latest_s=64800),
        breaks=(LUNCH,),
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def day_plan(
    given: Sequence[tuple[Worker, Sequence[Site]]],
    *,
    left: Sequence[Site],
    router: RoadRouter,
    saved: Travel | None = Travel(travel_m=5230, travel_s=900),  # noqa: B008 - it cannot change
) -> DayPlan:
    """Return the plan in which each worker visits the given sites in the given order."""
    routes = tuple(_route(who, sites, router) for who, sites in given if sites)
    unassigned = tuple(left_out(at, given[0][0].name) for at in left)
    travel_s, travel_m = sum(route.travel_s for route in routes), sum(route.travel_m for route in routes)
    plan = Plan(
        routes=routes, unassigned=unassigned, violations=(), cost=travel_s, travel_s=travel_s, travel_m=travel_m
    )
    everywhere = [at for _, sites in given for at in sites] + list(left)
    return DayPlan(
        service_on=SERVICE_ON,
        zone=ZONE,
        plan=plan,
        sites={JobId(at.id): at for at in everywhere},
        workers={who.id: who for who, _ in given},
        worker_notes={},
        road_source=router.source,
        is_estimate=router.is_estimate,
        nearest=None
        if saved is None
        else Travel(travel_m=travel_m + saved.travel_m, travel_s=travel_s + saved.travel_s),
        by_list=None,
        first_plan_s=None,
    )


def left_out(at: Site, worker_name: str) -> Unassigned:
    """Return that a site was left out for want of a skill."""
    return Unassigned(
        job_id=JobId(at.id),
        reason=UnassignedReason.NO_SKILL,
        detail=Message("{worker} lacks a skill that {site} needs.", {"worker": worker_name, "site": at.name}),
    )


def with_left(day: DayPlan, left: Sequence[Site], *, detail: Message, reason: UnassignedReason) -> DayPlan:
    """Return the day with further sites left out, all with one sentence."""
    unassigned = tuple(Unassigned(job_id=JobId(at.id), reason=reason, detail=detail) for at in left)
    return replace(
        day,
        plan=replace(day.plan, unassigned=day.plan.unassigned + unassigned),
        sites={**day.sites, **{JobId(at.id): at for at in left}},
    )


def _route(who: Worker, sites: Sequence[Site], router: RoadRouter) -> Route:
    ends = [] if who.end is None else [who.end]
    path = router.path([who.start, *(at.position for at in sites), *ends])
    leg_s, leg_m = _whole(path.durations_s), _whole(path.distances_m)
    start_at = now = clock_on(who.shift.earliest_s, SERVICE_ON, ZONE)
    visits: list[PlannedVisit] = []
    breaks: list[PlannedBreak] = []
    for at, travel_s, travel_m in zip(sites, leg_s, leg_m, strict=False):
        arrival_at = now = now + timedelta(seconds=travel_s)
        if who.breaks and not breaks and now >= clock_on(who.breaks[0].window.earliest_s, SERVICE_ON, ZONE):
            now += timedelta(seconds=who.breaks[0].duration_s)
            breaks.append(PlannedBreak(start_at=arrival_at, end_at=now))
        now = max([now, *(clock_on(open_at.earliest_s, SERVICE_ON, ZONE) for open_at in at.windows[:1])])
        end_at = now + timedelta(seconds=at.service_s)
        visits.append(
            _visit(at, arrival_at=arrival_at, start_at=now, end_at=end_at, travel_s=travel_s, travel_m=travel_m)
        )
        now = end_at
    now += timedelta(seconds=sum(leg_s[len(sites) :]))
    return Route(
        worker_id=who.id,
        start=who.start,
        end=who.end,
        start_at=start_at,
        end_at=now.astimezone(UTC),
        breaks=tuple(breaks),
        planned_visits=tuple(visits),
        travel_s=sum(leg_s),
        travel_m=sum(leg_m),
        cost=sum(leg_s),
    )


def _whole(figures: Sequence[float]) -> list[int]:
    return [0 if math.isnan(figure) else round(figure) for figure in figures]


def _visit(
    at: Site, *, arrival_at: datetime, start_at: datetime, end_at: datetime, travel_s: int, travel_m: int
) -> PlannedVisit:
    return PlannedVisit(
        job_id=JobId(at.id),
        position=at.position,
        arrival_at=arrival_at,
        start_at=start_at,
        end_at=end_at,
        travel_s=travel_s,
        travel_m=travel_m,
    )
