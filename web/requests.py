"""How what a request says is read: dates, numbers and ids, each refused in words when it is none."""

from datetime import date
from uuid import UUID

from geo_engine.errors import InvalidInput, NotFound
from geo_engine.words import Message

LARGEST_FILE_BYTES = 20_000_000
"""What a person may send at once."""

_MOST_DIGITS = 6
_FIRST, _LAST = date(1970, 1, 2), date(2199, 12, 30)


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
        found = date.min
    if not _FIRST <= found <= _LAST:
        raise InvalidInput(Message("“{text}” is not a date such as 2026-11-24.", {"text": text}))
    return found


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
