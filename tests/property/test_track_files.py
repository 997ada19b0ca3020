"""Tracks survive every file."""

import math
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.tracks import Fix, Track, from_gdf, to_gdf
from geo_engine.tracks.files import NamedTrack, TrackFormat, read_track, read_tracks, render_tracks

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
CLOSE = st.integers(0, 3).map(lambda at: datetime(2026, 3, 1, 8, 0, at, tzinfo=UTC))
POSITIONS = st.builds(Position, st.floats(-180, 180), st.floats(-90, 90))
FIXES = st.builds(
    Fix,
    device=st.none(),
    tracked_at=CLOSE | MOMENTS,
    position=POSITIONS | st.just(Position(0, 0)),
    accuracy_m=st.none() | st.floats(1e-6, 1e6),
    altitude_m=st.none() | st.floats(-12_000, 100_000) | st.just(0.0),
    speed_mps=st.none() | st.floats(0, 1e4),
    heading_deg=st.none() | st.floats(0, 360),
    battery_percent=st.none() | st.floats(0, 100),
    is_mock=st.booleans(),
)
NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
TRACKS = st.lists(
    st.builds(
        NamedTrack,
        device=st.none() | NAMES,
        name=NAMES | st.sampled_from(["=1+1", "'-x", "<b>&amp;", 'a"b,c']),
        track=st.lists(FIXES, min_size=1, max_size=5).map(Track.of),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: (one.device, one.name),
)

JUNK = [b"null", b"[", b"}", b'"', b"<", b"&x;", b"9" * 30, b"NaN", b"<!DOCTYPE gpx>"]
RIDE = NamedTrack(
    device="d",
    name="ride",
    track=Track.of(
        [
            Fix(device="d", tracked_at=datetime(2026, 3, 1, 8, at, tzinfo=UTC), position=Position(at, 1), speed_mps=at)
            for at in range(4)
        ]
    ),
)


def known(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if math.isnan(value) else value


def told(track: Track) -> list[tuple[object, ...]]:
    """Return the fixes of a track as tuples, None where a number is unknown."""
    columns = [getattr(track, name).tolist() for name in Track.__slots__]
    return [tuple(map(known, row)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("track_format", TrackFormat)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tracks=TRACKS)
def test_a_track_that_is_written_reads_back_as_the_same(
    tmp_path: Path, track_format: TrackFormat, tracks: list[NamedTrack]
) -> None:
    """Every moment, number and name is the same to the last digit, in every format, whatever the file is called."""
    path = tmp_path / "tracks.txt"
    path.write_bytes(render_tracks(tracks, track_format))

    found = read_tracks(path)

    assert not found.problems
    assert {(one.device, one.name): told(one.track) for one in found.tracks} == {
        (one.device, one.name): told(one.track) for one in tracks
    }


@pytest.mark.parametrize("track_format", TrackFormat)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 3_000), cut=st.integers(0, 40), junk=st.binary(max_size=4) | st.sampled_from(JUNK))
def test_a_damaged_file_is_read_as_far_as_it_goes_or_refused(
    tmp_path: Path, track_format: TrackFormat, at: int, cut: int, junk: bytes
) -> None:
    """Whatever bytes are missing or wrong, reading ends with tracks or with a sentence."""
    path = tmp_path / "tracks"
    content = render_tracks([RIDE, RIDE], track_format)
    at %= len(content)
    path.write_bytes(content[:at] + junk + content[at + cut :])

    tracks: tuple[NamedTrack, ...] = ()
    with suppress(InvalidInput):
        tracks = read_tracks(path).tracks

    assert all((np.diff(one.track.times_us) >= 0).all() for one in tracks)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fixes=st.lists(FIXES, min_size=1, max_size=8, unique_by=lambda fix: fix.tracked_at), data=st.data())
def test_in_which_order_fixes_are_written_does_not_matter(
    tmp_path: Path, fixes: list[Fix], data: st.DataObject
) -> None:
    """A file's rows in any order are the track of the fixes."""
    rows = render_tracks([NamedTrack(device=None, name="x", track=Track.of(fixes))], TrackFormat.CSV).splitlines(
        keepends=True
    )
    path = tmp_path / "tracks.csv"
    path.write_bytes(b"".join([rows[0], *data.draw(st.permutations(rows[1:]))]))

    track, problems = read_track(path)

    assert not problems
    assert told(track) == told(Track.of(fixes))


@settings(max_examples=25)
@given(fixes=st.lists(FIXES, max_size=8))
def test_a_frame_is_the_track_it_was_made_of(fixes: list[Fix]) -> None:
    """Also one without any fix."""
    track = Track.of(fixes)

    frame = to_gdf(track)

    assert frame.crs.to_epsg() == 4326
    assert told(from_gdf(frame)) == told(track)
    assert np.array_equal(frame["tracked_at"].to_numpy(dtype="datetime64[us]").astype(np.int64), track.times_us)
