"""What looks like a stay and is none: who moves on all the time, in a queue or on foot."""

from dataclasses import dataclass
from typing import NamedTuple

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.params import QueueParams
from geo_engine.tracks.rules import MM_PER_M, US_PER_S, microseconds

_FEW = 2
"""So few looks show no pace where nothing was seen on one side, and are known to stand only where they are still."""


class Seen(NamedTuple):
    """Where somebody was on average, how exactly, and when: the mean of the moments."""

    place: Place
    accuracy_mm: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thirds:
    """What tells whether somebody moves on.

    Parameters
    ----------
    lasted_us
        From the first look to the last.
    early, late
        The first third of a stay and its last.
    before, after
        The looks beside it; None at the ends of the track.
    count, known_count, still_count, speeds_mmps
        How many epochs it has, how many of them have a speed, how many of those are still, and the sum of the speeds.
    """

    lasted_us: int
    early: Seen
    late: Seen
    before: Seen | None
    after: Seen | None
    count: int
    known_count: int
    still_count: int
    speeds_mmps: int


def moves_on(stay: Thirds, params: QueueParams) -> bool:
    """Return whether who seems to stay moves on all the time."""
    is_queue = stay.lasted_us >= microseconds(params.least_s) and stay.count >= params.epoch_count
    return (is_queue and _creeps(stay, params)) or _keeps_pace(stay, params)


def _creeps(stay: Thirds, params: QueueParams) -> bool:
    mps, accuracies = params.mps, params.accuracies
    if 2 * stay.known_count > stay.count and 100 * stay.still_count < params.still_percent * stay.known_count:
        mps, accuracies = params.creeping_mps, params.creeping_accuracies
    elif _rests(stay, params):
        accuracies += params.resting_accuracies
    way_mm = stay.lasted_us * (2.0 / 3.0 * mps * MM_PER_M / US_PER_S) + accuracies * _accuracy_mm(stay)
    return chord_mm(stay.early.place, stay.late.place) > way_mm


def _keeps_pace(stay: Thirds, params: QueueParams) -> bool:
    # Nearer to where the pace from the look before to the look after leads than to where they were.
    is_at_end = stay.before is None or stay.after is None
    if is_at_end and stay.count <= _FEW:
        return False
    before, after = stay.before or stay.early, stay.after or stay.late
    if max(_mps(before, stay.early), _mps(stay.late, after)) > params.foot_mps:
        return False
    part = (stay.late.at_us - stay.early.at_us) / max(after.at_us - before.at_us, 1)
    led = [(there - here) * part for here, there in zip(before.place, after.place, strict=True)]
    gone = [there - here for here, there in zip(stay.early.place, stay.late.place, strict=True)]
    led_mm2 = led[0] * led[0] + led[1] * led[1] + led[2] * led[2]
    along_mm2 = led[0] * gone[0] + led[1] * gone[1] + led[2] * gone[2]
    room_mm, error_mm = params.pace_m * MM_PER_M, params.pace_accuracies * _accuracy_mm(stay)
    room_mm2 = room_mm * room_mm + error_mm * error_mm
    least_part = params.pace_part * min(stay.count - _FEW, params.pace_count)
    if _stands(stay, params):
        room_mm2, least_part = params.standing_rooms * params.standing_rooms * room_mm2, params.standing_part
    return led_mm2 > room_mm2 and along_mm2 > least_part * led_mm2


def _mps(one: Seen, other: Seen) -> float:
    return chord_mm(one.place, other.place) / MM_PER_M * US_PER_S / max(other.at_us - one.at_us, 1)


def _rests(stay: Thirds, params: QueueParams) -> bool:
    return 2 * stay.known_count > stay.count and 100 * stay.still_count >= params.resting_percent * stay.known_count


def _stands(stay: Thirds, params: QueueParams) -> bool:
    limit_mps = params.pace_mps if stay.count > _FEW else params.still_mps
    is_known = 2 * stay.known_count > stay.count
    return is_known and stay.speeds_mmps < limit_mps * MM_PER_M * stay.known_count


def _accuracy_mm(stay: Thirds) -> int:
    return max(stay.early.accuracy_mm, stay.late.accuracy_mm)
