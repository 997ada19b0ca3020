"""The fields of weeks: what was asked for can be written so that it is read again as it was."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo_engine.ids import TeamId, WorkerId
from geo_engine.planning.periods.kept import PeriodAsk
from geo_engine.planning.periods.service import AskedAgain
from web.periods.asked import fields_of, read_ask

TODAY = date(2026, 11, 29)
FIRST = TODAY + timedelta(days=1)
_DAYS = st.frozensets(st.dates(FIRST, FIRST + timedelta(weeks=12)), min_size=1, max_size=12)
_NAMES = {
    "W1": "李雷",
    "W2": "Ann to Li",
    "W3": "李雷",  # of two
    "W4": "W1",  # an id of another
    "W5": "",
    "W6": "Anna, ",  # what stands between who and when
    "W7": "ｗａｎｇ",  # read as plain letters
    "W8": "born 1980-01-02",
    "W9": "a\nb",
}


@given(off=st.dictionaries(st.sampled_from(sorted(_NAMES)), _DAYS), holidays=st.frozensets(st.dates(FIRST), max_size=3))
def test_what_is_written_is_read_again(off: dict[str, frozenset[date]], holidays: frozenset[date]) -> None:
    """Weeks, team, holidays and every leave come back, of whoever is named by a name that is nobody else's."""
    ask = PeriodAsk(
        team_id=TeamId("north"),
        first_on=FIRST,
        week_count=6,
        today_on=FIRST,
        holidays=frozenset(day for day in holidays if day.year < 2199),
        days_off={WorkerId(worker): days for worker, days in off.items()},
    )
    names = {WorkerId(worker): name for worker, name in _NAMES.items()}

    read = read_ask(fields_of(AskedAgain(ask=ask, workers=names)), today=TODAY)

    called = {"Ann to Li": WorkerId("W2")}
    days_off = {called.get(worker, worker): days for worker, days in read.days_off.items()}
    assert replace(read, days_off=days_off) == ask


def test_all_leaves_of_a_worker_are_a_line() -> None:
    """Of each its first and its last day, or its only one, behind the name of who is off."""
    days = frozenset(FIRST + timedelta(days=day) for day in (0, 1, 2, 5))
    ask = PeriodAsk(first_on=FIRST, week_count=5, today_on=FIRST, days_off={WorkerId("W1"): days})

    fields = fields_of(AskedAgain(ask=ask, workers={WorkerId("W1"): "李雷"}))

    assert fields["days_off"].splitlines() == ["李雷 2026-11-30 2026-12-02, 2026-12-05"]
    assert fields["weeks"] == ""  # no weeks that are offered


def test_leave_of_many_is_read_again() -> None:
    """Of 90 workers every other day of twelve weeks: neither too many lines nor one too long."""
    days = frozenset(FIRST + timedelta(days=day) for day in range(0, 84, 2))
    names = {WorkerId(f"W{number}"): f"{'名' * 100}{number}" for number in range(90)}
    ask = PeriodAsk(first_on=FIRST, week_count=12, today_on=FIRST, days_off=dict.fromkeys(names, days))

    read = read_ask(fields_of(AskedAgain(ask=ask, workers=names)), today=TODAY)

    assert read.days_off == dict.fromkeys(names.values(), days)
