"""What may stand in a cell for days: dates, and days of the week."""

import re
from datetime import date

from geo_engine.errors import InvalidInput
from geo_engine.tables.parsers import parse_words, plain
from geo_engine.words import Message

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?")
_NAMES = (
    ("1", "mon", "monday", "一", "星期一", "周一"),
    ("2", "tue", "tuesday", "二", "星期二", "周二"),
    ("3", "wed", "wednesday", "三", "星期三", "周三"),
    ("4", "thu", "thursday", "四", "星期四", "周四"),
    ("5", "fri", "friday", "五", "星期五", "周五"),
    ("6", "sat", "saturday", "六", "星期六", "周六"),
    ("7", "sun", "sunday", "日", "星期日", "周日", "天", "星期天", "周天"),
)
_NUMBERS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names}
_DASH = re.compile(r"\s*[-–—~～至到]\s*")
_RUN = re.compile(r"(?:周|星期)?([一二三四五六日天]{2,})")


def parse_day(text: str) -> date:
    """Return the date `text` says, such as ``2026-11-25``, ``2026/11/25`` or ``2026年11月25日``.

    Raises
    ------
    InvalidInput
        When it is no date.

    Examples
    --------
    >>> parse_day("2026年11月5日")
    datetime.date(2026, 11, 5)
    """
    found = _DATE.fullmatch(plain(text))
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise InvalidInput(Message("“{text}” is not a date such as 2026-11-25.", {"text": text}))


def parse_days(text: str) -> frozenset[date]:
    """Return the dates `text` lists, separated as `parse_words` has it.

    Raises
    ------
    InvalidInput
        When one of them is no date.
    """
    return frozenset(parse_day(word) for word in parse_words(text))


def parse_weekdays(text: str) -> frozenset[int]:
    """Return the days of the week `text` lists, 1 (Monday) to 7: numbers, names, or from one to another.

    Raises
    ------
    InvalidInput
        When a part is no day of the week.

    Examples
    --------
    >>> [sorted(parse_weekdays(text)) for text in ("Mon-Wed;Fri", "周一至周三", "周二四", "6-1", "1;5")]
    [[1, 2, 3, 5], [1, 2, 3], [2, 4], [1, 6, 7], [1, 5]]
    """
    found: set[int] = set()
    for word in parse_words(text):
        run = _RUN.fullmatch(word)
        if run:
            found.update(_NUMBERS[letter] for letter in run[1])
            continue
        ends = [_NUMBERS.get(part.casefold()) for part in _DASH.split(word)]
        if not 1 <= len(ends) <= 2 or None in ends:
            raise InvalidInput(Message("“{text}” is not a day of the week such as Mon or 1-5.", {"text": word}))
        first, last = ends[0] or 1, ends[-1] or 1
        found.update((first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1))
    return frozenset(found)
