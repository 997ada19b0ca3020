"""What the scripts of the auditor's pages are told: the shell of a replay, its day, and the map of a search."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from geo_engine.reports.map_data import in_all_languages
from geo_engine.reports.model import OSM_ATTRIBUTION
from geo_engine.reports.replay_data import replay_document
from geo_engine.reports.replay_report import worn_replay
from geo_engine.reports.replay_words import replay_words
from geo_engine.tracks.worker_days import WorkerDay
from geo_engine.words import DEFAULT_LANGUAGE, Language, Message
from geo_engine.workforce import Worker

FIRST_FIXES = 4_500
"""So many fixes a day is shown with at once, the doubtful ones counted by themselves: 300 kB at the most."""
OUTLINE_FROM = 5_000
"""A day of so many fixes is first shown by its outline, as each may lie on a page of the disk of its own: phones report
beside each other. Among those of 250 phones a day of 8,100 fixes was there after 144 ms, its outline after 57.
"""
_FIRST_TOLERANCE_M = 3.0
_BOX_STEPS_PER_DEGREE = 50  # of about two kilometres

_KEPT = {name: "{" + name + "}" for name in ("n", "km")}
_IN_REPLAY = {
    "failed": Message("The replay could not be shown. Load the page again."),
    "not_matched": Message("The track is shown as it was reported, not drawn onto roads."),
}
_ON_SEARCH = {
    "map": Message("Map of the place"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "zoom_all": Message("Show the whole area"),
    "drawing": Message("Drawing the map …"),
    "km": Message("{km} km"),
    "metres": Message("{n} m"),
    "attribution": OSM_ATTRIBUTION,
    "found": Message("{n} found"),
    "none_found": Message("None found"),
    "choose_from_list": Message("Choose one from the list."),
}


def replay_shell(*, language: Language, replay_url: str, background_url: str | None) -> dict[str, Any]:
    """Return what a replay's page is told before its day."""
    return {
        "words": {language.value: {**replay_words(language), **_words(_IN_REPLAY, language)}},
        "language": language.value,
        "default_language": DEFAULT_LANGUAGE.value,
        "replay_url": replay_url,
        "background_url": background_url,
        "attribution": None if background_url is None else in_all_languages(OSM_ATTRIBUTION),
    }


def day_document(day: WorkerDay, *, whole_url: str | None) -> dict[str, Any]:
    """Return what one device told on a day: thinned with where the whole is, or whole where that is None.

    A day of few fixes is whole at once.
    """
    (worn,) = day.worn
    replay = worn_replay(day, worn)
    if whole_url is None or worn.fix_count <= FIRST_FIXES:
        return replay_document(replay)
    first = replay_document(replay, tolerance_m=_FIRST_TOLERANCE_M, most_fixes=FIRST_FIXES)
    return first | {"fix_count": worn.fix_count, "detail_url": whole_url}


def search_data(workers: tuple[Worker, ...], *, language: Language, background_url: str | None) -> dict[str, Any]:
    """Return what the map of a search is told: the area in which people start their days is what it shows first."""
    return {
        "words": {language.value: _words(_ON_SEARCH, language)},
        "language": language.value,
        "background_url": background_url,
        "box": _box(workers),
    }


def _box(workers: Sequence[Worker]) -> list[float] | None:
    """Return west, south, east and north of where days start, rounded outwards: nobody's home is told."""
    lons, lats = [worker.start.lon for worker in workers], [worker.start.lat for worker in workers]
    if not workers:
        return None
    step = _BOX_STEPS_PER_DEGREE
    return [
        *(math.floor(least * step) / step for least in (min(lons), min(lats))),
        *(math.ceil(most * step) / step for most in (max(lons), max(lats))),
    ]


def _words(words: Mapping[str, Message], language: Language) -> Mapping[str, str]:
    return {key: Message(one.template, _KEPT).render(language) for key, one in words.items()}
