"""Bytes as JSON or as fields of a form, whatever their content type says, and lists of things read one by one."""

import json
from collections.abc import Callable, Sequence
from urllib.parse import unquote_plus

from geo_engine.errors import InvalidInput
from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols.model import Decoded, Other, Unusable
from geo_engine.words import Message

LONGEST_FORM = 65_536
"""Fields that do not fit into so many characters are not looked at."""
MOST_SAID = 50_000
"""A longer list is refused: no body that is accepted holds so many positions."""
MOST_REASONS = 100
"""So many bad fixes are told one by one, the others by their count."""
_TOO_MANY = Message("It lists more than {most} things.", {"most": MOST_SAID})
_LONGEST_INTEGER = 40


def read_text(body: bytes) -> str:
    """Return a body as text, trimmed; bytes that are no UTF-8 become the replacement character and spoil no others."""
    return body.decode("utf-8", "replace").removeprefix("\ufeff").strip()


def is_json(text: str) -> bool:
    """Return whether a body means to be a JSON object or list."""
    return text[:1] in ("{", "[")


def read_json(text: str) -> object:
    """Return what JSON says.

    Raises
    ------
    Unusable
        When it is no JSON, or nested deeper than anybody's positions are.
    """
    try:
        return _read_leniently(text)
    except ValueError as error:
        raise Unusable(Message("The body is not JSON.")) from error
    except RecursionError as error:
        raise Unusable(Message("The body is nested too deeply.")) from error


def _read_leniently(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # one integer of thousands of digits must not cost its neighbours
        return json.loads(text, parse_int=_read_integer)


def _read_integer(digits: str) -> object:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def read_fields(text: str) -> dict[str, str]:
    """Return the fields of a query string or form; of a field given twice the last.

    Examples
    --------
    >>> read_fields("id=7&name=a%20b+c&empty=&flag")
    {'id': '7', 'name': 'a b c', 'empty': '', 'flag': ''}
    """
    if len(text) > LONGEST_FORM:
        text = text[:LONGEST_FORM].rpartition("&")[0]
    unescaped = unquote_plus if "%" in text or "+" in text else str
    fields = {}
    for part in text.split("&"):
        name, _, value = part.partition("=")
        if name:
            fields[unescaped(name)] = unescaped(value)
    return fields


def collect[Said](said: Sequence[Said], read: Callable[[Said], Fix | Other]) -> Decoded:
    """Return what each thing said became; one that is unusable costs no other.

    Parameters
    ----------
    read
        Makes a fix of one thing said, or raises `InvalidInput`.
    """
    if not said:
        return Decoded(others=(Other.EMPTY,))
    if len(said) > MOST_SAID:
        return dropped(_TOO_MANY)
    fixes: list[Fix] = []
    others: list[Other] = []
    reasons: list[Message] = []
    bad_count = 0
    for number, one in enumerate(said, start=1):
        try:
            found = read(one)
        except InvalidInput as error:
            bad_count += 1
            if len(reasons) < MOST_REASONS:
                reasons.append(error.message if len(said) == 1 else numbered(number, error.message))
        else:
            if isinstance(found, Fix):
                fixes.append(found)
            else:
                others.append(found)
    return Decoded(fixes=tuple(fixes), dropped=with_others(reasons, bad_count), others=tuple(others))


def numbered(number: int, reason: Message) -> Message:
    """Return why one of several could not become a fix, with which it is."""
    return Message("Number {number}: {reason}", {"number": number, "reason": reason})


def with_others(reasons: Sequence[Message], bad_count: int) -> tuple[Message, ...]:
    """Return the reasons told one by one, and after them how many bad fixes there are beside."""
    untold = bad_count - len(reasons)
    if untold == 0:
        return tuple(reasons)
    return (*reasons, Message("{count} others could not be used either.", {"count": untold}))


def as_object(said: object) -> dict[str, object]:
    """Return a JSON object.

    Raises
    ------
    Unusable
        When it is something else.
    """
    if not isinstance(said, dict):
        raise Unusable(Message("It is no JSON object."))
    return said


def find_object(said: dict[str, object], key: str) -> dict[str, object]:
    """Return the object under a key; an empty one where there is none."""
    found = said.get(key)
    return found if isinstance(found, dict) else {}


def as_list(said: object) -> list[object]:
    """Return a list as it is, and anything else as the only thing in one.

    Raises
    ------
    Unusable
        When it is longer than anybody's.
    """
    if not isinstance(said, list):
        return [said]
    if len(said) > MOST_SAID:
        raise Unusable(_TOO_MANY)
    return said


def dropped(reason: Message) -> Decoded:
    """Return what becomes of a post of which nothing can be used."""
    return Decoded(dropped=(reason,))
