"""What was driven, held against the odometer of drives on the roads of Monaco."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.drives import STAY_S, Drive, Phone, drive_through, reported
from support.walks import AT_EIGHT, METRES_PER_DEGREE, track_of, usable

from geo_engine.geometry import Position
from geo_engine.geometry.measure import geodesics_m, length_m
from geo_engine.roads.build import build_graph
from geo_engine.roads.osrm import OsrmRouter
from geo_engine.roads.straight import StraightRouter
from geo_engine.settings import read_settings
from geo_engine.tracks.driven import Driven, WayKind
from geo_engine.tracks.matching import match_track
from geo_engine.tracks.model import Flag, Gap, Track, to_microseconds, to_moment

EXTRACT = Path(__file__).parents[3] / "scripts" / "data" / "monaco.osm.pbf"
PORT, CASINO, HEIGHTS = Position(7.4205, 43.7346), Position(7.4283, 43.7396), Position(7.4139, 43.7389)
WEST, BEAUSOLEIL = Position(7.4130, 43.7290), Position(7.4240, 43.7440)


@pytest.fixture(scope="module")
def router() -> Iterator[OsrmRouter]:
    """Yield the roads of the bundled extract."""
    with OsrmRouter(build_graph(EXTRACT, cache_dir=read_settings().cache_dir)) as opened:
        yield opened


@pytest.fixture(scope="module")
def day(router: OsrmRouter) -> Drive:
    """Return a day with five stays."""
    return drive_through(router, [PORT, HEIGHTS, CASINO, WEST, BEAUSOLEIL], np.random.default_rng(7))


def joined(*tracks: Track) -> Track:
    """Return the fixes of several tracks as one."""
    order = np.argsort(np.concatenate([track.times_us for track in tracks]), kind="stable")
    names = Track.__slots__
    return Track(**{name: np.concatenate([getattr(track, name) for track in tracks])[order] for name in names})


def taken(track: Track, which: NDArray[np.bool_]) -> Track:
    """Return some fixes of a track."""
    return Track(**{name: getattr(track, name)[which] for name in Track.__slots__})


@pytest.mark.parametrize(
    ("phone", "share"),
    [
        (Phone(sigma_m=3.0, every_s=1), 0.01),
        (Phone(sigma_m=5.0, every_s=15), 0.01),
        (Phone(sigma_m=20.0, every_s=5), 0.03),
        (Phone(sigma_m=45.0, every_s=15), 0.06),
        (Phone(sigma_m=5.0, every_s=60), 0.04),
        (Phone(sigma_m=5.0, every_s=300), 0.12),
    ],
)
def test_driven_metres_are_those_of_the_odometer(router: OsrmRouter, day: Drive, phone: Phone, share: float) -> None:
    """However wrong the phone and however seldom it looks, within a few percent."""
    track = reported(day, phone, np.random.default_rng(1))

    driven = match_track(router, track, usable(track), stops=day.stays)

    assert driven.distance_m == pytest.approx(day.driven_m, rel=share)
    assert driven.matched_count > 0.9 * driven.fix_count
    assert 0.6 < driven.confidence <= 1.0


def test_the_car_was_where_its_way_has_it(router: OsrmRouter, day: Drive) -> None:
    """The ways carry time: at every moment of a move they are near the truth, and time never goes back."""
    track = reported(day, Phone(every_s=5), np.random.default_rng(2))

    driven = match_track(router, track, usable(track), stops=day.stays)

    for way in driven.ways:
        seconds = np.arange(way.times_us[0] + 500_000, way.times_us[-1], 1_000_000)
        truth = (seconds - to_microseconds(AT_EIGHT)) // 1_000_000
        lons_deg, lats_deg = (np.interp(seconds, way.times_us, degrees) for degrees in (way.lons_deg, way.lats_deg))
        off_m = geodesics_m(lons_deg, lats_deg, day.lons_deg[truth], day.lats_deg[truth])
        assert (np.diff(way.times_us) >= 0).all()
        assert np.median(off_m) < 25.0
        assert off_m.max() < 120.0


@settings(max_examples=15)
@given(count=st.integers(1, 2000), sigma_m=st.floats(0.0, 100.0), seed=st.integers(0, 100))
def test_jitter_of_a_parked_phone_adds_no_metre(
    router: OsrmRouter, day: Drive, count: int, sigma_m: float, seed: int
) -> None:
    """Any amount of it leaves the driven distance alone."""
    track = reported(day, Phone(), np.random.default_rng(3))
    chance = np.random.default_rng(seed)
    at = day.stays[seed % len(day.stays)]
    started_s = (at.started_at - AT_EIGHT).total_seconds()
    jitter = track_of(
        started_s + np.sort(chance.uniform(0.0, STAY_S - 1, count)),
        at.position.lon + chance.normal(scale=sigma_m, size=count) / 80_000,
        at.position.lat + chance.normal(scale=sigma_m, size=count) / METRES_PER_DEGREE,
    )
    more = joined(track, jitter)

    quiet = match_track(router, track, usable(track), stops=day.stays)
    loud = match_track(router, more, usable(more), stops=day.stays)

    assert loud.distance_m == pytest.approx(quiet.distance_m, abs=1.0)


@settings(max_examples=15)
@given(wait_s=st.integers(1, 280), sigma_m=st.floats(0.0, 6.0), seed=st.integers(0, 100))
def test_waiting_at_a_light_adds_no_detour(router: OsrmRouter, wait_s: int, sigma_m: float, seed: int) -> None:
    """Fixes beside each other, too short for a stop, lead round no block."""
    straight_on = drive_through(router, [PORT, WEST], np.random.default_rng(4), stay_s=0)
    chance = np.random.default_rng(seed)
    half = len(straight_on.lons_deg) // 2
    track = reported(straight_on, Phone(sigma_m=2.0, every_s=1), np.random.default_rng(5))
    waiting = track_of(
        half + 0.5 + np.arange(wait_s),
        straight_on.lons_deg[half] + chance.normal(scale=sigma_m, size=wait_s) / 80_000,
        straight_on.lats_deg[half] + chance.normal(scale=sigma_m, size=wait_s) / METRES_PER_DEGREE,
        accuracy_m=max(1.5 * sigma_m, 3.0),
    )
    later = replace(track, times_us=track.times_us + (np.arange(len(track)) > half) * wait_s * 1_000_000)
    more = joined(later, waiting)

    waited, passed = match_track(router, more, usable(more)), match_track(router, track, usable(track))

    assert waited.distance_m == pytest.approx(passed.distance_m, abs=25.0)


@pytest.mark.parametrize("places", [[PORT, CASINO, PORT], [WEST, HEIGHTS, CASINO, WEST, HEIGHTS, CASINO, WEST]])
def test_turning_back_and_going_round_count(router: OsrmRouter, places: list[Position]) -> None:
    """A way driven twice is driven twice, though it ends where it began."""
    drive = drive_through(router, places, np.random.default_rng(6), stay_s=0)
    track = reported(drive, Phone(sigma_m=3.0, every_s=5), np.random.default_rng(6))

    driven = match_track(router, track, usable(track))

    assert driven.distance_m == pytest.approx(drive.driven_m, rel=0.02)


def sailing(from_s: int, count: int) -> Track:
    """Return an even way over the sea off Monaco, 8 m a fix and second."""
    steps = np.arange(count)
    return track_of(from_s + steps, 7.4310 + 1e-4 * steps, np.full(count, 43.7300))


def test_where_no_road_fits_the_track_itself_stands(router: OsrmRouter) -> None:
    """A ferry is told apart from the roads before and after it, and is as long as it was."""
    ashore = drive_through(router, [WEST, PORT], np.random.default_rng(8), stay_s=0)
    back = drive_through(router, [CASINO, BEAUSOLEIL], np.random.default_rng(8), stay_s=0)
    first, last = (reported(drive, Phone(sigma_m=2.0, every_s=5), np.random.default_rng(8)) for drive in (ashore, back))
    at_sea_s = len(ashore.lons_deg) + 300
    ferry = sailing(at_sea_s, 300)
    last = replace(last, times_us=last.times_us + (at_sea_s + 600) * 1_000_000)
    track = joined(first, ferry, last)

    driven = match_track(router, track, usable(track))

    ferry_m = length_m(list(zip(ferry.lons_deg, ferry.lats_deg, strict=True)))
    matched_m = sum(way.distance_m for way in driven.ways if way.kind is WayKind.MATCHED)
    (raw,) = [way for way in driven.ways if way.kind is WayKind.RAW]
    assert matched_m == pytest.approx(ashore.driven_m + back.driven_m, rel=0.03)
    assert (raw.confidence, raw.lats_deg.min()) == (0.0, pytest.approx(43.73, abs=1e-5))
    assert raw.distance_m > ferry_m
    assert raw.most_m > raw.distance_m


def test_a_gap_is_bridged_as_usual_and_says_how_sure_that_is(router: OsrmRouter, day: Drive) -> None:
    """The way over it is assumed; what was driven lies between its bounds."""
    track = reported(day, Phone(every_s=5), np.random.default_rng(9))
    started_at = day.stays[1].ended_at + timedelta(seconds=30)
    ended_at = day.stays[2].started_at - timedelta(seconds=30)
    gap = Gap(started_at=started_at, ended_at=ended_at)
    is_seen = (track.times_us <= to_microseconds(started_at)) | (track.times_us >= to_microseconds(ended_at))

    driven = match_track(router, taken(track, is_seen), usable(track)[is_seen], stops=day.stays, gaps=[gap])

    (assumed,) = [way for way in driven.ways if way.kind is WayKind.ASSUMED]
    from_s, until_s = ((moment - AT_EIGHT) // timedelta(seconds=1) for moment in (started_at, ended_at))
    true_m = day.odometers_m[until_s] - day.odometers_m[from_s]
    assert assumed.least_m <= true_m <= assumed.most_m
    assert assumed.distance_m == pytest.approx(true_m, rel=0.1, abs=100.0)
    assert assumed.confidence < 0.95
    assert driven.least_m < driven.distance_m < driven.most_m


def test_over_a_silence_that_parts_trips_nothing_is_driven(router: OsrmRouter, day: Drive) -> None:
    """The phone fell silent on the way, and was seen again the next morning on the same way: nobody drove between."""
    track = reported(day, Phone(every_s=5), np.random.default_rng(9))
    ended_us, night_us = to_microseconds(day.stays[1].ended_at + timedelta(seconds=60)), 15 * 3_600_000_000
    is_behind = track.times_us > ended_us
    night = timedelta(microseconds=night_us)
    stops = [
        *day.stays[:2],
        *(replace(one, started_at=one.started_at + night, ended_at=one.ended_at + night) for one in day.stays[2:]),
    ]
    gap = Gap(started_at=to_moment(ended_us), ended_at=to_moment(ended_us) + night)

    driven = match_track(
        router, replace(track, times_us=track.times_us + night_us * is_behind), usable(track), stops=stops, gaps=[gap]
    )

    assert WayKind.ASSUMED not in {way.kind for way in driven.ways}
    assert not any(way.times_us[0] <= ended_us < way.times_us[-1] for way in driven.ways)
    assert driven.distance_m == pytest.approx(day.driven_m, rel=0.03)
    assert driven.fix_count == match_track(router, track, usable(track), stops=day.stays).fix_count


def test_without_roads_the_track_itself_stands(day: Drive) -> None:
    """An installation without an extract still tells metres, as raw as they are."""
    track = reported(day, Phone(sigma_m=2.0, every_s=5), np.random.default_rng(10))

    driven = match_track(StraightRouter(), track, usable(track), stops=day.stays)

    assert {way.kind for way in driven.ways} == {WayKind.RAW}
    assert driven.distance_m == pytest.approx(day.driven_m, rel=0.1)
    assert (driven.matched_count, driven.confidence) == (0, 0.0)


def test_unusable_fixes_move_nobody(router: OsrmRouter, day: Drive) -> None:
    """A jump that is flagged is no way."""
    track = reported(day, Phone(), np.random.default_rng(11))
    flags = usable(track)
    middle = len(track) // 2
    off = replace(track, lats_deg=np.where(np.arange(len(track)) == middle, 44.5, track.lats_deg))
    flags[middle] = Flag.JUMP

    driven = match_track(router, off, flags, stops=day.stays)

    assert driven.distance_m == pytest.approx(day.driven_m, rel=0.03)


def test_stops_that_are_said_to_overlap_are_driven_between(router: OsrmRouter, day: Drive) -> None:
    """A stop is at the least over when the next begins."""
    track = reported(day, Phone(), np.random.default_rng(12))
    first, second, *rest = day.stays
    hasty = replace(second, started_at=first.ended_at - timedelta(minutes=1))

    driven = match_track(router, track, usable(track), stops=[first, hasty, *rest])

    assert driven.distance_m == pytest.approx(day.driven_m, rel=0.05)


@pytest.mark.parametrize("count", [0, 1])
def test_who_was_seen_once_drove_nowhere(router: OsrmRouter, count: int) -> None:
    """No fix or one makes no way."""
    track = track_of(np.zeros(count), np.full(count, PORT.lon), np.full(count, PORT.lat))

    assert match_track(router, track, usable(track)) == Driven(ways=(), fix_count=count, matched_count=0)
