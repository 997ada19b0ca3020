"""The hard cases of finding stops: each what somebody did, how a phone saw it, and what else went wrong."""

from collections.abc import Callable, Sequence

import numpy as np

from geo_engine.tracks.model import Track
from support.traces import DRIVE, Course, Move, Phone, Rest, course, seen, silenced, taken

type Change = Callable[[Track, Course, np.random.Generator], Track]

HOME = Rest(lasting_s=900)
OFFICE = Rest(lasting_s=1500)
AWAY = Move(east_m=-1200, north_m=900, speed_mps=11)
BACK = Move(east_m=-900, north_m=-300, speed_mps=8)
LIGHT = Rest(lasting_s=110, is_stay=False)
LONG_WAY = (*DRIVE, AWAY, BACK, *DRIVE)
URBAN = Phone(sigma_m=45, tau_s=0)
BLOCK = (Move(east_m=700, north_m=0, speed_mps=10), LIGHT, Move(east_m=500, north_m=300, speed_mps=12))


def day(*stays_s: int) -> tuple[Move | Rest, ...]:
    """Return a day with three stays: the first at the start, the middle ones given, the last before a drive."""
    middle = [part for stay_s in stays_s for part in (*DRIVE, Rest(lasting_s=stay_s))]
    return (HOME, *middle, AWAY, LIGHT, BACK, OFFICE, *DRIVE)


def unchanged(track: Track, _truth: Course, _generator: np.random.Generator) -> Track:
    """Return a track as it is."""
    return track


def spiked(track: Track, _truth: Course, generator: np.random.Generator) -> Track:
    """Return a track with three of a hundred fixes about a kilometre away."""
    spikes = np.flatnonzero(generator.random(len(track)) < 0.03)
    changed = taken(track, slice(None))
    changed.lons_deg[spikes] += generator.normal(0.0, 0.01, len(spikes))
    changed.lats_deg[spikes] += generator.normal(0.0, 0.01, len(spikes))
    return changed


