"""Tracks as rows of text: one fix a row, its columns found by their names."""

from collections.abc import Iterator, Sequence
from itertools import batched, zip_longest

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import read_records
from geo_engine.tables.rows import column_name, require_distinct, too_long
from geo_engine.tracks.files.columns import Column, ColumnNames, unknown_unit
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.words import Message

_BATCH = 50_000
_NEEDED = ("tracked_at", "lon", "lat")


def read_csv_tracks(content: bytes, names: ColumnNames, gatherer: Gatherer) -> None:
    """Take the fixes of a table in text.

    Raises
    ------
    InvalidInput
        When it is no text, has no usable header, or lacks a column that a track needs.

    Notes
    -----
    Encoding, separator and quotes as `tables.csv_text` reads them. Fixes of one device and track name are one track.
    Cost: O(n); a day at 1 Hz takes about 0.8 s.
    """
    file = gatherer.file
    records = read_records(file, content)
    headings = [column_name(text) for text in records.header.texts]
    require_distinct(file, headings)
    columns = _known_columns(file, headings, names)
    for heading in headings:
        if unit := unknown_unit(heading):
            reason = Message("The unit “{unit}” is not known, so the column is left out.", {"unit": unit})
            gatherer.fail(records.header.line, heading, reason)
    for rows in batched(_fitting(records.rows, len(headings), gatherer), _BATCH):
        lines, texts = zip(*rows, strict=True)
        cells = dict(zip(headings, zip_longest(*texts, fillvalue=""), strict=False))
        present = {heading: column for heading, column in columns.items() if heading in cells}
        tracks = gatherer.tracks_of(present, cells)
        gatherer.add(RawFixes(lines=lines, columns=present, cells=cells, tracks=tracks))
    gatherer.problems += records.problems


def _known_columns(file: str, headings: Sequence[str], names: ColumnNames) -> dict[str, Column]:
    """Return what the columns of a table tell; of two that tell the same the one named more closely.

    Raises
    ------
    InvalidInput
        When two usual names tell the same, or a column that a track needs is missing.
    """
    names.require_named(file, headings)
    chosen: dict[str, tuple[str, Column]] = {}
    for heading in headings:
        column = names.find(heading)
        if column is None:
            continue
        first, before = chosen.get(column.name, (heading, column))
        if before.rank == column.rank and first != heading:
            facts = {"file": file, "column": column.name, "first": first, "second": heading}
            raise InvalidInput(Message("{file} has two columns that mean {column}: {first} and {second}.", facts))
        if before.rank >= column.rank:
            chosen[column.name] = heading, column
    missing = [name for name in _NEEDED if name not in chosen]
    if missing:
        facts = {"file": file, "missing": " + ".join(missing), "columns": ", ".join(filter(None, headings))}
        raise InvalidInput(Message("{file} needs {missing}; its columns are: {columns}.", facts))
    return dict(chosen.values())


def _fitting(
    rows: Iterator[tuple[int, list[str]]], width: int, gatherer: Gatherer
) -> Iterator[tuple[int, Sequence[str]]]:
    for line, cells in rows:
        if len(cells) <= width or not any(map(str.strip, cells[width:])):
            if any(cells):
                yield line, cells[:width] if len(cells) > width else cells
        else:
            gatherer.fail(line, "", too_long(len(cells), width))
