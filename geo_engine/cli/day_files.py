"""From files to a plan's files: gather, plan, write."""

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date

from geo_engine.cli.input_files import InputFiles, read_inputs
from geo_engine.cli.road_graphs import make_mode_graphs, named_graph
from geo_engine.cli.screen import SolveBar, first_interrupt
from geo_engine.planning.day import DayPlan, DayRequest, Togetherness, plan_day
from geo_engine.planning.solver.solve import Budget
from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_report import build_report
from geo_engine.roads import RoadRouter
from geo_engine.roads.opening import open_roads
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, TravelPrices
from geo_engine.words import Language, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFilesRequest:
    """What `geo-engine plan` was asked for."""

    files: InputFiles
    roads: str
    service_on: date
    budget: Budget
    snap_limit_m: float
    prices: TravelPrices = ASSUMED_PRICES
    speeds: SpeedsByMode = field(default_factory=dict)
    together: Togetherness | None = None


def plan_files(request: PlanFilesRequest) -> PlanReport:
    """Return the report on the plan of two files.

    Raises
    ------
    RefusedFilesError
        When no usable row is left, or any is unusable and the request is strict.
    InvalidInput, Unavailable
        When a file, the extract, the zone or the geocoder cannot be used.
    """
    language = request.files.language
    graph = named_graph(request.roads, language)
    with open_roads(graph) as roads:
        inputs = read_inputs(request.files, roads)
        make_mode_graphs(graph, (worker.mode for worker in inputs.workers.workers), language)
        day = DayRequest(
            service_on=request.service_on,
            zone=inputs.zone,
            sites=inputs.sites.sites,
            workers=inputs.workers.workers,
            budget=request.budget,
            snap_limit_m=request.snap_limit_m,
            prices=request.prices,
            speeds=request.speeds,
            together=request.together,
        )
        return replace(
            build_report(_plan(day, roads.router, language), roads, language=language),
            problems=inputs.problems,
            notices=inputs.notices,
            geocodings=inputs.geocodings,
            worker_geocodings=inputs.worker_geocodings,
        )


def _plan(day: DayRequest, router: RoadRouter, language: Language) -> DayPlan:
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    with first_interrupt(stopping) as asked, closing(SolveBar(day.budget.shown_s, language)) as bar:
        return plan_day(day, router, on_progress=bar.show, should_stop=asked.is_set)
