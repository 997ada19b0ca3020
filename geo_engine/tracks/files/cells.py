"""What stands in the cells of a column: numbers, moments, texts, and why a cell holds none."""

import math
import re
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.tables.parsers import parse_flag, parse_number, plain
from geo_engine.tables.sheet import cell_text
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.words import Message

type Cells = Sequence[object] | NDArray[np.datetime64]
"""Texts as a file has them, or what a format knows as numbers or, in UTC, as moments.

None, NaN, NaT and texts without a letter are empty cells.
"""

type Faults = dict[int, Message]
"""Why a cell cannot be read, by its place in the column."""

NO_MOMENT = np.iinfo(np.int64).min
"""Stands for a moment that is missing or cannot be read."""

_NO_MOMENT_TEXT = "NaT"  # as numpy and pandas write it
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})|(?P<mm>\d{2})(?P<dd>\d{2}))(?:T| +)"
    r"(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)? *"
    r"(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_LACKING = frozenset({"na", "n/a", "nan", "null", "none", "nil", "-", "--", "\\n", "无", "未知"})
_MOST_LETTERS = 400  # numbers have fewer, and who reads a problem wants to see where it stands
_UNIX = re.compile(r"[+-]?\d+(\.\d+)?")
# A count of seconds below the first is no time of a satellite receiver; from the second on it counts milliseconds.
_LEAST_UNIX_S = 100_000_000.0
_LEAST_UNIX_MS = 100_000_000_000.0
_MOST_UNIX_MS = 100_000_000_000_000.0
_EARLIEST_US = to_microseconds(datetime.min.replace(tzinfo=UTC))
_LATEST_US = to_microseconds(datetime.max.replace(tzinfo=UTC))


