"""The files of a plan on real roads."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import shapely.geometry
from support.monaco_day import EXTRACT, monaco_day

from geo_engine.basemap.background import build_background, encode_background
from geo_engine.reports import maps
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.settings import read_settings

MAX_PAGE_BYTES = 4_000_000


@pytest.fixture(scope="module")
def report() -> PlanReport:
    """Return a day on the roads of the bundled extract."""
    graph = build_graph(EXTRACT, cache_dir=read_settings().cache_dir)
    with OsrmRouter(graph) as router:
        day = monaco_day(router)
        return PlanReport(
            day_plan=day, paths=route_paths(day, router), background=encode_background(build_background(EXTRACT))
        )


def test_all_files_are_written_and_nothing_else(report: PlanReport, tmp_path: Path) -> None:
    """Five kinds of files stand in the folder, no temporary one is left, and the page keeps its size."""
    files = write_plan_files(report, tmp_path / "new" / "folder")

    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    sheets = {path.name for path in files.stop_sheets.values()}
    assert written == {"plan.json", "plan.geojson", "plan.html", "unassigned.csv"} | sheets
    assert len(sheets) == 8
    assert files.map_page.stat().st_size < MAX_PAGE_BYTES


def test_legs_follow_roads(report: PlanReport, tmp_path: Path) -> None:
    """A leg's line is a road's, not the straight line between its stops."""
    document = json.loads(write_plan_files(report, tmp_path).plan_geojson.read_bytes())

    legs = [one["geometry"] for one in document["features"] if one["properties"]["kind"] == "leg"]
    lines = [shapely.geometry.shape(leg) for leg in legs if leg]
    winding = [
        line
        for line in lines
        if line.length > 1.1 * shapely.Point(line.coords[0]).distance(shapely.Point(line.coords[-1]))
    ]
    assert len(winding) > len(lines) / 2


def test_sheets_of_workers_no_longer_used_are_removed(report: PlanReport, tmp_path: Path) -> None:
    """A second plan in the same folder leaves no sheet of the first, and keeps what is not ours."""
    write_plan_files(report, tmp_path)
    (tmp_path / "stops-mine.csv").write_text("kept")
    fewer = replace(report.day_plan, plan=replace(report.day_plan.plan, routes=report.day_plan.plan.routes[:2]))

    write_plan_files(replace(report, day_plan=fewer), tmp_path)

    assert {path.name for path in tmp_path.glob("stops-*.csv")} == {"stops-W0.csv", "stops-W1.csv", "stops-mine.csv"}


DRAW = """
from support.monaco_day import monaco_day
from geo_engine.reports.maps import render_plan_map
from geo_engine.reports.model import PlanReport
from geo_engine.roads.straight import StraightRouter
render_plan_map(PlanReport(day_plan=monaco_day(StraightRouter(), worker_count=1, visit_count=1, hostile=False)))
"""


@pytest.mark.parametrize("absent", ["node_modules", "images"])
def test_missing_assets_say_what_to_run(tmp_path: Path, absent: str) -> None:
    """Whether all of Leaflet or only its pictures are not there, the error names the folder and the command."""
    package = Path(maps.__file__).parents[1]
    shutil.copytree(package, tmp_path / "geo_engine", ignore=shutil.ignore_patterns(absent, "axe-core", "__pycache__"))
    search_path = os.pathsep.join([str(tmp_path), str(package.parent / "tests")])

    drawn = subprocess.run(
        [sys.executable, "-c", DRAW],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": search_path},
        capture_output=True,
        text=True,
        check=False,
    )

    last_line = drawn.stderr.strip().splitlines()[-1]
    assert "AssetsMissing" in last_line
    assert "scripts/setup" in last_line
