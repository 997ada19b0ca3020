"""Made-up traces whose stays are known: what happens in a plane around Porto, and what a phone reports of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks.model import MICROSECONDS_PER_S, Stop, Track, to_microseconds

ORIGIN_LON, ORIGIN_LAT = -8.61, 41.15
_M_PER_DEGREE_LAT = 111_060.0
_M_PER_DEGREE_LON = 83_880.0
_RADIUS_68 = 1.51
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A straight move by metres east and north."""

    east_m: float
    north_m: float
    speed_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Being at one place for some seconds, or walking about in a yard of so many metres; a stay, or waiting only."""

    lasting_s: int
    yard_m: float = 0.0
    is_stay: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Where somebody was each second, metres east and north, and from when until when stays lasted."""

    start_s: int
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    stays: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """How a phone sees.

    Parameters
    ----------
    every_s
        How often it looks.
    sigma_m, tau_s
        Standard deviation of each axis, and how long an error lasts; 0: each error is another.
    accuracy_m
        What it says of its accuracy: None the truth, NaN nothing.
    has_speed
        Whether it says a speed, and how wrong that is.
    reflections_per_hour
        How often it is led astray, for 10 to 90 s, by 50 to 250 m.
    """

    every_s: int = 10
    sigma_m: float = 4.0
    tau_s: float = 60.0
    accuracy_m: float | None = None
    has_speed: bool = True
    reflections_per_hour: float = 0.0


DRIVE = (
    Move(east_m=1500, north_m=200, speed_mps=10),
    Rest(lasting_s=60, is_stay=False),
    Move(east_m=900, north_m=-700, speed_mps=9),
    Move(east_m=200, north_m=900, speed_mps=7),
)


def course(parts: Sequence[Move | Rest], *, generator: np.random.Generator, at: datetime = MORNING) -> Course:
    """Return where somebody was who did these things one after the other."""
    start_s = to_microseconds(at) // MICROSECONDS_PER_S
    walked, stays, here, now_s = list[NDArray[np.complex128]](), list[tuple[int, int]](), 0.0 + 0.0j, start_s
    for part in parts:
        way = _moved(part, here) if isinstance(part, Move) else _rested(part, here, generator)
        if isinstance(part, Rest) and part.is_stay:
            stays.append((now_s, now_s + len(way)))
        walked.append(way)
        here = way[-1] if isinstance(part, Move) else here
        now_s += len(way)
    points = np.concatenate(walked)
    return Course(start_s=start_s, east_m=points.real, north_m=points.imag, stays=tuple(stays))


def seen(truth: Course, phone: Phone, *, generator: np.random.Generator) -> Track:
    """Return what a phone reports of a course."""
    count = len(truth.east_m)
    looks = np.arange(0, count, phone.every_s)
    errors = _drift(count, phone, generator) + _reflections(count, phone, generator)
    east_m, north_m = truth.east_m + errors.real, truth.north_m + errors.imag
    speeds_mps = np.hypot(np.gradient(truth.east_m), np.gradient(truth.north_m))
    said_mps = np.abs(speeds_mps + generator.normal(0.0, 0.3, count)) if phone.has_speed else np.full(count, np.nan)
    honest_m = _RADIUS_68 * phone.sigma_m * generator.uniform(0.8, 1.25, count)
    accuracies_m = honest_m if phone.accuracy_m is None else np.full(count, phone.accuracy_m)
    nothing = np.full(len(looks), np.nan)
    return Track(
        times_us=(truth.start_s + looks).astype(np.int64) * MICROSECONDS_PER_S,
        lons_deg=(ORIGIN_LON + east_m / _M_PER_DEGREE_LON)[looks],
        lats_deg=(ORIGIN_LAT + north_m / _M_PER_DEGREE_LAT)[looks],
        accuracies_m=accuracies_m[looks],
        altitudes_m=nothing,
        speeds_mps=said_mps[looks],
        headings_deg=nothing,
        batteries_percent=nothing,
        mocks=np.zeros(len(looks), dtype=np.bool_),
    )


def taken(track: Track, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Track:
    """Return some fixes of a track."""
    return Track(**{column.name: getattr(track, column.name)[chosen].copy() for column in fields(track)})


def silenced(track: Track, from_s: int, until_s: int) -> Track:
    """Return a track without the fixes of a span of seconds since 1970."""
    seconds = track.times_us / MICROSECONDS_PER_S
    return taken(track, (seconds < from_s) | (seconds >= until_s))


def found_wrong(stops: Sequence[Stop], stays: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return how many stays of five minutes or more were not found to seven tenths, and how many stops are none."""
    spans = [(stop.started_at.timestamp(), stop.ended_at.timestamp()) for stop in stops]
    asked = [stay for stay in stays if stay[1] - stay[0] >= 300]
    hits = {k for stay in asked for k, span in enumerate(spans) if _overlap(span, stay) >= 0.7}
    missed_count = sum(all(_overlap(span, stay) < 0.7 for span in spans) for stay in asked)
    return missed_count, len(spans) - len(hits)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def _moved(move: Move, here: complex) -> NDArray[np.complex128]:
    way = complex(move.east_m, move.north_m)
    count = max(1, round(abs(way) / move.speed_mps))
    return np.asarray(here + way * np.arange(1, count + 1) / count)


def _rested(rest: Rest, here: complex, generator: np.random.Generator) -> NDArray[np.complex128]:
    points = np.full(rest.lasting_s, here, dtype=np.complex128)
    at, goal, pause_s = here, here, 0
    for second in range(rest.lasting_s if rest.yard_m else 0):
        if pause_s > 0:
            pause_s -= 1
        elif abs(goal - at) < 1.3:
            goal = here + complex(*generator.uniform(-rest.yard_m / 2, rest.yard_m / 2, 2))
            pause_s = int(generator.exponential(30))
        else:
            at += 1.2 * (goal - at) / abs(goal - at)
        points[second] = at
    return points


def _drift(count: int, phone: Phone, generator: np.random.Generator) -> NDArray[np.complex128]:
    pushes = generator.normal(0.0, phone.sigma_m, (count, 2)) @ np.array([1.0, 1.0j])
    fade = float(np.exp(-1.0 / phone.tau_s)) if phone.tau_s else 0.0
    pushes[1:] *= np.sqrt(1.0 - fade * fade)
    for second in range(1, count if fade else 0):
        pushes[second] += fade * pushes[second - 1]
    return np.asarray(pushes)


def _reflections(count: int, phone: Phone, generator: np.random.Generator) -> NDArray[np.complex128]:
    offsets = np.zeros(count, dtype=np.complex128)
    for begin in generator.integers(0, count, int(generator.poisson(phone.reflections_per_hour * count / 3600))):
        end = begin + int(generator.uniform(10, 90))
        offsets[begin:end] += generator.uniform(50, 250) * np.exp(2j * np.pi * generator.random())
    return offsets
