"""Which period's days another one takes over: the one adopted last counts, for the teams and days both plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from geo_engine.ids import PeriodId, TeamId
from geo_engine.planning.periods.again import last_day
from geo_engine.planning.periods.kept import KeptPeriod, PeriodAsk, Takeover

type TeamsBelow = Mapping[TeamId, frozenset[TeamId]]
"""Of a team itself and all teams below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A period that the days follow, or followed until another took its place."""

    id: PeriodId
    ask: PeriodAsk
    asked_at: datetime
    adopted_at: datetime


def replacement_of(period: KeptPeriod, adopted: Sequence[Adopted], below: TeamsBelow) -> Takeover | None:
    """Return what took over days of an adopted period after it was adopted; None while the days follow it.

    Parameters
    ----------
    adopted
        The latest first, as those of `taken_over_by`.
    below
        For every team of a period.
    """
    since = period.adopted_at
    if since is None:
        return None
    later = (one for one in adopted if one.adopted_at > since and _meet(one, period, below))
    return next((_takeover(one, period) for one in later), None)


def taken_over_by(period: KeptPeriod, adopted: Sequence[Adopted], below: TeamsBelow) -> tuple[Takeover, ...]:
    """Return whose days a period would take over were it adopted now, the latest first."""
    met = [one for one in adopted if _meet(one, period, below)]
    return tuple(
        _takeover(one, period)
        for at, one in enumerate(met)
        if not any(_covers(newer, one, period, below) for newer in met[:at])
    )


def _takeover(other: Adopted, period: KeptPeriod) -> Takeover:
    from_on, until_on = _common(other.ask, period.ask)
    return Takeover(
        id=other.id,
        team_id=other.ask.team_id,
        first_on=other.ask.first_on,
        week_count=other.ask.week_count,
        asked_at=other.asked_at,
        from_on=from_on,
        until_on=until_on,
    )


def _meet(other: Adopted, period: KeptPeriod, below: TeamsBelow) -> bool:
    """Return whether both are of the same teams and days, at least in part."""
    first, last = _common(other.ask, period.ask)
    mine, its = period.ask.team_id, other.ask.team_id
    return other.id != period.id and first <= last and (_within(mine, its, below) or _within(its, mine, below))


def _covers(newer: Adopted, older: Adopted, period: KeptPeriod, below: TeamsBelow) -> bool:
    """Return whether nothing is left that the older one has of a period, as the newer one took it over."""
    first, last = _common(older.ask, period.ask)
    is_long = newer.ask.today_on <= first and last <= last_day(newer.ask)
    return is_long and _within(older.ask.team_id, newer.ask.team_id, below)


def _common(one: PeriodAsk, other: PeriodAsk) -> tuple[date, date]:
    return max(one.today_on, other.today_on), min(last_day(one), last_day(other))


def _within(team_id: TeamId | None, of: TeamId | None, below: TeamsBelow) -> bool:
    return of is None or (team_id is not None and team_id in below[of])
