"""How a command is asked for a day."""

from collections.abc import Callable
from datetime import date, datetime

import click

from geo_engine.errors import InvalidInput
from geo_engine.words import Message

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def day_option[F: Callable[..., object]](*names: str, about: str, required: bool = False) -> Callable[[F], F]:
    """Return an option for a day such as 2026-11-25; every moment of the days it takes has a local time.

    Parameters
    ----------
    about
        The line of help.
    """
    kind = click.DateTime(["%Y-%m-%d"])
    return click.option(*names, type=kind, callback=_day, required=required, help=about)


def _day(_context: click.Context, _option: click.Parameter, moment: datetime | None) -> date | None:
    if moment is None:
        return None
    day = moment.date()
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InvalidInput(Message("The date {date} is outside the years 1970 to 2200.", {"date": day}))
    return day


date_option = day_option("--date", "service_on", about="The service day.", required=True)
