"""What the whole-day and the running derivation have in common: parameters, and formulas of a line or two.

Distances are whole or floating millimetres and moments whole microseconds, and every formula is the same
few operations for numbers and for arrays: the two derivations agree to the last bit because nothing here
depends on how many fixes are looked at together.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place

MM_PER_M = 1_000
US_PER_S = 1_000_000
UNKNOWN_SPEED = -1
SCORE_PER_S = 1_000
STEP_LIMIT_MM = 10_000_000
"""Steps count as no longer where their product is wanted: it has to fit 64 bits."""

DOUBT_COUNT = 80
"""After so many epochs that were not clearly inside a device has left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagParams:
    """When a fix is doubtful.

    Parameters
    ----------
    future_tolerance_s
        A fix may be later than its reception by so much: clocks differ, networks do not run backwards.
    stale_after_days
        Older at reception than any known client keeps its fixes (Traccar Client 9: a day; others: until sent).
    accuracy_limit_m
        A worse one says which quarter of the town, not which street. Indoors 100 to 200 m are usual, and such
        fixes still tell where somebody stays: they weigh less instead.
    unknown_accuracy_m
        What is assumed of a fix whose accuracy is unknown.
    fastest_mps
        Nobody is faster between two fixes, however short the time …
    fastest_after_silence_mps, silence_s
        … but after so long a silence an aeroplane may have carried the device.
    slack_m, slack_accuracies
        A step may be longer than its speed allows by so much, and by so many times both accuracies.
    turning_mps
        Nobody goes out and back on their own tracks at this speed between three fixes.
    jump_longest_s, jump_fix_count
        A run of fixes is bad only when it is as short as one of these: who stays elsewhere longer is there.
    frozen_after_s, frozen_moving_mps
        The same coordinates for so long, each fix of them at this speed or faster.
    """

    future_tolerance_s: float = 60.0
    stale_after_days: float = 30.0
    accuracy_limit_m: float = 300.0
    unknown_accuracy_m: float = 25.0
    fastest_mps: float = 70.0
    fastest_after_silence_mps: float = 340.0
    silence_s: float = 600.0
    slack_m: float = 60.0
    slack_accuracies: float = 1.5
    turning_mps: float = 20.0
    jump_longest_s: float = 120.0
    jump_fix_count: int = 3
    frozen_after_s: float = 60.0
    frozen_moving_mps: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopParams:
    """What a stop is. The defaults are measured: see `tests/benchmarks/track_stops.py`.

    Parameters
    ----------
    least_s
        A shorter stay is part of the trip: lights and jams end sooner.
    epoch_s
        Fixes are looked at in epochs of this length on the clock of UTC; within one they are averaged.
    seed_s, inside_percent
        A stay is looked for wherever so long a window has so large a part of its epochs at one place.
    radius_m, accuracy_factor
        How far from the middle a worker still stays (half of a yard's diagonal), and how many accuracies are added
        to it, as the root of a sum of squares.
    settle_s
        A middle is as wrong as one fix at first, since errors last for minutes; from this age of the stay on its
        error shrinks with time.
    zigzag_m
        Fixes that go to and fro by up to this are wrong by as much, whatever they say of their accuracy.
    leave_s
        Who was outside for so long without coming back has left.
    far_m, far_weight
        Reflected signals do not lead further astray; beyond this an epoch counts so many times.
    standing_mps, standing_weight
        A device that says it is slower may be inside although it looks outside, to this part.
    most_s
        No epoch counts for longer than this: a silence is no proof.
    back_s
        A stay begins no longer than this before the window it was found by.
    core_s
        A stay is observed for as long as this, or known by a silence.
    silent_s, silent_m
        A phone that falls silent has parked when the silence leaves so much time to spare, and it wakes up nearer
        than this …
    stood_silent_s, stood_silent_m
        … or so, if it stood before it fell silent.
    silent_mps, waking_s
        How slowly one may have left, and how long a phone may take to wake up, before time is to spare.
    regular_s
        Intervals up to this are a way of sampling and no silence.
    travel_mps
        How fast people come and go between two fixes, as the crow flies.
    """

    least_s: float = 240.0
    epoch_s: float = 15.0
    seed_s: float = 150.0
    inside_percent: int = 70
    radius_m: float = 60.0
    accuracy_factor: float = 1.2
    settle_s: float = 300.0
    zigzag_m: float = 60.0
    leave_s: float = 180.0
    far_m: float = 350.0
    far_weight: float = 3.0
    standing_mps: float = 0.6
    standing_weight: float = 0.8
    most_s: float = 60.0
    back_s: float = 900.0
    core_s: float = 100.0
    silent_s: float = 200.0
    silent_m: float = 1_000.0
    stood_silent_s: float = 150.0
    stood_silent_m: float = 3_000.0
    silent_mps: float = 3.0
    waking_s: float = 30.0
    regular_s: float = 600.0
    travel_mps: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueParams:
    """What looks like a stay and is a queue: who moves on all the time.

    Parameters
    ----------
    least_s, longest_s, epoch_count
        Only stays of such a length and with so many epochs are looked at: nobody queues longer within one place.
    mps, accuracies
        The way from the first third of a stay to its last, at this speed and longer than so many accuracies, is a
        queue's …
    creeping_mps, creeping_accuracies, still_mps, still_percent
        … or this way, when it is known that less than this part of the epochs was slower than this.
    """

    least_s: float = 170.0
    longest_s: float = 900.0
    epoch_count: int = 5
    mps: float = 0.3
    accuracies: float = 1.0
    creeping_mps: float = 0.15
    creeping_accuracies: float = 0.5
    still_mps: float = 0.4
    still_percent: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeParams:
    """When two stays are one.

    Parameters
    ----------
    within_s
        Nothing longer lies between them.
    apart_m, errors
        Their middles are as near as this, plus so many times what both may be wrong.
    at_once_s, at_once_accuracies
        With less than this between them nobody has walked: they may be apart by so many accuracies more.
    silent_m
        A short one that ends in a silence belongs to the next one as near as this: the phone woke up inside.
    """

    within_s: float = 600.0
    apart_m: float = 60.0
    errors: float = 2.0
    at_once_s: float = 40.0
    at_once_accuracies: float = 1.5
    silent_m: float = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TripParams:
    """How far a trip is.

    Parameters
    ----------
    step_m, step_accuracies
        A step counts when it is longer than this and than so many accuracies of its end: less is jitter.
    """

    step_m: float = 15.0
    step_accuracies: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GapParams:
    """What a gap is.

    Parameters
    ----------
    least_s
        A silence is a gap when it is longer; phones that sample every five minutes lose single fixes.
    """

    least_s: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveParams:
    """Everything that decides what is derived from fixes."""

    flags: FlagParams = FlagParams()
    stops: StopParams = StopParams()
    queues: QueueParams = QueueParams()
    merging: MergeParams = MergeParams()
    trips: TripParams = TripParams()
    gaps: GapParams = GapParams()


