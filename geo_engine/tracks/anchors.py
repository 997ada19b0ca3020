"""Where a moving device surely was: fixes that lie together taken as one, so that jitter is no movement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, dist, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.tracks.detail import unwrapped_deg
from geo_engine.tracks.model import MICROSECONDS_PER_S, Stop, Track

_M_PER_DEGREE = 111_195.0
# A radius that holds 68 % of the fixes is 1.51 standard deviations of each coordinate.
_SIGMAS_PER_ACCURACY = 1.51
# Until a device has moved a few standard deviations it has hardly moved: two for Newson & Krumm (2009), three where
# errors drift and reflect. Between high houses 1.8, 2.3, 3 and 4 give +2.9, +2.6, +1.8 and +0.7 % of the metres driven;
# with 45 m of noise and no reflections corners are lost from 3 on: −1.5, and −2 to −3 % at 4.
_TOGETHER_SIGMAS, _TOGETHER_LEAST_M = 3.0, 20.0
# Up to so many strays, each within so many times as far, are mistakes where so many times more fixes are before or
# after.
_MOST_STRAYS, _STRAY_TIMES, _BRIEF = 4, 3.0, 5
_WAIT_US = 60 * MICROSECONDS_PER_S
_STOP_SIGMA_M = (5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """Where one fix, or a stop as it begins or ends, has the device; its speed is as it said, NaN where it did not."""

    time_us: int
    position: Position
    speed_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A place that a device was at, as several fixes or a stop tell.

    Parameters
    ----------
    first, last
        Its first and last fix.
    sigma_m
        How wrong it may be, one standard deviation of each coordinate.
    fix_count
        How many fixes it stands for; 0 for a stop, which is given.
    """

    position: Position
    first: Glimpse
    last: Glimpse
    sigma_m: float
    fix_count: int

    @property
    def first_us(self) -> int:
        """The moment of its first fix."""
        return self.first.time_us

    @property
    def last_us(self) -> int:
        """The moment of its last fix."""
        return self.last.time_us

    @property
    def is_stop(self) -> bool:
        """Whether it is the end of a stop."""
        return self.fix_count == 0

    @property
    def arrived_us(self) -> int:
        """When the device came: who only passes is there at one moment, in the middle."""
        return self.first_us if self.last_us - self.first_us >= _WAIT_US else (self.first_us + self.last_us) // 2

    @property
    def left_us(self) -> int:
        """When the device went on."""
        return self.last_us if self.last_us - self.first_us >= _WAIT_US else (self.first_us + self.last_us) // 2


def stop_anchor(stop: Stop, *, at_us: int) -> Anchor:
    """Return the place of a stop as it begins or ends."""
    least_m, most_m = _STOP_SIGMA_M
    sigma_m = min(max(stop.radius_m / _SIGMAS_PER_ACCURACY, least_m), most_m)
    glimpse = Glimpse(time_us=at_us, position=stop.position, speed_mps=0.0)
    return Anchor(position=stop.position, first=glimpse, last=glimpse, sigma_m=sigma_m, fix_count=0)


