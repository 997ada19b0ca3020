"""Rows as text that spreadsheets open right."""

import csv
import io
from collections.abc import Iterable, Sequence

_MARK = "\ufeff"


def render_sheet(rows: Iterable[Sequence[object]]) -> str:
    r"""Return rows as CSV (RFC 4180), the header first; lines end with CRLF.

    Notes
    -----
    Begins with a byte order mark, without which Excel takes UTF-8 for the encoding of its country; `csv_text` reads it
    back. Texts of people go through `formulas.inert` before.

    Examples
    --------
    >>> render_sheet([("id", "name"), (1, "王府井, 东")])
    '\ufeffid,name\r\n1,"王府井, 东"\r\n'
    """
    sheet = io.StringIO(newline="")
    sheet.write(_MARK)
    csv.writer(sheet).writerows(rows)
    return sheet.getvalue()
