"""What a simulated day really was: where its worker was at each second, and where that was a stay."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.measure import geodesics_m
from geo_engine.roads import RoadPath
from geo_engine.simulation.driving import DrivingParams, drive_along
from geo_engine.simulation.metres import moved_deg, offset_m
from geo_engine.simulation.staying import StayingParams, stay_at
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds, to_moment
from geo_engine.words import Message

_WALKED_M = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """What a worker does at one place of the way.

    Parameters
    ----------
    service_s
        How long the service takes; 0 when the place is only passed or begun from.
    begins_at
        Before this moment service does not begin: whoever is early waits there.
    site
        Where the service is; somewhere near the road unless given. What is far from the road is driven up to.
    """

    service_s: float
    begins_at: datetime | None = None
    site: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueStay:
    """A span in which the worker really stayed at a place.

    Parameters
    ----------
    started_at, ended_at
        When the car stood, and when it moved off.
    position
        The mean of where the worker was.
    """

    started_at: datetime
    ended_at: datetime
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Where a worker really was, once a second; arrays of one length.

    Parameters
    ----------
    times_us
        Microseconds since 1970 (UTC), a second apart.
    lons_deg, lats_deg
        WGS 84.
    speeds_mps, headings_deg
        Of the movement; a heading of somebody who stands is that of the last move.
    stayings
        Whether the second is of a stay.
    stays
        In order of time; disjoint.
    """

    times_us: NDArray[np.int64]
    lons_deg: NDArray[np.float64]
    lats_deg: NDArray[np.float64]
    speeds_mps: NDArray[np.float64]
    headings_deg: NDArray[np.float64]
    stayings: NDArray[np.bool_]
    stays: tuple[TrueStay, ...]

    def __len__(self) -> int:
        return len(self.times_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthParams:
    """How days are lived."""

    driving: DrivingParams = field(default_factory=DrivingParams)
    staying: StayingParams = field(default_factory=StayingParams)


def live_day(
    path: RoadPath,
    halts: Sequence[Halt],
    *,
    started_at: datetime,
    generator: np.random.Generator,
    params: TruthParams | None = None,
) -> Truth:
    """Live a day along a road path, halting at each of its places.

    Parameters
    ----------
    path
        The way through all places.
    halts
        One for each place, so one more than the path has legs.
    started_at
        When the worker is at the first place, to the second.

    Raises
    ------
    InvalidInput
        When there is not one halt for each place, or no road to one of them.

    Notes
    -----
    Places with no way between them are one place, and one stay. O(seconds + metres / 5).
    """
    if len(halts) != len(path.legs) + 1:
        raise InvalidInput(Message("A simulated day needs one halt for each place of its way."))
    if not all(path.legs):
        raise InvalidInput(Message("There is no road between two places of the simulated day."))
    day = _Day(_parked(path.legs[0][0], halts[0].site), started_at, generator, params or TruthParams())
    day.halt(halts[0])
    for line, duration_s, halt in zip(path.legs, path.durations_s, halts[1:], strict=True):
        day.drive(line, duration_s, _parked(line[-1], halt.site))
        day.halt(halt)
    return day.sampled()


def moved_by(truth: Truth, later: timedelta) -> Truth:
    """Return the same day at another time."""
    later_us = round(later.total_seconds() * MICROSECONDS_PER_S)
    stays = (replace(stay, started_at=stay.started_at + later, ended_at=stay.ended_at + later) for stay in truth.stays)
    return replace(truth, times_us=truth.times_us + later_us, stays=tuple(stays))


def _parked(road_end: LonLat, site: Position | None) -> LonLat:
    """Return where the car stands: at the road, or at a site that is too far from it to be walked to."""
    if site is None or abs(offset_m(Position(*road_end), site)) <= _WALKED_M:
        return road_end
    return site.lon, site.lat


class _Day:
    """A day as it comes about: moments and places, linear in between."""

    def __init__(
        self, start: LonLat, started_at: datetime, generator: np.random.Generator, params: TruthParams
    ) -> None:
        self._started_us = to_microseconds(started_at)
        self._generator = generator
        self._params = params
        self._now_s = 0.0
        self._here = start
        self._times_s = [np.zeros(1)]
        self._lons_deg = [np.array([start[0]])]
        self._lats_deg = [np.array([start[1]])]
        self._spans_s: list[tuple[float, float]] = []

    def drive(self, line: Sequence[LonLat], duration_s: float, parked: LonLat) -> None:
        """Drive from where the car stands to the road, along it, and to where it is to stand."""
        before = () if self._here == line[0] else (self._here,)
        after = () if parked == line[-1] else (parked,)
        driven = drive_along(
            (*before, *line, *after), duration_s=duration_s, generator=self._generator, params=self._params.driving
        )
        if driven is not None:
            self._add(driven.times_s, driven.lons_deg, driven.lats_deg)
            self._here = parked

    def halt(self, halt: Halt) -> None:
        """Wait for the service to begin, and serve."""
        lasting_s = halt.service_s + self._waiting_s(halt.begins_at)
        if lasting_s <= 0.0:
            return
        began_s = self._now_s
        times_s, east_m, north_m = stay_at(
            lasting_s,
            generator=self._generator,
            middle_m=None if halt.site is None else offset_m(Position(*self._here), halt.site),
            params=self._params.staying,
        )
        lon_deg, lat_deg = (np.full(len(times_s), degrees) for degrees in self._here)
        self._add(times_s, *moved_deg(lon_deg, lat_deg, east_m=east_m, north_m=north_m))
        if self._spans_s and self._spans_s[-1][1] == began_s:
            began_s = self._spans_s.pop()[0]
        self._spans_s.append((began_s, self._now_s))

    def sampled(self) -> Truth:
        """Return the day second by second."""
        knots_s = np.concatenate(self._times_s)
        seconds = np.arange(0.0, np.floor(knots_s[-1]) + 1.0)
        lons_deg = np.interp(seconds, knots_s, np.concatenate(self._lons_deg))
        lats_deg = np.interp(seconds, knots_s, np.concatenate(self._lats_deg))
        speeds_mps, headings_deg = _movement(lons_deg, lats_deg)
        stayings = np.zeros(len(seconds), dtype=np.bool_)
        for began_s, ended_s in self._spans_s:
            stayings |= (seconds >= began_s) & (seconds <= ended_s)
        return Truth(
            times_us=self._started_us + (seconds * MICROSECONDS_PER_S).astype(np.int64),
            lons_deg=lons_deg,
            lats_deg=lats_deg,
            speeds_mps=speeds_mps,
            headings_deg=headings_deg,
            stayings=stayings,
            stays=tuple(self._stay(span_s, lons_deg, lats_deg) for span_s in self._spans_s),
        )

    def _stay(
        self, span_s: tuple[float, float], lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64]
    ) -> TrueStay:
        # A stay shorter than a second may fall between two.
        first = min(int(np.ceil(span_s[0])), len(lons_deg) - 1)
        inside = slice(first, max(int(span_s[1]), first) + 1)
        return TrueStay(
            started_at=self._moment(span_s[0]),
            ended_at=self._moment(span_s[1]),
            position=Position(float(lons_deg[inside].mean()), float(lats_deg[inside].mean())),
        )

    def _moment(self, second_s: float) -> datetime:
        return to_moment(self._started_us + round(second_s * MICROSECONDS_PER_S))

    def _waiting_s(self, begins_at: datetime | None) -> float:
        if begins_at is None:
            return 0.0
        return max(0.0, (to_microseconds(begins_at) - self._started_us) / MICROSECONDS_PER_S - self._now_s)

    def _add(self, times_s: NDArray[np.float64], lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64]) -> None:
        self._times_s.append(self._now_s + times_s)
        self._lons_deg.append(lons_deg)
        self._lats_deg.append(lats_deg)
        self._now_s += float(times_s[-1])


def _movement(
    lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return speed and heading at each second, from the steps to the next."""
    if len(lons_deg) == 1:
        return np.zeros(1), np.zeros(1)
    steps_m = geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:])
    east = np.diff(lons_deg) * np.cos(np.radians(lats_deg[:-1]))
    headings_deg = np.degrees(np.arctan2(east, np.diff(lats_deg))) % 360.0
    last_moved = np.maximum.accumulate(np.where(steps_m > 0.05, np.arange(len(steps_m)), 0))
    return np.append(steps_m, steps_m[-1]), np.append(headings_deg[last_moved], headings_deg[last_moved[-1]])
