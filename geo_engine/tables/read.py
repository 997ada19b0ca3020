"""How a table is read from a file, whatever program wrote it."""

import re
from pathlib import Path, PurePath

from geo_engine.errors import InvalidInput
from geo_engine.tables.csv_text import read_csv
from geo_engine.tables.features import read_features
from geo_engine.tables.model import Table, TableFile, TableSource
from geo_engine.tables.sheet import read_sheet
from geo_engine.words import Message

MAX_FILE_BYTES = 50_000_000
_WORKBOOK_BEGINS = b"PK\x03\x04"  # XLSX is a ZIP archive
_OBJECT_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_READERS = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_sheet,
    ".geojson": read_features,
    ".json": read_features,
}


def read_table(source: TableSource) -> Table:
    """Return the rows of a CSV, XLSX or GeoJSON file; rows that cannot be split into cells become problems.

    Parameters
    ----------
    source
        A table is returned as it is. Of a file the ending tells the format: ``.csv``, ``.tsv``, ``.txt``
        (comma, semicolon or tab, found from the header; UTF-8, UTF-16 or else GB18030), ``.xlsx`` (the first sheet),
        ``.geojson``, ``.json``. A workbook or GeoJSON under another of these endings is read as what it is.

    Raises
    ------
    InvalidInput
        When the file is missing, empty, larger than 50 MB or 100,000 rows, of another format, or
        has no usable header.

    Notes
    -----
    Column names are lower-cased, full-width letters made plain and spaces made ``_``; other columns
    than a caller knows stay in the cells. Cost: O(n).
    """
    if isinstance(source, Table):
        return source
    name = source.name or str(source)
    read = _READERS.get(PurePath(name).suffix.lower())
    if read is None:
        raise InvalidInput(
            Message("{file} is not a table that can be read: expected .csv, .tsv, .xlsx or .geojson.", {"file": name})
        )
    content = source.content if isinstance(source, TableFile) else read_content(source)
    if not content.strip():
        raise InvalidInput(Message("{file} is empty.", {"file": name}))
    if content.startswith(_WORKBOOK_BEGINS):
        read = read_sheet
    elif read is read_csv and _OBJECT_BEGINS.match(content):
        read = read_features
    return read(name, content)


def read_content(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return what is in a file.

    Raises
    ------
    InvalidInput
        When it is missing, larger than `max_bytes`, or cannot be opened.

    Notes
    -----
    Never more than the limit is read, also of what does not know its size, such as a pipe.
    """
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
        size = max(path.stat().st_size, len(content))
    except FileNotFoundError:
        raise InvalidInput(Message("{file} does not exist.", {"file": path.name or str(path)})) from None
    except OSError as error:
        raise InvalidInput(
            Message(
                "{file} cannot be opened: {cause}.", {"file": path.name or str(path), "cause": error.strerror or ""}
            )
        ) from error
    require_size(path.name, size if len(content) > max_bytes else len(content), max_bytes=max_bytes)
    return content


def require_size(file: str, size_bytes: int, *, max_bytes: int) -> None:
    """Refuse a file of more than `max_bytes` (1 MB = 1,000,000 bytes).

    Raises
    ------
    InvalidInput
        When it has more.
    """
    if size_bytes > max_bytes:
        raise InvalidInput(
            Message(
                "{file} has {size_mb} MB; at most {limit_mb} MB are read.",
                {"file": file, "size_mb": -(-size_bytes // 1_000_000), "limit_mb": max_bytes // 1_000_000},
            )
        )