def is_empty(cell: object) -> bool:
    """Whether nothing stands in a cell."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def read_numbers(cells: Cells, *, may_lack: bool = False) -> tuple[NDArray[np.float64], Faults]:
    """Return the numbers of a column, NaN where there is none, and why a cell that is not empty is none.

    Parameters
    ----------
    may_lack
        Whether ``NULL``, ``NaN``, ``n/a`` and the like, as programs write them, are empty as well.

    Notes
    -----
    Cost: O(n), about 0.2 µs a cell; a column in which any cell is not as Python writes numbers takes ten times that.
    """
    try:
        found = np.array([math.nan if cell is None or cell == "" else float(cell) for cell in cells])  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return _read_each(cells, may_lack=may_lack)
    doubtful = [at for at in np.flatnonzero(~np.isfinite(found)).tolist() if not is_empty(cells[at])]
    return _read_each(cells, may_lack=may_lack) if doubtful or _has_unlike(cells) else (found, {})


def _has_unlike(cells: Cells) -> bool:
    """Whether a column has what Python takes for a number and nobody else: True, or 1_000."""
    kinds = set(map(type, cells))
    return bool in kinds or (str in kinds and any("_" in cell for cell in cells if isinstance(cell, str)))


def _read_each(cells: Cells, *, may_lack: bool) -> tuple[NDArray[np.float64], Faults]:
    found = np.full(len(cells), math.nan)
    faults: Faults = {}
    for at, cell in enumerate(cells):
        if is_empty(cell) or (may_lack and isinstance(cell, str) and cell.strip().casefold() in _LACKING):
            continue
        try:
            found[at] = parse_number(_written(cell), at_least=-math.inf, at_most=math.inf)
        except InvalidInput as error:
            faults[at] = error.message
    return found, faults


def read_moments(cells: Cells, zone: tzinfo) -> tuple[NDArray[np.int64], Faults]:
    """Return the moments of a column in microseconds since 1970, `NO_MOMENT` where there is none, and why.

    Parameters
    ----------
    zone
        In which a time that says nothing of its zone is meant. Where clocks go back it is the earlier of the two.

    Notes
    -----
    ISO 8601 with a date and a time, also with a space, slashes or dots in it; or seconds or milliseconds since 1970,
    told apart by their size: from 100,000,000,000 on they are milliseconds. What is finer than a microsecond is cut
    off. An empty cell is no moment and no fault. Cost: O(n), about 1 µs a cell.
    """
    if isinstance(cells, np.ndarray):
        found = cells.astype("datetime64[us]").astype(np.int64)  # NaT becomes NO_MOMENT
        is_off = (found != NO_MOMENT) & ~((found >= _EARLIEST_US) & (found <= _LATEST_US))
        return np.where(is_off, NO_MOMENT, found), {at: _no_moment(cells[at]) for at in np.flatnonzero(is_off).tolist()}
    try:
        return _read_plain_moments(cells, zone), {}
    except (ValueError, TypeError, OverflowError):
        found = np.full(len(cells), NO_MOMENT, dtype=np.int64)
    faults: Faults = {}
    for at, cell in enumerate(cells):
        if is_empty(cell) or cell == _NO_MOMENT_TEXT:
            continue
        moment = _moment_us(cell, zone)
        if moment is None:
            faults[at] = _no_moment(cell)
        else:
            found[at] = moment
    return found, faults


def _no_moment(cell: object) -> Message:
    return Message(
        "“{text}” is not a moment such as 2026-03-01T08:00:00+08:00, or seconds since 1970.", {"text": _written(cell)}
    )


def _read_plain_moments(cells: Cells, zone: tzinfo) -> NDArray[np.int64]:
    # datetime.fromisoformat takes 1612010810800 for a day of the year 1612: only what begins as 2026- goes there.
    texts = [cell for cell in cells if isinstance(cell, str) and cell[4:5] == "-" and len(cell) > 10]
    if len(texts) < len(cells):
        raise ValueError
    moments = [datetime.fromisoformat(text) for text in texts]
    aware = [moment if moment.tzinfo else moment.replace(tzinfo=zone) for moment in moments]
    found = np.array([to_microseconds(moment) for moment in aware], dtype=np.int64)
    if found.size and not (found.min() >= _EARLIEST_US and found.max() <= _LATEST_US):
        raise ValueError
    return found


def _moment_us(cell: object, zone: tzinfo) -> int | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _unix_us(float(cell)) if abs(cell) < _MOST_UNIX_MS else None
    text = plain(cell) if isinstance(cell, str) else ""
    if _UNIX.fullmatch(text):
        return _unix_us(float(text))
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        return None
    try:
        moment = _moment(parts, zone)
    except ValueError:
        return None
    found = to_microseconds(moment)
    return found if _EARLIEST_US <= found <= _LATEST_US else None


def _moment(parts: re.Match[str], zone: tzinfo) -> datetime:
    day = f"{parts['year']}-{parts['month'] or parts['mm']:0>2}-{parts['day'] or parts['dd']:0>2}"
    fraction = (parts["fraction"] or "0")[:6]
    written = f"{day}T{parts['hour']:0>2}:{parts['minute']}:{parts['second'] or '00'}.{fraction:0<6}"
    offset = parts["offset"]
    moment = datetime.fromisoformat(written)
    if offset is None:
        return moment.replace(tzinfo=zone)
    if offset.upper() in {"Z", "UTC", "GMT"}:
        return moment.replace(tzinfo=UTC)
    return datetime.fromisoformat(written + offset)


def _unix_us(count: float) -> int | None:
    if not _LEAST_UNIX_S <= count < _MOST_UNIX_MS:
        return None
    return round(count * (MICROSECONDS_PER_S if count < _LEAST_UNIX_MS else MICROSECONDS_PER_S // 1_000))


def read_flags(cells: Cells) -> tuple[NDArray[np.bool_], Faults]:
    """Return the yes and no of a column, no where a cell is empty, and why a cell is neither."""
    found: dict[object, bool] = {}
    reasons: dict[object, Message] = {}
    keys = _keys(cells)
    for key in set(keys):
        try:
            found[key] = not is_empty(key) and parse_flag(_written(key))
        except InvalidInput as error:
            reasons[key] = error.message
    faults = {at: reasons[key] for at, key in enumerate(keys) if key in reasons} if reasons else {}
    return np.array([found.get(key, False) for key in keys], dtype=np.bool_), faults


def read_texts(cells: Cells) -> list[str]:
    """Return the texts of a column, trimmed, empty where a cell is; numbers as they are written."""
    keys = _keys(cells)
    texts = {key: "" if is_empty(key) else cell_text(key) for key in set(keys)}
    return [texts[key] for key in keys]


def _keys(cells: Cells) -> Sequence[Hashable]:
    """Return cells as they are, lists and objects as they are written: what stands in many is read once."""
    return [cell if isinstance(cell, Hashable) else cell_text(cell) for cell in cells]


def _written(cell: object) -> str:
    text = cell if isinstance(cell, str) else cell_text(cell)
    return text if len(text) <= _MOST_LETTERS else f"{text[:40]}…"