def microseconds(seconds: float) -> int:
    """Return seconds as whole microseconds."""
    return round(seconds * US_PER_S)


def accuracy_mm(accuracy_m: float, params: FlagParams) -> int:
    """Return an accuracy in whole millimetres, what is assumed when it is unknown (NaN, 0 or less)."""
    known = accuracy_m if accuracy_m > 0 else params.unknown_accuracy_m
    return round(min(known, 10.0 * params.accuracy_limit_m) * MM_PER_M)


def accuracies_mm(accuracies_m: NDArray[np.float64], params: FlagParams) -> NDArray[np.int64]:
    """Return what `accuracy_mm` returns, of many."""
    known = np.where(accuracies_m > 0, accuracies_m, params.unknown_accuracy_m)
    return np.rint(np.minimum(known, 10.0 * params.accuracy_limit_m) * MM_PER_M).astype(np.int64)


def slack_mm[N: (float, NDArray[np.float64])](both_accuracies_mm: N, params: FlagParams) -> N:
    """Return by how much a step may exceed its speed; both accuracies are given as their sum."""
    return params.slack_m * MM_PER_M + params.slack_accuracies * both_accuracies_mm


def reach_mm[N: (float, NDArray[np.float64])](elapsed_us: N, speed_mps: float) -> N:
    """Return how far somebody gets."""
    return elapsed_us * (speed_mps * MM_PER_M / US_PER_S)


def weight[N: (int, NDArray[np.int64])](accuracy_mm: N) -> N:
    """Return how much a position of an accuracy weighs: 201 at 5 m, 4 at 50 m, 1 from 100 m on."""
    return 10_000_000_000 // (accuracy_mm * accuracy_mm + 25_000_000) + 1


def room_mm2[N: (float, NDArray[np.float64])](accuracy_mm: N, params: StopParams) -> N:
    """Return the square of how far from the middle of a stop an epoch is still inside."""
    radius_mm, error_mm = params.radius_m * MM_PER_M, accuracy_mm * params.accuracy_factor
    return radius_mm * radius_mm + error_mm * error_mm


def far_mm2[N: (float, NDArray[np.float64])](accuracy_mm: N, params: StopParams) -> N:
    """Return the square of how far from the middle of a stop nobody is seen who is in it."""
    reach = params.far_m * MM_PER_M + 1.5 * accuracy_mm
    return reach * reach


def trust[N: (float, NDArray[np.float64])](accuracy_mm: N) -> N:
    """Return how much an epoch says about being inside or outside: 1 when exact, a half at 100 m."""
    return 1e10 / (1e10 + accuracy_mm * accuracy_mm)


