"""How a command is asked for a day or a moment."""

from collections.abc import Callable
from datetime import UTC, date, datetime

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


def moment_option[F: Callable[..., object]](*names: str, about: str, required: bool = False) -> Callable[[F], F]:
    """Return an option for a moment with its offset, such as 2026-11-25T09:00:00+08:00."""
    return click.option(*names, callback=_moment, required=required, help=about)


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - stands for no moment
    if moment.tzinfo is None:
        facts = {"text": text}
        raise InvalidInput(Message("“{text}” is no moment with an offset, such as 2026-11-25T09:00:00+08:00.", facts))
    return moment.astimezone(UTC)
