"""Weeks that are asked for, out of the fields of their form."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import batched, pairwise

from geo_engine.errors import InvalidInput
from geo_engine.ids import TeamId, WorkerId
from geo_engine.planning.periods.kept import PeriodAsk
from geo_engine.planning.periods.model import leave_days
from geo_engine.planning.periods.service import AskedAgain
from geo_engine.tables.days import parse_day
from geo_engine.tables.parsers import plain
from geo_engine.words import Message
from web.requests import read_date, read_number, read_uses_learned

WEEKS = (4, 6, 8, 12)
_MOST_LINES, _LONGEST_LINE, _SHOWN = 500, 500, 80
_LEAVES_A_LINE = 12  # that a line with a long name is not too long
_A_DAY = re.compile(r"\d{4}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年\d{1,2}月\d{1,2}日)")
_A_DAY_LONG = timedelta(days=1)
_SIGNS = " \t,;:、。."  # as `plain` leaves them
_UNTIL = re.compile(r"\s*(?:[-–—~至到]+|to|until)?\s*")


def read_ask(form: Mapping[str, str], *, today: date) -> PeriodAsk:
    """Return the weeks that a form asks for, without leave it began with; none of them begins before tomorrow.

    Raises
    ------
    InvalidInput
        When a field cannot be understood, or the weeks are over.
    """
    first_on = read_date(form.get("first_on"), otherwise=today + timedelta(days=1))
    weeks = read_number(form.get("weeks")) or 0
    if weeks not in WEEKS:
        raise InvalidInput(Message("Choose how many weeks are planned."))
    team = form.get("team")
    last_on = first_on + timedelta(weeks=weeks, days=-1)
    if last_on <= today:
        facts = {"first": first_on, "last": last_on}
        raise InvalidInput(
            Message("No day is left to plan of the weeks from {first} to {last}: choose a later first day.", facts)
        )
    return PeriodAsk(
        team_id=TeamId(team) if team else None,
        first_on=first_on,
        week_count=weeks,
        today_on=max(first_on, today + timedelta(days=1)),
        holidays=_holidays(form.get("holidays", "")),
        days_off=_days_off(_typed_and_offered(form)[0]),
        uses_learned=read_uses_learned(form.get("times")),
    )


def read_offered(form: Mapping[str, str]) -> Mapping[WorkerId, frozenset[date]]:
    """Return the days off that a form began with and still has, as its field `offered` knows them: nobody typed them.

    Raises
    ------
    InvalidInput
        When they cannot be understood.
    """
    return _days_off(_typed_and_offered(form)[1])


def fields_of(asked: AskedAgain) -> dict[str, str]:
    """Return the fields of a form that asks so, but for the times, which are as the company has them."""
    ask = asked.ask
    lines = [
        f"{_who(worker_id, asked.workers)} {', '.join(leaves)}"
        for worker_id, days in sorted(ask.days_off.items())
        for leaves in batched(_leaves_of(days), _LEAVES_A_LINE)
    ]
    return {
        "first_on": str(ask.first_on),
        "weeks": str(ask.week_count) if ask.week_count in WEEKS else "",
        "team": ask.team_id or "",
        "holidays": " ".join(map(str, sorted(ask.holidays))),
        "days_off": "\n".join(lines),
    }


def _who(worker_id: WorkerId, names: Mapping[WorkerId, str]) -> str:
    """Return what a worker is called in a line: the name, where it is nobody else's and can be read again as it is."""
    name = names[worker_id]
    is_alone = list(names.values()).count(name) == 1 and name not in names
    is_readable = plain(name) == name.rstrip(_SIGNS) == name and name.isprintable() and _A_DAY.search(name) is None
    return name if name and is_alone and is_readable else worker_id


def _leaves_of(days: frozenset[date]) -> Iterator[str]:
    """Return the first and the last day of each leave, or its only one, as text."""
    firsts = sorted(day for day in days if day - _A_DAY_LONG not in days)
    lasts = sorted(day for day in days if day + _A_DAY_LONG not in days)
    return (f"{first} {last}" if first < last else str(first) for first, last in zip(firsts, lasts, strict=True))


def _holidays(text: str) -> frozenset[date]:
    """Return the dates of a text, between which is space or what people put between things they list."""
    return frozenset(read_date(one, otherwise=date.min) for one in re.split(r"[\s,;，；、]+", text) if one)


def _typed_and_offered(form: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the lines of days off that were typed or changed, and those that are as the form began with them."""
    lines, offered = _lines(form.get("days_off", "")), set(_lines(form.get("offered", "")))
    return [line for line in lines if line not in offered], [line for line in lines if line in offered]


def _lines(text: str) -> list[str]:
    lines = [line for line in map(plain, text.splitlines()) if line]
    if len(lines) > _MOST_LINES:
        raise InvalidInput(Message("Days off may have at most {count} lines.", {"count": _MOST_LINES}))
    return lines


def _days_off(lines: Sequence[str]) -> dict[WorkerId, frozenset[date]]:
    """Return the days off of lines: in each a worker and dates, from one to another or one by one."""
    days_off: dict[WorkerId, set[date]] = {}
    for line in lines:
        found = list(_A_DAY.finditer(line[:_LONGEST_LINE]))
        who = line[: found[0].start()].rstrip(_SIGNS) if found else ""
        if not who or len(line) > _LONGEST_LINE or line[found[-1].end() :].strip(_SIGNS):
            raise _not_understood(line)
        days_off.setdefault(WorkerId(who), set()).update(*_leaves(line, found))
    return {worker: frozenset(days) for worker, days in days_off.items()}


def _leaves(line: str, found: list[re.Match[str]]) -> Iterator[frozenset[date]]:
    """Return the days of each leave of a line: what stands between two dates tells one leave from two."""
    days = [parse_day(one[0]) for one in found]
    begins = 0
    for number, (one, other) in enumerate(pairwise(found), start=1):
        between = line[one.end() : other.start()]
        is_until = _UNTIL.fullmatch(between) is not None
        if (not is_until and between.strip(_SIGNS)) or (is_until and number - begins > 1):
            raise _not_understood(line)
        if not is_until:
            yield leave_days(days[begins], days[number - 1])
            begins = number
    yield leave_days(days[begins], days[-1])


def _not_understood(line: str) -> InvalidInput:
    shown = line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
    return InvalidInput(
        Message(
            "“{text}” is not a worker and a date such as 2026-11-24, and a last one where there are more.",
            {"text": shown},
        )
    )
