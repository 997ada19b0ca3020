"""Small periods that can be checked by eye: sites on a lattice, estimates for roads, a minute's search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.periods.model import PeriodParams, PeriodPlan, PeriodRequest, VisitingRule
from geo_engine.planning.periods.period import plan_period
from geo_engine.roads.straight import StraightRouter
from geo_engine.workforce import Worker

MONDAY = date(2026, 11, 30)
WEEKLY = VisitingRule(level="A", visits=1, weeks=1, min_gap_days=5, max_gap_days=9)
FORTNIGHTLY = VisitingRule(level="B", visits=1, weeks=2, min_gap_days=10, max_gap_days=18)
MONTHLY = VisitingRule(level="C", visits=1, weeks=4, min_gap_days=21, max_gap_days=35)
RULES = (WEEKLY, FORTNIGHTLY, MONTHLY)
QUICK = PeriodParams(round_limit=60, route_limit_s=0)


def site_at(name: str, level: str, east: int = 0, north: int = 0, **facts: object) -> Site:
    """Return a site so many hundred metres, about, from Monaco's harbour."""
    site = Site(id=SiteId(name), name=name, position=_place(east, north), level=level, service_s=1800)
    return replace(site, **facts)  # type: ignore[arg-type]


def worker_at(name: str, east: int = 0, north: int = 0, **facts: object) -> Worker:
    """Return a worker who starts and ends there."""
    home = _place(east, north)
    return replace(Worker(id=WorkerId(name), name=name, start=home, end=home), **facts)  # type: ignore[arg-type]


def _place(east: int, north: int) -> Position:
    return Position(7.42 + east * 0.00124, 43.735 + north * 0.0009)


def request_of(sites: Sequence[Site], workers: Sequence[Worker] = (), **facts: object) -> PeriodRequest:
    """Return four weeks from a Monday on, by the usual three rules, one worker unless more are given."""
    request = PeriodRequest(
        first_on=MONDAY,
        week_count=4,
        zone=ZoneInfo(str(UTC)),
        sites=tuple(sites),
        workers=tuple(workers) or (worker_at("W"),),
        rules=RULES,
        days_off={},
        snap_limit_m=1000.0,
        params=QUICK,
    )
    return replace(request, **facts)  # type: ignore[arg-type]


def planned(request: PeriodRequest) -> PeriodPlan:
    """Return the plan on straight-line estimates."""
    return plan_period(request, StraightRouter())


def days_of(plan: PeriodPlan) -> Mapping[str, list[int]]:
    """Return, per site, its days counted from the Monday."""
    found: dict[str, list[int]] = {}
    for day in plan.days:
        for route in day.routes:
            for visit in route.planned_visits:
                found.setdefault(visit.job_id, []).append((day.service_on - MONDAY) // timedelta(days=1))
    return found
