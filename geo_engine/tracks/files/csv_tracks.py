"""Tracks as rows of text: one fix a row, its columns found by their names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched, chain, zip_longest

from geo_engine.tables.csv_sheets import render_sheet
from geo_engine.tables.csv_text import read_records
from geo_engine.tables.formulas import inert, without_mark
from geo_engine.tables.rows import column_name, require_distinct, too_long
from geo_engine.tracks.files.cells import Cells, read_texts
from geo_engine.tracks.files.columns import COLUMNS, Column, ColumnNames, known_columns, unknown_unit
from geo_engine.tracks.files.gather import Gatherer, RawFixes
from geo_engine.tracks.files.model import NamedTrack
from geo_engine.tracks.files.texts import moment_texts, number_texts
from geo_engine.words import Message

_BATCH = 50_000
_DAYS = ("date", "日期")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


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
        cells: dict[str, Cells] = dict(zip(headings, zip_longest(*texts, fillvalue=""), strict=False))
        present = {heading: column for heading, column in columns.items() if heading in cells}
        cells |= _named_cells(present, cells) | _dated_cells(present, cells)
        tracks = gatherer.tracks_of(present, cells)
        gatherer.add(RawFixes(lines=lines, columns=present, cells=cells, tracks=tracks))
    for problem in records.problems:
        gatherer.fail(problem.line, problem.column, problem.reason)


def _fitting(
    rows: Iterator[tuple[int, list[str]]], width: int, gatherer: Gatherer
) -> Iterator[tuple[int, Sequence[str]]]:
    for line, cells in rows:
        if len(cells) <= width or not any(map(str.strip, cells[width:])):
            if any(cells):
                yield line, cells[:width] if len(cells) > width else cells
        else:
            gatherer.fail(line, "", too_long(len(cells), width))


def _named_cells(columns: Mapping[str, Column], cells: Mapping[str, Cells]) -> dict[str, Cells]:
    """Return the cells with names as they were before `render_csv` made them safe for a spreadsheet."""
    named = [heading for heading, column in columns.items() if column.name in {"device", "track"}]
    return {heading: [without_mark(text) for text in read_texts(cells[heading])] for heading in named}


def _dated_cells(columns: Mapping[str, Column], cells: Mapping[str, Cells]) -> dict[str, Cells]:
    """Return the cells of the time with their day, where the table has it in another column."""
    heading = next((heading for heading, column in columns.items() if column.name == "tracked_at"), "")
    day = next((name for name in _DAYS if name in cells and name != heading), None)
    if day is None or heading not in cells:
        return {}
    days_and_times = zip(read_texts(cells[day]), read_texts(cells[heading]), strict=True)
    return {heading: [f"{day} {time}" if _CLOCK.match(time) else time for day, time in days_and_times]}


def render_csv(tracks: Iterable[NamedTrack]) -> bytes:
    """Return one row per fix, track by track, with all of `COLUMNS`.

    Notes
    -----
    As `render_sheet` has it, in UTF-8. Moments are in UTC and exact, as all numbers are; names that a spreadsheet would
    run as a formula are `inert`.
    """
    return render_sheet(chain([COLUMNS], *map(_rows, tracks))).encode("utf-8", "replace")


def _rows(named: NamedTrack) -> Iterator[tuple[str, ...]]:
    track = named.track
    names = inert(named.device or ""), inert(named.name)
    numbers = (
        track.lons_deg,
        track.lats_deg,
        track.accuracies_m,
        track.speeds_mps,
        track.headings_deg,
        track.altitudes_m,
        track.batteries_percent,
    )
    mocks = ["1" if is_mock else "0" for is_mock in track.mocks.tolist()]
    for told in zip(moment_texts(track.times_us), *map(number_texts, numbers), mocks, strict=True):
        yield *told, *names
