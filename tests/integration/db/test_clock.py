"""One answer to what a wall clock shows, in the database and in the program."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from support.databases import OwnDatabase

from geo_engine.timespan import DAY_S, clock_on

JUMPS = {
    "Europe/Lisbon": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Shanghai": (date(2026, 3, 29), date(1986, 5, 4)),
}


@pytest.mark.parametrize("zone", JUMPS)
def test_a_shift_begins_when_the_planner_says_though_the_clock_jumps(own: OwnDatabase, zone: str) -> None:
    """Each quarter of an hour of two days: skipped ones are the jump, repeated ones the first of the two."""
    clocks_s = range(0, 2 * DAY_S, 900)
    query = text(
        "select clock_on(c, :day, :zone) from unnest(cast(:clocks as int[])) with ordinality as t (c, n) order by n"
    )
    for day in JUMPS[zone]:
        with own.app.unbound() as session:
            told = session.scalars(query, {"day": day, "zone": zone, "clocks": list(clocks_s)}).all()

        assert told == [clock_on(clock_s, day, ZoneInfo(zone)) for clock_s in clocks_s]
