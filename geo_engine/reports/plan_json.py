"""plan.json: a plan as data, for programs and for checking."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from geo_engine.customers import Site
from geo_engine.customers.geocoding import Geocoding
from geo_engine.geometry import Position
from geo_engine.ids import JobId
from geo_engine.planning import PlannedBreak, PlannedVisit, Route
from geo_engine.planning.day import DayPlan
from geo_engine.planning.savings import Saving, metres_by_mode, savings_of
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.model import PlanReport
from geo_engine.reports.names import site_name, worker_name
from geo_engine.reports.paths import mode_of
from geo_engine.reports.violations import violation_message
from geo_engine.reports.why_not_data import why_not_values
from geo_engine.tables.model import RowProblem
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language


def render_plan_json(report: PlanReport) -> str:
    """Return the text of plan.json: keys in a fixed order, times local with offset, never NaN.

    Raises
    ------
    ValueError
        When a figure of the plan is not a finite number.
    """
    return json.dumps(plan_document(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def plan_document(report: PlanReport) -> dict[str, Any]:
    """Return a plan as the document plan.json holds, sentences in the report's language."""
    day = report.day_plan
    return {
        "date": day.service_on.isoformat(),
        "timezone": day.zone.key,
        "road_source": day.road_source,
        "attribution": report.attribution.render(report.language),
        "summary": summary_document(report),
        "routes": [_route(route, day) for route in day.plan.routes],
        "unassigned": _unassigned(report),
        "worker_notes": _worker_notes(report),
        "violations": _violations(report),
        "problems": row_problems(report.problems, report.language),
        "notices": row_problems(report.notices, report.language),
        "geocoded": _geocoded(report),
    }


def summary_document(report: PlanReport) -> dict[str, Any]:
    """Return the figures of a plan: counts, cost, seconds and metres of travel, and what of the input was unread."""
    day = report.day_plan
    placed_count = sum(len(route.planned_visits) for route in day.plan.routes)
    return {
        "job_count": placed_count + len(day.plan.unassigned),
        "placed_count": placed_count,
        "unassigned_count": len(day.plan.unassigned),
        "violation_count": len(day.plan.violations),
        "cost": day.plan.cost,
        "travel_s": day.plan.travel_s,
        "travel_m": day.plan.travel_m,
        "saved_m": None if day.saved is None else day.saved.travel_m,
        "saved_s": None if day.saved is None else day.saved.travel_s,
        "list_saved_m": None if day.saved_on_list is None else day.saved_on_list.travel_m,
        "list_saved_s": None if day.saved_on_list is None else day.saved_on_list.travel_s,
        "service_s": sum(site.service_s for site in _placed_sites(day)),
        **_learned_figures(day),
        **_money(day),
        "savings": {against.value: _saving(one) for against, one in savings_of(day).items()},
        "estimated": day.is_estimate,
        "speeds": {mode: list(percents) for mode, percents in day.speeds.items()},
        "problem_count": len(report.problems),
    }


def learned_document(job_id: JobId, day: DayPlan) -> dict[str, int] | None:
    """Return how long the service of a visit takes as it was learned and as it was given; None where it was given."""
    site = day.sites.get(job_id)
    learned = None if day.learned is None or site is None else day.learned.services.get(site.id)
    if learned is None:
        return None
    return {"given_s": learned.given_s, "learned_s": learned.service_s, "visit_count": learned.visit_count}


def _learned_figures(day: DayPlan) -> dict[str, Any]:
    """Return what planning with given times would have reckoned with instead; null where that would be the same."""
    learned, placed = day.learned, _placed_sites(day)
    if learned is not None and learned.is_empty:
        learned = None
    travel = None if learned is None else learned.travel
    return {
        "service_given_s": None if learned is None else learned.given_s(placed),
        "learned_count": None if learned is None else sum(site.id in learned.services for site in placed),
        "travel_factor": None if travel is None else travel.factor,
        "travel_leg_count": None if travel is None else travel.leg_count,
    }


def _placed_sites(day: DayPlan) -> list[Site]:
    placed = (visit.job_id for route in day.plan.routes for visit in route.planned_visits)
    return [day.sites[job_id] for job_id in placed if job_id in day.sites]


