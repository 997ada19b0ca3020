"""Fixes that keep coming, gathered into epochs: each is closed by the first fix of a later one."""

from dataclasses import dataclass, field
from typing import NamedTuple

from geo_engine.geometry.earth_fixed import Place
from geo_engine.tracks.params import StopParams
from geo_engine.tracks.rules import (
    MARKS_PER_EPOCH,
    MM_PER_M,
    STEP_LIMIT_MM,
    UNKNOWN_SPEED,
    far_mm2,
    microseconds,
    room_mm2,
    stands,
    trust,
    weight,
)
from geo_engine.tracks.running_flags import Known
from geo_engine.tracks.twins import twin


class Mark(NamedTuple):
    """The first usable fix of a third of an epoch."""

    time_us: int
    place: Place
    accuracy_mm: int


class Epoch(NamedTuple):
    """A closed epoch; see `geo_engine.tracks.epochs.Epochs` for what its fields mean.

    Parameters
    ----------
    lasted_us
        Since the epoch before began; 0 for the first.
    fixes_before, fixes_through
        How many usable fixes came before it, and with it.
    """

    first_us: int
    last_us: int
    place: Place
    accuracy_mm: int
    speed_mmps: int
    lasted_us: int
    fixes_before: int
    fixes_through: int
    turn_sum_mm2: int
    marks: tuple[Mark, ...]


class Sight(NamedTuple):
    """An epoch and what it counts for when a stay is looked for."""

    epoch: Epoch
    weight: int
    room_mm2: float
    far_mm2: float
    highest: float
    stands: bool
    moves: bool


def sight_of(epoch: Epoch, params: StopParams) -> Sight:
    """Return what an epoch counts for."""
    exact_mm = float(epoch.accuracy_mm)
    return Sight(
        epoch=epoch,
        weight=weight(epoch.accuracy_mm),
        room_mm2=room_mm2(exact_mm, params),
        far_mm2=far_mm2(exact_mm, params),
        highest=min(epoch.lasted_us, microseconds(params.most_s)) / 1_000.0 * trust(exact_mm),
        stands=stands(epoch.speed_mmps, params),
        moves=epoch.speed_mmps > params.moving_mps * MM_PER_M,
    )


@dataclass(slots=True, kw_only=True)
class Gathering:
    """The sums of an epoch that is still open."""

    number: int
    first_us: int
    last_us: int
    count: int = 0
    weight: int = 0
    x: int = 0
    y: int = 0
    z: int = 0
    accuracy: int = 0
    speed: int = 0
    speed_count: int = 0
    mark_number: int = -1
    marks: list[Mark] = field(default_factory=list)

    def add(self, known: Known, mark_number: int) -> None:
        """Add a fix."""
        each = weight(known.accuracy_mm)
        self.last_us = known.time_us
        self.count += 1
        self.weight += each
        self.x += each * known.place.x_mm
        self.y += each * known.place.y_mm
        self.z += each * known.place.z_mm
        self.accuracy += each * known.accuracy_mm
        if known.speed_mmps != UNKNOWN_SPEED:
            self.speed += known.speed_mmps
            self.speed_count += 1
        if mark_number != self.mark_number:
            self.mark_number = mark_number
            self.marks.append(Mark(known.time_us, known.place, known.accuracy_mm))


@dataclass(slots=True, kw_only=True)
class RunningEpochs:
    """Gathers usable fixes, in order of time, into epochs; `latest` are the two last ones that were closed."""

    params: StopParams
    gathering: Gathering | None = None
    latest: list[Epoch] = field(default_factory=list)

    def copy(self) -> "RunningEpochs":
        """Return one that goes on on its own."""
        other = twin(self)
        if self.gathering is not None:
            other.gathering = twin(self.gathering)
            other.gathering.marks = list(self.gathering.marks)
        return other

    def add(self, known: Known) -> Epoch | None:
        """Add a fix, and return the epoch that it closes."""
        mark_number = known.time_us * MARKS_PER_EPOCH // microseconds(self.params.epoch_s)
        number = mark_number // MARKS_PER_EPOCH
        closed = None
        if self.gathering is None or self.gathering.number != number:
            closed = self.close()
            self.gathering = Gathering(number=number, first_us=known.time_us, last_us=known.time_us)
        self.gathering.add(known, mark_number)
        return closed

    def close(self) -> Epoch | None:
        """Return the open epoch, closed."""
        open_one = self.gathering
        if open_one is None:
            return None
        total = open_one.weight
        place = Place(open_one.x // total, open_one.y // total, open_one.z // total)
        before = self.latest[-1] if self.latest else None
        fixes_before = before.fixes_through if before else 0
        epoch = Epoch(
            first_us=open_one.first_us,
            last_us=open_one.last_us,
            place=place,
            accuracy_mm=open_one.accuracy // total,
            speed_mmps=open_one.speed // open_one.speed_count if open_one.speed_count else UNKNOWN_SPEED,
            lasted_us=open_one.first_us - before.first_us if before else 0,
            fixes_before=fixes_before,
            fixes_through=fixes_before + open_one.count,
            turn_sum_mm2=self._turn_sum(place),
            marks=tuple(open_one.marks),
        )
        self.gathering = None
        self.latest = [*self.latest[-1:], epoch]
        return epoch

    def _turn_sum(self, place: Place) -> int:
        if len(self.latest) < 2:
            return 0
        first, second = self.latest
        x = _limited(second.place[0] - first.place[0]) * _limited(place[0] - second.place[0])
        y = _limited(second.place[1] - first.place[1]) * _limited(place[1] - second.place[1])
        z = _limited(second.place[2] - first.place[2]) * _limited(place[2] - second.place[2])
        limit_mm2 = round(self.params.zigzag_m * MM_PER_M) ** 2
        return second.turn_sum_mm2 + max(-limit_mm2, min(limit_mm2, -(x + y + z) // 2))


def _limited(step_mm: int) -> int:
    return max(-STEP_LIMIT_MM, min(STEP_LIMIT_MM, step_mm))
