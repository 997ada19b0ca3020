"""What the dispatcher's page is told of a day, as values its script reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.ids import JobId
from geo_engine.planning import Plan
from geo_engine.planning.changes.plan_diff import Placed, VisitDiff, compare_plans
from geo_engine.planning.changes.readings import Reader
from geo_engine.planning.day import DayPlan
from geo_engine.planning.overview import DayOverview
from geo_engine.planning.replan.progress import Lock, StopProgress
from geo_engine.planning.replanning import Fit, Fits
from geo_engine.planning.versions.model import PlanRequest, PlanVersion
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.map_data import in_all_languages, page_data
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.roads.opening import OpenRoads
from geo_engine.timespan import window_text
from geo_engine.travel_modes import MODE_WORDS
from geo_engine.words import Language
from geo_engine.workforce import Worker
from web.dispatch.page_words import dispatch_words

_NO_PLAN = Plan(routes=(), unassigned=(), violations=(), cost=0, travel_s=0, travel_m=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPage:
    """What a page shows of a day beside the plan.

    Parameters
    ----------
    published
        The version the workers have; None when they have none.
    locks
        What is locked of the day's stops.
    stops
        How far the stops are that were at least driven to; empty where nothing can be changed.
    readers
        Who has read the version shown, or has not; empty where that is not told.
    """

    published: PlanVersion | None
    locks: Mapping[JobId, frozenset[Lock]]
    stops: Mapping[JobId, StopProgress]
    readers: Sequence[Reader]


def day_data(
    overview: DayOverview,
    zone: ZoneInfo,
    roads: OpenRoads,
    page: DayPage,
    *,
    language: Language,
    background_url: str | None,
    import_url: str | None,
    may_move: bool,
    live: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Return a day as the page shows it: the plan if there is one, and what waits for the next.

    Parameters
    ----------
    live
        Where positions of people are asked for, and the company's code; None when they are not shown.
    """
    day_plan = _day_plan(overview, zone, roads)
    report = PlanReport(day_plan=day_plan, paths=route_paths(day_plan, roads.router), language=language)
    busy = {route.worker_id for route in day_plan.plan.routes}
    plan = overview.plan
    data = page_data(report)
    return data | {
        "words": {language.value: {**data["words"][language.value], **dispatch_words(language)}},
        "may_move": may_move and overview.is_newest and overview.open_request is None,
        "language": language.value,
        "background_url": background_url,
        "import_url": import_url,
        "live": live,
        "plan_id": None if plan is None else str(plan.id),
        "changes": _changes(page.published, overview, zone),
        "locks": {job_id: sorted(kinds) for job_id, kinds in page.locks.items()},
        "stays": {job_id: stop.standing.value for job_id, stop in page.stops.items()},
        "read_by": [reader.worker_id for reader in page.readers if reader.has_read],
        "waiting": [_site(site) for site in overview.sites_waiting],
        "idle": [_worker(worker) for worker in overview.workers if worker.id not in busy],
        "workers": [{"id": worker.id, "name": worker.name} for worker in day_plan.workers.values()],
    }


def fits_data(fits: Fits, zone: ZoneInfo, language: Language) -> dict[str, Any]:
    """Return where a visit would fit, as the page lists it, or why nowhere."""
    return {
        "places": [_fit(fit, zone) for fit in fits.places],
        "reason": None if fits.reason is None else fits.reason.render(language),
    }


def _fit(fit: Fit, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "worker_id": fit.suggestion.worker_id,
        "before_id": fit.before_id,
        "start_at": local_iso(fit.suggestion.start_at, zone),
        "travel_s": fit.suggestion.travel_s,
        "travel_m": fit.suggestion.travel_m,
        "lates": [{"job_id": late.job_id, "later_s": late.later_s} for late in fit.suggestion.lates],
        "broken_count": len(fit.suggestion.broken),
    }


def progress_data(request: PlanRequest, language: Language) -> dict[str, Any]:
    """Return how far a request is, as the progress bar shows it."""
    progress = request.progress
    return {
        "state": request.state.value,
        "has_ended": request.has_ended,
        "attempt": request.attempt,
        "limit_s": request.budget.shown_s,
        "elapsed_s": None if progress is None else progress.elapsed_s,
        "unassigned_count": None if progress is None else progress.unassigned_count,
        "failure": None if request.failure is None else request.failure.message.render(language),
    }


def _day_plan(overview: DayOverview, zone: ZoneInfo, roads: OpenRoads) -> DayPlan:
    if overview.plan is not None:
        return overview.plan.day_plan
    return DayPlan(
        service_on=overview.scope.service_on,
        zone=zone,
        plan=_NO_PLAN,
        sites={},
        workers={worker.id: worker for worker in overview.workers},
        worker_notes={},
        road_source=roads.router.source,
        is_estimate=roads.router.is_estimate,
        nearest=None,
        by_list=None,
        first_plan_s=None,
    )


def _changes(published: PlanVersion | None, overview: DayOverview, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return what the plan has otherwise than what the workers have; nothing where that is the same version."""
    plan = overview.plan
    if published is None or plan is None or published.id == plan.id:
        return []
    named = {**published.day_plan.sites, **plan.day_plan.sites}
    found = compare_plans(published.day_plan.plan.routes, plan.day_plan.plan.routes)
    return [_change(one, named[one.job_id], zone) for one in found]


def _change(one: VisitDiff, site: Site, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "job_id": one.job_id,
        "name": site.name or site.id,
        "at": [round(site.position.lon, 6), round(site.position.lat, 6)],
        "before": None if one.before is None else _placed(one.before, zone),
        "after": None if one.after is None else _placed(one.after, zone),
        "later_s": round(one.later.total_seconds()),
    }


def _placed(placed: Placed, zone: ZoneInfo) -> dict[str, Any]:
    return {"worker_id": placed.worker_id, "start_at": local_iso(placed.visit.start_at, zone)}


def _site(site: Site) -> dict[str, Any]:
    return {
        "job_id": site.id,
        "name": site.name or site.id,
        "address": site.address,
        "at": [round(site.position.lon, 6), round(site.position.lat, 6)],
        "windows": [window_text(window) for window in site.windows],
        "skills": sorted(site.skills),
    }


def _worker(worker: Worker) -> dict[str, Any]:
    return {
        "worker_id": worker.id,
        "name": worker.name or worker.id,
        "shift": window_text(worker.shift),
        "mode": in_all_languages(MODE_WORDS[worker.mode]),
        "skills": sorted(worker.skills),
        "start": [round(worker.start.lon, 6), round(worker.start.lat, 6)],
    }