def repeated(track: Track, _truth: Course, generator: np.random.Generator) -> Track:
    """Return a track with a third of its fixes twice, and speeds that jitter."""
    again = generator.integers(0, len(track), len(track) // 3)
    changed = taken(track, np.sort(np.concatenate((np.arange(len(track)), again))))
    changed.speeds_mps[:] = np.abs(changed.speeds_mps + generator.normal(0.0, 1.5, len(changed)))
    return changed


def mute_on_the_way(lasting_s: int) -> Change:
    """Return what leaves out so many seconds, beginning a minute after the first stay."""
    return lambda track, truth, _: silenced(track, truth.stays[0][1] + 60, truth.stays[0][1] + 60 + lasting_s)


def mute_when_parked(after_s: int) -> Change:
    """Return what leaves out the second stay but its first seconds, until the car has moved off a little."""
    return lambda track, truth, _: silenced(track, truth.stays[1][0] + after_s, truth.stays[1][1] + 15)


def lost_on_arrival(track: Track, truth: Course, _generator: np.random.Generator) -> Track:
    """Return a track without the last half a minute before each later stay and its first ten."""
    for began_s, _ in truth.stays[1:]:
        track = silenced(track, began_s - 30, began_s + 600)
    return track


def always_standing(track: Track, _truth: Course, _generator: np.random.Generator) -> Track:
    """Return a track of a phone that says it stands whatever it does."""
    changed = taken(track, slice(None))
    changed.speeds_mps[:] = 0.0
    return changed


def two_visits(apart_m: float) -> tuple[Move | Rest, ...]:
    """Return two stays and the walk between them."""
    walk = Move(east_m=apart_m, north_m=0, speed_mps=1.3)
    return (Move(east_m=-3000, north_m=0, speed_mps=10), HOME, walk, HOME, Move(east_m=3000, north_m=0, speed_mps=10))


CASES: dict[str, tuple[Sequence[Move | Rest], Phone, Change]] = {
    "five minutes, 1 Hz": (day(300), Phone(every_s=1), unchanged),
    "five minutes, every 15 s": (day(300, 420), Phone(every_s=15), unchanged),
    "urban noise of 45 m": (day(1200), URBAN, unchanged),
    "urban noise of 45 m, every second": (day(1200), Phone(every_s=1, sigma_m=45, tau_s=0), unchanged),
    "urban noise, accuracy unknown": (
        day(1200),
        Phone(sigma_m=45, tau_s=0, accuracy_m=np.nan, has_speed=False),
        unchanged,
    ),
    "urban noise, accuracy a lie": (day(1200), Phone(sigma_m=45, tau_s=0, accuracy_m=10.0, has_speed=False), unchanged),
    "urban noise that lasts": (day(1200), Phone(sigma_m=33, tau_s=60), unchanged),
    "noise that wanders for minutes": (day(1500, 900), Phone(every_s=15, sigma_m=30, tau_s=300), unchanged),
    "reflections": (day(1500, 600), Phone(sigma_m=15, reflections_per_hour=6), unchanged),
    "spikes": (day(900), Phone(), spiked),
    "spikes, every minute": (day(900), Phone(every_s=60), spiked),
    "every minute": (day(900, 600), Phone(every_s=60), unchanged),
    "every two minutes": (day(1200), Phone(every_s=120), unchanged),
    "every five minutes": (
        (Rest(lasting_s=1800), *LONG_WAY, Rest(lasting_s=2400), *LONG_WAY, *LONG_WAY, OFFICE, *LONG_WAY),
        Phone(every_s=300),
        unchanged,
    ),
    "a gap of ten minutes while driving": (
        (HOME, Move(east_m=9000, north_m=1000, speed_mps=10), HOME, *DRIVE),
        Phone(),
        mute_on_the_way(600),
    ),
    "a gap of forty minutes while driving": (
        (HOME, Move(east_m=36000, north_m=1000, speed_mps=12), HOME, *DRIVE),
        Phone(),
        mute_on_the_way(2400),
    ),
    "silence a minute after parking": (day(7200), Phone(), mute_when_parked(60)),
    "silence ten minutes after parking": (day(7200), Phone(), mute_when_parked(600)),
    "lost on arrival, every minute": (
        (HOME, *LONG_WAY, Rest(lasting_s=2400), *LONG_WAY, Rest(lasting_s=3600), *DRIVE),
        Phone(every_s=60),
        lost_on_arrival,
    ),
    "walking about a yard of 60 m": ((HOME, *DRIVE, Rest(lasting_s=2400, yard_m=60), *DRIVE), Phone(), unchanged),
    "walking about a yard of 80 m": (
        (HOME, *DRIVE, Rest(lasting_s=2400, yard_m=80), *DRIVE),
        Phone(every_s=30),
        unchanged,
    ),
    "a queue at 0.6 m/s": (
        (HOME, *DRIVE, Move(east_m=600, north_m=0, speed_mps=0.6), *DRIVE, HOME),
        Phone(every_s=5),
        unchanged,
    ),
    "a queue, every minute": (
        (HOME, *DRIVE, Move(east_m=600, north_m=0, speed_mps=0.6), *DRIVE, HOME),
        Phone(every_s=60),
        unchanged,
    ),
    "a queue that says no speed": (
        (HOME, *DRIVE, Move(east_m=500, north_m=200, speed_mps=0.6), *DRIVE, HOME),
        Phone(sigma_m=10, has_speed=False),
        unchanged,
    ),
    "repeated fixes with jittering speed": (day(1200), Phone(), repeated),
    "a night parked": ((Rest(lasting_s=36_000), *DRIVE), Phone(every_s=60, sigma_m=12, tau_s=100), unchanged),
    "lights": ((HOME, *BLOCK, *BLOCK, *BLOCK, *BLOCK, *BLOCK, HOME), Phone(), unchanged),
    "two stays 100 m apart": (
        (
            Move(east_m=-2000, north_m=0, speed_mps=10),
            HOME,
            Move(east_m=100, north_m=0, speed_mps=1.3),
            HOME,
            Move(east_m=2000, north_m=0, speed_mps=10),
        ),
        Phone(every_s=15),
        unchanged,
    ),
    "two stays 300 m apart, always standing": (
        two_visits(300),
        Phone(every_s=30, sigma_m=33, accuracy_m=50.0),
        always_standing,
    ),
    "two stays 600 m apart, always standing": (
        two_visits(600),
        Phone(every_s=30, sigma_m=33, accuracy_m=100.0),
        always_standing,
    ),
    "two stays 150 m apart, always standing": (
        two_visits(150),
        Phone(every_s=30, sigma_m=13, accuracy_m=20.0),
        always_standing,
    ),
    "only a stay": ((Rest(lasting_s=3600),), Phone(every_s=30), unchanged),
    "only a drive": ((*DRIVE, *DRIVE, *DRIVE), Phone(), unchanged),
}


def hard_case(name: str, seed: int) -> tuple[Track, tuple[tuple[int, int], ...]]:
    """Return the track of a case, and from when until when its stays lasted (seconds since 1970)."""
    parts, phone, change = CASES[name]
    generator = np.random.default_rng(seed)
    truth = course(parts, generator=generator)
    return change(seen(truth, phone, generator=generator), truth, generator), truth.stays
