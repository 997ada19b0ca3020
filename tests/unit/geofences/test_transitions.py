"""Who came into which fence, stayed and left."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from support.messy_traces import messy_track
from support.traces import MORNING, ORIGIN_LAT, ORIGIN_LON, Move, Phone, Rest, course, seen, silenced, taken

from geo_engine.geofences import Circle, Corridor, Geofence, Schedule, Transition, TransitionKind
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import find_presences
from geo_engine.geofences.sightings import Sightings, sightings_of
from geo_engine.geofences.transitions import detect_presences, detect_transitions
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId
from geo_engine.timespan import ClockWindow
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive

UTC = ZoneInfo("UTC")
ENTER, DWELL, EXIT = TransitionKind.ENTER, TransitionKind.DWELL, TransitionKind.EXIT
PARAMS = TransitionParams()
START_S = round(MORNING.timestamp())


def circle(east_m: float, north_m: float, radius_m: float, name: str = "f", **rest: object) -> Geofence:
    """Return a circle so many metres from where courses begin."""
    centre = Position(ORIGIN_LON + east_m / 83_880.0, ORIGIN_LAT + north_m / 111_060.0)
    return Geofence(id=GeofenceId(name), name=name, shape=Circle(centre=centre, radius_m=radius_m), **rest)  # type: ignore[arg-type]


def track_of(*parts: Move | Rest, phone: Phone | None = None, seed: int = 4) -> Track:
    """Return what a phone reports of a course."""
    generator = np.random.default_rng(seed)
    return seen(course(parts, generator=generator), phone or Phone(), generator=generator)


def transitions_of(track: Track, *fences: Geofence) -> tuple[Transition, ...]:
    """Return what is detected of a track."""
    derived = derive(track)
    return detect_transitions(track, derived.flags, derived.stops, FenceIndex(fences), zone=UTC)


def kinds(transitions: Sequence[Transition]) -> list[TransitionKind]:
    """Return what happened, in order."""
    return [one.kind for one in transitions]


def sightings(track: Track) -> Sightings:
    """Return where the device of a track was seen."""
    derived = derive(track)
    return sightings_of(track, derived.flags, derived.stops, PARAMS)


THERE = Move(east_m=2000, north_m=0, speed_mps=10)
VISIT = (Rest(lasting_s=600), THERE, Rest(lasting_s=1200), THERE, Rest(lasting_s=600))


@pytest.mark.parametrize(
    "phone",
    [Phone(every_s=1), Phone(every_s=15, sigma_m=25, reflections_per_hour=4), Phone(every_s=60), Phone(every_s=120)],
    ids=["1 Hz", "in a canyon", "each minute", "each two minutes"],
)
def test_a_visit_is_an_enter_a_dwell_and_an_exit(phone: Phone) -> None:
    """The moments are those at which the edge was crossed, to half an interval and what the noise is worth."""
    enter, dwell, leave = transitions_of(track_of(*VISIT, phone=phone), circle(2000, 0, 100))

    slack_s = phone.every_s / 2 + 6
    assert kinds([enter, dwell, leave]) == [ENTER, DWELL, EXIT]
    assert enter.at.timestamp() - START_S == pytest.approx(600 + 190, abs=slack_s)
    assert leave.at.timestamp() - START_S == pytest.approx(600 + 200 + 1200 + 10, abs=slack_s)
    assert dwell.at - enter.at == timedelta(seconds=180)
    for one in (enter, leave):
        assert one.earliest_at <= one.at <= one.latest_at
    assert enter.probability > 0.95


def test_driving_through_is_no_dwell() -> None:
    """A fence on the way is entered and left."""
    assert kinds(transitions_of(track_of(*VISIT), circle(1000, 0, 100))) == [ENTER, EXIT]


def test_a_drive_through_between_two_fixes_is_found() -> None:
    """No fix is inside: the way between two of them is."""
    track = track_of(*VISIT, phone=Phone(every_s=30, sigma_m=3, accuracy_m=4.0))
    at_east_m = (track.lons_deg - ORIGIN_LON) * 83_880.0
    middle_m = next((one + other) / 2 for one, other in pairwise(at_east_m) if one > 400)

    enter, leave = transitions_of(track, circle(middle_m, 0, 120))

    assert kinds([enter, leave]) == [ENTER, EXIT]
    assert (leave.at - enter.at).total_seconds() == pytest.approx(24, abs=4)


@pytest.mark.parametrize("every_s", [1, 5])
def test_a_road_across_a_narrow_corridor_is_found(every_s: int) -> None:
    """Forty metres are crossed in some seconds, seen by a few fixes whose errors are one and the same."""
    east_deg = ORIGIN_LON + 1000 / 83_880.0
    line = shapely.LineString([(east_deg, ORIGIN_LAT - 0.01), (east_deg, ORIGIN_LAT + 0.01)])
    corridor = Corridor(lines=shapely.MultiLineString([line]), width_m=40.0)
    track = track_of(
        Rest(lasting_s=600), Move(east_m=2000, north_m=0, speed_mps=6), phone=Phone(every_s=every_s, sigma_m=3)
    )

    enter, leave = transitions_of(track, Geofence(id=GeofenceId("c"), name="c", shape=corridor))

    assert kinds([enter, leave]) == [ENTER, EXIT]
    assert enter.at.timestamp() - START_S == pytest.approx(600 + 980 / 6, abs=3)
    assert leave.at.timestamp() - START_S == pytest.approx(600 + 1020 / 6, abs=3)


@pytest.mark.parametrize(("on_m", "expected_count"), [(10.0, 0), (60.0, 1)], ids=["there and back", "through"])
def test_a_fix_inside_between_two_outside_is_a_pass_when_the_way_leads_on(on_m: float, expected_count: int) -> None:
    """A reflection leads in and back to where the device waits; a way through leads out on the other side."""
    east_m, north_m = np.array([0.0, on_m / 2, on_m]), np.array([0.0, 25.0, 0.0])
    times_us = (START_S + np.array([0, 2, 4])) * 1_000_000
    found = detect_presences(
        FenceIndex([circle(on_m / 2, 40, 30)]),
        Sightings(
            devices=np.zeros(3, dtype=np.intp),
            started_us=times_us,
            ended_us=times_us,
            lons_deg=ORIGIN_LON + east_m / 83_880.0,
            lats_deg=ORIGIN_LAT + north_m / 111_060.0,
            sigmas_m=np.full(3, 3.3),
            stays=np.zeros(3, dtype=np.bool_),
        ),
        zone=UTC,
    )

    assert len(found) == expected_count


def test_parking_next_door_is_nothing() -> None:
    """The edge is 60 m from where the worker stays for an hour, with a bad phone."""
    track = track_of(THERE, Rest(lasting_s=3600), THERE, phone=Phone(every_s=15, sigma_m=25))

    assert transitions_of(track, circle(2000, 160, 100)) == ()


def test_a_parked_phone_does_not_flap() -> None:
    """Forty hours of noise and reflections inside of a fence twice as wide as they are: one enter and one dwell."""
    phone = Phone(every_s=15, sigma_m=33, tau_s=120, reflections_per_hour=6)

    assert kinds(transitions_of(track_of(Rest(lasting_s=40 * 3600), phone=phone), circle(0, 0, 100))) == [ENTER, DWELL]


def test_silence_ends_nothing() -> None:
    """A phone that falls silent inside has not left; that it wakes up elsewhere ends it, between the two."""
    track = track_of(*VISIT)
    silent = silenced(track, START_S + 1400, START_S + 9999)
    woken = silenced(track, START_S + 1400, START_S + 2150)

    asleep, awake = (transitions_of(one, circle(2000, 0, 100)) for one in (silent, woken))

    assert kinds(asleep) == [ENTER, DWELL]
    assert kinds(awake) == [ENTER, DWELL, EXIT]
    assert awake[-1].earliest_at.timestamp() <= START_S + 2010 <= awake[-1].latest_at.timestamp()


def test_many_mediocre_fixes_add_up() -> None:
    """A fence not much wider than the phone is wrong is entered none the less, by somebody who stays."""
    phone = Phone(every_s=10, sigma_m=30, tau_s=30)

    assert DWELL in kinds(transitions_of(track_of(*VISIT, phone=phone), circle(2000, 0, 40)))


def test_a_fence_counts_in_its_hours_only() -> None:
    """Who is there when they begin comes then; who stays until after they end leaves then."""
    hours = Schedule(windows=(ClockWindow(earliest_s=8 * 3600 + 900, latest_s=8 * 3600 + 1800),))
    weekend = Schedule(weekdays=frozenset({6, 7}))

    enter, dwell, leave = transitions_of(track_of(*VISIT), circle(2000, 0, 100, schedule=hours))

    assert [round(one.at.timestamp()) - START_S for one in (enter, dwell, leave)] == [900, 1080, 1800]
    assert transitions_of(track_of(*VISIT), circle(2000, 0, 100, schedule=weekend)) == ()


def test_a_fence_may_have_a_dwell_of_its_own() -> None:
    """Twenty minutes are no dwell where half an hour is asked for."""
    assert kinds(transitions_of(track_of(*VISIT), circle(2000, 0, 100, dwell_s=1800))) == [ENTER, EXIT]


def random_fences(generator: np.random.Generator) -> FenceIndex:
    """Return fences all about where messy tracks are."""
    places_m = generator.uniform(-4000, 4000, (150, 2))
    radii_m = np.exp(generator.uniform(np.log(30), np.log(900), 150))
    return FenceIndex(
        [
            circle(*place_m, radius_m, str(n))
            for n, (place_m, radius_m) in enumerate(zip(places_m, radii_m, strict=True))
        ]
    )


@pytest.mark.parametrize("seed", range(12))
def test_going_on_from_any_stay_finds_the_same(seed: int) -> None:
    """What was found up to a stay and is closed, and what is found from it on, is what is found of all at once."""
    generator = np.random.default_rng(seed)
    index, whole = random_fences(generator), sightings(messy_track(generator, hours=10))
    expected = find_presences(index, whole, PARAMS)

    for stay in np.flatnonzero(whole.stays).tolist():
        before = find_presences(index, _rows(whole, slice(0, stay + 1)), PARAMS)
        opened = [one for one in before if one.left is None]
        after = find_presences(index, _rows(whole, slice(stay, None)), PARAMS, opened=opened)
        closed = [one for one in before if one.left is not None]

        assert sorted([*closed, *after], key=_order) == sorted(expected, key=_order)


def test_many_devices_at_once_are_like_each_alone() -> None:
    """No device is another's neighbour, in time or in place."""
    generator = np.random.default_rng(77)
    index = random_fences(generator)
    parts = [sightings(messy_track(generator, hours=4)) for _ in range(6)]

    together = detect_presences(index, Sightings.joined(parts), zone=UTC)

    alone = [(device, one) for device, part in enumerate(parts) for one in detect_presences(index, part, zone=UTC)]
    assert together
    assert sorted([(one.fence, one.device, one.entered, one.left) for one in together]) == sorted(
        (one.fence, device, one.entered, one.left) for device, one in alone
    )


