"""From files to a company's rows: read, then write in one transaction."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo_engine.cli.geocoders import open_address_book
from geo_engine.cli.tenants import OpenTenant, now
from geo_engine.customers import Site
from geo_engine.customers.files import read_sites
from geo_engine.customers.service import import_sites
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.ids import TeamId
from geo_engine.roads.opening import chosen_graph
from geo_engine.roads.store import find_choice
from geo_engine.tables import RowProblem
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce.files import read_workers
from geo_engine.workforce.service import import_workers


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
    sites, workers, problems = _read(tenant, request)
    with tenant.transaction() as session:
        moment = now()
        by_worker = import_workers(
            session, workers, file=_name(request.workers), team_id=request.team_id, by=OPERATOR, now=moment
        )
        by_site = import_sites(
            session,
            sites,
            file=_name(request.sites),
            team_id=request.team_id,
            due_on=request.due_on,
            by=OPERATOR,
            now=moment,
        )
        problems = [*problems, *by_site.problems, *by_worker.problems]
        if problems and request.is_strict:
            raise StrictImportError(problems)
    return Imported(site_count=len(by_site.site_ids), worker_count=len(by_worker.worker_ids), problems=tuple(problems))


def _read(tenant: OpenTenant, request: ImportRequest) -> tuple[Sequence[Site], Sequence[Worker], list[RowProblem]]:
    sites: Sequence[Site] = ()
    workers: Sequence[Worker] = ()
    problems: list[RowProblem] = []
    with ExitStack() as ends:
        book = ends.enter_context(open_address_book(request.geocoder, _extract(tenant)))
        if request.sites is not None:
            of_sites = read_sites(request.sites, crs=request.crs, resolve=book)
            sites, problems = of_sites.sites, [*problems, *of_sites.problems]
        if request.workers is not None:
            of_workers = read_workers(request.workers, crs=request.crs, resolve=book)
            workers, problems = of_workers.workers, [*problems, *of_workers.problems]
    return sites, workers, problems


def _extract(tenant: OpenTenant) -> Path | None:
    with tenant.transaction() as session:
        choice = find_choice(session)
    graph = None if choice is None else chosen_graph(choice, cache_dir=tenant.settings.cache_dir)
    return None if graph is None else graph.extract


def _name(path: Path | None) -> str:
    return "" if path is None else path.name
