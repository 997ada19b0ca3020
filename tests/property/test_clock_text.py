"""Clock times and windows read back as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.timespan import ClockWindow, clock_text, parse_clock, parse_clock_window, window_text

TWO_DAYS = st.integers(0, 2 * 86_400 - 1)


@given(TWO_DAYS)
def test_a_clock_time_reads_back(clock_s: int) -> None:
    """Seconds and the next day included."""
    assert parse_clock(clock_text(clock_s)) == clock_s


@pytest.mark.parametrize("dash", ["–", "-"])
@given(one=TWO_DAYS, other=TWO_DAYS)
def test_a_window_reads_back(dash: str, one: int, other: int) -> None:
    """Whatever the dash, the window is the same."""
    window = ClockWindow(earliest_s=min(one, other), latest_s=max(one, other))

    assert parse_clock_window(window_text(window, dash=dash)) == window