def spare_us[N: (float, NDArray[np.float64])](silent_us: N, apart_mm: N, params: StopParams) -> N:
    """Return how much of a silence is left when the way to what follows it is taken off."""
    return silent_us - apart_mm * (1_000.0 / params.silent_mps) - params.waking_s * US_PER_S


def doubt_mm2(accuracy_mm: int, lasted_us: int, params: StopParams) -> float:
    """Return the square of how wrong the middle of a stay may be."""
    return float(accuracy_mm * accuracy_mm) * min(1.0, microseconds(params.settle_s) / max(lasted_us, 1))


def zigzag_mm2(turns_mm2: int, count: int, params: StopParams) -> float:
    """Return what `count` turns, given as their sum, add to the square of the room of a stay."""
    mean = turns_mm2 / count if count > 0 else 0.0
    return 2.0 * min(max(mean, 0.0), (params.zigzag_m * MM_PER_M) ** 2)


def started_us(before_us: int, first_us: int, apart_mm: float, params: StopParams) -> int:
    """Return when a stay began whose first epoch came after one elsewhere: after the way from there.

    Parameters
    ----------
    before_us, apart_mm
        The end of the epoch before, and how far from the middle of the stay it was.
    """
    if _is_outage(first_us - before_us, apart_mm, params):
        return first_us
    return min(first_us, before_us + _way_us(apart_mm, params))


def ended_us(last_us: int, after_us: int, apart_mm: float, params: StopParams) -> int:
    """Return when a stay ended whose last epoch came before one elsewhere: before the way to there."""
    if _is_outage(after_us - last_us, apart_mm, params):
        return last_us
    return max(last_us, after_us - _way_us(apart_mm, params))


def meeting_us(last_us: int, first_us: int, left_us: int, params: StopParams) -> tuple[int, int]:
    """Return when one stay ended and the next began with no epoch between them.

    A silence is the earlier one's: phones fall silent when parked. An interval that is a way of sampling is shared.

    Parameters
    ----------
    last_us, first_us
        The end of the last epoch of the one, the begin of the first of the other.
    left_us
        When the way between them began at the latest.
    """
    if first_us - last_us > microseconds(params.regular_s):
        return left_us, first_us
    shared_us = (last_us + left_us) // 2
    return shared_us, shared_us + first_us - left_us


def radius_m(squares_mm2: int, count: int) -> float:
    """Return the radius of a round place of which `count` points have such a sum of squared distances to its middle."""
    return round(math.sqrt(2.0 * squares_mm2 / count) / MM_PER_M, 1)


def _is_outage(silent_us: int, apart_mm: float, params: StopParams) -> bool:
    # So far away that the device moved for long and told nothing.
    return silent_us > microseconds(params.regular_s) and apart_mm > params.stood_silent_m * MM_PER_M


def _way_us(apart_mm: float, params: StopParams) -> int:
    return max(round(apart_mm * (1_000.0 / params.travel_mps)), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayFacts:
    """What decides whether a stay and another are one.

    Parameters
    ----------
    first_us, last_us
        Observed; what lies before and after is not in them.
    error_mm2
        The square of how wrong its middle may be, and of how much its fixes go to and fro.
    """

    middle: Place
    first_us: int
    last_us: int
    accuracy_mm: int
    error_mm2: float


def merge_room_mm(before: StayFacts, after: StayFacts, params: "DeriveParams", *, is_next: bool) -> float:
    """Return how far apart the middles of two stays may be that are one.

    Parameters
    ----------
    is_next
        Whether there is no epoch between them.
    """
    merging = params.merging
    apart_us = after.first_us - before.last_us
    room_mm = merging.apart_m * MM_PER_M + merging.errors * math.sqrt(before.error_mm2 + after.error_mm2)
    if apart_us <= microseconds(merging.at_once_s):
        room_mm += merging.at_once_accuracies * 0.5 * (before.accuracy_mm + after.accuracy_mm)
    is_short = before.last_us - before.first_us < microseconds(params.stops.core_s)
    if is_next and is_short and apart_us > microseconds(params.stops.seed_s):
        room_mm = max(room_mm, merging.silent_m * MM_PER_M)
    return room_mm


def round_size(inside_count: int) -> int:
    """Return for how many epochs the middle of a stay is kept before it is worked out anew."""
    return max(8, inside_count // 4)


def queue_way_mm(lasted_us: int, accuracy_mm: int, params: QueueParams, *, creeps: bool) -> float:
    """Return how far the last third of a stay is from its first third when it is a queue."""
    mps, accuracies = (params.creeping_mps, params.creeping_accuracies) if creeps else (params.mps, params.accuracies)
    return lasted_us * (2.0 / 3.0 * mps * MM_PER_M / US_PER_S) + accuracies * accuracy_mm
