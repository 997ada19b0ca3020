"""How speeds by the hour are said."""

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tenancy.speeds import parse_speeds
from geo_engine.words import Language


def test_hours_that_are_not_named_are_as_the_roads_say() -> None:
    """Runs of hours exclude their end; a mode may stand before."""
    mode, percents = parse_speeds("7-9:60, 17-19:55,23:120")

    assert mode == "car"
    assert percents == (*(100,) * 7, 60, 60, *(100,) * 8, 55, 55, *(100,) * 4, 120)


def test_all_hours_may_be_said_one_by_one() -> None:
    """24 numbers, as a file has them or a list."""
    said = "\n".join(str(50 + hour) for hour in range(24))

    assert parse_speeds(f"bicycle={said}") == ("bicycle", tuple(range(50, 74)))


@pytest.mark.parametrize(
    "text", ["", "7-9:60,8-10:20", "60", "9-7:60", "23-25:60", "7-9:fast", "7-9:5", ",".join(["100"] * 25), "rush"]
)
def test_what_says_no_speeds_is_refused(text: str) -> None:
    """Too few, too many, hours there are not or are said twice, words, or slower than a tenth."""
    with pytest.raises(InvalidInput, match=r"says no speeds|Speeds of"):
        parse_speeds(text)


@pytest.mark.parametrize(
    ("text", "hours", "percent"),
    [
        ("7-9:0", "7:00–9:00", 0),
        ("bicycle=23:301", "23:00–24:00", 301),
        ("5:60,7-9:9,9-11:9,20:5", "7:00–11:00", 9),
        (",".join(["100"] * 4 + ["0"] * 20), "4:00–24:00", 0),
    ],
)
def test_an_hour_that_is_too_slow_or_too_fast_is_named_with_what_is_allowed(
    text: str, hours: str, percent: int
) -> None:
    """The first hours that are out of bounds, in both languages; nothing is said of 24 numbers where hours were."""
    with pytest.raises(InvalidInput) as refused:
        parse_speeds(text)

    mode = "bicycle" if "=" in text else "car"
    message = refused.value.message
    assert message.render(Language.EN) == (
        f"Speeds of {mode}: {percent} per cent at {hours} is not from 10 to 300 per cent of the roads' speed."
    )
    assert message.render(Language.ZH_CN) == (
        f"{mode} 的分时速度：{hours} 的 {percent}% 不在道路速度的 10% 至 300% 之间。"
    )


def test_a_mode_is_named_as_people_call_it_and_one_that_there_is_not_is_refused() -> None:
    """Speeds of a misspelt mode would never be anybody's: they are not taken and then forgotten."""
    assert parse_speeds("电动车=7:60")[0] == "ebike"
    with pytest.raises(InvalidInput, match="not a travel mode"):
        parse_speeds("bicyle=7:60")
