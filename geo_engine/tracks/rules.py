"""What the whole-day and the running derivation have in common: formulas of a line or two.

Distances are whole or floating millimetres and moments whole microseconds, and every formula is the same
few operations for numbers and for arrays: the two derivations agree to the last bit because nothing here
depends on how many fixes are looked at together.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.params import DeriveParams, FlagParams, MergeParams, StopParams, TripParams

MM_PER_M = 1_000
US_PER_S = 1_000_000
UNKNOWN_SPEED = -1
SCORE_PER_S = 1_000
STEP_LIMIT_MM = 10_000_000
"""Steps count as no longer where their product is wanted: it has to fit 64 bits."""

LOOK_AHEAD = 6
"""So many runs of fixes are weighed together at most."""

DOUBT_COUNT = 40
"""After so many epochs that were not clearly inside a device has left."""

BACK_COUNT = 20
"""A stay begins no more epochs than this before the window it was found by."""

MARKS_PER_EPOCH = 3
"""So often within an epoch a fix marks the way of a trip."""


@cache
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


def stands(speed_mmps: int, params: StopParams) -> bool:
    """Return whether a device says that it stands."""
    return speed_mmps != UNKNOWN_SPEED and speed_mmps < params.standing_mps * MM_PER_M


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


def next_began_us(last_us: int, first_us: int, came_us: int, params: StopParams) -> int:
    """Return when a stay right after another one began at the earliest: a silence between them is not its own."""
    return first_us if first_us - last_us > microseconds(params.regular_s) else came_us


def radius_m(squares_mm2: int, count: int) -> float:
    """Return the radius of a round place of which `count` points have such a sum of squared distances to its middle."""
    return round(math.sqrt(2.0 * squares_mm2 / count) / MM_PER_M, 1)


def _is_outage(silent_us: int, apart_mm: float, params: StopParams) -> bool:
    # So far away that the device moved for long and told nothing.
    return silent_us > microseconds(params.outage_s) and apart_mm > params.outage_m * MM_PER_M


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


def merge_room_mm(before: StayFacts, after: StayFacts, params: DeriveParams, *, is_next: bool) -> float:
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
    shortest_us = min(before.last_us - before.first_us, after.last_us - after.first_us)
    is_short = shortest_us < microseconds(params.stops.core_s)
    if is_next and is_short and apart_us > microseconds(params.stops.seed_s):
        room_mm = max(room_mm, merging.silent_m * MM_PER_M)
    return room_mm


def is_coming(before: StayFacts, after: StayFacts, params: MergeParams) -> bool:
    """Return whether a device that was seen once was on its way to where it is known to have stayed next."""
    is_soon = after.first_us - before.last_us <= microseconds(params.coming_s)
    return is_soon and chord_mm(before.middle, after.middle) <= params.coming_m * MM_PER_M


def round_size(inside_count: int) -> int:
    """Return for how many epochs the middle of a stay is kept before it is worked out anew."""
    return max(8, inside_count // 4)


def is_parting(silent_us: int, params: TripParams) -> bool:
    """Return whether a silence on the way ends one trip and has another begin."""
    return silent_us > microseconds(params.parting_s)


def step_mm(accuracy_mm: int, params: TripParams) -> float:
    """Return how far a mark of such an accuracy has to be from the last one that counted."""
    return max(params.step_m * MM_PER_M, params.step_accuracies * accuracy_mm)
