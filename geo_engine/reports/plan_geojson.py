"""plan.geojson: a plan as features any GIS opens (RFC 7946, WGS 84)."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from geo_engine.geometry import Position
from geo_engine.planning import Route
from geo_engine.reports.local_time import local_iso
from geo_engine.reports.model import PlanReport
from geo_engine.reports.names import site_name, worker_name
from geo_engine.reports.palette import ROUTE_COLOURS, route_style
from geo_engine.reports.paths import leg_points, mode_of


def render_plan_geojson(report: PlanReport) -> str:
    """Return the text of plan.geojson.

    Notes
    -----
    A leg is a LineString along roads, from the stop before it to its own; where there is no path its
    geometry is null, never a straight line. Coordinates have six decimals (0.1 m).
    """
    document = {"type": "FeatureCollection", "features": list(_features(report))}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _features(report: PlanReport) -> Iterator[dict[str, Any]]:
    routes = report.day_plan.plan.routes
    for index, route in enumerate(routes):
        yield from _legs(report, route, _colour(index))
    for index, route in enumerate(routes):
        yield from _places(report, route, _colour(index))
    for left in report.day_plan.plan.unassigned:
        site = report.day_plan.sites.get(left.job_id)
        facts = {
            "kind": "unassigned",
            "job_id": left.job_id,
            "name": site_name(left.job_id, report.day_plan),
            "reason": left.reason.value,
            "detail": left.detail.render(report.language),
        }
        yield _feature(_point(site.position) if site else None, facts)


def _legs(report: PlanReport, route: Route, colour: str) -> Iterator[dict[str, Any]]:
    path = report.paths.get(route.worker_id)
    leg_count = len(route.planned_visits) + (route.end is not None)
    for index in range(leg_count):
        facts = {
            "kind": "leg",
            "worker_id": route.worker_id,
            "worker_name": worker_name(route.worker_id, report.day_plan),
            "travel_mode": mode_of(route.worker_id, report.day_plan).value,
            "colour": colour,
            "sequence": index + 1,
            "to_job_id": route.planned_visits[index].job_id if index < len(route.planned_visits) else None,
            "estimated": path.is_estimate if path else None,
        }
        yield _feature(_line(leg_points(path, index)), facts)


def _places(report: PlanReport, route: Route, colour: str) -> Iterator[dict[str, Any]]:
    zone = report.day_plan.zone
    who = {"worker_id": route.worker_id, "worker_name": worker_name(route.worker_id, report.day_plan), "colour": colour}
    yield _feature(_point(route.start), {"kind": "start", **who, "at": local_iso(route.start_at, zone)})
    for sequence, visit in enumerate(route.planned_visits, 1):
        facts = {
            "kind": "visit",
            **who,
            "sequence": sequence,
            "job_id": visit.job_id,
            "name": site_name(visit.job_id, report.day_plan),
            "arrival_at": local_iso(visit.arrival_at, zone),
            "start_at": local_iso(visit.start_at, zone),
            "end_at": local_iso(visit.end_at, zone),
        }
        yield _feature(_point(visit.position), facts)
    if route.end is not None:
        yield _feature(_point(route.end), {"kind": "end", **who, "at": local_iso(route.end_at, zone)})


def _colour(index: int) -> str:
    return ROUTE_COLOURS[route_style(index)[0]][0]


def _feature(geometry: dict[str, Any] | None, facts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": facts}


def _point(position: Position) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(position.lon, 6), round(position.lat, 6)]}


def _line(points: Sequence[tuple[float, float]]) -> dict[str, Any] | None:
    if len(points) < 2:
        return None
    return {"type": "LineString", "coordinates": [[round(lon, 6), round(lat, 6)] for lon, lat in points]}