def anchors_of(track: Track, which: NDArray[np.intp], *, missing_accuracy_m: float, silence_us: int) -> list[Anchor]:
    """Return the places that some fixes of a track tell of, in order.

    Fixes that follow each other within 3 standard deviations of their mean are one place, and so are places within
    3 of each other; a few fixes outside, between many inside, belong to it without counting.

    Parameters
    ----------
    which
        The indices of the usable fixes of a move, ascending.
    missing_accuracy_m
        Stands in where a device does not say.
    silence_us
        A silence longer than this parts places.

    Notes
    -----
    O(n), about 1 µs a fix.
    """
    if not len(which):
        return []
    fixes = _Fixes.of(track, which, missing_accuracy_m)
    return [group.anchor() for run in _runs(fixes, silence_us) for group in _groups(fixes, run)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fixes:
    """Fixes in metres east and north, how wrong each may be, and how fast the device says it is (or NaN)."""

    times_us: Sequence[int]
    easts_m: Sequence[float]
    norths_m: Sequence[float]
    sigmas_m: Sequence[float]
    speeds_mps: Sequence[float]
    m_per_lon: float

    @classmethod
    def of(cls, track: Track, which: NDArray[np.intp], missing_accuracy_m: float) -> "_Fixes":
        lats_deg, accuracies_m = track.lats_deg[which], track.accuracies_m[which]
        m_per_lon = _M_PER_DEGREE * max(cos(radians(float(lats_deg[0]))), 0.01)
        sigmas_m = np.where(accuracies_m > 0.0, accuracies_m, missing_accuracy_m) / _SIGMAS_PER_ACCURACY
        return cls(
            times_us=track.times_us[which].tolist(),
            easts_m=(unwrapped_deg(track.lons_deg[which]) * m_per_lon).tolist(),
            norths_m=(lats_deg * _M_PER_DEGREE).tolist(),
            sigmas_m=sigmas_m.tolist(),
            speeds_mps=track.speeds_mps[which].tolist(),
            m_per_lon=m_per_lon,
        )

    def position(self, east_m: float, north_m: float) -> Position:
        """Return a place in WGS 84."""
        return Position((east_m / self.m_per_lon + 180.0) % 360.0 - 180.0, north_m / _M_PER_DEGREE)

    def glimpse(self, index: int) -> Glimpse:
        """Return where one fix has the device."""
        position = self.position(self.easts_m[index], self.norths_m[index])
        return Glimpse(time_us=self.times_us[index], position=position, speed_mps=self.speeds_mps[index])


class _Group:
    """Fixes that lie together: their sums, weighted by how exact each is."""

    def __init__(self, fixes: _Fixes, first: int) -> None:
        self.fixes = fixes
        self.first = self.last = first
        self.weight = self.east = self.north = 0.0
        self.counted = 0
        self.take(first)

    @property
    def fix_count(self) -> int:
        """How many fixes it stands for."""
        return self.last - self.first + 1

    @property
    def sigma_m(self) -> float:
        """How wrong it may be: the errors of fixes that follow each other are one error."""
        return sqrt(self.counted / self.weight)

    @property
    def middle_m(self) -> tuple[float, float]:
        """Where it is, metres east and north."""
        return self.east / self.weight, self.north / self.weight

    def take(self, index: int) -> None:
        """Add the next fix."""
        weight = self.fixes.sigmas_m[index] ** -2
        self.last = index
        self.weight += weight
        self.east += weight * self.fixes.easts_m[index]
        self.north += weight * self.fixes.norths_m[index]
        self.counted += 1

    def join(self, later: "_Group") -> None:
        """Add a later group; fixes between both belong to it without counting."""
        self.last = later.last
        self.weight += later.weight
        self.east += later.east
        self.north += later.north
        self.counted += later.counted

    def is_near_fix(self, index: int) -> bool:
        """Return whether a fix is so near that the device may not have moved."""
        place_m = self.fixes.easts_m[index], self.fixes.norths_m[index]
        return self._is_near(place_m, self.fixes.sigmas_m[index])

    def is_near_group(self, other: "_Group", *, times: float = 1.0) -> bool:
        """Return whether another group is so near that both may be one, or so many times as far."""
        return self._is_near(other.middle_m, max(self.sigma_m, other.sigma_m), times=times)

    def _is_near(self, place_m: tuple[float, float], sigma_m: float, *, times: float = 1.0) -> bool:
        return dist(self.middle_m, place_m) <= times * max(_TOGETHER_SIGMAS * sigma_m, _TOGETHER_LEAST_M)

    def anchor(self) -> Anchor:
        """Return the place of the fixes."""
        return Anchor(
            position=self.fixes.position(*self.middle_m),
            first=self.fixes.glimpse(self.first),
            last=self.fixes.glimpse(self.last),
            sigma_m=self.sigma_m,
            fix_count=self.fix_count,
        )


def _runs(fixes: _Fixes, silence_us: int) -> Iterator[range]:
    """Yield the fixes without a silence between: what one parts stays apart, as one may have been elsewhere."""
    first = 0
    for index, (earlier_us, later_us) in enumerate(pairwise(fixes.times_us), start=1):
        if later_us - earlier_us > silence_us:
            yield range(first, index)
            first = index
    yield range(first, len(fixes.times_us))


def _groups(fixes: _Fixes, run: range) -> list[_Group]:
    groups: list[_Group] = []
    group = _Group(fixes, run.start)
    for index in run[1:]:
        if group.is_near_fix(index):
            group.take(index)
        else:
            _add(groups, group)
            group = _Group(fixes, index)
    _add(groups, group)
    return groups


def _add(groups: list[_Group], group: _Group) -> None:
    """Add a group to those before, or join it to the one it goes on with."""
    while (index := _same_place(groups, group)) is not None:
        before = groups[index]
        del groups[index:]
        before.join(group)
        group = before
    groups.append(group)


def _same_place(groups: list[_Group], group: _Group) -> int | None:
    """Return which of the last groups a group goes on with: near it, with nothing but a few strays between."""
    stray_count = 0
    for index in reversed(range(max(len(groups) - _MOST_STRAYS - 1, 0), len(groups))):
        before = groups[index]
        if not before.is_near_group(group, times=_STRAY_TIMES):
            return None
        if before.is_near_group(group) and stray_count * _BRIEF <= max(before.fix_count, group.fix_count):
            return index
        stray_count += before.fix_count
    return None
