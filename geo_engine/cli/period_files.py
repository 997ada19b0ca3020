"""From files of sites, workers and visiting rules to a period's plan."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo_engine.cli.input_files import InputFiles, InputsRead, read_inputs, refuse_problems, require_rows
from geo_engine.cli.road_graphs import make_mode_graphs, named_graph
from geo_engine.cli.screen import CountBar, first_interrupt
from geo_engine.ids import WorkerId
from geo_engine.planning.periods.files import read_days_off, read_rules, read_visits, unruled_problems
from geo_engine.planning.periods.model import PeriodParams, PeriodPlan, PeriodRequest
from geo_engine.planning.periods.period import plan_period
from geo_engine.reports.period_files import PeriodReport
from geo_engine.roads import RoadRouter
from geo_engine.roads.opening import open_roads
from geo_engine.tables import RowProblem
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.words import Language, Message

_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFiles:
    """What `geo-engine periods` was asked for beside the two files; None is not given."""

    rules: Path
    made: Path | None
    earlier: Path | None
    days_off: Path | None
    roads: str
    first_on: date
    week_count: int
    today_on: date | None
    workdays: frozenset[int]
    holidays: frozenset[date]
    snap_limit_m: float
    speeds: SpeedsByMode
    params: PeriodParams


def plan_period_files(files: InputFiles, period: PeriodFiles) -> PeriodReport:
    """Return the report on the period of some files.

    Raises
    ------
    RefusedFilesError
        When a file has no usable row, or any is unusable and the request is strict.
    InvalidInput, Unavailable
        When a file, the extract, the zone, the geocoder or the period cannot be used.
    """
    graph = named_graph(period.roads, files.language)
    with open_roads(graph) as roads:
        inputs = read_inputs(files, roads)
        make_mode_graphs(graph, (worker.mode for worker in inputs.workers.workers), files.language)
        request, problems = _request(files, period, inputs)
        refuse_problems(problems, is_strict=files.is_strict)
        plan = _plan(request, roads.router, files.language)
        return PeriodReport(request=request, plan=plan, problems=problems, language=files.language)


def _request(
    files: InputFiles, period: PeriodFiles, inputs: InputsRead
) -> tuple[PeriodRequest, tuple[RowProblem, ...]]:
    sites, workers = inputs.sites.sites, inputs.workers.workers
    site_ids, worker_ids = {site.id for site in sites}, {worker.id for worker in workers}
    rules = read_rules(period.rules, worker_ids=worker_ids, site_ids=site_ids)
    require_rows(period.rules, rules.rules, (*inputs.problems, *rules.problems))
    made = None if period.made is None else read_visits(period.made, site_ids=site_ids)
    earlier = None if period.earlier is None else read_visits(period.earlier, site_ids=site_ids)
    days_off = _days_off(period, worker_ids)
    problems = [*inputs.problems, *rules.problems, *unruled_problems(sites, rules.rules, files.sites.name)]
    request = PeriodRequest(
        first_on=period.first_on,
        week_count=period.week_count,
        zone=inputs.zone,
        sites=sites,
        workers=workers,
        rules=rules.rules,
        today_on=period.today_on,
        workdays=period.workdays,
        holidays=period.holidays,
        days_off=days_off[0],
        made=() if made is None else made.made,
        earlier=() if earlier is None else earlier.planned,
        snap_limit_m=period.snap_limit_m,
        speeds=period.speeds,
        params=period.params,
    )
    for read in (made, earlier):
        problems += () if read is None else read.problems
    return request, (*problems, *days_off[1])


def _days_off(
    period: PeriodFiles, worker_ids: set[WorkerId]
) -> tuple[Mapping[WorkerId, frozenset[date]], tuple[RowProblem, ...]]:
    if period.days_off is None:
        return {}, ()
    read = read_days_off(period.days_off, worker_ids=worker_ids)
    return read.days_off, read.problems


def _plan(request: PeriodRequest, router: RoadRouter, language: Language) -> PeriodPlan:
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    with first_interrupt(stopping) as asked, closing(CountBar(_STEPS, Message("Planning"), language)) as bar:
        return plan_period(
            request,
            router,
            on_progress=lambda share, step: bar.show(round(_STEPS * share), step),
            should_stop=asked.is_set,
        )
