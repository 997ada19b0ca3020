"""The sentences a person reads, in every language of the product.

The English sentence is the key; `words.zh-CN.json` beside this module holds the Chinese ones.
A test fails on a sentence without a translation or with other placeholders.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Language(StrEnum):
    """A language every screen, file and message exists in (BCP 47 tags)."""

    EN = "en"
    ZH_CN = "zh-CN"


DEFAULT_LANGUAGE = Language.EN


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and the facts in it, not yet in any language.

    Parameters
    ----------
    template
        The English sentence with ``{named}`` placeholders.
    facts
        What fills the placeholders; a fact may be a message itself.

    Examples
    --------
    >>> message = Message("Nobody has the skill {skill}.", {"skill": "gas"})
    >>> message.render(Language.EN)
    'Nobody has the skill gas.'
    """

    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def render(self, language: Language) -> str:
        """Return the sentence in `language`; facts are inserted as they are, never interpreted."""
        template = self.template
        if language is not Language.EN:
            template = _catalog(language).get(template, template)
        return template.format_map({key: _words(fact, language) for key, fact in self.facts.items()})


def message_document(message: Message) -> dict[str, object]:
    """Return a message as JSON can hold it: what is said, and the facts, messages among them.

    Facts that JSON does not know, such as dates, are kept as their text, which is all that is shown of them.
    """
    return {"say": message.template, "facts": {key: _fact_document(fact) for key, fact in message.facts.items()}}


def read_message(document: Mapping[str, Any]) -> Message:
    """Return the message of a document that `message_document` made.

    Examples
    --------
    >>> message = Message("{worker}: {note}", {"worker": "Li", "note": Message("break")})
    >>> read_message(message_document(message)) == message
    True
    """
    facts = {key: read_message(fact) if isinstance(fact, dict) else fact for key, fact in document["facts"].items()}
    return Message(document["say"], facts)


def _fact_document(fact: object) -> object:
    if isinstance(fact, Message):
        return message_document(fact)
    return fact if isinstance(fact, str | int | float | None) else str(fact)


@cache
def _catalog(language: Language) -> Mapping[str, str]:
    text = files("geo_engine").joinpath(f"words.{language}.json").read_text(encoding="utf-8")
    catalog: dict[str, str] = json.loads(text)
    return catalog


def _words(fact: object, language: Language) -> object:
    return fact.render(language) if isinstance(fact, Message) else fact
