"""Words of the people in the field."""

from datetime import date

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId
from geo_engine.timespan import ClockWindow
from geo_engine.workforce import WorkerShift


@pytest.mark.parametrize(("earliest_s", "latest_s"), [(0, 0), (36_000, 36_000), (36_000, 28_800), (0, 86_401)])
def test_a_shift_lasts_some_time_and_at_most_a_day(earliest_s: int, latest_s: int) -> None:
    """Hours that nobody can work are refused before they reach the database."""
    hours = ClockWindow(earliest_s=earliest_s, latest_s=latest_s)

    with pytest.raises(InvalidInput, match="must last more than 0"):
        WorkerShift(service_on=date(2026, 11, 25), worker_id=WorkerId("W1"), hours=hours)
