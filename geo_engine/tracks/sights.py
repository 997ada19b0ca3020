"""What epochs that keep coming say of a place: that they are inside or outside, and that two of them are a stay."""

from collections.abc import Sequence

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.params import StopParams
from geo_engine.tracks.queues import Seen
from geo_engine.tracks.rules import MM_PER_M, microseconds, spare_us
from geo_engine.tracks.running_epochs import Epoch, Sight


def scored(sight: Sight, middle: Place, wider_mm2: float, params: StopParams) -> int:
    """Return what an epoch says of a place."""
    off_mm2 = apart_mm2(sight.epoch.place, middle)
    share = max(1.0 - off_mm2 / (sight.room_mm2 + wider_mm2), -1.0)
    if sight.stands:
        share += params.standing_weight
    if sight.moves:
        share = min(share, -params.moving_weight)
    if not sight.stands and off_mm2 > sight.far_mm2:
        share = -params.far_weight
    return round(share * sight.highest)


def pair_middle(before: Epoch, seen: Sequence[Sight], params: StopParams) -> Place | None:
    """Return where the first two of some epochs are, if at one place where it takes a stay to explain the time."""
    if len(seen) < 3:
        return None
    after = seen[2].epoch
    middle = middle_of(seen[:2])
    if any(
        epoch.speed_mmps > params.standing_mps * MM_PER_M or apart_mm2(epoch.place, middle) >= sight.room_mm2
        for epoch, sight in ((sight.epoch, sight) for sight in seen[:2])
    ):
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


def seen_of(sights: Sequence[Sight]) -> Seen:
    """Return where and when some epochs were on average."""
    epochs = [sight.epoch for sight in sights]
    return Seen(
        place=middle_of(sights),
        accuracy_mm=sum(epoch.accuracy_mm for epoch in epochs) // len(epochs),
        at_us=sum(epoch.first_us for epoch in epochs) // len(epochs),
    )
