"""The files of a plan: plan.json, plan.geojson, sheets of stops and of what is left out, and the map page."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from geo_engine.ids import WorkerId
from geo_engine.reports.maps import render_plan_map
from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_geojson import render_plan_geojson
from geo_engine.reports.plan_json import render_plan_json
from geo_engine.reports.stop_sheets import render_stop_sheet, stop_sheet_names
from geo_engine.reports.why_not_data import render_left_sheet
from geo_engine.tables.json_text import find_json


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFiles:
    """Where the files of a plan are."""

    plan_json: Path
    plan_geojson: Path
    map_page: Path
    left_sheet: Path
    stop_sheets: Mapping[WorkerId, Path]


def write_plan_files(report: PlanReport, out_dir: Path) -> PlanFiles:
    """Write all files of a plan into a folder, which is made if it is not there.

    All are rendered before the first is written, and each replaces the one before at once: a reader sees
    an old file or a new one, never half of one. Sheets of workers whom an earlier plan in this folder used
    and this one does not are removed.

    Raises
    ------
    Unavailable
        When the assets of the map page are not installed.
    OSError
        When the folder cannot be written.
    """
    day = report.day_plan
    names = stop_sheet_names(route.worker_id for route in day.plan.routes)
    sheets = {names[route.worker_id]: render_stop_sheet(route, day, report.language) for route in day.plan.routes}
    texts = {
        "plan.json": render_plan_json(report),
        "plan.geojson": render_plan_geojson(report),
        "plan.html": render_plan_map(report),
        "unassigned.csv": render_left_sheet(day, report.language),
    }
    out_dir.mkdir(parents=True, exist_ok=True)
    stale = _earlier_sheets(out_dir / "plan.json") - sheets.keys()
    for name, text in (sheets | texts).items():
        write_text(out_dir / name, text)
    for name in stale:
        (out_dir / name).unlink(missing_ok=True)
    return PlanFiles(
        plan_json=out_dir / "plan.json",
        plan_geojson=out_dir / "plan.geojson",
        map_page=out_dir / "plan.html",
        left_sheet=out_dir / "unassigned.csv",
        stop_sheets={worker_id: out_dir / name for worker_id, name in names.items()},
    )


def _earlier_sheets(plan_json: Path) -> set[str]:
    try:
        routes = find_json(plan_json.read_bytes())["routes"]
        worker_ids: Iterable[WorkerId] = [WorkerId(str(route["worker_id"])) for route in routes]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()
    return set(stop_sheet_names(worker_ids).values())


def write_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the one before or all of this one.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(text.encode("utf-8", "replace"))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
