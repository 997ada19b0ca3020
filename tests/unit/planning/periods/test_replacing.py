"""Whose days a period takes over, and which took over its own: by teams, by days, by when they were adopted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from geo_engine.ids import PeriodId, TeamId
from geo_engine.planning.periods.kept import KeptPeriod, PeriodAsk
from geo_engine.planning.periods.replacing import Adopted, replacement_of, taken_over_by
from geo_engine.planning.versions.model import RequestState

MONDAY, NOON = date(2026, 11, 30), datetime(2026, 11, 28, 12, tzinfo=UTC)
TEAMS = {name: TeamId(name) for name in ("north", "north-east", "south")}
BELOW = {
    TEAMS["north"]: frozenset({TEAMS["north"], TEAMS["north-east"]}),
    TEAMS["north-east"]: frozenset({TEAMS["north-east"]}),
    TEAMS["south"]: frozenset({TEAMS["south"]}),
}


def _adopted(number: int, team: str, first_week: int, weeks: int, *, hour: int) -> Adopted:
    ask = PeriodAsk(team_id=TEAMS.get(team), first_on=MONDAY, week_count=first_week + weeks, today_on=MONDAY)
    ask = replace(ask, today_on=MONDAY + timedelta(weeks=first_week))
    return Adopted(id=PeriodId(UUID(int=number)), ask=ask, asked_at=NOON, adopted_at=NOON + timedelta(hours=hour))


def _kept(one: Adopted) -> KeptPeriod:
    return KeptPeriod(
        id=one.id,
        ask=one.ask,
        asked_by=None,
        asked_at=NOON,
        state=RequestState.PLANNED,
        share=1.0,
        failure=None,
        forecast=None,
        adopted_at=one.adopted_at,
    )


@pytest.mark.parametrize(
    ("other", "since"),
    [
        (("", 0, 4), 0),
        (("", 2, 4), 2),
        (("", 4, 4), None),
        (("north", 1, 3), 1),
        (("north-east", 0, 4), 0),
        (("south", 0, 4), None),
    ],
)
def test_the_later_one_of_the_same_teams_and_days_replaces(other: tuple[str, int, int], since: int | None) -> None:
    """From the first day of both on, whether of the same team, one above or one below; of none else."""
    mine = _adopted(1, "north", 0, 4, hour=0)
    later = _adopted(2, *other, hour=1)

    found = replacement_of(_kept(mine), [later, mine], BELOW)

    assert (found and found.from_on) == (None if since is None else MONDAY + timedelta(weeks=since))
    assert replacement_of(_kept(later), [later, mine], BELOW) is None


def test_what_was_never_adopted_is_not_replaced() -> None:
    """It has no days that another could take."""
    mine = replace(_kept(_adopted(1, "", 0, 4, hour=0)), adopted_at=None)

    assert replacement_of(mine, [_adopted(2, "", 0, 4, hour=1)], BELOW) is None


def test_only_those_are_taken_over_that_still_have_days() -> None:
    """Two teams have a period each; the older of the south has been replaced; nobody is named twice."""
    mine = _kept(_adopted(9, "", 0, 4, hour=0))
    south, north, old = (
        _adopted(number, team, 0, weeks, hour=hour)
        for number, team, weeks, hour in ((3, "south", 8, 3), (2, "north", 4, 2), (1, "south", 4, 1))
    )

    assert [one.id for one in taken_over_by(mine, [south, north, old], BELOW)] == [south.id, north.id]


def test_one_that_keeps_its_first_weeks_is_taken_over_too() -> None:
    """What was rolled forward after two weeks left the first two to the one before."""
    mine = _kept(_adopted(9, "", 0, 4, hour=0))
    rolled, first = _adopted(2, "", 2, 2, hour=2), _adopted(1, "", 0, 4, hour=1)

    assert [one.id for one in taken_over_by(mine, [rolled, first], BELOW)] == [rolled.id, first.id]
