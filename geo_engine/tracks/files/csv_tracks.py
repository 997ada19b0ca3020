"""Tracks as rows of text: one fix a row, its columns found by their names."""

from collections.abc import Iterator, Sequence
from itertools import batched, zip_longest

from geo_engine.tables.csv_text import read_records
from geo_engine.tables.rows import column_name, require_distinct, too_long
from geo_engine.tracks.files.columns import ColumnNames, known_columns, unknown_unit
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.words import Message

_BATCH = 50_000


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
    columns = known_columns(file, headings, names)
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


def _fitting(
    rows: Iterator[tuple[int, list[str]]], width: int, gatherer: Gatherer
) -> Iterator[tuple[int, Sequence[str]]]:
    for line, cells in rows:
        if len(cells) <= width or not any(map(str.strip, cells[width:])):
            if any(cells):
                yield line, cells[:width] if len(cells) > width else cells
        else:
            gatherer.fail(line, "", too_long(len(cells), width))
