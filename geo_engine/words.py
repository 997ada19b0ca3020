"""The sentences a person reads, in every language of the product.

The English sentence is the key; `words.zh-CN.json` beside this module holds the Chinese ones.
A test fails on a sentence without a translation or with other placeholders.
"""

import json
from collections.abc import Callable, Mapping
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


def plain_fact(fact: object) -> object:
    """Return a fact as JSON can hold it: what JSON does not know, such as a date, as the text that is shown of it."""
    return fact if isinstance(fact, str | int | float | None) else str(fact)


def message_document(message: Message, *, keep: Callable[[object], object] = plain_fact) -> dict[str, object]:
    """Return a message as JSON can hold it: what is said, and the facts, messages among them.

    Parameters
    ----------
    keep
        How facts are kept that are no messages.
    """
    facts = {
        key: message_document(fact, keep=keep) if isinstance(fact, Message) else keep(fact)
        for key, fact in message.facts.items()
    }
    return {"say": message.template, "facts": facts}


def read_message(document: Mapping[str, Any], *, read: Callable[[Any], object] = plain_fact) -> Message:
    """Return the message of a document that `message_document` made.

    Parameters
    ----------
    read
        How facts are read that are no messages: the inverse of `keep`.

    Examples
    --------
    >>> message = Message("{worker}: {note}", {"worker": "Li", "note": Message("break")})
    >>> read_message(message_document(message)) == message
    True
    """
    facts = {
        key: read_message(fact, read=read) if isinstance(fact, dict) and "say" in fact else read(fact)
        for key, fact in document["facts"].items()
    }
    return Message(document["say"], facts)


@cache
def _catalog(language: Language) -> Mapping[str, str]:
    text = files("geo_engine").joinpath(f"words.{language}.json").read_text(encoding="utf-8")
    catalog: dict[str, str] = json.loads(text)
    return catalog


def _words(fact: object, language: Language) -> object:
    return fact.render(language) if isinstance(fact, Message) else fact
