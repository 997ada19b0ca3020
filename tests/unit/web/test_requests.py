"""What a request says of time and place, read or refused in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from web.requests import read_date, read_moment, read_position

LISBON = ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("2026-11-25T08:30", 8, 30), ("2026-06-25T08:30", 7, 30), ("2026-03-29T01:30", 1, 0), ("2026-10-25T01:30", 0, 30)],
)
def test_a_clock_time_is_a_moment_in_the_companys_zone(text: str, hour: int, minute: int) -> None:
    """In winter, in summer, and when the clocks jump: what is skipped is the jump, what is repeated the first."""
    day = datetime.fromisoformat(text).date()

    moment = read_moment(text, LISBON)

    assert moment == datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "now", "2026-11-25T08:30+08:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_what_is_no_clock_time_is_refused(text: str | None) -> None:
    """Nothing, words, a moment that names its own zone, and centuries away."""
    with pytest.raises(InvalidInput):
        read_moment(text, LISBON)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tomorrow", "“tomorrow” is not a date such as 2026-11-24."),
        ("2026-02-30", "“2026-02-30” is not a date such as 2026-11-24."),
        ("9999-12-31", "The date 9999-12-31 is outside the years 1970 to 2200."),
        ("0001-01-01", "The date 0001-01-01 is outside the years 1970 to 2200."),
    ],
)
def test_what_is_no_day_or_centuries_away_is_refused_as_what_it_is(text: str, sentence: str) -> None:
    """A date out of range is one all the same."""
    with pytest.raises(InvalidInput) as raised:
        read_date(text, otherwise=date(2026, 11, 24))

    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    "form", [{}, {"lon": "1"}, {"lon": "x", "lat": "1"}, {"lon": "nan", "lat": "1"}, {"lon": "181", "lat": "1"}]
)
def test_what_is_no_place_is_refused(form: dict[str, str]) -> None:
    """A place has two finite numbers in their range."""
    assert read_position({"lon": "7.42", "lat": "43.73"}) == Position(7.42, 43.73)
    with pytest.raises(InvalidInput):
        read_position(form)
