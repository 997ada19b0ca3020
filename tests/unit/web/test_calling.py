"""What can be dialled of what people write as a phone number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.field.calling import call_links

TEL = re.compile(r"tel:\+?[0-9]{3,15}(;ext=[0-9]{1,8})?")


@pytest.mark.parametrize(
    ("phone", "urls"),
    [
        ("", []),
        ("ask at the desk", []),
        ("12", []),
        ("110", ["tel:110"]),
        ("+377 93.15.00.00", ["tel:+37793150000"]),
        ("(010) 8888-6666", ["tel:01088886666"]),
        ("+86 (0)10 8888 6666", ["tel:+861088886666"]),
        ("010-88886666转801", ["tel:01088886666;ext=801"]),
        ("555 0100 ext. 12", ["tel:5550100;ext=12"]),
        ("王经理 13900001111; 门卫：010-88886666", ["tel:13900001111", "tel:01088886666"]),
        ("13900001111、13900002222/13900003333", ["tel:13900001111", "tel:13900002222", "tel:13900003333"]),
        ("1234567890123456", []),
        ("javascript:alert(1)", []),
        ('110" onclick="x', ["tel:110"]),
    ],
)
def test_every_number_of_a_text_can_be_called(phone: str, urls: list[str]) -> None:
    """Signs between digits are left out, several numbers are several links, and words are none."""
    assert [link.url for link in call_links(phone)] == urls


@given(st.text(st.sampled_from("0123456789+-() .;,/、转extabc王\"'<>&#\u0661\n")))
def test_a_link_holds_nothing_but_a_number(phone: str) -> None:
    """Whatever was written, a link dials digits."""
    assert all(TEL.fullmatch(link.url) for link in call_links(phone))
