"""One leg where the speed depends on the hour, and the breaks taken on it.

A break on the way is begun as soon as it may be, one that waits for the arrival is begun then; of all such ways the one
that ends soonest is gone. So who begins a leg later never ends it sooner, with breaks or without.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_engine.planning.problem import BreakSlot
from geo_engine.planning.travel.speeds import Speeds
from geo_engine.tenancy.speeds import FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A leg and the breaks taken on it.

    Parameters
    ----------
    ready_s
        When both the leg and the breaks are over.
    travel_s
        Seconds on the way, breaks not counted.
    rests_s
        ``(start, end)`` of each break.
    """

    ready_s: int
    arrival_s: int
    travel_s: int
    rests_s: tuple[tuple[int, int], ...]


def soonest_drive(speeds: Speeds, slots: Sequence[BreakSlot], leaves_s: int, leg_s: int) -> Drive | None:
    """Return the way along a leg that ends soonest, breaks in their order; None when one cannot begin in its window.

    Notes
    -----
    Of ways that end equally soon it has the fewest seconds of travel, then the most breaks after the arrival.
    O(breaks²).
    """
    ways = [drive_along(speeds, slots, leaves_s, leg_s, early_count=count) for count in range(len(slots) + 1)]
    kept = [way for way in ways if _keeps_windows(way, slots)]
    return min(kept, key=lambda way: (way.ready_s, way.travel_s), default=None)


def _keeps_windows(way: Drive, slots: Sequence[BreakSlot]) -> bool:
    return all(begins_s <= slot.latest_s for (begins_s, _), slot in zip(way.rests_s, slots, strict=True))


def drive_along(speeds: Speeds, slots: Sequence[BreakSlot], leaves_s: int, leg_s: int, *, early_count: int) -> Drive:
    """Return a leg with its first breaks as early as they may be and the others after the arrival, however late."""
    now_s, left, travel_s, arrival_s = leaves_s, FULL * leg_s, 0, leaves_s
    rests_s: list[tuple[int, int]] = []
    for number, slot in enumerate(slots):
        there_s = speeds.earliest_s(speeds.done(now_s) + left)
        begins_s = max(now_s, slot.earliest_s, *([] if number < early_count else [there_s]))
        if left:
            arrival_s = min(there_s, begins_s)
            travel_s += arrival_s - now_s
            left = max(0, left - speeds.done(arrival_s) + speeds.done(now_s))
        now_s = begins_s + slot.duration_s
        rests_s.append((begins_s, now_s))
    if left or not slots:
        arrival_s = speeds.earliest_s(speeds.done(now_s) + left)
        travel_s, now_s = travel_s + arrival_s - now_s, arrival_s
    return Drive(ready_s=now_s, arrival_s=arrival_s, travel_s=travel_s, rests_s=tuple(rests_s))


def latest_departure_s(
    speeds: Speeds, slots: Sequence[BreakSlot], leg_s: int, *, leaves_s: int, ready_by_s: int
) -> int:
    """Return the latest departure that ends a leg and its breaks by a moment; leaving at `leaves_s` does.

    Notes
    -----
    O(breaks² · log seconds): later is never sooner, so it is found by halving.
    """
    if not slots:
        return speeds.leaves_by_s(ready_by_s, leg_s)
    kept_s, lost_s = leaves_s, ready_by_s + 1
    while lost_s - kept_s > 1:
        tried_s = (kept_s + lost_s) // 2
        way = soonest_drive(speeds, slots, tried_s, leg_s)
        if way is not None and way.ready_s <= ready_by_s:
            kept_s = tried_s
        else:
            lost_s = tried_s
    return kept_s
