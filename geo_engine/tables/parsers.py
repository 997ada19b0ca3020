"""What may stand in a cell: numbers, clock windows, lists, yes and no; and what is said of anything else.

Every parser takes a cell's text and raises InvalidInput with what was found and what is expected.
Full-width digits and punctuation, as Chinese input methods write them, read as their plain forms.
"""

import math
import re
import unicodedata
from dataclasses import replace

from geo_engine.errors import InvalidInput
from geo_engine.timespan import ClockWindow, parse_clock_window
from geo_engine.words import Message

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_WORD_SEPARATOR = re.compile(r"[;,、|\r\n]")
_PART_SEPARATOR = re.compile(r";?\n;?|;")
_YES = frozenset({"yes", "y", "true", "1", "是", "必须", "必访", "√", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "0", "否", "×", "✗", "✘"})
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_DAY_MIN = 24 * 60
_PHONE_LETTERS = 100


def plain(text: str) -> str:
    """Return `text` trimmed, with full-width digits, letters and punctuation made plain (NFKC)."""
    return unicodedata.normalize("NFKC", text).strip()


def parse_number(text: str, *, at_least: float, at_most: float) -> float:
    """Return the number `text` says, between two limits that are included.

    Raises
    ------
    InvalidInput
        When it is no number with a decimal point, or out of range.

    Examples
    --------
    >>> parse_number("４５.5", at_least=0, at_most=100)
    45.5
    """
    found = plain(text).replace("−", "-")
    if not _NUMBER.fullmatch(found) or not math.isfinite(float(found)):
        raise InvalidInput(Message("“{text}” is not a number such as 12 or 12.5.", {"text": text}))
    number = float(found)
    if not at_least <= number <= at_most:
        raise InvalidInput(
            Message(
                "“{text}” is not between {at_least} and {at_most}.",
                {"text": text, "at_least": f"{at_least:.15g}", "at_most": f"{at_most:.15g}"},
            )
        )
    return number


def parse_whole(text: str, *, at_least: int = 0, at_most: int = 1_000_000_000) -> int:
    """Return the whole number `text` says, between two limits that are included.

    Raises
    ------
    InvalidInput
        When it is no whole number or out of range.
    """
    number = parse_number(text, at_least=at_least, at_most=at_most)
    if not number.is_integer():
        raise InvalidInput(Message("“{text}” is not a whole number.", {"text": text}))
    return int(number)


def parse_minutes(text: str) -> int:
    """Return the seconds in `text` minutes, from 0 to a whole day.

    Raises
    ------
    InvalidInput
        When it is no number from 0 to 1440.

    Examples
    --------
    >>> parse_minutes("7.5")
    450
    """
    return round(parse_number(text, at_least=0, at_most=_DAY_MIN) * 60)


def parse_flag(text: str) -> bool:
    """Return whether `text` says yes.

    Raises
    ------
    InvalidInput
        When it says neither yes nor no.

    Examples
    --------
    >>> parse_flag("是"), parse_flag("No")
    (True, False)
    """
    word = plain(text).casefold()
    if word not in _YES | _NO:
        raise InvalidInput(Message("“{text}” is neither yes nor no.", {"text": text}))
    return word in _YES


def parse_text(text: str, *, at_most: int) -> str:
    """Return `text` as it is, its lines kept.

    Raises
    ------
    InvalidInput
        When it has more than `at_most` characters.
    """
    if len(text) > at_most:
        raise InvalidInput(
            Message(
                "The text has {count} characters; at most {limit} are kept.", {"count": len(text), "limit": at_most}
            )
        )
    return text


def parse_phone(text: str) -> str:
    """Return what `text` says of phone numbers, on one line, with full-width digits made plain.

    Raises
    ------
    InvalidInput
        When a spreadsheet has written the number shortened, or when it is longer than 100 characters.

    Examples
    --------
    >>> parse_phone("０１０－８８８８ ６６６６ 转 801")
    '010-8888 6666 转 801'
    """
    found = " ".join(plain(text).split())
    if _SHORTENED.fullmatch(found):
        raise InvalidInput(
            Message("“{text}” is a number that a spreadsheet has shortened; format the column as text.", {"text": text})
        )
    return parse_text(found, at_most=_PHONE_LETTERS)


def parse_words(text: str) -> tuple[str, ...]:
    """Return the words `text` lists, separated by ``;`` (also ``,`` ``、`` ``|`` or a line break), each once.

    Examples
    --------
    >>> parse_words("燃气；电工;")
    ('燃气', '电工')
    """
    return tuple(dict.fromkeys(filter(None, map(str.strip, _WORD_SEPARATOR.split(plain(text))))))


def parse_skills(text: str) -> tuple[str, ...]:
    """Return the skills `text` lists as `parse_words` does, alike whatever their case and spacing.

    Examples
    --------
    >>> parse_skills("Gas;Lift  Repair;gas")
    ('gas', 'lift repair')
    """
    return tuple(dict.fromkeys(" ".join(word.casefold().split()) for word in parse_words(text)))


def parse_amounts(text: str) -> tuple[int, ...]:
    """Return the whole numbers `text` lists, one a dimension, separated by ``;``; an empty part is 0.

    Raises
    ------
    InvalidInput
        When one of them is no whole number from 0 on.

    Examples
    --------
    >>> parse_amounts("10;2"), parse_amounts(";2")
    ((10, 2), (0, 2))
    """
    return tuple(parse_whole(part) if part else 0 for part in _parts(text))


def parse_capacity(text: str) -> tuple[int, ...]:
    """Return the whole numbers `text` lists, one a dimension, separated by ``;``.

    Raises
    ------
    InvalidInput
        When one of them is no whole number from 0 on, or is empty: that could mean nothing or no limit.
    """
    parts = _parts(text)
    if not all(parts):
        raise InvalidInput(
            Message("A part of “{text}” is empty; write 0 where nothing can be carried.", {"text": text})
        )
    return tuple(parse_whole(part) for part in parts)


def parse_window(text: str) -> ClockWindow:
    """Return the window `text` says; 到 may stand for the dash.

    Raises
    ------
    InvalidInput
        When it is no time window.

    Examples
    --------
    >>> parse_window("09:00到11:00")
    ClockWindow(earliest_s=32400, latest_s=39600)
    """
    return parse_clock_window(plain(text).replace("到", "-"))


def parse_windows(text: str) -> tuple[ClockWindow, ...]:
    """Return the windows `text` lists, separated by ``;`` or lines, in order of time; those that touch become one.

    Raises
    ------
    InvalidInput
        When one of them is no time window.

    Examples
    --------
    >>> [(w.earliest_s // 3600, w.latest_s // 3600) for w in parse_windows("15:00-18:00;09:00-11:00;10:00-12:00")]
    [(9, 12), (15, 18)]
    """
    merged: list[ClockWindow] = []
    for window in sorted(parse_window(part) for part in split_list(text)):
        if merged and window.earliest_s <= merged[-1].latest_s:
            merged[-1] = replace(merged[-1], latest_s=max(merged[-1].latest_s, window.latest_s))
        else:
            merged.append(window)
    return tuple(merged)


def split_list(text: str) -> list[str]:
    """Return the parts of `text` between semicolons or line breaks, without empty ones."""
    return [part for part in _parts(text) if part]


def _parts(text: str) -> list[str]:
    """Return the parts of `text`, also empty ones; a line break beside a semicolon separates no further."""
    lines = "\n".join(line for line in map(str.strip, plain(text).splitlines()) if line)
    return [part.strip() for part in _PART_SEPARATOR.split(lines)]
