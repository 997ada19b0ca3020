"""How a spreadsheet's cells read as the text a person sees in them."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import without_controls
from geo_engine.tables.model import Table
from geo_engine.tables.rows import Header, build_table, require_row_limit
from geo_engine.timespan import clock_text
from geo_engine.words import Message

# 20,000 sites with twelve columns are 2.4 MB, unpack to 15 MB and are read in 2.5 s. An honest sheet of as many rows
# as are read stays below both limits; what does not is a zip bomb, or has a cell far to the right in every row.
_MAX_UNPACKED_BYTES = 150_000_000
_MAX_CELLS = 2_000_000
# What zipfile, the XML parser and openpyxl raise on damaged workbooks, found by damaging some.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
)


def read_sheet(file: str, content: bytes) -> Table:
    """Return the first sheet of a workbook; a formula counts as its last computed value.

    Raises
    ------
    InvalidInput
        When it is no XLSX workbook, unpacks to more than 150 MB, or its first sheet has no usable header, no rows,
        or too many rows or cells.
    """
    try:
        rows = _rows(file, content)
    except _UNREADABLE as error:
        raise InvalidInput(Message("{file} is not a readable XLSX workbook.", {"file": file})) from error
    texts = ((line, [cell_text(value) for value in values]) for line, values in rows)
    lines = [(line, cells) for line, cells in texts if any(cells)]
    if not lines:
        raise InvalidInput(Message("{file} is empty.", {"file": file}))
    return build_table(file=file, header=Header(line=lines[0][0], texts=lines[0][1]), lines=lines[1:])


def _rows(file: str, content: bytes) -> list[tuple[int, tuple[object, ...]]]:
    """Return the number and values of every row that is not blank."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MAX_UNPACKED_BYTES:
            facts = {"file": file, "limit_mb": _MAX_UNPACKED_BYTES // 1_000_000}
            raise InvalidInput(Message("{file} unpacks to more than {limit_mb} MB and is not read.", facts))
    with warnings.catch_warnings():
        # openpyxl warns of styles and validations it drops; only cell values matter here.
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            return list(_filled_rows(file, workbook))
        finally:
            workbook.close()


def _filled_rows(file: str, workbook: openpyxl.Workbook) -> Iterator[tuple[int, tuple[object, ...]]]:
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # some programs write a wrong size into the file
    count = cell_count = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cell_count += len(values)  # up to the last one, however many before it are empty
        if cell_count > _MAX_CELLS:
            raise InvalidInput(Message("{file} has more than {limit} cells.", {"file": file, "limit": _MAX_CELLS}))
        if any(value is not None and value != "" for value in values):
            require_row_limit(file, count)
            count += 1
            yield line, values


def cell_text(value: object) -> str:
    """Return a cell's value as a person reads it.

    Examples
    --------
    >>> cell_text(time(9, 0)), cell_text(45.0), cell_text(True), cell_text(None)
    ('09:00', '45', 'true', '')
    """
    text = ""
    match value:
        case None:
            pass
        case bool():
            text = "true" if value else "false"
        case float():
            text = str(int(value)) if value.is_integer() else format(value, ".15g")
        case timedelta():
            text = clock_text(int(value.total_seconds()))
        case time():
            text = clock_text(value.hour * 3600 + value.minute * 60 + value.second)
        case datetime() if value.time() == time():
            text = value.date().isoformat()
        case datetime() | date():
            text = value.isoformat()
        case _:
            text = without_controls(str(value)).strip()
    return text
