"""How a file becomes rows: the one way of the command line and of the pages."""

from geo_engine.customers.addresses import AddressBook
from geo_engine.customers.files import SitesRead, read_sites
from geo_engine.geometry.crs import Crs
from geo_engine.imports.kinds import refuse_sites
from geo_engine.imports.model import DoubtfulAddress, FileRead, ImportDraft, ImportKind, Row
from geo_engine.tables import RowProblem, Table, TableSource
from geo_engine.tables.places import NOTHING_PLACED, PlacedByHand, UnsureAddress
from geo_engine.tables.read import read_table
from geo_engine.workforce.files import WorkersRead, read_workers


def read_file(
    source: TableSource,
    kind: ImportKind,
    *,
    crs: Crs,
    book: AddressBook | None,
    placed: PlacedByHand = NOTHING_PLACED,
) -> FileRead:
    """Return what a CSV, XLSX or GeoJSON file holds; a row that cannot be read costs no other.

    Parameters
    ----------
    crs
        What the file's coordinates are written in.
    book
        Resolves addresses; None leaves all of them to a person.
    placed
        Where a person placed addresses; these are not looked up.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    Unavailable
        When an address is to be looked up and its source cannot be reached.
    """
    table = read_table(source)
    if kind is ImportKind.SITES:
        sites = read_sites(table, crs=crs, resolve=book, placed=placed)
        return _file_read(kind, table.file, sites.sites, sites, book)
    refuse_sites(table)
    workers = read_workers(table, crs=crs, resolve=book, placed=placed)
    return _file_read(kind, table.file, workers.workers, workers, book)


def read_draft(draft: ImportDraft, table: Table, book: AddressBook | None) -> FileRead:
    """Return what the table of a draft holds, its addresses where the author placed them.

    Raises
    ------
    InvalidInput, Unavailable
        As `read_file`.
    """
    return read_file(table, draft.choices.kind, crs=draft.choices.crs, book=book, placed=draft.placed)


def _file_read(
    kind: ImportKind, file: str, rows: tuple[Row, ...], read: SitesRead | WorkersRead, book: AddressBook | None
) -> FileRead:
    unplaced = [one for one in read.unsure if one.position is None]
    spoiled = _spoiled_lines(read.problems, unplaced)
    return FileRead(
        kind=kind,
        file=file,
        rows=rows,
        problems=read.problems,
        doubtful=tuple(_doubtful(one, book) for one in unplaced if one.line not in spoiled),
        placed=tuple(one for one in read.unsure if one.position is not None),
        written=read.written,
        notices=read.notices,
    )


def _spoiled_lines(problems: tuple[RowProblem, ...], unplaced: list[UnsureAddress]) -> set[int]:
    """Return the lines with a problem that placing their addresses would not mend."""
    mended = {(one.line, one.heading) for one in unplaced}
    return {problem.line for problem in problems if (problem.line, problem.column) not in mended}


def _doubtful(one: UnsureAddress, book: AddressBook | None) -> DoubtfulAddress:
    found = None if book is None else book.find(one.address)
    return DoubtfulAddress(address=one, guess=None if found is None else found.best)
