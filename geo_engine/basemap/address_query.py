"""How an address is taken apart: its street lines, house numbers, towns and postcode."""

import re
import unicodedata
from dataclasses import dataclass

from geo_engine.basemap.address_words import JOINING_WORDS, is_chinese, normalized, only_number, split_number

_POSTCODE = re.compile(r"(?<![\w-])(\d{4}-\d{3}|\d{5,6})(?![\w-])(?!\s*[号號])")
_CHINESE_REGIONS = re.compile(
    r"^(?:中国)?([^省市区县]{2,3}省|[^省市区县]{2,6}自治区)?([^省市区县]{2,4}市)?([^省市区县]{1,4}(?<![小社园校])[区县])?"
)
_NO_STREET = re.compile(
    r"\b(?:france|portugal|china|principaute de monaco|cedex|bp \d+|etage|andar|floor|appartement|apt|appt|batiment|bat"
    r"|bloco|loja|esq|esquerdo|dto|direito|suite|unit)\b|^(?:中国|[a-z])$"
)
_MAX_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLine:
    """One part of an address that may name a street or a place.

    Parameters
    ----------
    text
        Normalized, as written, with any number in it.
    street
        The same without the house number.
    number
        The house number; empty when the part has none.
    """

    text: str
    street: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressQuery:
    """An address taken apart.

    Parameters
    ----------
    lines
        What may name a street or a place, in the order written.
    towns
        Towns and districts that the address names, normalized.
    postcode
        Digits and dash as written; empty when it has none.
    """

    lines: tuple[AddressLine, ...]
    towns: frozenset[str]
    postcode: str


def parse_address(address: str, *, known_towns: frozenset[str]) -> AddressQuery:
    """Return the parts of an address.

    Parameters
    ----------
    known_towns
        Normalized names of the towns and districts that the extract knows; others are taken for lines.
    """
    text = unicodedata.normalize("NFKC", address)
    postcode = _POSTCODE.search(text)
    if postcode:
        text = f"{text[: postcode.start()]},{text[postcode.end() :]}"
    towns: set[str] = set()
    pieces = re.split(r"[,;、\n|()]+| [-–] ", text)
    parts = [normalized(_without_regions(part, towns) if is_chinese(part) else part) for part in pieces]
    lines = _lines([part for part in parts if part], towns, known_towns)
    return AddressQuery(lines=lines, towns=frozenset(towns), postcode=postcode[1] if postcode else "")


def town_name(name: str) -> str:
    """Return a town's name as addresses are compared by it; 海淀 and 海淀区 are one."""
    words = normalized(name)
    return re.sub(r"(?<=..)[省市区县]$", "", words) if is_chinese(words) else words


def town_names(text: str) -> frozenset[str]:
    """Return the towns and districts in a tagged town.

    Examples
    --------
    >>> sorted(town_names("北京市海淀区")) == ["北京", "海淀"]
    True
    """
    names: set[str] = set()
    for part in text.split(","):
        rest = _without_regions(part, names) if is_chinese(part) else part
        if rest.strip():
            names.add(town_name(rest))
    return frozenset(names)


def _without_regions(text: str, towns: set[str]) -> str:
    compact = re.sub(r"(?<=[\u4e00-\u9fff\d])\s+(?=[\u4e00-\u9fff\d])", "", text.strip())
    found = _CHINESE_REGIONS.match(compact)
    if not found:
        return compact
    towns.update(town_name(region) for region in found.groups() if region)
    return compact[found.end() :]


def _lines(parts: list[str], towns: set[str], known_towns: frozenset[str]) -> tuple[AddressLine, ...]:
    lines: list[AddressLine] = []
    for part in parts:
        number = only_number(part)
        if number and lines and not lines[-1].number:
            lines[-1] = _numbered(lines[-1], number)
            continue
        rest = _without_town(part, towns, known_towns)
        if rest and not _NO_STREET.search(rest):
            street, number = split_number(rest)
            lines.append(AddressLine(text=rest, street=street, number=number))
    return _front_number_joined(lines)[:_MAX_LINES]


def _numbered(line: AddressLine, number: str) -> AddressLine:
    return AddressLine(text=f"{line.text} {number}", street=line.street, number=number)


def _front_number_joined(lines: list[AddressLine]) -> tuple[AddressLine, ...]:
    # “12, Rue Grimaldi”: a number of its own before the street.
    if len(lines) > 1 and only_number(lines[0].text) and not lines[1].number:
        return (_numbered(lines[1], only_number(lines[0].text)), *lines[2:])
    return tuple(lines)


def _without_town(part: str, towns: set[str], known_towns: frozenset[str]) -> str:
    """Return a part without the town that it is or ends with; the town is added to `towns`."""
    words = part.split()
    for start in range(len(words)):
        name = town_name(" ".join(words[start:]))
        if name not in known_towns:
            continue
        before = " ".join(words[:start])
        if not before or re.fullmatch(r"\d{4}", before):
            towns.add(name)
            return ""
        if _ends_a_line(words[:start]):
            towns.add(name)
            return before
    return part


def _ends_a_line(words: list[str]) -> bool:
    # “avenue de | monaco” and “rue | nice” belong together: a joining or a lone word needs what follows it.
    return words[-1] not in JOINING_WORDS and len([word for word in words if not word[0].isdigit()]) > 1
