"""Which numbers a tap on “call” can dial, of what a company wrote down as a site's phone."""

import re
from dataclasses import dataclass

_SEPARATOR = re.compile(r"[;,、|/]")
_NUMBER = re.compile(
    r"(?P<plus>\+?)(?P<digits>\(?[0-9][0-9 ().\-–]*[0-9])(?:\s*(?:转|ext\.?|x|#)\s*(?P<extension>[0-9]{1,8}))?",
    re.IGNORECASE,
)
_TRUNK = re.compile(r"\(0\)")  # what is left out after a country's code
_FEWEST, _MOST = 3, 15  # digits: an emergency number, the longest of ITU-T E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLink:
    """A number as it was written, and the address that dials it."""

    text: str
    url: str


def call_links(phone: str) -> tuple[CallLink, ...]:
    """Return every number that a phone text names, in its order; what is no number is left out.

    Notes
    -----
    ``tel:`` of RFC 3966: a plus, digits, and an extension as ``;ext=``; nothing else of the text gets into the link.

    Examples
    --------
    >>> [link.url for link in call_links("+86 (0)10-8888 6666 转 801; 门卫 13900001111 / none")]
    ['tel:+861088886666;ext=801', 'tel:13900001111']
    """
    links = (_link(part.strip()) for part in _SEPARATOR.split(phone))
    return tuple(link for link in links if link is not None)


def _link(text: str) -> CallLink | None:
    found = _NUMBER.search(text)
    if found is None:
        return None
    written = _TRUNK.sub("", found["digits"]) if found["plus"] else found["digits"]
    digits = "".join(letter for letter in written if letter in "0123456789")
    if not _FEWEST <= len(digits) <= _MOST:
        return None
    extension = "" if found["extension"] is None else f";ext={found['extension']}"
    return CallLink(text=text, url=f"tel:{found['plus']}{digits}{extension}")
