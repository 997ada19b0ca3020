"""Spellings of one street must meet, spellings of two must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.basemap.address_query import parse_address
from geo_engine.basemap.address_words import StreetName, house_numbers, normalized, split_number, street_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Avenue de la Princesse Grace", "Av. Princesse Grace"),
        ("Boulevard de l’Évêché", "bd de l'eveche"),
        ("Rua das Flores", "R. Flores"),
        ("Rue Grimaldi", "ＲＵＥ　ＧＲＩＭＡＬＤＩ"),
        ("Baker Street", "Baker St"),
    ],
)
def test_spellings_of_one_street_have_one_name(one: str, other: str) -> None:
    """Abbreviations, accents, joining words and full-width letters do not make another street."""
    assert street_name(normalized(one)) == street_name(normalized(other))


def test_a_chinese_street_keeps_its_type_apart() -> None:
    """中关村大街 and 中关村路 differ in type, not in core."""
    assert street_name("中关村大街") == StreetName("大街", "中关村")
    assert street_name("中关村路") == StreetName("路", "中关村")


@pytest.mark.parametrize(
    ("written", "street", "number"),
    [
        ("12 rue grimaldi", "rue grimaldi", "12"),
        ("rue grimaldi 12", "rue grimaldi", "12"),
        ("rue grimaldi no 12 bis", "rue grimaldi", "12bis"),
        ("中关村大街27号", "中关村大街", "27"),
        ("中关村大街 27 号 3 层", "中关村大街", "27"),
        ("rue du 4 septembre", "rue du 4 septembre", ""),
        ("boulevard albert 1er", "boulevard albert 1er", ""),
    ],
)
def test_the_house_number_is_found_at_either_end(written: str, street: str, number: str) -> None:
    """A number counts as a house number in front of the street or behind it, not within its name."""
    assert split_number(written) == (street, number)


def test_a_range_of_numbers_stands_for_its_ends() -> None:
    """What is tagged 5-7;12 Bis is found by 5, by 7 and by 12bis."""
    assert house_numbers("5-7;12 Bis") == ("5", "7", "12bis")


@pytest.mark.parametrize(
    "address",
    [
        "12 Rue Grimaldi, 98000 Monaco",
        "Rue Grimaldi, 12, Monaco",
        "12, rue Grimaldi 98000 MONACO",
        "12 rue grimaldi monaco",
    ],
)
def test_the_parts_of_an_address_are_told_apart_in_any_order(address: str) -> None:
    """Street, number, town and postcode are the same however they are arranged."""
    query = parse_address(address, known_towns=frozenset({"monaco"}))

    assert [(line.street, line.number) for line in query.lines] == [("rue grimaldi", "12")]
    assert query.towns == {"monaco"}


def test_a_street_named_after_a_town_stays_whole() -> None:
    """Avenue de Monaco is a street, not a street in Monaco."""
    query = parse_address("3 Avenue de Monaco", known_towns=frozenset({"monaco"}))

    assert [(line.street, line.number) for line in query.lines] == [("avenue de monaco", "3")]
    assert not query.towns


def test_chinese_regions_are_told_from_the_street() -> None:
    """Province, city and district in front of a street are the town."""
    query = parse_address("北京市海淀区中关村大街27号", known_towns=frozenset())

    assert [(line.street, line.number) for line in query.lines] == [("中关村大街", "27")]
    assert query.towns == {"北京", "海淀"}


@given(text=st.text(max_size=60))
def test_any_text_can_be_taken_apart(text: str) -> None:
    """No text, however odd, makes the reader of addresses fail."""
    query = parse_address(text, known_towns=frozenset({"monaco", "海淀"}))

    assert all(line.text for line in query.lines)
