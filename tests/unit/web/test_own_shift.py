"""When a shift began that somebody says began earlier."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from geo_engine.errors import InvalidInput
from web.field.shift import began_at

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
"""Nine in the morning."""


@pytest.mark.parametrize(("text", "hours_ago"), [(None, 0), ("", 0), ("08:30", 0.5), ("09:00", 0), ("22:00", 11)])
def test_it_began_when_the_clock_last_showed_the_time(text: str | None, hours_ago: float) -> None:
    """Ten in the evening was yesterday's; without a time it begins now."""
    assert began_at(text, zone=ZONE, now=NOW) == NOW - timedelta(hours=hours_ago)


@pytest.mark.parametrize("text", ["09:01", "16:00", "47:59"])
def test_what_would_be_longer_ago_than_a_shift_lasts_is_still_to_come(text: str) -> None:
    """It is not taken for yesterday's: whoever begins a shift is told that nobody does so in the future."""
    assert began_at(text, zone=ZONE, now=NOW) > NOW


def test_what_no_clock_shows_is_refused() -> None:
    """In words."""
    with pytest.raises(InvalidInput, match="noon"):
        began_at("noon", zone=ZONE, now=NOW)
