"""What epochs that keep coming say of a place: that they are inside or outside, and that two of them are a stay."""

from collections.abc import Sequence
from typing import NamedTuple

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.params import StopParams
from geo_engine.tracks.rules import microseconds, pair_way_mm, spare_us
from geo_engine.tracks.running_epochs import Epoch, Sight


class Look(NamedTuple):
    """An epoch that is looked at after another one.

    Parameters
    ----------
    apart_us
        How much time lies between the two.
    was_there
        Whether the device was inside at the other, or had not moved since it was.
    """

    sight: Sight
    apart_us: int
    was_there: bool


def scored(look: Look, middle: Place, wider_mm2: float, params: StopParams) -> tuple[int, bool]:
    """Return what an epoch says of a place, and whether the device is inside or has not moved since it was."""
    sight = look.sight
    off_mm2 = apart_mm2(sight.epoch.place, middle)
    share = max(1.0 - off_mm2 / (sight.room_mm2 + wider_mm2), -1.0)
    if sight.stands:
        share += params.standing_weight
    if sight.moves:
        share = min(share, -params.moving_weight)
    if not sight.stands and off_mm2 > sight.far_mm2:
        share = -params.far_weight
    stays_put = look.was_there and sight.stands and look.apart_us <= microseconds(params.resting_s)
    is_there = off_mm2 <= sight.rest_mm2 and (share > 0.0 or stays_put)
    if is_there and sight.stands:
        share = max(share, params.resting_share)
    return round(share * sight.highest), is_there


def pair_middle(before: Epoch, seen: Sequence[Sight], params: StopParams) -> Place | None:
    """Return where the first two of some epochs are, if at one place where it takes a stay to explain the time."""
    if len(seen) < 3:
        return None
    one, other, after = (sight.epoch for sight in seen[:3])
    middle = middle_of(seen[:2])
    if any(sight.moves or apart_mm2(sight.epoch.place, middle) >= sight.room_mm2 for sight in seen[:2]):
        return None
    both_mm = float(one.accuracy_mm + other.accuracy_mm)
    if chord_mm(one.place, other.place) > pair_way_mm(float(other.first_us - one.first_us), both_mm, params):
        return None
    apart_mm = chord_mm(before.place, middle) + chord_mm(after.place, middle)
    rest_us = spare_us(float(after.first_us - before.last_us), apart_mm, params)
    return middle if rest_us >= microseconds(params.sparse_s) else None


def apart_mm2(one: Place, other: Place) -> float:
    """Return the square of how far apart two places are."""
    x, y, z = float(one[0] - other[0]), float(one[1] - other[1]), float(one[2] - other[2])
    return x * x + y * y + z * z


def middle_of(sights: Sequence[Sight]) -> Place:
    """Return the mean of some epochs, weighted by accuracy."""
    total = sum(sight.weight for sight in sights)
    x, y, z = (sum(sight.weight * sight.epoch.place[axis] for sight in sights) // total for axis in range(3))
    return Place(x, y, z)
