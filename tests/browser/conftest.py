"""A page opened in Chromium, in which everything that must not happen is written down."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from support.browser import CHROMIUM, DESKTOP, PHONE, QUIET, OpenPage, Watch
from support.monaco_day import EXTRACT, monaco_day

from geo_engine.basemap.background import build_background, encode_background
from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.ids import WorkerId
from geo_engine.planning import Violation, ViolationKind
from geo_engine.planning.day import DayPlan
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.roads import RoadRouter
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.settings import read_settings
from geo_engine.tables.model import RowProblem
from geo_engine.words import Message

expect.set_options(timeout=60_000)  # a page is judged by what it shows, never by how long a busy machine takes


_KEPT = ExitStack()
_RUNNING: list[Browser] = []


@pytest.fixture(scope="module")
def browser() -> Browser:
    """Return the distribution's Chromium; while it runs nothing else of its process may run an event loop.

    It is started once for all modules of this folder that follow each other: two seconds of the processor each time.
    """
    if not _RUNNING:
        playwright = _KEPT.enter_context(sync_playwright())
        _RUNNING.append(playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET)))
        _KEPT.callback(lambda: _RUNNING.pop().close())
    return _RUNNING[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None]:
    """End Chromium after the last test of this folder, before one that may run an event loop."""
    try:
        return (yield)
    finally:
        if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
            _KEPT.close()


@pytest.fixture(scope="session")
def road_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the map page of a day on real roads, with hostile names and all that can be wrong with a plan."""
    graph = build_graph(EXTRACT, cache_dir=read_settings().cache_dir)
    with OsrmRouter(graph) as router:
        return _write(monaco_day(router), router, tmp_path_factory.mktemp("road-plan"))


@pytest.fixture(scope="session")
def estimate_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the map page of a day planned without roads."""
    router = StraightRouter()
    day = monaco_day(router, worker_count=25, visit_count=300, hostile=False)
    return _write(day, router, tmp_path_factory.mktemp("estimate"))


@pytest.fixture(scope="session")
def empty_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the map page of a day on which nothing could be placed."""
    router = StraightRouter()
    day = monaco_day(router, worker_count=1, visit_count=0, hostile=False)
    return _write(day, router, tmp_path_factory.mktemp("empty"))


@pytest.fixture
def watch() -> Watch:
    """Return what the pages of this test are watched with."""
    return Watch()


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[OpenPage]:
    """Return a function that opens a file in a window of a size, language and colour scheme."""
    with ExitStack() as opened:

        def open_one(file: Path, *, size: tuple[int, int] = DESKTOP, locale: str = "en-US", dark: bool = False) -> Page:
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                locale=locale,
                color_scheme="dark" if dark else "light",
                has_touch=size == PHONE,
                reduced_motion="reduce",
            )
            opened.callback(context.close)
            page = context.new_page()
            watch.on(page)
            page.goto(file.as_uri())
            page.wait_for_selector("#panel h1")
            return page

        yield open_one


@cache
def _background() -> str:
    """Draw the extract once for all maps."""
    return encode_background(build_background(EXTRACT))


def _write(day: DayPlan, router: RoadRouter, folder: Path) -> Path:
    first = next(iter(day.sites))
    guess = GeocodeCandidate(label="12 Rue Grimaldi", position=day.sites[first].position, score=0.62, source="extract")
    violations = tuple(
        Violation(kind=kind, worker_id=route.worker_id, job_id=route.planned_visits[0].job_id, excess=420)
        for kind, route in zip(ViolationKind, day.plan.routes, strict=False)
    )
    reason = Message("“{text}” is not a clock time such as 08:30.", {"text": "25:99"})
    report = PlanReport(
        day_plan=replace(
            day,
            plan=replace(day.plan, violations=violations),
            worker_notes={WorkerId("W0"): Message("Unknown worker")},
        ),
        problems=(RowProblem(file="sites.csv", line=14, column="windows", reason=reason),),
        geocodings={first: Geocoding(address="Rue Grimaldi 12", candidates=(guess,))},
        paths=route_paths(day, router),
        background=_background(),
    )
    return write_plan_files(report, folder).map_page
