"""From files of sites, workers and visiting rules to a period's plan."""

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo_engine.cli.input_files import InputFiles, InputsRead, read_inputs, refuse_problems, require_rows
from geo_engine.cli.road_graphs import make_mode_graphs, named_graph
from geo_engine.cli.screen import CountBar, first_interrupt
from geo_engine.planning.periods.files import (
    DaysOffRead,
    RulesRead,
    VisitsRead,
    read_days_off,
    read_rules,
    read_visits,
    unruled_problems,
)
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
        read = _read_period(period, inputs)
        problems = read.problems(files.sites.name)
        refuse_problems(problems, is_strict=files.is_strict)
        request = _request(period, read)
        return PeriodReport(
            request=request,
            plan=_plan(request, roads.router, files.language),
            problems=problems,
            notices=read.notices,
            language=files.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeriodRead:
    """What all files of a period hold."""

    inputs: InputsRead
    rules: RulesRead
    made: VisitsRead | None
    earlier: VisitsRead | None
    days_off: DaysOffRead | None

    def problems(self, sites_file: str) -> tuple[RowProblem, ...]:
        """Return the rows that cannot be used, and the sites no rule is for."""
        unruled = unruled_problems(self.inputs.sites.sites, self.rules.rules, sites_file)
        optional = (problem for read in self._optional for problem in read.problems)
        return (*self.inputs.problems, *self.rules.problems, *unruled, *optional)

    @property
    def notices(self) -> tuple[RowProblem, ...]:
        """What nobody has to correct."""
        optional = (notice for read in self._optional for notice in read.notices)
        return (*self.inputs.notices, *self.rules.notices, *optional)

    @property
    def _optional(self) -> tuple[VisitsRead | DaysOffRead, ...]:
        return tuple(read for read in (self.made, self.earlier, self.days_off) if read is not None)


def _read_period(period: PeriodFiles, inputs: InputsRead) -> _PeriodRead:
    site_ids = {site.id for site in inputs.sites.sites}
    worker_ids = {worker.id for worker in inputs.workers.workers}
    rules = read_rules(period.rules, worker_ids=worker_ids, site_ids=site_ids)
    require_rows(period.rules, rules.rules, (*inputs.problems, *rules.problems, *inputs.notices, *rules.notices))
    return _PeriodRead(
        inputs=inputs,
        rules=rules,
        made=None if period.made is None else read_visits(period.made, site_ids=site_ids),
        earlier=None if period.earlier is None else read_visits(period.earlier, site_ids=site_ids),
        days_off=None if period.days_off is None else read_days_off(period.days_off, worker_ids=worker_ids),
    )


def _request(period: PeriodFiles, read: _PeriodRead) -> PeriodRequest:
    return PeriodRequest(
        first_on=period.first_on,
        week_count=period.week_count,
        zone=read.inputs.zone,
        sites=read.inputs.sites.sites,
        workers=read.inputs.workers.workers,
        rules=read.rules.rules,
        today_on=period.today_on,
        workdays=period.workdays,
        holidays=period.holidays,
        days_off={} if read.days_off is None else read.days_off.days_off,
        made=() if read.made is None else read.made.made,
        earlier=() if read.earlier is None else read.earlier.planned,
        snap_limit_m=period.snap_limit_m,
        speeds=period.speeds,
        params=period.params,
    )


def _plan(request: PeriodRequest, router: RoadRouter, language: Language) -> PeriodPlan:
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    with first_interrupt(stopping) as asked, closing(CountBar(_STEPS, Message("Planning"), language)) as bar:
        return plan_period(
            request,
            router,
            on_progress=lambda share, step: bar.show(round(_STEPS * share), step),
            should_stop=asked.is_set,
        )
