"""Weeks as they are likely to be asked for next: as the last time, without what is past by now."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from geo_engine.ids import WorkerId
from geo_engine.planning.periods.kept import PeriodAsk


def last_day(ask: PeriodAsk) -> date:
    """Return the last day of the weeks that are asked for."""
    return ask.first_on + timedelta(weeks=ask.week_count, days=-1)


def next_monday(today: date) -> date:
    """Return the first Monday after a day."""
    return today + timedelta(days=8 - today.isoweekday())


def ask_again(ask: PeriodAsk, *, today: date, worker_ids: Collection[WorkerId]) -> PeriodAsk:
    """Return the same wish on another day: for the same weeks while a day of theirs is left on which anybody works.

    Else it is for as many weeks from the next Monday on.

    Holidays and days off are those still to come; of whoever is off in these weeks, and is among the workers.

    Parameters
    ----------
    today
        In the company's zone; it has begun, so that it is not planned.
    """
    tomorrow = today + timedelta(days=1)
    first_on = ask.first_on if _is_worked_since(ask, tomorrow) else next_monday(today)
    again = replace(ask, first_on=first_on, today_on=max(first_on, tomorrow))
    days_off = {
        worker_id: frozenset(day for day in days if day >= again.today_on)
        for worker_id, days in ask.days_off.items()
        if worker_id in worker_ids and any(again.today_on <= day <= last_day(again) for day in days)
    }
    return replace(again, days_off=days_off, holidays=frozenset(day for day in ask.holidays if day >= again.today_on))


def _is_worked_since(ask: PeriodAsk, on: date) -> bool:
    """Return whether anybody works on a day of the weeks, from a date on."""
    days = (ask.first_on + timedelta(days=day) for day in range(7 * ask.week_count))
    return any(day >= on and day.isoweekday() in ask.workdays and day not in ask.holidays for day in days)