@pytest.mark.parametrize("seed", range(4))
def test_fixes_that_come_twice_do_not_matter(seed: int) -> None:
    """The fixes of a day, some of them twice, tell the same."""
    generator = np.random.default_rng(100 + seed)
    track, index = messy_track(generator, hours=6), random_fences(generator)
    repeated = np.sort(np.concatenate([np.arange(len(track)), generator.integers(0, len(track), 200)]))

    one, other = (
        detect_transitions(part, (derived := derive(part)).flags, derived.stops, index, zone=UTC)
        for part in (track, taken(track, repeated))
    )

    assert one == other


def _rows(whole: Sightings, rows: slice) -> Sightings:
    return Sightings(**{name: getattr(whole, name)[rows] for name in Sightings.__slots__})


def _order(presence: object) -> str:
    return repr(presence)


def test_a_reflection_is_not_taken_for_a_departure() -> None:
    """As it is known at that moment: a phone that was parked and says for a minute that it is 200 m away, exactly."""
    track = track_of(Rest(lasting_s=1800), phone=Phone(every_s=15))
    astray = track.times_us > track.times_us[-1] - 60_000_000
    track.lons_deg[astray] += np.array([200.0, 160.0, 210.0, 180.0]) / 83_880.0

    assert EXIT not in kinds(transitions_of(track, circle(0, 0, 100)))


@pytest.mark.parametrize("every_s", [1, 15, 30, 60, 120, 300])
def test_a_departure_is_seen_in_three_minutes_or_two_fixes(every_s: int) -> None:
    """As it is known by then, whichever of the two is later."""
    away = Move(east_m=9000, north_m=0, speed_mps=9)
    track = track_of(Rest(lasting_s=1800), away, phone=Phone(every_s=every_s))
    left_us = (START_S + 1800 + 100 // 9) * 1_000_000
    second_us = track.times_us[track.times_us > left_us][1]

    known = taken(track, track.times_us <= max(left_us + 180_000_000, second_us))

    assert kinds(transitions_of(known, circle(0, 0, 100))) == [ENTER, DWELL, EXIT]
