"""How streets and numbers are written: the words, abbreviations and orders of French, Portuguese, English, Chinese.

A street's name falls into a *type* (avenue, rue, 大街) and a *core*, the words that tell it from others of
its type. Two spellings of one street have the same core and, where both state it, the same type.
"""

import re
import unicodedata
from dataclasses import dataclass

_TYPE_WORDS = {
    "rue": "rue rua r",
    "avenue": "avenue avenida av ave avda",
    "boulevard": "boulevard boul bd bld blvd bvd",
    "place": "place placa praca plaza pl pc pca",
    "praceta": "praceta pcta pct",
    "square": "square sq",
    "largo": "largo lg lgo",
    "travessa": "travessa trav tv",
    "estrada": "estrada estr",
    "route": "route rte",
    "chemin": "chemin chem che ch",
    "impasse": "impasse imp",
    "allee": "allee allees all",
    "alameda": "alameda al",
    "escalier": "escalier escaliers esc",
    "passage": "passage pass psg",
    "promenade": "promenade prom",
    "quai": "quai cais",
    "cours": "cours crs",
    "calcada": "calcada calc",
    "beco": "beco bc",
    "viela": "viela vla",
    "ruelle": "ruelle",
    "montee": "montee",
    "sentier": "sentier",
    "esplanade": "esplanade espl",
    "rond point": "rotunda rot",
    "street": "street st str",
    "road": "road rd",
    "lane": "lane ln",
    "drive": "drive dr",
    "court": "court ct",
}
_TYPES = {word: kind for kind, words in _TYPE_WORDS.items() for word in words.split()}
_TRAILING_TYPES = frozenset(
    ("street", "st", "road", "rd", "lane", "ln", "drive", "dr", "avenue", "ave", "boulevard", "blvd", "square", "sq")
)
_CORE_WORDS = {
    "st": "saint",
    "ste": "sainte",
    "dr": "doutor",
    "gen": "general",
    "gal": "general",
    "mal": "marechal",
    "pdt": "president",
    "pres": "presidente",
    "prof": "professor",
    "pce": "prince",
    "pcesse": "princesse",
    "psse": "princesse",
    "eng": "engenheiro",
    "cmdt": "commandant",
    "cap": "capitao",
    "sta": "santa",
    "sto": "santo",
}
JOINING_WORDS = frozenset(
    ("a", "d", "da", "das", "de", "del", "des", "do", "dom", "dona", "dos", "du", "e", "et", "l", "la", "las")
).union(("le", "les", "los", "o", "of", "s", "the", "and"))
_CHINESE_TYPES = ("大街", "大道", "公路", "胡同", "路", "街", "巷", "道", "里", "弄")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = r"\d{1,4}(?: ?(?:bis|ter|quater|[a-z]))?"
_NUMBER_LABEL = r"(?:(?:no|nr|num|numero|n) )?"
_FRONT_NUMBER = re.compile(rf"{_NUMBER_LABEL}({_NUMBER})(?: {_NUMBER})? (.*\D.*)")
_BACK_NUMBER = re.compile(rf"(.*?\D.*?) {_NUMBER_LABEL}({_NUMBER})(?: {_NUMBER})?")
_ONLY_NUMBER = re.compile(rf"{_NUMBER_LABEL}({_NUMBER})(?: ?[号號])?")
_CHINESE_NUMBER = re.compile(r"(.*?[^\d甲乙丙])[甲乙丙]?(\d+)[号號].*|(.*[^\d甲乙丙])[甲乙丙]?(\d+)")


@dataclass(frozen=True, slots=True)
class StreetName:
    """A street's name taken apart; `kind` is empty when the name states no type of street."""

    kind: str
    core: str


def normalized(text: str) -> str:
    """Return the words of a text without case, accents, punctuation and width variants.

    Examples
    --------
    >>> normalized("Boulevard de l’Évêché")
    'boulevard de l eveche'
    """
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", letters).strip()


def is_chinese(text: str) -> bool:
    """Return whether a text holds Chinese characters."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def street_name(words: str) -> StreetName:
    """Return type and core of a street's normalized name.

    Examples
    --------
    >>> street_name("av de la princesse grace")
    StreetName(kind='avenue', core='princesse grace')
    >>> street_name("中关村大街")
    StreetName(kind='大街', core='中关村')
    """
    if is_chinese(words):
        return _chinese_street_name(words.replace(" ", ""))
    kind, rest = "", words.split()
    if len(rest) > 1 and rest[0] in _TYPES:
        kind, rest = _TYPES[rest[0]], rest[1:]
    elif len(rest) > 1 and rest[-1] in _TRAILING_TYPES:
        kind, rest = _TYPES[rest[-1]], rest[:-1]
    core = [_CORE_WORDS.get(word, word) for word in rest if word not in JOINING_WORDS]
    return StreetName(kind, " ".join(core or rest))


def split_number(words: str) -> tuple[str, str]:
    """Return a normalized address line without its house number, and the number; empty when it has none.

    Examples
    --------
    >>> split_number("12 bis rue grimaldi")
    ('rue grimaldi', '12bis')
    >>> split_number("rue grimaldi 12")
    ('rue grimaldi', '12')
    >>> split_number("中关村大街27号")
    ('中关村大街', '27')
    """
    if is_chinese(words):
        found = _CHINESE_NUMBER.fullmatch(words.replace(" ", ""))
        return (found[1] or found[3], found[2] or found[4]) if found else (words.replace(" ", ""), "")
    front, back = _FRONT_NUMBER.fullmatch(words), _BACK_NUMBER.fullmatch(words)
    if front:
        return front[2], front[1].replace(" ", "")
    if back:
        return back[1], back[2].replace(" ", "")
    return words, ""


def only_number(words: str) -> str:
    """Return the house number when a normalized text is nothing else, otherwise nothing."""
    found = _ONLY_NUMBER.fullmatch(words)
    return found[1].replace(" ", "") if found else ""


def house_numbers(tagged: str) -> tuple[str, ...]:
    """Return the numbers of an ``addr:housenumber``; a range stands for its two ends.

    Examples
    --------
    >>> house_numbers("5-7;12 Bis")
    ('5', '7', '12bis')
    """
    parts = re.split(r"[;,/\-–]", tagged)
    numbers = (normalized(part).replace(" ", "").rstrip("号號") for part in parts)
    return tuple(number for number in numbers if number)


def leading_int(number: str) -> int | None:
    """Return the figure a house number starts with, None when it starts with none."""
    found = re.match(r"\d{1,6}", number)
    return int(found[0]) if found else None


def _chinese_street_name(name: str) -> StreetName:
    kind = next((kind for kind in _CHINESE_TYPES if name.endswith(kind) and len(name) > len(kind)), "")
    return StreetName(kind, name.removesuffix(kind))
