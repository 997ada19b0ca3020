"""How rows stand in text: the encoding, the separator, the quotes, and the line each row starts on."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from geo_engine.errors import InvalidInput
from geo_engine.tables.model import RowProblem, Table
from geo_engine.tables.rows import build_table
from geo_engine.words import Message

_DELIMITERS = (",", "\t", ";")
_UNCLOSED = Message("The quotes in this row do not close; inside a quoted cell a quote is written twice.")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def decode_text(file: str, content: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without a byte order mark) or else GB18030.

    Raises
    ------
    InvalidInput
        When it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise InvalidInput(Message("{file} is not text in UTF-8 or GB18030; save it as “CSV UTF-8”.", {"file": file}))


def read_csv(file: str, content: bytes) -> Table:
    """Return the table in `content`, separated by commas, semicolons or tabs as its header is.

    Raises
    ------
    InvalidInput
        When it is no text or has no usable header or no rows.

    Notes
    -----
    RFC 4180. A row whose quotes do not close is one problem, and reading goes on at its next line.
    """
    lines = io.StringIO(decode_text(file, content), newline="").readlines()
    header_at = next((at for at, line in enumerate(lines) if line.strip()), 0)
    delimiter = max(_DELIMITERS, key=lambda mark: _cell_count(lines[header_at], mark))
    unclosed: list[int] = []
    records = _records(lines, start=header_at, delimiter=delimiter, unclosed=unclosed)
    first = next(records, None)
    header = [] if first is None or unclosed else first[1]  # a header whose quotes do not close is none
    body = list(records)
    problems = [RowProblem(file=file, line=line, column="", reason=_UNCLOSED) for line in unclosed]
    return build_table(file=file, header=header, lines=body, problems=problems)


def _cell_count(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _records(
    lines: Sequence[str], *, start: int, delimiter: str, unclosed: list[int]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts on and its cells; lines whose quotes do not close go to `unclosed`."""
    at = start
    while at < len(lines):
        base = at
        reader = csv.reader((lines[k] for k in range(base, len(lines))), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield at + 1, cells
                at = base + reader.line_num
        except csv.Error:
            # An open quote swallows what follows: only its own line is given up.
            unclosed.append(at + 1)
            at += 1
