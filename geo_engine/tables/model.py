"""A table as it was read from a file, and what was wrong with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that could not be read, or read only in part: where it stands and why.

    Parameters
    ----------
    file
        The file's name, without its folder.
    line
        Counted from 1 with the header as line 1 (CSV, XLSX: the sheet's row; GeoJSON: the feature's
        number from 1); 0 when the file as a whole is meant.
    column
        The column's name; empty when the row as a whole is meant.
    """

    file: str
    line: int
    column: str
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: its line in the file and its non-empty cells as trimmed text, by lower-case column name."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one file in their order, and the rows that could not even be split into cells."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    problems: tuple[RowProblem, ...]
