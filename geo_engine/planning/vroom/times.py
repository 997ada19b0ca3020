"""When everything on a route happens as VROOM tells it: packed without needless waiting, or nearest to all windows."""

from collections.abc import Sequence
from dataclasses import dataclass

Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A step between a route's start and its end, in order.

    Parameters
    ----------
    windows
        When its action may begin, in order; none means at any time.
    action_s
        Set-up and service, or the break.
    travel_s
        Of a task, the leg that leads to it; of a break None, as it lies on the leg of the next task or the end.
    """

    windows: Windows
    action_s: int
    travel_s: int | None

    @property
    def is_break(self) -> bool:
        """Whether it is a break, which may interrupt travel."""
        return self.travel_s is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a route starts, each stop's action begins, and the route ends."""

    start_s: int
    begins_s: tuple[int, ...]
    end_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When a stop is reached, after how much travel since the leg's begin, and how long one waits there."""

    at_s: int
    travelled_s: int
    waiting_s: int


def pack(stops: Sequence[Stop], end_travel_s: int, end_s: int) -> Times:
    """Return the times of a route that can be kept and ends at `end_s`, started as late as that allows.

    Parameters
    ----------
    end_s
        The earliest end there is for these stops.

    Notes
    -----
    From the end backward for the latest start, then forward as early as possible, as VROOM does. O(stops).
    """
    start_s = _latest_start(stops, end_travel_s, end_s)
    begins_s: list[int] = []
    free_s, left_s = start_s, 0
    for stop, leg_s in zip(stops, _legs(stops, end_travel_s), strict=True):
        left_s = leg_s if leg_s is not None else left_s
        reached_s = free_s if stop.is_break else free_s + left_s
        begins_s.append(_open_at(stop.windows, reached_s))
        left_s = max(0, left_s - (begins_s[-1] - free_s)) if stop.is_break else 0
        free_s = begins_s[-1] + stop.action_s
    if not stops or stops[-1].is_break:
        return Times(start_s=start_s, begins_s=tuple(begins_s), end_s=free_s + left_s)
    return Times(start_s=start_s, begins_s=tuple(begins_s), end_s=free_s + end_travel_s)


def arrivals(stops: Sequence[Stop], end_travel_s: int, times: Times) -> tuple[Arrival, ...]:
    """Return when each stop, and last the end, is reached: one travels first, and waits where there is time left."""
    found: list[Arrival] = []
    free_s, left_s, gone_s = times.start_s, 0, 0
    for stop, leg_s, begins_s in zip(stops, _legs(stops, end_travel_s), times.begins_s, strict=True):
        if leg_s is not None:
            left_s, gone_s = leg_s, 0
        step_s = min(left_s, begins_s - free_s) if stop.is_break else left_s
        left_s, gone_s = left_s - step_s, gone_s + step_s
        found.append(Arrival(at_s=free_s + step_s, travelled_s=gone_s, waiting_s=begins_s - free_s - step_s))
        free_s = begins_s + stop.action_s
    if not stops or not stops[-1].is_break:
        left_s, gone_s = end_travel_s, 0
    found.append(Arrival(at_s=free_s + left_s, travelled_s=gone_s + left_s, waiting_s=0))
    return tuple(found)


def _legs(stops: Sequence[Stop], end_travel_s: int) -> list[int | None]:
    """List, for each stop that is the first on a leg, the leg's travel; None for others."""
    legs: list[int | None] = []
    ahead_s = end_travel_s
    for index in range(len(stops) - 1, -1, -1):
        travel_s = stops[index].travel_s
        ahead_s = ahead_s if travel_s is None else travel_s
        is_first = index == 0 or not stops[index - 1].is_break
        legs.append(ahead_s if is_first else None)
    return legs[::-1]


def _latest_start(stops: Sequence[Stop], end_travel_s: int, end_s: int) -> int:
    now_s, left_s = end_s, end_travel_s
    for stop in reversed(stops):
        if stop.travel_s is None:
            begins_s = _close_at(stop.windows, now_s - stop.action_s)
            left_s = max(0, left_s - (now_s - stop.action_s - begins_s))
            now_s = begins_s
        else:
            now_s = _close_at(stop.windows, now_s - left_s - stop.action_s)
            left_s = stop.travel_s
    return now_s - left_s


def _open_at(windows: Windows, reached_s: int) -> int:
    return next((max(reached_s, first_s) for first_s, last_s in windows if reached_s <= last_s), reached_s)


def _close_at(windows: Windows, by_s: int) -> int:
    return next((min(by_s, last_s) for first_s, last_s in reversed(windows) if first_s <= by_s), by_s)
