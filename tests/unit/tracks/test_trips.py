"""What lies between stops: how far, from when until when; and what nobody saw."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support.traces import DRIVE, Move, Phone, Rest, course, seen, silenced, taken

from geo_engine.tracks.derived import derive
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.gaps import detect_gaps
from geo_engine.tracks.model import Track, concatenate, to_moment
from geo_engine.tracks.stops import detect_stops
from geo_engine.tracks.trips import detect_trips

DRIVE_M = np.hypot(1500, 200) + np.hypot(900, 700) + np.hypot(200, 900)
AT = datetime(2026, 3, 10, 8, tzinfo=UTC)


def drive_between_stays(phone: Phone) -> Track:
    """Return a stay of half an hour, the drive of 3.6 km, and a stay of half an hour."""
    generator = np.random.default_rng(5)
    parts = (Rest(lasting_s=1800), *DRIVE, Rest(lasting_s=1800))
    return seen(course(parts, generator=generator), phone, generator=generator)


@pytest.mark.parametrize(
    ("phone", "tolerance"),
    [(Phone(every_s=1), 0.03), (Phone(every_s=10), 0.03), (Phone(every_s=5, sigma_m=20), 0.1)],
    ids=["1 Hz", "every 10 s", "noise of 20 m"],
)
def test_a_trip_is_as_long_as_the_way(phone: Phone, tolerance: float) -> None:
    """The distance of a drive is that of its way, whatever the noise; that of the stays beside it adds nothing."""
    (trip,) = derive(drive_between_stays(phone)).trips

    assert trip.distance_m == pytest.approx(DRIVE_M, rel=tolerance)


def test_jitter_of_a_parked_phone_is_no_way() -> None:
    """Ten hours of jitter are one stop, and no trip at all."""
    generator = np.random.default_rng(1)
    phone = Phone(every_s=30, sigma_m=12, tau_s=100)
    track = seen(course((Rest(lasting_s=36_000),), generator=generator), phone, generator=generator)

    derived = derive(track)

    assert len(derived.stops) == 1
    assert derived.trips == ()


def test_stops_and_trips_take_turns() -> None:
    """A trip begins when the stop before it ends and ends when the next begins; the outer ones reach to the ends."""
    generator = np.random.default_rng(5)
    parts = (*DRIVE, Rest(lasting_s=900), *DRIVE, Rest(lasting_s=900), *DRIVE)
    track = seen(course(parts, generator=generator), Phone(), generator=generator)

    derived = derive(track)

    first, middle, last = derived.trips
    assert (first.ended_at, middle.started_at) == (derived.stops[0].started_at, derived.stops[0].ended_at)
    assert (middle.ended_at, last.started_at) == (derived.stops[1].started_at, derived.stops[1].ended_at)
    assert first.started_at == AT
    assert sum(row.fix_count for row in (*derived.stops, *derived.trips)) == len(track)


def reported(*parts: Move | Rest, at: datetime = AT) -> Track:
    """Return what a phone reports of a course that begins at the origin."""
    generator = np.random.default_rng(5)
    return seen(course(parts, generator=generator, at=at), Phone(), generator=generator)


def test_a_trip_is_over_where_the_night_begins_and_another_begins_behind_it() -> None:
    """Who moves as the shift ends and when seen next has made two trips, each as long as what was seen of it."""
    evening = reported(Rest(lasting_s=1800), *DRIVE)
    morning = reported(*DRIVE, Rest(lasting_s=1800), at=AT + timedelta(hours=15))

    derived = derive(concatenate([evening, morning]))

    first, second = derived.trips
    assert (first.started_at, first.ended_at) == (derived.stops[0].ended_at, to_moment(int(evening.times_us[-1])))
    assert (second.started_at, second.ended_at) == (to_moment(int(morning.times_us[0])), derived.stops[1].started_at)
    assert [first.distance_m, second.distance_m] == pytest.approx([DRIVE_M, DRIVE_M], rel=0.03)
    assert sum(row.fix_count for row in (*derived.stops, *derived.trips)) == len(evening) + len(morning)


def test_who_is_at_another_place_the_next_morning_has_made_no_trip_that_was_seen() -> None:
    """Two stops with a night between them have no trip between them."""
    evening = reported(*DRIVE, Rest(lasting_s=1800))
    morning = reported(Rest(lasting_s=1800), *DRIVE, at=AT + timedelta(hours=15))

    derived = derive(concatenate([evening, morning]))

    assert [trip.fix_count > 10 for trip in derived.trips] == [True, True]
    assert derived.trips[0].ended_at == derived.stops[0].started_at
    assert derived.trips[1].started_at == derived.stops[1].ended_at


@pytest.mark.parametrize(("silent", "trip_count"), [(timedelta(minutes=59), 1), (timedelta(minutes=61), 2)])
def test_an_hour_is_what_a_trip_may_be_silent_for(silent: timedelta, trip_count: int) -> None:
    """Whoever drives through a valley without a network is on one trip, who has four hours off on two."""
    track = reported(Move(east_m=45_000, north_m=0, speed_mps=10))
    silent_from_s = int(AT.timestamp()) + 305

    derived = derive(silenced(track, silent_from_s, silent_from_s + round(silent.total_seconds())))

    assert len(derived.trips) == trip_count


def test_who_is_seen_once_between_two_long_silences_makes_no_trip() -> None:
    """One moment is no move, as at the ends of a track."""
    evening, morning = reported(*DRIVE), reported(*DRIVE, at=AT + timedelta(hours=15))
    once = taken(reported(*DRIVE, at=AT + timedelta(hours=7)), slice(0, 1))
    once.lats_deg[:] += 0.5

    derived = derive(concatenate([evening, once, morning]))

    assert [trip.fix_count for trip in derived.trips] == [len(evening), len(morning)]


def test_the_parts_give_what_the_whole_gives() -> None:
    """Flags, stops, trips and gaps one after the other are those of `derive`."""
    track = drive_between_stays(Phone())
    derived = derive(track)

    flags = flag_fixes(track)
    stops = detect_stops(track, flags)

    assert np.array_equal(flags, derived.flags)
    assert stops == derived.stops
    assert detect_trips(track, flags, stops) == derived.trips
    assert detect_gaps(track, flags) == derived.gaps


def test_gaps_are_the_silences_between_fixes() -> None:
    """Ten minutes between fixes are a way of sampling, more are a gap."""
    track = drive_between_stays(Phone())
    start_s = int(AT.timestamp())

    silent = silenced(track, start_s + 1000, start_s + 2000)
    hardly = silenced(track, start_s + 1000, start_s + 1590)

    assert len(detect_gaps(silent, flag_fixes(silent))) == 1
    assert detect_gaps(hardly, flag_fixes(hardly)) == ()
