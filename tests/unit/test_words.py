"""Sentences, their facts and their languages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.words import Language, Message, message_document, read_message


@given(st.text())
def test_a_fact_is_inserted_and_never_interpreted(name: str) -> None:
    """Braces, percent signs and placeholders in what people typed stay as they are."""
    message = Message("The id {id} is given twice.", {"id": name})

    assert message.render(Language.EN) == f"The id {name} is given twice."
    assert message.render(Language.ZH_CN) == f"编号 {name} 重复出现。"


def test_a_fact_that_is_a_message_is_rendered_in_the_same_language() -> None:
    """A sentence within a sentence follows the reader."""
    message = Message("The id {id} is given twice.", {"id": Message("break")})

    assert message.render(Language.ZH_CN) == "编号 休息 重复出现。"


def test_an_unknown_sentence_is_shown_in_english_rather_than_not_at_all() -> None:
    """A missing translation costs nobody the message."""
    assert Message("Said nowhere else {x}", {"x": 1}).render(Language.ZH_CN) == "Said nowhere else 1"


@pytest.mark.parametrize("family", [InvalidInput, Unavailable])
def test_an_error_speaks_the_language_it_is_asked_in(family: type[InvalidInput | Unavailable]) -> None:
    """`str` is English, `render` any language."""
    error = family(Message("{file} has no usable row.", {"file": "a.csv"}))

    assert str(error) == "a.csv has no usable row."
    assert error.render(Language.ZH_CN) == "a.csv 中没有可用的行。"


FACTS = st.recursive(
    st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False) | st.dates(),
    lambda fact: st.builds(Message, st.just("{a} of {b}"), st.fixed_dictionaries({"a": fact, "b": fact})),
    max_leaves=4,
)


@given(st.fixed_dictionaries({"id": FACTS}))
def test_a_sentence_says_the_same_after_json(facts: dict[str, object]) -> None:
    """A message kept as JSON and read again renders to the same words in every language."""
    message = Message("The id {id} is given twice.", facts)

    kept = read_message(json.loads(json.dumps(message_document(message))))

    assert [kept.render(language) for language in Language] == [message.render(language) for language in Language]
