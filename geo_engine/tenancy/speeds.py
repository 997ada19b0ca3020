"""How fast a company's people get on at each hour of the day, in per cent of what the roads say, by travel mode."""

from collections.abc import Mapping
from itertools import groupby

from geo_engine.errors import InvalidInput
from geo_engine.travel_modes import TravelMode, parse_mode
from geo_engine.words import Message

HOURS = 24
FULL = 100
SLOWEST, FASTEST = 10, 300

type HourPercents = tuple[int, ...]
type SpeedsByMode = Mapping[str, HourPercents]


def require_percents(mode: str, percents: HourPercents) -> None:
    """Raise unless there is a number for each hour, and each within its bounds.

    Raises
    ------
    InvalidInput
        When there is not.
    """
    facts = {"mode": mode, "count": HOURS, "slowest": SLOWEST, "fastest": FASTEST}
    if len(percents) != HOURS:
        raise InvalidInput(
            Message("Speeds of {mode}: give {count} per cents, each from {slowest} to {fastest}.", facts)
        )
    for percent, hours in groupby(range(HOURS), key=percents.__getitem__):
        if not SLOWEST <= percent <= FASTEST:
            first, *others = hours
            facts |= {"percent": percent, "hours": f"{first}:00–{first + 1 + len(others)}:00"}
            raise InvalidInput(
                Message(
                    "Speeds of {mode}: {percent} per cent at {hours} is not from {slowest} to {fastest} per cent of "
                    "the roads' speed.",
                    facts,
                )
            )


def parse_speeds(text: str) -> tuple[str, HourPercents]:
    """Return the travel mode and the per cents that a text says, of cars unless it begins with a mode and ``=``.

    Parameters
    ----------
    text
        24 numbers, or hours and their per cents, the others being 100.

    Raises
    ------
    InvalidInput
        When it says neither, or names no travel mode.

    Examples
    --------
    >>> mode, percents = parse_speeds("bicycle=7-9:60,17:55")
    >>> str(mode), percents[6:10], percents[17]
    ('bicycle', (100, 60, 60, 100), 55)
    """
    mode, mark, said = text.partition("=")
    mode, said = (parse_mode(mode), said) if mark else (TravelMode.CAR, text)
    words = said.replace(",", " ").split()
    try:
        percents = _of_ranges(words) if any(":" in word for word in words) else tuple(map(int, words))
    except ValueError:
        facts = {"text": said, "example": "7-9:60,17-19:55"}
        message = Message("“{text}” says no speeds: give 24 per cents, or hours such as {example}.", facts)
        raise InvalidInput(message) from None
    require_percents(mode, percents)
    return mode, percents


def _of_ranges(words: list[str]) -> HourPercents:
    found: dict[int, int] = {}
    for word in words:
        hours, percent = word.split(":")
        first, mark, last = hours.partition("-")
        begin, end = int(first), int(last) if mark else int(first) + 1
        named = range(begin, end)
        if not 0 <= begin < end <= HOURS or found.keys() & named:  # an hour is said once
            raise ValueError(word)
        found.update(dict.fromkeys(named, int(percent)))
    return tuple(found.get(hour, FULL) for hour in range(HOURS))
