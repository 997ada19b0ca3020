"""How fast one gets on at each hour of the local day, and when a leg begun at a moment ends; all in whole numbers.

A leg is work: its seconds at the matrix's speed times a hundred. An hour of p per cent does p of it each second.
Integrating so keeps order: who begins a leg later never ends it sooner.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np

from geo_engine.planning.travel.integers import Integers
from geo_engine.tenancy.speeds import FULL, HourPercents, SpeedsByMode

STEP_S = 900  # the clocks of the world are quarters of an hour apart
_BEYOND_S = 8 * 86_400  # a plan that is judged may end days after its shift


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlySpeeds:
    """The speed at each hour of the day, in per cent of the matrix's.

    Parameters
    ----------
    percents
        24 whole numbers from 10 to 300; the first is that from 0:00 to 1:00.
    zone
        Whose clock the hours are read from.
    """

    percents: HourPercents
    zone: ZoneInfo

    def since(self, origin_at: datetime, until_s: int) -> "Speeds | None":
        """Return the speeds from a moment on, and some days beyond another; None when they never differ from full."""
        if all(one == FULL for one in self.percents):
            return None
        phase_s = round((origin_at - origin_at.replace(minute=0, second=0, microsecond=0)).total_seconds()) % STEP_S
        first_at = origin_at - timedelta(seconds=phase_s)
        count = (until_s + _BEYOND_S) // STEP_S + 1
        moments = (first_at + timedelta(seconds=STEP_S * step) for step in range(count))
        percents = tuple(self.percents[moment.astimezone(self.zone).hour] for moment in moments)
        work = tuple(accumulate((one * STEP_S for one in percents), initial=0))
        day_count = (until_s + phase_s) // STEP_S + 1
        return Speeds(phase_s=phase_s, percents=percents, work=work[:-1], day_count=day_count)


def hourly_speeds(by_mode: SpeedsByMode, zone: ZoneInfo) -> dict[str, HourlySpeeds]:
    """Return the speeds of each travel mode by a zone's clock."""
    return {mode: HourlySpeeds(percents=percents, zone=zone) for mode, percents in by_mode.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """The speed at each quarter of an hour since a problem's origin.

    Parameters
    ----------
    phase_s
        How many seconds of the first quarter had gone by at the origin.
    percents
        Of each quarter; the first holds before and the last beyond, too.
    work
        What is done by the begin of each quarter, in per cent seconds.
    day_count
        How many of the quarters are of the plan's time; the others are beyond it.
    """

    phase_s: int
    percents: tuple[int, ...]
    work: tuple[int, ...]
    day_count: int

    @property
    def fastest(self) -> int:
        """The highest of the per cents."""
        return max(self.percents)

    @property
    def slowest(self) -> int:
        """The lowest of the per cents within the plan's time."""
        return min(self.percents[: self.day_count])

    @property
    def mean_addition(self) -> float:
        """What share of itself a leg takes longer on average within the plan's time; negative where it is shorter."""
        day = self.percents[: self.day_count]
        return sum(FULL / one for one in day) / len(day) - 1.0

    @property
    def done_in_all(self) -> int:
        """What is done by the end of the last quarter, in per cent seconds."""
        return self.work[-1] + STEP_S * self.percents[-1]

    def done(self, moment_s: int) -> int:
        """Return what is done by a moment, in per cent seconds."""
        step = min(max(0, (moment_s + self.phase_s) // STEP_S), len(self.percents) - 1)
        return self.work[step] + self.percents[step] * (moment_s + self.phase_s - STEP_S * step)

    def earliest_s(self, work: int) -> int:
        """Return the earliest moment by which so much is done."""
        step = self._step(work)
        return STEP_S * step - self.phase_s - (self.work[step] - work) // self.percents[step]

    def latest_s(self, work: int) -> int:
        """Return the latest moment by which no more than so much is done."""
        step = self._step(work)
        return STEP_S * step - self.phase_s + (work - self.work[step]) // self.percents[step]

    def _step(self, work: int) -> int:
        return max(0, bisect_right(self.work, work) - 1)

    def arrives_s(self, leaves_s: int, leg_s: int) -> int:
        """Return when a leg begun at a moment ends: the first whole second by which all of it is done."""
        return self.earliest_s(self.done(leaves_s) + FULL * leg_s)

    def leaves_by_s(self, arrives_s: int, leg_s: int) -> int:
        """Return the latest moment to begin a leg that is to end by another."""
        return self.latest_s(self.done(arrives_s) - FULL * leg_s)


def all_since(hourly: Sequence[HourlySpeeds | None], origin_at: datetime, until_s: int) -> tuple[Speeds | None, ...]:
    """Return the speeds of each from a moment on, as `HourlySpeeds.since`; empty when all are full always."""
    found = tuple(None if one is None else one.since(origin_at, until_s) for one in hourly)
    return () if all(one is None for one in found) else found


def least_s(travel_s: Integers, speeds: Speeds | None) -> Integers:
    """Return the seconds legs take at least; those that are negative stay as they are."""
    if speeds is None or speeds.fastest <= FULL:
        return travel_s
    return np.where(travel_s < 0, travel_s, -(-FULL * travel_s.astype(np.int64) // speeds.fastest))


def mean_s(travel_s: Integers, speeds: Speeds | None) -> Integers:
    """Return the seconds legs take at the mean of the plan's time; those that are negative stay as they are."""
    if speeds is None:
        return travel_s
    return np.where(travel_s < 0, travel_s, np.rint(travel_s * (1.0 + speeds.mean_addition))).astype(np.int64)


def most_s(travel_s: Integers, speeds: Speeds | None) -> Integers:
    """Return the seconds legs take at most; those that are negative stay as they are."""
    if speeds is None or speeds.slowest >= FULL:
        return travel_s
    return np.where(travel_s < 0, travel_s, -(-FULL * travel_s.astype(np.int64) // speeds.slowest))
