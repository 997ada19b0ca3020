"""A table as it was read from a file, and what was wrong with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A file that was sent or kept: what it is called, and what is in it.

    Parameters
    ----------
    name
        Without a folder; its ending tells the format.
    """

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that could not be read, or read only in part: where it stands and why.

    Parameters
    ----------
    file
        The file's name, without its folder.
    line
        Counted from 1 (CSV: the file's line; XLSX: the sheet's row; GeoJSON: the feature's number); 0
        when the file as a whole is meant.
    column
        The column's name; empty when the row as a whole is meant.
    """

    file: str
    line: int
    column: str
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: its line in the file and its non-empty cells as trimmed text, by lower-case column name.

    Parameters
    ----------
    lists
        The columns whose value was a list of single values, as GeoJSON can have; the cell joins them with ``;``.
    objects
        The columns whose value was an object or a list of more than single values.
    """

    line: int
    cells: Mapping[str, str]
    lists: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one file in their order, and the rows that could not even be split into cells.

    Parameters
    ----------
    header_line
        Where the names of the columns stand, counted as in `RowProblem`; 0 when they have no line of their own.
    """

    file: str
    header_line: int
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    problems: tuple[RowProblem, ...]


type TableSource = Path | TableFile | Table
"""Where rows come from: a file on this machine, one that was sent, or a table that was read from one before."""
