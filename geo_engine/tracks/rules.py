"""What the whole-day and the running derivation have in common: parameters, and formulas of a line or two.

Distances are whole or floating millimetres and moments whole microseconds, and every formula is the same
few operations for numbers and for arrays: the two derivations agree to the last bit because nothing here
depends on how many fixes are looked at together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MM_PER_M = 1_000
US_PER_S = 1_000_000


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
    """What a stop is.

    Parameters
    ----------
    least_s
        A shorter stay is part of the trip: lights and jams end sooner.
    epoch_s
        Fixes are looked at in epochs of this length on the clock of UTC; within one they are averaged.
    radius_m
        How far from the middle of a stop a worker still stays: half of a yard's diagonal.
    accuracy_factor
        By how many accuracies the radius grows, as the root of the sum of squares.
    inside_percent
        How many of the epochs of the first `least_s` have to be inside.
    leave_s
        How long a device has to be clearly outside before it has left; until then it may come back.
    longest_doubt_s
        Who was never clearly inside for so long has left.
    most_s
        No epoch counts for longer than this: a silence is no proof.
    merge_s
        Two stays at one place with no more between them than this, and not far away, are one.
    merge_far_m
        … this far: reflected signals do not reach further.
    silence_radius_m, silence_mps
        Two fixes with a silence between them are of one stop when they are as near as this, and on average
        slower than this: phones fall silent when parked and wake up on the way.
    wake_m
        A parked phone wakes up within this distance: up to there a silence belongs to the stop before it.
    regular_s
        Intervals up to this are a way of sampling and no silence.
    travel_mps
        How fast somebody comes and goes between two fixes, as the crow flies.
    drift_m, drift_accuracies
        Who moves on by this, and so many accuracies, from the first to the last moment of a stay of at most
        `drift_s` seconds, queues.
    """

    least_s: float = 240.0
    epoch_s: float = 15.0
    radius_m: float = 60.0
    accuracy_factor: float = 1.0
    inside_percent: int = 80
    leave_s: float = 90.0
    longest_doubt_s: float = 900.0
    most_s: float = 60.0
    merge_s: float = 300.0
    merge_far_m: float = 250.0
    silence_radius_m: float = 250.0
    silence_mps: float = 0.25
    wake_m: float = 1_000.0
    regular_s: float = 600.0
    travel_mps: float = 8.0
    drift_m: float = 80.0
    drift_accuracies: float = 1.0
    drift_s: float = 900.0


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


def trust[N: (float, NDArray[np.float64])](accuracy_mm: N) -> N:
    """Return how much an epoch says about being inside or outside: 1 when exact, a half at 100 m."""
    return 1e10 / (1e10 + accuracy_mm * accuracy_mm)
