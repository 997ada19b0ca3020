"""Weeks that are asked for, out of the fields of their form."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from geo_engine.errors import InvalidInput
from geo_engine.ids import TeamId, WorkerId
from geo_engine.planning.periods.files import leave_days
from geo_engine.planning.periods.kept import PeriodAsk
from geo_engine.words import Message
from web.requests import read_date, read_number, read_uses_learned

WEEKS = (4, 6, 8, 12)
_BETWEEN = r"[\s,;，；、:：]+"
_A_DAY = r"\d{4}-\d{2}-\d{2}"
_LEAVE = re.compile(rf"(?P<who>.+?){_BETWEEN}(?P<first>{_A_DAY})(?:[\s,;，；、–—~～至到-]+(?P<last>{_A_DAY}))?")


def read_ask(form: Mapping[str, str], *, today: date) -> PeriodAsk:
    """Return the weeks that a form asks for; none of them begins before tomorrow.

    Raises
    ------
    InvalidInput
        When a field cannot be understood.
    """
    first_on = read_date(form.get("first_on"), otherwise=today + timedelta(days=1))
    weeks = read_number(form.get("weeks")) or 0
    if weeks not in WEEKS:
        raise InvalidInput(Message("Choose how many weeks are planned."))
    team = form.get("team")
    return PeriodAsk(
        team_id=TeamId(team) if team else None,
        first_on=first_on,
        week_count=weeks,
        today_on=max(first_on, today + timedelta(days=1)),
        holidays=_holidays(form.get("holidays", "")),
        days_off=_days_off(form.get("days_off", "")),
        uses_learned=read_uses_learned(form.get("times")),
    )


def _holidays(text: str) -> frozenset[date]:
    """Return the dates of a text, between which is space or what people put between things they list."""
    return frozenset(read_date(one, otherwise=date.min) for one in re.split(_BETWEEN, text) if one)


def _days_off(text: str) -> dict[WorkerId, frozenset[date]]:
    """Return the days off of a text: in each line a worker, a date, and a last one where there are more."""
    days_off: dict[WorkerId, frozenset[date]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _LEAVE.fullmatch(line)
        if found is None:
            raise InvalidInput(
                Message(
                    "“{text}” is not a worker and a date such as 2026-11-24, and a last one where there are more.",
                    {"text": line},
                )
            )
        first = read_date(found["first"], otherwise=date.min)
        days = leave_days(first, read_date(found["last"], otherwise=first))
        worker = WorkerId(found["who"])
        days_off[worker] = days_off.get(worker, frozenset()) | days
    return days_off
