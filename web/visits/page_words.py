"""The words of the pages of visits that their scripts ask for."""

from collections.abc import Mapping

from geo_engine.reports.model import OSM_ATTRIBUTION
from geo_engine.words import Language, Message

_KEPT = {name: "{" + name + "}" for name in ("n", "km", "at")}
_WORDS = {
    "map": Message("Map of the visits"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "zoom_all": Message("Show the whole area"),
    "drawing": Message("Drawing the map …"),
    "attribution": OSM_ATTRIBUTION,
    "km": Message("{km} km"),
    "metres": Message("{n} m"),
    "found": Message("{n} found"),
    "none_found": Message("None found"),
    "choose_from_list": Message("Choose one from the list."),
    "fix": Message("{at}, ± {n} m"),
    "fix_rough": Message("{at}, accuracy unknown"),
    "check_in": Message("Check-in {at}"),
    "photo": Message("Photo, by its own position"),
}


def visit_words(language: Language) -> Mapping[str, str]:
    """Return the words in a language, their placeholders kept for the script to fill."""
    return {key: Message(one.template, _KEPT).render(language) for key, one in _WORDS.items()}
