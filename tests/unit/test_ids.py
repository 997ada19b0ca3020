"""What a company may call its things."""

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.ids import parse_id, parse_name


@pytest.mark.parametrize(
    "text", ["", " \t", "\u3000", "a\nb", "a\x00b", "a\tb", "\udc80", "x" * 201, "a\x7f"], ids=ascii
)
def test_what_cannot_be_kept_or_shown_is_refused(text: str) -> None:
    """Nothing, too much, control characters and lone surrogates; the sentence can be written in UTF-8."""
    for parse in (parse_id, parse_name):
        with pytest.raises(InvalidInput) as refused:
            parse(text)
        assert str(refused.value).encode()


def test_an_id_is_the_same_however_it_is_typed() -> None:
    """Full-width letters and digits are plain; case is kept, and so are spaces inside."""
    assert parse_id("　Ａ区－１ b ") == "A区-1 b"
    assert parse_id("x" * 200) == "x" * 200


def test_a_name_is_kept_as_people_write_it() -> None:
    """Only the space around it goes."""
    assert parse_name(" 甲（一）公司 ") == "甲（一）公司"
