"""What a replay is told, and the page that it becomes."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.replays import at, day_replay, replay_of

from geo_engine.reports import replay as replay_page
from geo_engine.reports.replay import REPLAY_SCRIPTS, render_replay
from geo_engine.reports.replay_data import replay_document, replay_summary, zone_offsets
from geo_engine.reports.replay_words import replay_words
from geo_engine.tracks import Flag
from geo_engine.tracks.codec import decode_track
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.words import Language

ASSETS = Path(replay_page.__file__).parent / "assets"
SHARED = ("page_text.js", "background_layer.js", "track_codec.js")
ZONES = st.sampled_from(
    ["Europe/Lisbon", "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]
)
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def test_spans_are_told_with_their_moments_to_the_millisecond() -> None:
    """Stops, trips and gaps go to the page in seconds since 1970, a stop with its place and radius."""
    told = json.loads(json.dumps(replay_document(day_replay())))

    assert [(one["from"], one["to"]) for one in told["trips"]] == [
        (at(0).timestamp(), at(10).timestamp()),
        (at(30).timestamp(), at(80).timestamp()),
    ]
    assert told["stops"] == [
        {
            "from": at(10).timestamp(),
            "to": at(30).timestamp(),
            "lon": 7.41,
            "lat": 43.783959,
            "radius_m": 12.0,
            "fix_count": 80,
        }
    ]
    assert told["gaps"] == [{"from": at(40).timestamp(), "to": at(70).timestamp(), "cause": "unknown"}]


def test_a_trip_tells_its_way_on_roads_where_that_is_known() -> None:
    """To a decimetre beside the way along its fixes; of other trips it is unknown, not nought."""
    known = {at(30): DrivenTrip(driven_m=21_234.56, confidence=0.9, ways=())}

    told = replay_document(replace(day_replay(), driven_trips=known))["trips"]

    assert [(one["distance_m"], one["driven_m"]) for one in told] == [(6_000.0, None), (18_000.0, 21_234.6)]


def test_the_line_has_every_usable_fix_and_breaks_at_the_gap() -> None:
    """Nothing is thinned in a file; there are two parts, one on each side of the gap."""
    replay = day_replay()

    drawn = decode_track(replay_document(replay)["track"])

    assert drawn.tolerance_m is None
    assert len(drawn.line.times_s) == drawn.fix_count == sum(drawn.part_counts)
    assert len(drawn.part_counts) == 2


def test_doubtful_fixes_are_counted_by_their_reason() -> None:
    """The bits that occur are counted, also of those the line has no place for; no others are told."""
    told = replay_document(day_replay())

    assert told["flag_counts"] == {"0": 1, "4": 1, "6": 1}
    assert told["doubtful_count"] == 3


def test_a_way_on_roads_reads_back_as_it_was() -> None:
    """Summed up, the differences are the way's moments to a millisecond and its places to a millionth of a degree."""
    replay = day_replay()
    assert replay.driven is not None
    way = replay.driven.ways[2]

    told = replay_document(replay)["driven"]["ways"][2]

    assert (told["kind"], told["confidence"]) == ("assumed", 0.0)
    assert np.abs(np.cumsum(told["times"]) - way.times_us / 1e3).max() <= 0.5
    assert np.abs(np.cumsum(told["lons"]) - way.lons_deg * 1e6).max() <= 0.5
    assert np.abs(np.cumsum(told["lats"]) - way.lats_deg * 1e6).max() <= 0.5


@settings(max_examples=60)
@given(name=ZONES, started_at=MOMENTS, hours=st.integers(0, 24 * 300))
def test_the_offsets_give_the_clocks_of_the_zone_at_any_moment(name: str, started_at: datetime, hours: int) -> None:
    """Whatever the zone and the span, the last offset before a moment is the one the zone has then."""
    zone, ended_at = ZoneInfo(name), started_at + timedelta(hours=hours)

    offsets = list(zone_offsets(zone, started_at, ended_at))

    for share in np.linspace(0.0, 1.0, 40):
        moment = started_at + float(share) * (ended_at - started_at)
        told = [minutes for since, minutes in offsets if since <= moment.timestamp() + 0.5][-1]
        assert timedelta(minutes=told) == moment.astimezone(zone).utcoffset()
    assert [since for since, _ in offsets] == sorted({since for since, _ in offsets})


