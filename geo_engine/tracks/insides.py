"""The epochs of a stay that keep coming, remembered as sums: as much as is needed, however long the stay."""

from dataclasses import dataclass, field

from geo_engine.geometry.earth_fixed import Place, chord_mm
from geo_engine.tracks.params import StopParams
from geo_engine.tracks.rules import (
    StayFacts,
    doubt_mm2,
    ended_us,
    microseconds,
    spare_us,
    started_us,
    zigzag_mm2,
)
from geo_engine.tracks.running_epochs import Epoch, Sight
from geo_engine.tracks.twins import twin


@dataclass(slots=True, kw_only=True)
class Insides:
    """The epochs of a stay that were at its place, as sums.

    Parameters
    ----------
    first, last
        Numbers of the first and the last of them.
    before, after
        The epochs before the first and after the last, where there are any.
    turn_start_mm2
        What the sum of turns is at the epoch after the first.
    steps, squares
        The sums of where they are from `origin`, and of the squares of how far that is.
    early
        The numbers of all of them, while a stay may yet prove to be a queue.
    """

    first: int
    first_us: int
    before: Epoch | None
    fixes_before: int
    turn_start_mm2: int
    origin: Place
    last: int = -1
    last_us: int = 0
    after: Epoch | None = None
    fixes_through: int = 0
    turn_end_mm2: int = 0
    count: int = 0
    weight: int = 0
    sums: tuple[int, int, int] = (0, 0, 0)
    accuracy: int = 0
    steps: tuple[int, int, int] = (0, 0, 0)
    squares: int = 0
    early: list[int] = field(default_factory=list)

    def copy(self) -> "Insides":
        """Return one that grows on its own."""
        other = twin(self)
        other.early = list(self.early)
        return other

    def add(self, number: int, sight: Sight) -> None:
        """Add an epoch, which is after all others."""
        epoch, each = sight.epoch, sight.weight
        x, y, z = epoch.place
        dx, dy, dz = x - self.origin.x_mm, y - self.origin.y_mm, z - self.origin.z_mm
        self.last, self.last_us = number, epoch.last_us
        self.fixes_through, self.turn_end_mm2 = epoch.fixes_through, epoch.turn_sum_mm2
        self.count += 1
        self.weight += each
        self.sums = self.sums[0] + each * x, self.sums[1] + each * y, self.sums[2] + each * z
        self.accuracy += epoch.accuracy_mm
        self.steps = self.steps[0] + dx, self.steps[1] + dy, self.steps[2] + dz
        self.squares += dx * dx + dy * dy + dz * dz
        self.early.append(number)

    def join(self, other: "Insides") -> None:
        """Add those of a later stay."""
        n = other.count
        dx, dy, dz = (there - here for here, there in zip(self.origin, other.origin, strict=True))
        crossed = dx * other.steps[0] + dy * other.steps[1] + dz * other.steps[2]
        self.squares += other.squares + 2 * crossed + n * (dx * dx + dy * dy + dz * dz)
        self.steps = _added(self.steps, other.steps, (n * dx, n * dy, n * dz))
        self.sums = _added(self.sums, other.sums, (0, 0, 0))
        self.last, self.last_us, self.after = other.last, other.last_us, other.after
        self.fixes_through, self.turn_end_mm2 = other.fixes_through, other.turn_end_mm2
        self.count += other.count
        self.weight += other.weight
        self.accuracy += other.accuracy

    def middle(self) -> Place:
        """Return their mean, weighted by accuracy."""
        x, y, z = self.sums
        return Place(x // self.weight, y // self.weight, z // self.weight)

    def squares_about(self, middle: Place) -> int:
        """Return the sum of the squares of how far they are from a place."""
        dx, dy, dz = (there - here for here, there in zip(self.origin, middle, strict=True))
        crossed = dx * self.steps[0] + dy * self.steps[1] + dz * self.steps[2]
        return self.squares - 2 * crossed + self.count * (dx * dx + dy * dy + dz * dz)

    def error_mm2(self, params: StopParams) -> float:
        """Return the square of how wrong their middle may be, and of how much they go to and fro."""
        turns_mm2 = self.turn_end_mm2 - self.turn_start_mm2 if self.last > self.first else 0
        doubt = doubt_mm2(self.accuracy // self.count, self.last_us - self.first_us, params)
        return doubt + zigzag_mm2(turns_mm2, self.last - self.first - 1, params)

    def facts(self, params: StopParams) -> StayFacts:
        """Return what decides whether this and another are one stay."""
        return StayFacts(
            middle=self.middle(),
            first_us=self.first_us,
            last_us=self.last_us,
            accuracy_mm=self.accuracy // self.count,
            error_mm2=self.error_mm2(params),
        )

    def is_sparse(self, params: StopParams) -> bool:
        """Return whether it was seen twice and it takes a stay to explain the time around."""
        if self.count < 2 or self.before is None or self.after is None:
            return False
        middle = self.middle()
        apart_mm = chord_mm(self.before.place, middle) + chord_mm(self.after.place, middle)
        rest_us = spare_us(float(self.after.first_us - self.before.last_us), apart_mm, params)
        return rest_us >= microseconds(params.sparse_s)

    def span_us(self, middle: Place, params: StopParams) -> tuple[int, int]:
        """Return when the stay began and when it ended, as well as the epochs beside it tell."""
        began_us, end_us = self.first_us, self.last_us
        if self.before is not None:
            began_us = started_us(self.before.last_us, began_us, chord_mm(self.before.place, middle), params)
        if self.after is not None:
            end_us = ended_us(end_us, self.after.first_us, chord_mm(self.after.place, middle), params)
        return began_us, end_us


def _added(one: tuple[int, int, int], other: tuple[int, int, int], more: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0] + more[0], one[1] + other[1] + more[1], one[2] + other[2] + more[2]
