"""How somebody travels: the modes a plan can mix, and what people call them."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


class TravelMode(StrEnum):
    """How a worker goes from one site to the next: on which roads, how fast, and at which price."""

    CAR = "car"
    EBIKE = "ebike"
    BICYCLE = "bicycle"
    FOOT = "foot"


MODE_WORDS: Mapping[TravelMode, Message] = {
    TravelMode.CAR: Message("by car"),
    TravelMode.EBIKE: Message("by e-bike"),
    TravelMode.BICYCLE: Message("by bicycle"),
    TravelMode.FOOT: Message("on foot"),
}
"""What a screen calls a mode."""

_SPOKEN = {
    TravelMode.CAR: ("car", "drive", "driving", "汽车", "开车", "驾车"),
    TravelMode.EBIKE: ("ebike", "e-bike", "e bike", "电动车", "电瓶车", "电动自行车", "电单车"),
    TravelMode.BICYCLE: ("bicycle", "bike", "cycling", "自行车", "单车", "骑行"),
    TravelMode.FOOT: ("foot", "on foot", "walk", "walking", "步行", "走路"),
}
_BY_WORD = {word: mode for mode, words in _SPOKEN.items() for word in words}


def parse_mode(text: str) -> TravelMode:
    """Return the travel mode that a word of English or Chinese names.

    Raises
    ------
    InvalidInput
        When it names none.

    Examples
    --------
    >>> parse_mode(" E-Bike "), parse_mode("步行")
    (<TravelMode.EBIKE: 'ebike'>, <TravelMode.FOOT: 'foot'>)
    """
    found = _BY_WORD.get(unicodedata.normalize("NFKC", text).strip().casefold())
    if found is None:
        raise InvalidInput(
            Message("“{text}” is not a travel mode: car, ebike, bicycle or foot.", {"text": text.strip()})
        )
    return found
