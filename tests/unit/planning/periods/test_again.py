"""Weeks asked for again: as the last time, moved on once they are over, without what is past."""

from dataclasses import replace
from datetime import date, timedelta

from geo_engine.ids import TeamId, WorkerId
from geo_engine.planning.periods.again import ask_again
from geo_engine.planning.periods.kept import PeriodAsk

MONDAY = date(2026, 11, 30)
LI, WANG = WorkerId("W1"), WorkerId("W2")
_A_DAY = timedelta(days=1)


def _days(*offsets: int) -> frozenset[date]:
    return frozenset(MONDAY + offset * _A_DAY for offset in offsets)


def _asked() -> PeriodAsk:
    """Return four weeks of a team, a holiday in each of the first three, Li off twice and Wang once."""
    return PeriodAsk(
        team_id=TeamId("north"),
        first_on=MONDAY,
        week_count=4,
        today_on=MONDAY,
        holidays=_days(2, 9, 16),
        days_off={LI: _days(1, 2, 11, 12, 40), WANG: _days(3)},
    )


def test_weeks_that_go_on_are_asked_for_again() -> None:
    """On the second Tuesday what is left of them is: holidays and leave from Wednesday on, of who is still there."""
    again = ask_again(_asked(), today=MONDAY + 8 * _A_DAY, worker_ids=[LI, WANG])
    gone = ask_again(_asked(), today=MONDAY + 8 * _A_DAY, worker_ids=[WANG])

    assert (again.team_id, again.first_on, again.week_count) == ("north", MONDAY, 4)
    assert again.today_on == MONDAY + 9 * _A_DAY
    assert again.holidays == _days(9, 16)
    assert again.days_off == {LI: _days(11, 12, 40)}
    assert gone.days_off == {}


def test_weeks_that_are_to_come_are_asked_for_as_they_were() -> None:
    """Before their first day nothing of them is past."""
    asked = _asked()

    assert ask_again(asked, today=MONDAY - 9 * _A_DAY, worker_ids=[LI, WANG]) == asked


def test_weeks_that_are_over_are_followed_by_as_many() -> None:
    """From the last Friday on nothing of them can be planned: from Monday on, with the leave that lies there."""
    asked = _asked()

    thursday, *over = (ask_again(asked, today=MONDAY + day * _A_DAY, worker_ids=[LI, WANG]) for day in range(24, 28))

    assert (thursday.first_on, thursday.days_off) == (MONDAY, {})  # the leave left is beyond: it would be refused
    for again in over:
        assert (again.first_on, again.today_on, again.week_count) == (MONDAY + 28 * _A_DAY, MONDAY + 28 * _A_DAY, 4)
        assert (again.holidays, again.days_off) == (frozenset(), {LI: _days(40)})


def test_weeks_of_which_holidays_alone_are_left_are_over() -> None:
    """The last days off work are no days to plan; who works on Saturdays still has one."""
    friday = replace(_asked(), holidays=_days(25))
    saturdays = replace(friday, workdays=frozenset({1, 2, 3, 4, 5, 6}))
    today = MONDAY + 24 * _A_DAY

    firsts_on = [ask_again(asked, today=today, worker_ids=[]).first_on for asked in (_asked(), friday, saturdays)]

    assert firsts_on == [MONDAY, MONDAY + 28 * _A_DAY, MONDAY]
