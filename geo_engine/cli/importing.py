"""From files to a company's rows: read, then write in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from geo_engine.cli.geocoders import open_address_book
from geo_engine.cli.tenants import OpenTenant, now
from geo_engine.customers.files import SitesRead, read_sites
from geo_engine.customers.service import ImportedSites, import_sites
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.ids import TeamId
from geo_engine.roads.opening import chosen_graph
from geo_engine.roads.service import NoRoadsChosen, get_choice
from geo_engine.tables import RowProblem
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.words import Message
from geo_engine.workforce.files import WorkersRead, read_workers
from geo_engine.workforce.service import ImportedWorkers, import_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What `geo-engine tenant import` was asked for."""

    sites: Path | None
    workers: Path | None
    due_on: date | None
    team_id: TeamId | None
    crs: Crs
    geocoder: str
    is_strict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import wrote, and the rows it could not."""

    site_count: int
    worker_count: int
    problems: tuple[RowProblem, ...]

    def summary(self) -> dict[str, int]:
        """Return the figures as stdout shows them."""
        return {
            "site_count": self.site_count,
            "worker_count": self.worker_count,
            "problem_count": len(self.problems),
        }


class StrictImportError(InvalidInput):
    """A row cannot be read, and strictness was asked for; nothing is imported."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__(
            Message("{count} problem(s), and --strict was given: nothing is imported.", {"count": len(problems)})
        )
        self.problems = tuple(problems)


def import_files(tenant: OpenTenant, request: ImportRequest) -> Imported:
    """Write the readable rows of the files, all in one transaction.

    Raises
    ------
    StrictImportError
        When any row cannot be read and the request is strict.
    InvalidInput, Unavailable
        When a file or the geocoder cannot be used.
    """
    if request.sites is None and request.workers is None:
        raise InvalidInput(Message("Name a file of sites, of workers, or both."))
    of_sites, of_workers = _read(tenant, request)
    with tenant.transaction() as session:
        moment = now()
        by_worker = None if of_workers is None else _write_workers(session, of_workers, request, moment)
        by_site = None if of_sites is None else _write_sites(session, of_sites, request, moment)
        steps = (of_sites, of_workers, by_site, by_worker)
        problems = tuple(problem for step in steps if step is not None for problem in step.problems)
        if problems and request.is_strict:
            raise StrictImportError(problems)
    return Imported(
        site_count=0 if by_site is None else len(by_site.site_ids),
        worker_count=0 if by_worker is None else len(by_worker.worker_ids),
        problems=problems,
    )


def _write_workers(session: Session, read: WorkersRead, request: ImportRequest, moment: datetime) -> ImportedWorkers:
    return import_workers(session, read.workers, source=_source(request.workers, request), by=OPERATOR, now=moment)


def _write_sites(session: Session, read: SitesRead, request: ImportRequest, moment: datetime) -> ImportedSites:
    source = _source(request.sites, request)
    return import_sites(session, read.sites, source=source, due_on=request.due_on, by=OPERATOR, now=moment)


def _source(path: Path | None, request: ImportRequest) -> RowSource:
    return RowSource(file="" if path is None else path.name, team_id=request.team_id)


def _read(tenant: OpenTenant, request: ImportRequest) -> tuple[SitesRead | None, WorkersRead | None]:
    with open_address_book(request.geocoder, _extract(tenant)) as book:
        of_sites = None if request.sites is None else read_sites(request.sites, crs=request.crs, resolve=book)
        of_workers = None if request.workers is None else read_workers(request.workers, crs=request.crs, resolve=book)
    return of_sites, of_workers


def _extract(tenant: OpenTenant) -> Path | None:
    try:
        with tenant.transaction() as session:
            choice = get_choice(session)
    except NoRoadsChosen:
        return None
    graph = chosen_graph(choice, cache_dir=tenant.settings.cache_dir)
    return None if graph is None else graph.extract
