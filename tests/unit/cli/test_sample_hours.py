"""At which hours a sample's day is under way, whenever it is made."""

from datetime import UTC, datetime, time, timedelta

import pytest

from geo_engine.cli.sample import hours_under_way

_USUAL = timedelta(hours=8), timedelta(hours=17)


@pytest.mark.parametrize("hour", range(24))
def test_a_day_that_is_under_way_has_begun_some_hours_ago_and_goes_on(hour: int) -> None:
    """At any hour of the clock people are at work since two hours or more, and for one more at least."""
    now = datetime(2026, 11, 27, hour, 20, tzinfo=UTC)

    later_h, day = hours_under_way(now)

    midnight = datetime.combine(day, time(), tzinfo=UTC)
    begins_at, ends_at = (midnight + clock + timedelta(hours=later_h) for clock in _USUAL)
    assert begins_at >= midnight
    assert begins_at + timedelta(hours=2) <= now <= ends_at - timedelta(hours=1)
