"""From files to a company's rows: read, then write in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from geo_engine.cli.tenants import OpenTenant, now
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.crs_fit import LikelyCrs
from geo_engine.ids import TeamId
from geo_engine.imports.crs_hints import BuildingsWhenAsked, find_crs_hint
from geo_engine.imports.geocoders import open_address_book
from geo_engine.imports.model import FileRead, ImportKind, Written
from geo_engine.imports.reading import read_file
from geo_engine.imports.service import write_rows
from geo_engine.roads.opening import chosen_graph
from geo_engine.roads.service import NoRoadsChosen, get_choice
from geo_engine.tables import RowProblem
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.visits.claiming import claim_days_at
from geo_engine.words import Message


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
    """What an import wrote, the rows it could not, what nobody has to correct, and doubtful coordinates by file."""

    site_count: int
    worker_count: int
    problems: tuple[RowProblem, ...]
    notices: tuple[RowProblem, ...]
    crs: Crs
    crs_hints: Mapping[str, LikelyCrs]

    def summary(self) -> dict[str, int | str]:
        """Return the figures as stdout shows them."""
        return {
            "crs": self.crs.value,
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
    extract = _extract(tenant)
    files = _read(tenant, request, extract)
    hints = _find_hints(files, request.crs, extract)
    with tenant.transaction() as session:
        moment = now()
        written = {read.kind: _write(session, read, request, moment) for read in reversed(files)}
        steps = (*(read.problems for read in files), *(one.problems for one in written.values()))
        problems = tuple(problem for step in steps for problem in step)
        if problems and request.is_strict:
            raise StrictImportError(problems)
    counts = {kind: len(one.ids) for kind, one in written.items()}
    return Imported(
        site_count=counts.get(ImportKind.SITES, 0),
        worker_count=counts.get(ImportKind.WORKERS, 0),
        problems=problems,
        notices=tuple(notice for read in files for notice in read.notices),
        crs=request.crs,
        crs_hints=hints,
    )


def _find_hints(files: Sequence[FileRead], declared: Crs, extract: Path | None) -> dict[str, LikelyCrs]:
    buildings = None if extract is None else BuildingsWhenAsked(extract)
    found = {read.file: find_crs_hint(read.written, declared=declared, buildings=buildings) for read in files}
    return {file: likely for file, likely in found.items() if likely is not None}


def _write(session: Session, read: FileRead, request: ImportRequest, moment: datetime) -> Written:
    source = RowSource(file=read.file, team_id=request.team_id)
    written = write_rows(session, read, source=source, due_on=request.due_on, by=OPERATOR, now=moment)
    claim_days_at(session, written.newly_fenced, now=moment)
    return written


def _read(tenant: OpenTenant, request: ImportRequest, extract: Path | None) -> tuple[FileRead, ...]:
    named = ((ImportKind.SITES, request.sites), (ImportKind.WORKERS, request.workers))
    with open_address_book(request.geocoder, extract, tenant.settings) as book:
        return tuple(read_file(path, kind, crs=request.crs, book=book) for kind, path in named if path is not None)


def _extract(tenant: OpenTenant) -> Path | None:
    try:
        with tenant.transaction() as session:
            choice = get_choice(session)
    except NoRoadsChosen:
        return None
    graph = chosen_graph(choice, cache_dir=tenant.settings.cache_dir)
    return None if graph is None else graph.extract
