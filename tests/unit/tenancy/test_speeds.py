"""How speeds by the hour are said."""

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tenancy.speeds import parse_speeds


def test_hours_that_are_not_named_are_as_the_roads_say() -> None:
    """Runs of hours exclude their end; a mode may stand before."""
    mode, percents = parse_speeds("7-9:60, 17-19:55,23:120")

    assert mode == "car"
    assert percents == (*(100,) * 7, 60, 60, *(100,) * 8, 55, 55, *(100,) * 4, 120)


def test_all_hours_may_be_said_one_by_one() -> None:
    """24 numbers, as a file has them or a list."""
    said = "\n".join(str(50 + hour) for hour in range(24))

    assert parse_speeds(f"bicycle={said}") == ("bicycle", tuple(range(50, 74)))


@pytest.mark.parametrize("text", ["", "60", "9-7:60", "23-25:60", "7-9:fast", "7-9:5", ",".join(["100"] * 25), "rush"])
def test_what_says_no_speeds_is_refused(text: str) -> None:
    """Too few, too many, hours there are not, words, or slower than a tenth."""
    with pytest.raises(InvalidInput, match=r"speeds|per cents"):
        parse_speeds(text)
