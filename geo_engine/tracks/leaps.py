"""What no car does: be elsewhere and back sooner than anybody drives, as reflections have it."""

from collections.abc import Sequence
from math import isnan

from geo_engine.geometry.measure import geodesic_m
from geo_engine.tracks.anchors import Anchor
from geo_engine.tracks.model import MICROSECONDS_PER_S

# Reflections lead a receiver astray for seconds to a minute or two.
_LONGEST_US = 120 * MICROSECONDS_PER_S
_SIGMAS = 4.0
_FASTEST_MPS = 50.0
# Hardly anybody speeds up, or brakes, harder than that over several seconds.
_HARDEST_MPSS = 2.0


def without_leaps(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Return places without those that the device leapt to and back from; stops stay.

    Parameters
    ----------
    anchors
        In the order of time.

    Notes
    -----
    It leaps where it is farther from the last fix of one place to the first of the next than anybody drives in that
    time, given how fast the device says it was at both; and it was not there when it then leaps to where it can have
    driven to meanwhile.
    """
    kept: list[Anchor] = []
    index = 0
    while index < len(anchors):
        kept.append(anchors[index])
        index = _landing(anchors, index) or index + 1
    return kept


def _landing(anchors: Sequence[Anchor], index: int) -> int | None:
    """Return where the device is back after a leap away from a place; None when it made none."""
    if index + 2 >= len(anchors) or not _is_leap(anchors[index], anchors[index + 1]):
        return None
    for back in range(index + 2, len(anchors)):
        if anchors[back].first_us - anchors[index].last_us > _LONGEST_US:
            return None
        if _is_leap(anchors[back - 1], anchors[back]) and not _is_leap(anchors[index], anchors[back]):
            return back
    return None


def _is_leap(one: Anchor, other: Anchor) -> bool:
    """Return whether no car gets from the last fix of a place to the first of a later one in time."""
    lasts_s = (other.first_us - one.last_us) / MICROSECONDS_PER_S
    reach_m = _FASTEST_MPS * lasts_s
    mean_mps = (one.last.speed_mps + other.first.speed_mps) / 2.0
    if not isnan(mean_mps):
        # Speeding up for half of the time and braking for the other half.
        reach_m = min(reach_m, mean_mps * lasts_s + _HARDEST_MPSS * (lasts_s / 2.0) ** 2)
    far_m = geodesic_m(one.last.position, other.first.position)
    return far_m > reach_m + _SIGMAS * max(one.sigma_m, other.sigma_m)
