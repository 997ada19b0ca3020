"""How rows stand in text: the encoding, the separator, the quotes, and the line each row starts on."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo_engine.errors import InvalidInput
from geo_engine.tables.model import RowProblem, Table
from geo_engine.tables.rows import Header, build_table
from geo_engine.words import Message

_DELIMITERS = (",", "\t", ";")
_UNCLOSED = Message("The quotes in this row do not close; inside a quoted cell a quote is written twice.")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# What takes no room, and what turns the direction of the text after it: names would differ, or lie, unseen.
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BREAK_INSIDE = re.compile(r"[\x0b\x0c]")
_MOST_CONTROL = 0.1  # binary files have more; a stray mark of a till or a scanner is far below
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAMED_DELIMITER = re.compile(r'"?sep=([,;|\t])"?[,;]*', re.IGNORECASE)


def decode_text(file: str, content: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without a byte order mark) or else GB18030, `without_controls`.

    UTF-16 is known by its mark, as Excel writes “Unicode text”.

    Raises
    ------
    InvalidInput
        When it is neither, or when more than a tenth of it are control characters.
    """
    for encoding in ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(_CONTROL.findall(text)) <= _MOST_CONTROL * len(text):
            return without_controls(text)
    raise InvalidInput(Message("{file} is not text in UTF-8 or GB18030; save it as “CSV UTF-8”.", {"file": file}))


def without_controls(text: str) -> str:
    """Return `text` without what cannot be seen, but for tabs and line breaks; a vertical or page break is a space."""
    return _BREAK_INSIDE.sub(" ", _UNSEEN.sub("", _CONTROL.sub("", text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records of a text, read one by one.

    Parameters
    ----------
    rows
        The line each record below the header starts on, and its cells; it can be gone through once.
    problems
        Of rows whose quotes do not close; complete when `rows` has been gone through.
    """

    header: Header
    rows: Iterator[tuple[int, list[str]]]
    problems: Sequence[RowProblem]


def read_csv(file: str, content: bytes) -> Table:
    """Return the table in `content`, as `read_records` separates it.

    Raises
    ------
    InvalidInput
        When it is no text or has no usable header or no rows.
    """
    records = read_records(file, content)
    rows = list(records.rows)
    return build_table(file=file, header=records.header, lines=rows, problems=records.problems)


def read_records(file: str, content: bytes) -> Records:
    """Return the records in `content`, separated by commas, semicolons or tabs as its header is.

    A first line ``sep=;``, as Excel writes and obeys, names the separator and is no header.

    Raises
    ------
    InvalidInput
        When it is no text.

    Notes
    -----
    RFC 4180. A row whose quotes do not close is one problem, and reading goes on at its next line.
    """
    lines = io.StringIO(decode_text(file, content), newline="").readlines()
    header_at = _filled_from(lines, 0)
    named = _NAMED_DELIMITER.fullmatch(lines[header_at].strip(" \r\n"))
    if named:
        header_at = _filled_from(lines, header_at + 1)
    delimiter = named[1] if named else max(_DELIMITERS, key=lambda mark: _cell_count(lines[header_at], mark))
    problems: list[RowProblem] = []
    rows = _records(file, lines, start=header_at, delimiter=delimiter, problems=problems)
    first = next(rows, None)
    # A header whose quotes do not close is none.
    header = Header(line=0, texts=[]) if first is None or problems else Header(line=first[0], texts=first[1])
    return Records(header=header, rows=rows, problems=problems)


def _filled_from(lines: Sequence[str], start: int) -> int:
    return next((at for at in range(start, len(lines)) if lines[at].strip()), start)


def _cell_count(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _records(
    file: str, lines: Sequence[str], *, start: int, delimiter: str, problems: list[RowProblem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each record starts on and its cells; lines whose quotes do not close go to `problems`."""
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
            problems.append(RowProblem(file=file, line=at + 1, column="", reason=_UNCLOSED))
            at += 1
