"""From files to a plan's files: gather, plan, write."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from geo_engine.cli.crs_hints import say_crs_hint
from geo_engine.cli.road_graphs import named_graph
from geo_engine.cli.screen import SolveBar, first_interrupt, say
from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.files import SitesRead, read_sites
from geo_engine.customers.geocoding import Geocoding
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.zones import parse_zone, zone_at
from geo_engine.ids import JobId
from geo_engine.imports.crs_hints import BuildingsWhenAsked, crs_sentence, find_crs_hint
from geo_engine.imports.geocoders import open_address_book
from geo_engine.planning.day import DayPlan, DayRequest, plan_day
from geo_engine.planning.solver import Budget
from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_report import build_report
from geo_engine.roads import RoadRouter
from geo_engine.roads.opening import OpenRoads, open_roads
from geo_engine.settings import read_settings
from geo_engine.tables import RowProblem
from geo_engine.words import Language, Message
from geo_engine.workforce.files import WorkersRead, read_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFilesRequest:
    """What `geo-engine plan` was asked for."""

    sites: Path
    workers: Path
    roads: str
    service_on: date
    budget: Budget
    zone_name: str | None
    crs: Crs
    snap_limit_m: float
    geocoder: str
    is_strict: bool
    language: Language


class RefusedFilesError(InvalidInput):
    """Rows cannot be read, and either none is left or strictness was asked for."""

    def __init__(self, message: Message, problems: tuple[RowProblem, ...]) -> None:
        super().__init__(message)
        self.problems = problems


def plan_files(request: PlanFilesRequest) -> PlanReport:
    """Return the report on the plan of two files.

    Raises
    ------
    RefusedFilesError
        When no usable row is left, or any is unusable and the request is strict.
    InvalidInput, Unavailable
        When a file, the extract, the zone or the geocoder cannot be used.
    """
    with open_roads(named_graph(request.roads, request.language)) as roads:
        sites, workers, book = _read(request, roads)
        _tell_crs(request, roads.extract, sites, workers)
        problems = (*sites.problems, *workers.problems)
        _refuse(request, sites, workers, problems)
        day = _day_request(request, sites, workers)
        day_plan = _plan(day, roads.router, request.language)
        return replace(
            build_report(day_plan, roads, language=request.language),
            problems=problems,
            geocodings={JobId(of): found for of, text in sites.addresses.items() for found in _found(book, text)},
            worker_geocodings={of: _found(book, *texts) for of, texts in workers.addresses.items()},
        )


def _read(request: PlanFilesRequest, roads: OpenRoads) -> tuple[SitesRead, WorkersRead, AddressBook | None]:
    with open_address_book(request.geocoder, roads.extract, read_settings()) as book:
        sites = read_sites(request.sites, crs=request.crs, resolve=book)
        return sites, read_workers(request.workers, crs=request.crs, resolve=book), book


def _tell_crs(request: PlanFilesRequest, extract: Path | None, sites: SitesRead, workers: WorkersRead) -> None:
    buildings = None if extract is None else BuildingsWhenAsked(extract)
    for path, written in ((request.sites, sites.written), (request.workers, workers.written)):
        likely = find_crs_hint(written, declared=request.crs, buildings=buildings)
        if likely is not None:
            say_crs_hint(path.name, crs_sentence(likely), likely, request.language)


def _found(book: AddressBook | None, *addresses: str) -> tuple[Geocoding, ...]:
    return tuple(found for address in addresses if book and (found := book.find(address)))


def _refuse(
    request: PlanFilesRequest, sites: SitesRead, workers: WorkersRead, problems: tuple[RowProblem, ...]
) -> None:
    if problems and request.is_strict:
        facts = {"count": len(problems)}
        raise RefusedFilesError(
            Message("{count} problem(s), and --strict was given: nothing is planned.", facts), problems
        )
    for path, rows in ((request.sites, sites.sites), (request.workers, workers.workers)):
        if not rows:
            raise RefusedFilesError(Message("{file} has no usable row.", {"file": path.name}), problems)


def _day_request(request: PlanFilesRequest, sites: SitesRead, workers: WorkersRead) -> DayRequest:
    positions = [*(site.position for site in sites.sites), *(worker.start for worker in workers.workers)]
    zone = parse_zone(request.zone_name) if request.zone_name else zone_at(positions)
    say(Message("Time zone: {zone}", {"zone": zone.key}).render(request.language))
    return DayRequest(
        service_on=request.service_on,
        zone=zone,
        sites=sites.sites,
        workers=workers.workers,
        budget=request.budget,
        snap_limit_m=request.snap_limit_m,
    )


def _plan(day: DayRequest, router: RoadRouter, language: Language) -> DayPlan:
    stopping = Message("Stopping; the best plan so far is kept.").render(language)
    with first_interrupt(stopping) as asked, closing(SolveBar(day.budget.shown_s, language)) as bar:
        return plan_day(day, router, on_progress=bar.show, should_stop=asked.is_set)
