"""How a row's cells become values while every problem of the row is kept, under the file's own column names."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from geo_engine.errors import InvalidInput
from geo_engine.ids import parse_id
from geo_engine.tables.model import RowProblem, Table, TableRow
from geo_engine.tables.spelling import meant_column
from geo_engine.words import Message

_UNIT_NOTE = re.compile(r"_?\([^)]*\)$")
_SHOWN_COLUMNS = 50


class RowReader:
    """One row being read: its cells by known column name, and the problems found so far.

    Parameters
    ----------
    row
        Its cells by known column; a column among its objects is a problem and reads as empty.
    headings
        The file's own name of each known column, in which problems are reported.
    """

    def __init__(self, file: str, row: TableRow, headings: Mapping[str, str]) -> None:
        self.line = row.line
        self.problems: list[RowProblem] = []
        self._file = file
        self._headings = headings
        self._cells = {column: text for column, text in row.cells.items() if column not in row.objects}
        for column in sorted(row.objects):
            self.fail(column, Message("One text or number is expected here, not a list or an object."))

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

    def has_failed(self, column: str) -> bool:
        """Whether a problem of the column is kept."""
        return any(problem.column == self.heading(column) for problem in self.problems)

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
    lists
        The known columns that may hold more than one value.
    needed
        Per need, the sets of columns of which one must be there in full: ``((("id",),), …)``.
    passed
        Columns that are not read and that nobody has to be told of: those of the product's own files.
    """

    aliases: Mapping[str, str]
    lists: frozenset[str]
    needed: Sequence[Sequence[Sequence[str]]]
    passed: frozenset[str] = frozenset()


def row_readers(table: Table, layout: Layout) -> list[RowReader]:
    """Return a reader for every row, its cells under the known column names.

    Raises
    ------
    InvalidInput
        When a needed column is missing or two columns mean the same.
    """
    known = [_known(heading, layout) for heading in table.columns]
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
    return [RowReader(table.file, _renamed(row, names, layout), headings) for row in table.rows]


def read_ids(readers: Sequence[RowReader], *, otherwise: str = "id") -> list[str]:
    """Return every row's id as `parse_id` does; a missing, unusable or repeated one is a problem.

    Parameters
    ----------
    otherwise
        The column that stands for the id of a row that has none.
    """
    ids: list[str] = []
    first_lines: dict[str, int] = {}
    for reader in readers:
        found = reader.read("id" if reader.text("id") else otherwise, parse_id, "")
        ids.append(found)
        if not found and not (reader.has_failed("id") or reader.has_failed(otherwise)):
            reader.fail("id", Message("The id is missing."))
        elif found in first_lines:
            facts = {"id": found, "line": first_lines[found]}
            reader.fail("id", Message("The id {id} is already used in line {line}.", facts))
        elif found:
            first_lines[found] = reader.line
    return ids


def all_problems(table: Table, layout: Layout, readers: Sequence[RowReader]) -> tuple[RowProblem, ...]:
    """Return the problems of the table's header, of the table and of its rows in the order of their lines."""
    of_rows = (problem for reader in readers for problem in reader.problems)
    found = [*_misspelt_columns(table, layout), *table.problems, *of_rows]
    return tuple(sorted(found, key=lambda problem: problem.line))


def known_columns(table: Table, layout: Layout) -> dict[str, str]:
    """Return what the table's columns mean, by their headings; those that are not known are left out."""
    known = frozenset(layout.aliases.values())
    return {heading: column for heading in table.columns if (column := _known(heading, layout)) in known}


def unused_columns(table: Table, layout: Layout) -> tuple[RowProblem, ...]:
    """Return a notice that names the columns that hold something and are not used; none when there are none.

    What looks misspelt is a problem and not among them; see `all_problems`.
    """
    known = {
        *layout.aliases.values(),
        *layout.passed,
        *(problem.column for problem in _misspelt_columns(table, layout)),
    }
    filled = {column for row in table.rows for column in (*row.cells, *row.objects)}
    found = [one for one in table.columns if one in filled and not known & {one, _known(one, layout)}]
    if not found:
        return ()
    shown = ", ".join((*found[:_SHOWN_COLUMNS], "…") if len(found) > _SHOWN_COLUMNS else found)
    reason = Message("Columns that are not used: {columns}.", {"columns": shown})
    return (RowProblem(file=table.file, line=table.header_line, column="", reason=reason),)


def _known(heading: str, layout: Layout) -> str:
    name = _UNIT_NOTE.sub("", heading)
    return layout.aliases.get(heading) or layout.aliases.get(name, name)


def _renamed(row: TableRow, names: Mapping[str, str], layout: Layout) -> TableRow:
    """Return the row under the known column names; of its objects only those in known columns are kept."""
    known = frozenset(layout.aliases.values())
    lists = frozenset(names[name] for name in row.lists)
    objects = frozenset(names[name] for name in row.objects) | (lists - layout.lists)
    cells = {names[name]: cell for name, cell in row.cells.items()}
    return replace(row, cells=cells, lists=lists, objects=objects & known)


def _misspelt_columns(table: Table, layout: Layout) -> Iterator[RowProblem]:
    known = dict.fromkeys(layout.aliases.values())
    found = {_known(heading, layout) for heading in table.columns}
    free = {name: None for name in (*known, *layout.aliases) if layout.aliases.get(name, name) not in found}
    for heading in table.columns:
        if _known(heading, layout) in known or heading in layout.passed:
            continue
        meant = meant_column(_known(heading, layout), free)
        if meant:
            facts = {"column": heading, "known": meant}
            reason = Message("The column “{column}” is not known; did you mean “{known}”?", facts)
            yield RowProblem(file=table.file, line=table.header_line, column=heading, reason=reason)


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
