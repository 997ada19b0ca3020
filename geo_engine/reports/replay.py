"""The replay of a day as one HTML file with everything in it, that asks no other host for anything."""

from geo_engine.reports.map_data import in_all_languages
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import OneFilePage, inert, inert_json, render_page
from geo_engine.reports.replay_data import replay_document
from geo_engine.reports.replay_model import Replay
from geo_engine.reports.replay_words import replay_words
from geo_engine.words import DEFAULT_LANGUAGE, Language

REPLAY_SCRIPTS = (
    "page_text.js",
    "background_layer.js",
    "base_map.js",
    "track_codec.js",
    "replay_data.js",
    "replay_time.js",
    "replay_player.js",
    "replay_colours.js",
    "replay_flags.js",
    "replay_link.js",
    "replay_graticule.js",
    "replay_track.js",
    "replay_layers.js",
    "replay_marker.js",
    "replay_strips.js",
    "replay_timeline.js",
    "replay_dock.js",
    "replay_list.js",
    "replay_look.js",
    "replay_keys.js",
    "replay_page.js",
)
"""The modules of a replay, each after what it needs."""

_STYLES = ("tokens.css", "plan_map.css", "panel.css", "replay.css")


def render_replay(replay: Replay) -> str:
    """Return a replay as one HTML file.

    Raises
    ------
    AssetsMissing
        When Leaflet is not installed beside this package.

    Notes
    -----
    About 18 bytes a fix, the background (2 MB at most) and 300 kB of scripts.
    """
    words = replay_words(replay.language)
    shell = {
        "words": {language.value: replay_words(language) for language in Language},
        "default_language": DEFAULT_LANGUAGE.value,
        "attribution": None if replay.attribution is None else in_all_languages(replay.attribution),
    }
    background = {} if replay.background is None else {"plan-background": inert(replay.background)}
    page = OneFilePage(
        name="replay",
        language=replay.language,
        title=words["replay"],
        no_script=words["failed"],
        map=draw_map(),
        data={"plan-data": inert_json(shell), "replay-data": inert_json(replay_document(replay)), **background},
        styles=_STYLES,
        scripts=REPLAY_SCRIPTS,
    )
    return render_page(page)