def _money(day: DayPlan) -> dict[str, Any]:
    by_mode_m = metres_by_mode(day)
    money = day.prices.money(by_mode_m)
    return {
        "travel_m_by_mode": {mode.value: metres for mode, metres in by_mode_m.items()},
        "currency": day.prices.currency,
        "price_per_km_by_mode": {
            mode.value: day.prices.by_mode[mode].per_km for mode in TravelMode if mode in day.prices.by_mode
        },
        "prices_assumed": day.prices.is_assumed,
        "travel_money": None if money is None else round(money, 2),
    }


def _saving(one: Saving | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "travel_m": one.travel_m,
        "travel_s": one.travel_s,
        "money": None if one.money is None else round(one.money, 2),
        "visit_count": one.visit_count,
        "known_count": one.known_count,
    }


def _place(position: Position) -> dict[str, float]:
    return {"lon": round(position.lon, 7), "lat": round(position.lat, 7)}


def _route(route: Route, day: DayPlan) -> dict[str, Any]:
    return {
        "worker_id": route.worker_id,
        "worker_name": worker_name(route.worker_id, day),
        "travel_mode": mode_of(route.worker_id, day).value,
        "start_at": local_iso(route.start_at, day.zone),
        "end_at": local_iso(route.end_at, day.zone),
        "start": _place(route.start),
        "end": None if route.end is None else _place(route.end),
        "travel_s": route.travel_s,
        "travel_m": route.travel_m,
        "cost": route.cost,
        "breaks": [_break(pause, day) for pause in route.breaks],
        "planned_visits": [_visit(visit, day) for visit in route.planned_visits],
    }


def _break(pause: PlannedBreak, day: DayPlan) -> dict[str, str]:
    return {"start_at": local_iso(pause.start_at, day.zone), "end_at": local_iso(pause.end_at, day.zone)}


def _visit(visit: PlannedVisit, day: DayPlan) -> dict[str, Any]:
    return {
        "job_id": visit.job_id,
        "name": site_name(visit.job_id, day),
        **_place(visit.position),
        "arrival_at": local_iso(visit.arrival_at, day.zone),
        "start_at": local_iso(visit.start_at, day.zone),
        "end_at": local_iso(visit.end_at, day.zone),
        "learned_service": learned_document(visit.job_id, day),
        "travel_s": visit.travel_s,
        "travel_m": visit.travel_m,
    }


def _unassigned(report: PlanReport) -> list[dict[str, Any]]:
    return [
        {
            "job_id": left.job_id,
            "name": site_name(left.job_id, report.day_plan),
            "reason": left.reason.value,
            "detail": left.detail.render(report.language),
            "why_not": why_not_values(left.job_id, report.day_plan, report.language),
        }
        for left in report.day_plan.plan.unassigned
    ]


def _worker_notes(report: PlanReport) -> list[dict[str, Any]]:
    day = report.day_plan
    return [
        {"worker_id": worker_id, "worker_name": worker_name(worker_id, day), "note": note.render(report.language)}
        for worker_id, note in day.worker_notes.items()
    ]


def _violations(report: PlanReport) -> list[dict[str, Any]]:
    return [
        {
            "kind": broken.kind.value,
            "worker_id": broken.worker_id,
            "job_id": broken.job_id,
            "excess": broken.excess,
            "detail": violation_message(broken, report.day_plan).render(report.language),
        }
        for broken in report.day_plan.plan.violations
    ]


def row_problems(problems: Iterable[RowProblem], language: Language) -> list[dict[str, Any]]:
    """Return problems or notices of files as documents hold them."""
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "reason": problem.reason.render(language),
        }
        for problem in problems
    ]


def _geocoded(report: PlanReport) -> list[dict[str, Any]]:
    day = report.day_plan
    return [
        *(
            {"job_id": job_id, "worker_id": None, "name": site_name(job_id, day), **_geocoding(found)}
            for job_id, found in report.geocodings.items()
        ),
        *(
            {"job_id": None, "worker_id": worker_id, "name": worker_name(worker_id, day), **_geocoding(found)}
            for worker_id, places in report.worker_geocodings.items()
            for found in places
        ),
    ]


def _geocoding(found: Geocoding) -> Mapping[str, Any]:
    candidates = [
        {"label": at.label, **_place(at.position), "score": round(at.score, 3), "source": at.source}
        for at in found.candidates
    ]
    best: Mapping[str, Any] = candidates[0] if candidates else {}
    return {
        "address": found.address,
        "source": best.get("source"),
        "score": best.get("score"),
        "confident": found.is_confident,
        "lon": best.get("lon"),
        "lat": best.get("lat"),
        "label": best.get("label"),
        "candidates": candidates,
    }
