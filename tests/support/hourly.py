"""Travel where the hour tells the speed, lived hour by hour of the local clock; nothing of the planner's is used."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from geo_engine.planning.problem import Problem

type Rest = tuple[int, int, int]
type Trip = tuple[int, int, tuple[int, ...]]  # ready, seconds driven, when each rest begins


class Roads:
    """How fast one gets on, second by second; always at full speed without per cents."""

    def __init__(self, problem: Problem, shift: int) -> None:
        hourly = problem.rules.speeds.get(problem.shifts[shift].mode)
        self._percents = (100,) * 24 if hourly is None else hourly.percents
        self._zone = ZoneInfo("UTC") if hourly is None else hourly.zone
        self._origin = problem.origin_at
        self.is_plain = set(self._percents) == {100}
        self.fastest = max(self._percents)

    def drive(self, now: int, left: int, until: int | None = None) -> tuple[int, int]:
        """Drive for so many per cent seconds, or until a moment; return when that ends and what is left."""
        while left > 0 and (until is None or now < until):
            percent, lasts = _hour(self._origin, self._zone, self._percents, now)
            seconds = min(lasts, -(-left // percent), *([] if until is None else [until - now]))
            now, left = now + seconds, max(0, left - percent * seconds)
        return now, left

    def trip(self, rests: Sequence[Rest], now: int, leg: int) -> Trip | None:
        """Return the trip that is over soonest, of those the one that drives least; None when a rest begins too late.

        Each rest is begun as soon as it may be, or all from some one on after the arrival.
        """
        trips = [self._lived(rests, now, leg, early) for early in range(len(rests) + 1)]
        kept = [trip for trip in trips if all(at <= latest for at, (_, _, latest) in zip(trip[2], rests, strict=True))]
        return min(kept, key=lambda trip: trip[:2], default=None)

    def _lived(self, rests: Sequence[Rest], now: int, leg: int, early: int) -> Trip:
        left, driven, begun = 100 * leg, 0, []
        for number, (lasts, earliest, _) in enumerate(rests):
            stops, left = self.drive(now, left, max(now, earliest) if number < early else None)
            driven += stops - now
            begun.append(max(stops, earliest))
            now = begun[-1] + lasts
        there, _ = self.drive(now, left)
        return there, driven + there - now, tuple(begun)

    def latest(self, rests: Sequence[Rest], leg: int, soonest: int, by: int) -> int:
        """Return the last second to leave so that the trip is over by a moment; leaving at the soonest it is."""

        def is_over(leaves: int) -> bool:
            trip = self.trip(rests, leaves, leg)
            return trip is not None and trip[0] <= by

        good, bad = soonest, by + 1
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if is_over(middle) else (good, middle)
        return good


@cache
def _hour(origin: object, zone: ZoneInfo, percents: tuple[int, ...], now: int) -> tuple[int, int]:
    local = (origin + timedelta(seconds=now)).astimezone(zone)  # type: ignore[operator]
    return percents[local.hour], 3600 - 60 * local.minute - local.second
