"""How what a request says is read: dates, numbers and ids, each refused in words when it is none."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from uuid import UUID

from flask import abort, request

from geo_engine.errors import InvalidInput, NotFound
from geo_engine.geometry import Position
from geo_engine.timespan import clock_on
from geo_engine.words import Message

LARGEST_FILE_BYTES = 20_000_000
"""What a person may send at once."""

_MOST_DIGITS = 6
_FIRST, _LAST = date(1970, 1, 2), date(2199, 12, 30)


def refuse_ahead() -> None:
    """Send nothing to a browser that loads ahead what nobody looks at yet: no look is written down of it."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        abort(503)


def read_date(text: str | None, *, otherwise: date) -> date:
    """Return a day as ISO 8601 writes it.

    Raises
    ------
    InvalidInput
        When it is none, or centuries away.
    """
    if not text:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(Message("“{text}” is not a date such as 2026-11-24.", {"text": text})) from None
    if not _FIRST <= found <= _LAST:
        raise InvalidInput(Message("The date {date} is outside the years 1970 to 2200.", {"date": found.isoformat()}))
    return found


def read_moment(text: str | None, zone: tzinfo) -> datetime:
    """Return a moment (UTC) as browsers send the clock time of a zone, such as ``2026-11-25T08:30``.

    Raises
    ------
    InvalidInput
        When it is none, or centuries away.

    Notes
    -----
    A time that summer time skips is the moment the clocks jump; one it repeats is the first of the two.
    """
    try:
        wall = datetime.fromisoformat(text or "")
    except ValueError:
        wall = datetime.min  # noqa: DTZ901 - stands for no moment
    if wall.tzinfo is not None or not _FIRST <= wall.date() <= _LAST:
        raise InvalidInput(Message("“{text}” is not a moment such as 2026-11-24T08:30.", {"text": text or ""}))
    return clock_on(wall.hour * 3600 + wall.minute * 60 + wall.second, wall.date(), zone)


def read_number(text: str | None) -> int | None:
    """Return a whole number from 1; None when nothing was said.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise InvalidInput(Message("“{text}” is not a whole number from 1.", {"text": text}))
    return int(text)


def read_uses_learned(text: str | None) -> bool | None:
    """Return which times were chosen; None as the company has it.

    Raises
    ------
    InvalidInput
        When it is neither.
    """
    if text not in {None, "learned", "given"}:
        raise InvalidInput(Message("Choose learned or given times."))
    return None if text is None else text == "learned"


def read_uuid(text: str | None) -> UUID:
    """Return the id of something the system made.

    Raises
    ------
    NotFound
        When it is none: then there is no such thing.
    """
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound(Message("There is no plan {plan}.", {"plan": text or ""})) from None


def read_position(form: Mapping[str, str]) -> Position:
    """Return a position in WGS 84.

    Raises
    ------
    InvalidInput
        When it is none.
    """
    try:
        return Position(float(form.get("lon", "")), float(form.get("lat", "")))
    except ValueError:
        raise InvalidInput(Message("This is no place on the map.")) from None
