"""What the map page is told: the plan as plain values, every sentence in every language."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import JobId
from geo_engine.planning import PlannedVisit, Route, Unassigned
from geo_engine.planning.day import DayPlan
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.model import PlanReport
from geo_engine.reports.names import site_name, worker_name
from geo_engine.reports.page_words import page_words, reason_words
from geo_engine.reports.palette import ROUTE_COLOURS, route_style
from geo_engine.reports.paths import leg_points, mode_of
from geo_engine.reports.plan_json import learned_document, summary_document
from geo_engine.reports.violations import violation_message
from geo_engine.reports.waiting import waiting_s
from geo_engine.reports.why_not_data import why_not_page
from geo_engine.timespan import window_text
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Language, Message

LINE_SCALE = 100_000
"""Steps per degree of the lines on the page: about a metre."""


def page_data(report: PlanReport) -> dict[str, Any]:
    """Return what the page shows, as values JSON can hold; `assets/plan_map.js` reads it."""
    day = report.day_plan
    return {
        "date": day.service_on.isoformat(),
        "timezone": day.zone.key,
        "road_source": day.road_source,
        "attribution": in_all_languages(report.attribution),
        "summary": summary_document(report) | {"worker_count": len(day.plan.routes)},
        "modes": {mode.value: in_all_languages(MODE_WORDS[mode]) for mode in TravelMode},
        "colours": ROUTE_COLOURS,
        "line_scale": LINE_SCALE,
        "words": {language.value: page_words(language) for language in Language},
        "routes": [_route(report, route, index) for index, route in enumerate(day.plan.routes)],
        "unassigned": [_left(left, day) for left in day.plan.unassigned],
        "worker_notes": [
            {"name": worker_name(worker_id, day), "note": in_all_languages(note)}
            for worker_id, note in day.worker_notes.items()
        ],
        "violations": [in_all_languages(violation_message(broken, day)) for broken in day.plan.violations],
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "reason": in_all_languages(problem.reason),
            }
            for problem in report.problems
        ],
        "geocoded": _doubtful(report),
    }


def in_all_languages(message: Message) -> Mapping[str, str]:
    """Return a sentence in every language, by its tag."""
    return {language.value: message.render(language) for language in Language}


def _route(report: PlanReport, route: Route, index: int) -> dict[str, Any]:
    day = report.day_plan
    worker = day.workers.get(route.worker_id)
    path = report.paths.get(route.worker_id)
    colour, dash = route_style(index)
    return {
        "worker_id": route.worker_id,
        "name": worker_name(route.worker_id, day),
        "skills": sorted(worker.skills) if worker else [],
        "shift": window_text(worker.shift) if worker else "",
        "mode": in_all_languages(MODE_WORDS[mode_of(route.worker_id, day)]),
        "colour": colour,
        "dash": dash,
        "estimated": path.is_estimate if path else day.is_estimate,
        "start": _lon_lat(route.start),
        "end": None if route.end is None else _lon_lat(route.end),
        "start_at": local_iso(route.start_at, day.zone),
        "end_at": local_iso(route.end_at, day.zone),
        "travel_s": route.travel_s,
        "travel_m": route.travel_m,
        "visits": [_visit(visit, route, day) for visit in route.planned_visits],
        "breaks": [[local_iso(rest.start_at, day.zone), local_iso(rest.end_at, day.zone)] for rest in route.breaks],
        "legs": [_flat_line(leg_points(path, leg)) for leg in range(len(path.legs) if path else 0)],
    }


def _visit(visit: PlannedVisit, route: Route, day: DayPlan) -> dict[str, Any]:
    return {
        **_site(visit.job_id, day),
        "at": _lon_lat(visit.position),
        "arrival_at": local_iso(visit.arrival_at, day.zone),
        "start_at": local_iso(visit.start_at, day.zone),
        "end_at": local_iso(visit.end_at, day.zone),
        "waiting_s": waiting_s(visit, route),
        "learned": learned_document(visit.job_id, day),
        "travel_s": visit.travel_s,
        "travel_m": visit.travel_m,
    }


def _left(left: Unassigned, day: DayPlan) -> dict[str, Any]:
    site = day.sites.get(left.job_id)
    return {
        **_site(left.job_id, day),
        "at": _lon_lat(site.position) if site else None,
        "reason": in_all_languages(reason_words(left.reason)),
        "detail": in_all_languages(left.detail),
        "why_not": why_not_page(left.job_id, day),
    }


def _site(job_id: JobId, day: DayPlan) -> dict[str, Any]:
    site: Site | None = day.sites.get(job_id)
    return {
        "job_id": job_id,
        "name": site_name(job_id, day),
        "address": site.address if site else "",
        "windows": [window_text(window) for window in site.windows] if site else [],
        "skills": sorted(site.skills) if site else [],
    }


def _doubtful(report: PlanReport) -> list[dict[str, Any]]:
    day = report.day_plan
    named = [(site_name(job_id, day), found) for job_id, found in report.geocodings.items()]
    named += [
        (worker_name(worker_id, day), found)
        for worker_id, places in report.worker_geocodings.items()
        for found in places
    ]
    return [
        {
            "name": name,
            "address": found.address,
            "label": found.best.label,
            "score": round(found.best.score * 100),
            "at": _lon_lat(found.best.position),
        }
        for name, found in named
        if found.best is not None and not found.is_confident
    ]


def _lon_lat(position: Position) -> list[float]:
    return [round(position.lon, 6), round(position.lat, 6)]


def _flat_line(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return a line as flat whole numbers: the first point, then the step to each next one."""
    flat: list[int] = []
    last_x = last_y = 0
    for lon, lat in points:
        x, y = round(lon * LINE_SCALE), round(lat * LINE_SCALE)
        flat += (x - last_x, y - last_y)
        last_x, last_y = x, y
    return flat