def test_the_summary_counts_what_is_in_the_replay() -> None:
    """It says the span by the zone's clocks, how much there is of each kind, and how far it was."""
    summary = replay_summary(day_replay())

    assert summary == {
        "timezone": "Europe/Monaco",
        "started_at": "2026-10-25T08:00:00+01:00",
        "ended_at": "2026-10-25T09:20:00+01:00",
        "fix_count": 205,
        "doubtful_count": 3,
        "stop_count": 1,
        "trip_count": 2,
        "gap_count": 1,
        "distance_m": 24_000,
        "driven_m": 24_000,
    }


def test_a_replay_without_a_fix_can_be_told() -> None:
    """An empty track gives a document with nothing in it, not an error."""
    told = replay_document(replay_of([], []))

    assert (told["fix_count"], told["stops"], told["flag_counts"]) == (0, [], {})
    assert len(told["offsets"]) == 1


def test_the_page_holds_the_data_as_inert_json_alone() -> None:
    """A title that would be code stands in the data, escaped, and nowhere in the page's HTML."""
    page = render_replay(day_replay())

    data = json.loads(page.split('id="replay-data">', 1)[1].split("</script>", 1)[0])
    assert data["title"] == day_replay().title
    assert day_replay().title not in page
    assert "src=" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_a_page_that_was_given_no_background_has_none() -> None:
    """Its element is left out, so that the page draws lines of longitude and latitude instead."""
    plain = render_replay(day_replay())
    drawn = render_replay(replace(day_replay(), background='{"scale":1}'))

    assert 'id="plan-background"' not in plain
    assert 'id="plan-background">{"scale":1}' in drawn


def test_the_scripts_ask_for_no_word_that_is_not_there_and_none_is_idle() -> None:
    """Each call of `word` in the page's own scripts names its keys; every word is asked for by some script."""
    own = _asked(name for name in REPLAY_SCRIPTS if name not in SHARED)

    assert own <= set(replay_words(Language.EN)) <= _asked(REPLAY_SCRIPTS)


def test_no_two_scripts_have_a_name_in_common() -> None:
    """In one file all modules share one scope."""
    names = [
        name
        for script in REPLAY_SCRIPTS
        for name in re.findall(
            r"^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)",
            (ASSETS / script).read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("key", sorted(replay_words(Language.EN)))
def test_placeholders_are_the_same_in_every_language(key: str) -> None:
    """A word's placeholders are kept for the script, in all languages."""
    found = {language: sorted(re.findall(r"\{\w+\}", replay_words(language)[key])) for language in Language}

    assert found[Language.EN] == found[Language.ZH_CN]


def test_figures_beside_each_other_are_told_apart() -> None:
    """In no language two of them have the same name: in Chinese standing and stops are one word elsewhere."""
    keys = ("distance", "moving", "standing", "unknown", "stops", "fixes")

    for language in Language:
        assert len({replay_words(language)[key] for key in keys}) == len(keys)


def test_every_flag_has_a_word_in_the_order_of_its_bit() -> None:
    """The script names flags by their bits, as the enumeration has them."""
    script = (ASSETS / "replay_flags.js").read_text(encoding="utf-8")

    assert re.findall(r'word\("flag_(\w+)"\)', script) == [str(flag.name).lower() for flag in Flag]


def _asked(scripts: Iterable[str]) -> set[str]:
    text = "".join((ASSETS / name).read_text(encoding="utf-8") for name in scripts)
    return {key for call in re.findall(r"(?<!function )\bword\(([^,)]*)", text) for key in re.findall(r'"(\w+)"', call)}
