"""How a row's cells become values while every problem of the row is kept, under the file's own column names."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from geo_engine.errors import InvalidInput
from geo_engine.tables.model import RowProblem, Table, TableRow
from geo_engine.tables.parsers import plain
from geo_engine.words import Message

_UNIT_NOTE = re.compile(r"_?\([^)]*\)$")


class RowReader:
    """One row being read: its cells by known column name, and the problems found so far.

    Parameters
    ----------
    headings
        The file's own name of each known column, in which problems are reported.
    """

    def __init__(self, file: str, row: TableRow, headings: Mapping[str, str]) -> None:
        self.line = row.line
        self.problems: list[RowProblem] = []
        self._file = file
        self._cells = row.cells
        self._headings = headings

    def text(self, column: str) -> str:
        """Return the cell's text; empty when there is none."""
        return self._cells.get(column, "")

    def read[T, D](self, column: str, parse: Callable[[str], T], default: D) -> T | D:
        """Return the parsed cell, or `default` when it is empty or cannot be read; the latter is a problem."""
        text = self.text(column)
        if not text:
            return default
        try:
            return parse(text)
        except InvalidInput as error:
            self.fail(column, error.message)
            return default

    def heading(self, column: str) -> str:
        """Return what the file calls `column`."""
        return self._headings.get(column, column)

    def fail(self, column: str, reason: Message) -> None:
        """Keep a problem of this row; an empty column means the row as a whole."""
        self.problems.append(RowProblem(file=self._file, line=self.line, column=self.heading(column), reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns a reader knows and which of them a file must have.

    Parameters
    ----------
    aliases
        Other names of the known columns, such as Chinese ones, in the form of `column_name`.
    needed
        Per need, the sets of columns of which one must be there in full: ``((("id",),), …)``.
    """

    aliases: Mapping[str, str]
    needed: Sequence[Sequence[Sequence[str]]]


def row_readers(table: Table, layout: Layout) -> list[RowReader]:
    """Return a reader for every row, its cells under the known column names.

    Raises
    ------
    InvalidInput
        When a needed column is missing or two columns mean the same.
    """
    known = [layout.aliases.get(name := _UNIT_NOTE.sub("", heading), name) for heading in table.columns]
    headings: dict[str, str] = {}
    for column, heading in zip(known, table.columns, strict=True):
        if column in headings:
            raise InvalidInput(
                Message(
                    "{file} has two columns that mean {column}: {first} and {second}.",
                    {"file": table.file, "column": column, "first": headings[column], "second": heading},
                )
            )
        headings[column] = heading
    _require(table, headings, layout.needed)
    names = dict(zip(table.columns, known, strict=True))
    rows = (replace(row, cells={names[name]: cell for name, cell in row.cells.items()}) for row in table.rows)
    return [RowReader(table.file, row, headings) for row in rows]


def read_ids(readers: Sequence[RowReader]) -> list[str]:
    """Return every row's id, full-width letters made plain; a missing or repeated one is a problem."""
    ids: list[str] = []
    first_lines: dict[str, int] = {}
    for reader in readers:
        found = plain(reader.text("id"))
        ids.append(found)
        if not found:
            reader.fail("id", Message("The id is missing."))
        elif found in first_lines:
            facts = {"id": found, "line": first_lines[found]}
            reader.fail("id", Message("The id {id} is already used in line {line}.", facts))
        else:
            first_lines[found] = reader.line
    return ids


def all_problems(table: Table, readers: Sequence[RowReader]) -> tuple[RowProblem, ...]:
    """Return the problems of the table and of its rows in the order of their lines."""
    found = [*table.problems, *(problem for reader in readers for problem in reader.problems)]
    return tuple(sorted(found, key=lambda problem: problem.line))


def _require(table: Table, headings: Mapping[str, str], needed: Sequence[Sequence[Sequence[str]]]) -> None:
    for choices in needed:
        if not any(headings.keys() >= set(choice) for choice in choices):
            raise InvalidInput(
                Message(
                    "{file} needs {missing}; its columns are: {columns}.",
                    {
                        "file": table.file,
                        "missing": " / ".join(" + ".join(choice) for choice in choices),
                        "columns": ", ".join(table.columns),
                    },
                )
            )
