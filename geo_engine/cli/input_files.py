"""The two files of sites and workers that commands without a company read, and what people are told about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from geo_engine.cli.crs_hints import say_crs_hint
from geo_engine.cli.screen import say
from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.files import SitesRead, read_sites
from geo_engine.customers.geocoding import Geocoding
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.zones import parse_zone, zone_at
from geo_engine.ids import JobId, WorkerId
from geo_engine.imports.crs_hints import BuildingsWhenAsked, crs_sentence, find_crs_hint
from geo_engine.imports.geocoders import open_address_book
from geo_engine.imports.kinds import refuse_sites
from geo_engine.roads.opening import OpenRoads
from geo_engine.settings import read_settings
from geo_engine.tables import RowProblem
from geo_engine.tables.read import read_table
from geo_engine.words import Language, Message
from geo_engine.workforce.files import WorkersRead, read_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFiles:
    """Which files are read, and how."""

    sites: Path
    workers: Path
    zone_name: str | None
    crs: Crs
    geocoder: str
    is_strict: bool
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsRead:
    """What the files hold.

    Parameters
    ----------
    geocodings, worker_geocodings
        What addresses were resolved to.
    """

    sites: SitesRead
    workers: WorkersRead
    zone: ZoneInfo
    geocodings: Mapping[JobId, Geocoding]
    worker_geocodings: Mapping[WorkerId, tuple[Geocoding, ...]]

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """The rows that cannot be used."""
        return (*self.sites.problems, *self.workers.problems)

    @property
    def notices(self) -> tuple[RowProblem, ...]:
        """What nobody has to correct."""
        return (*self.sites.notices, *self.workers.notices)


class RefusedFilesError(InvalidInput):
    """Rows cannot be read, and either none is left or strictness was asked for."""

    def __init__(self, message: Message, problems: tuple[RowProblem, ...]) -> None:
        super().__init__(message)
        self.problems = problems


def read_inputs(files: InputFiles, roads: OpenRoads) -> InputsRead:
    """Return what the files hold, and say in which time zone and, where it is doubtful, in which reference system.

    Raises
    ------
    RefusedFilesError
        When no usable row is left, or any is unusable and the request is strict.
    InvalidInput, Unavailable
        When a file, the extract, the zone or the geocoder cannot be used.
    """
    with open_address_book(files.geocoder, roads.extract, read_settings()) as book:
        sites = read_sites(files.sites, crs=files.crs, resolve=book)
        table = read_table(files.workers)
        refuse_sites(table)
        workers = read_workers(table, crs=files.crs, resolve=book)
    _tell_crs(files, roads.extract, sites, workers)
    problems = (*sites.problems, *workers.problems)
    refuse_problems(problems, is_strict=files.is_strict)
    for path, rows in ((files.sites, sites.sites), (files.workers, workers.workers)):
        require_rows(path, rows, (*problems, *sites.notices, *workers.notices))
    return InputsRead(
        sites=sites,
        workers=workers,
        zone=_zone(files, sites, workers),
        geocodings={JobId(of): found for of, text in sites.addresses.items() for found in _found(book, text)},
        worker_geocodings={of: _found(book, *texts) for of, texts in workers.addresses.items()},
    )


def refuse_problems(problems: tuple[RowProblem, ...], *, is_strict: bool) -> None:
    """Raise when rows cannot be read and strictness was asked for.

    Raises
    ------
    RefusedFilesError
        Then.
    """
    if problems and is_strict:
        facts = {"count": len(problems)}
        raise RefusedFilesError(
            Message("{count} problem(s), and --strict was given: nothing is planned.", facts), problems
        )


def require_rows(path: Path, rows: tuple[object, ...], problems: tuple[RowProblem, ...]) -> None:
    """Raise when a file has no usable row.

    Raises
    ------
    RefusedFilesError
        Then.
    """
    if not rows:
        raise RefusedFilesError(Message("{file} has no usable row.", {"file": path.name}), problems)


def _tell_crs(files: InputFiles, extract: Path | None, sites: SitesRead, workers: WorkersRead) -> None:
    buildings = None if extract is None else BuildingsWhenAsked(extract)
    for path, written in ((files.sites, sites.written), (files.workers, workers.written)):
        likely = find_crs_hint(written, declared=files.crs, buildings=buildings)
        if likely is not None:
            say_crs_hint(path.name, crs_sentence(likely), likely, files.language)


def _zone(files: InputFiles, sites: SitesRead, workers: WorkersRead) -> ZoneInfo:
    positions = [*(site.position for site in sites.sites), *(worker.start for worker in workers.workers)]
    zone = parse_zone(files.zone_name) if files.zone_name else zone_at(positions)
    say(Message("Time zone: {zone}", {"zone": zone.key}).render(files.language))
    return zone


def _found(book: AddressBook | None, *addresses: str) -> tuple[Geocoding, ...]:
    return tuple(found for address in addresses if book and (found := book.find(address)))
