"""What makes raw cells a table: column names, blank rows, rows that are too long, and the limit."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geo_engine.errors import InvalidInput
from geo_engine.tables.model import RowProblem, Table, TableRow
from geo_engine.words import Message

MAX_ROWS = 100_000


def column_name(text: str) -> str:
    """Return a header's text as a column name: full-width made plain, lower case, spaces as ``_``.

    Examples
    --------
    >>> column_name(" Service  Min ")
    'service_min'
    """
    return re.sub(r"\s+", "_", unicodedata.normalize("NFKC", text).strip().casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The names of the columns as they are written, and their line; 0 when they have none of their own."""

    line: int
    texts: Sequence[str]


def build_table(
    *, file: str, header: Header, lines: Iterable[tuple[int, Sequence[str]]], problems: Iterable[RowProblem] = ()
) -> Table:
    """Return the table of `lines`, each its number in the file and its cells in the order of `header`.

    Raises
    ------
    InvalidInput
        When two columns have one name, no column has a name, there are no rows or too many.
    """
    columns = tuple(column_name(text) for text in header.texts)
    require_distinct(file, columns)
    rows: list[TableRow] = []
    unread = list(problems)
    for line, texts in lines:
        cells = [text.strip() for text in texts]
        if any(cells[len(columns) :]):
            unread.append(RowProblem(file=file, line=line, column="", reason=too_long(len(cells), len(columns))))
        elif any(cells):
            pairs = zip(columns, cells, strict=False)
            rows.append(TableRow(line=line, cells={name: cell for name, cell in pairs if name and cell}))
        require_row_limit(file, len(rows) + len(unread))
    if not rows and not unread:
        raise InvalidInput(Message("{file} has a header but no rows.", {"file": file}))
    named = tuple(filter(None, columns))
    return Table(file=file, header_line=header.line, columns=named, rows=tuple(rows), problems=tuple(unread))


def require_row_limit(file: str, count: int) -> None:
    """Refuse a table of more than 100,000 rows.

    Raises
    ------
    InvalidInput
        When `count` is above the limit.
    """
    if count > MAX_ROWS:
        raise InvalidInput(Message("{file} has more than {limit} rows.", {"file": file, "limit": MAX_ROWS}))


def too_long(cell_count: int, column_count: int) -> Message:
    """Return what is said of a row that has more cells than the header."""
    return Message(
        "The row has {cell_count} cells, the header {column_count}; put a cell that contains a separator in quotes.",
        {"cell_count": cell_count, "column_count": column_count},
    )


def require_distinct(file: str, columns: Sequence[str]) -> None:
    """Refuse a header that names no column, or two alike; empty ones among `columns` have no name.

    Raises
    ------
    InvalidInput
        When it does.
    """
    named = [name for name in columns if name]
    if not named:
        raise InvalidInput(Message("{file} has no header: its first row must name the columns.", {"file": file}))
    for name in named:
        if named.count(name) > 1:
            raise InvalidInput(Message("{file} has two columns called {column}.", {"file": file, "column": name}))
