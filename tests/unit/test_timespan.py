"""Spans, windows and clock times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.errors import InvalidInput
from geo_engine.timespan import ClockWindow, TimeSpan, TimeWindow, clock_on, parse_clock, parse_clock_window

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_span_must_have_a_length() -> None:
    """[start, start) is no span; a window of one moment is a window."""
    with pytest.raises(InvalidInput, match="end after it starts"):
        TimeSpan(start_at=NOON, end_at=NOON)

    assert TimeWindow(earliest_at=NOON, latest_at=NOON).latest_at == NOON


def test_a_moment_without_a_zone_is_refused() -> None:
    """A naive datetime never becomes a span or a window."""
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001

    with pytest.raises(InvalidInput, match="without a time zone"):
        TimeSpan(start_at=naive, end_at=NOON)


@given(st.integers(0, 47), st.integers(0, 59))
def test_a_clock_time_is_read_as_it_is_written(hour: int, minute: int) -> None:
    """HH:MM is hours and minutes after midnight; hours past 23 are of the next day."""
    assert parse_clock(f"{hour:02}:{minute:02}") == hour * 3600 + minute * 60


@pytest.mark.parametrize("text", ["", "9", "24:60", "48:00", "9.30", "aa:bb", "-1:00", "09:00:99", "09:00-11:00"])
def test_what_is_no_clock_time_is_refused_by_name(text: str) -> None:
    """The message quotes what was found."""
    with pytest.raises(InvalidInput, match="is not a clock time") as caught:
        parse_clock(text)

    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["09:00-11:00", "09:00 – 11:00", "9:00~11:00", "09:00至11:00", "09：00—11：00"])
def test_a_window_is_read_with_any_dash(text: str) -> None:
    """People type many dashes."""
    assert parse_clock_window(text) == ClockWindow(earliest_s=9 * 3600, latest_s=11 * 3600)


@pytest.mark.parametrize("text", ["12:00-11:00", "11:30-09:30"])
def test_a_window_that_would_last_most_of_a_day_over_midnight_is_reversed(text: str) -> None:
    """12:00-11:00 is a slip of the pen, not 23 hours."""
    with pytest.raises(InvalidInput, match="ends before it begins"):
        parse_clock_window(text)


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    """22:00-02:00 is four hours long."""
    window = parse_clock_window("22:00-02:00").on(date(2026, 11, 23), ZoneInfo("Asia/Shanghai"))

    assert window.latest_at - window.earliest_at == timedelta(hours=4)
    assert window.earliest_at == datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_the_wall_clock_decides_on_the_day_summer_time_begins() -> None:
    """In Paris 09:00 on 2026-03-29 is 07:00 UTC although midnight was 23:00 UTC."""
    moment = clock_on(9 * 3600, date(2026, 3, 29), ZoneInfo("Europe/Paris"))

    assert moment == datetime(2026, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize("clock", ["02:00", "02:30", "02:59:59", "03:00"])
def test_a_clock_time_that_summer_time_skips_is_the_moment_of_the_jump(clock: str) -> None:
    """In Paris the clock jumps from 02:00 to 03:00 on 2027-03-28, at 01:00 UTC; windows there stay in order."""
    moment = clock_on(parse_clock(clock), date(2027, 3, 28), ZoneInfo("Europe/Paris"))

    assert moment == datetime(2027, 3, 28, 1, tzinfo=UTC)


@given(st.integers(0, 86_399), st.integers(0, 86_399), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_later_on_the_clock_is_never_earlier_in_time(one_s: int, other_s: int, service_on: date) -> None:
    """Whatever day of the year, a window's end never comes before its start."""
    zone = ZoneInfo("America/New_York")

    assert clock_on(min(one_s, other_s), service_on, zone) <= clock_on(max(one_s, other_s), service_on, zone)
