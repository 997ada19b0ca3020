"""What breaks taken in the order of their windows do to a leg: when it is over at the earliest, left at the latest.

Moments are lists by the number of breaks behind. They bound those of a timetable, which may drive slower than at full
speed, and are its own where breaks cannot change places and speed is the same at all hours.
"""

from collections.abc import Sequence

from geo_engine.planning.problem import BreakSlot

NEVER_S = 2**30  # later than any window and any shift


def rest_by_s(slots: Sequence[BreakSlot]) -> int:
    """Return the latest moment from which each break can still begin in its window, one after the other."""
    by_s = NEVER_S
    for slot in reversed(slots):
        if slot.earliest_s > slot.latest_s or slot.earliest_s > by_s - slot.duration_s:
            return -NEVER_S
        by_s = min(slot.latest_s, by_s - slot.duration_s)
    return by_s


def rest_end_s(slots: Sequence[BreakSlot]) -> int:
    """Return the earliest end of breaks taken one after the other."""
    end_s = -NEVER_S
    for slot in slots:
        end_s = max(end_s, slot.earliest_s) + slot.duration_s
    return end_s


class Rests:
    """The breaks of a shift, by the end of their windows."""

    def __init__(self, slots: Sequence[BreakSlot]) -> None:
        self._slots = slots
        self._ways = [
            [(len(taken), rest_by_s(taken), sum(one.duration_s for one in taken), rest_end_s(taken)) for taken in some]
            for some in (
                [slots[behind:after] for after in range(behind + 1, len(slots) + 1)] for behind in range(len(slots) + 1)
            )
        ]

    def starts_s(self, opens_s: int) -> list[int]:
        """Return when a route may begin at the earliest: so late that the breaks behind are void."""
        starts_s = [opens_s]
        for count, slot in enumerate(self._slots, start=1):
            is_void = not any(one.is_always_taken for one in self._slots[:count])
            starts_s.append(max(opens_s, slot.latest_s + 1) if is_void else NEVER_S)
        return starts_s

    def ends_s(self, closes_s: int) -> list[int]:
        """Return when a route has to have ended: before the windows of the breaks to come, which are void then."""
        return [
            -NEVER_S
            if any(slot.is_always_taken for slot in left)
            else min([closes_s, *(slot.latest_s for slot in left)])
            for left in (self._slots[behind:] for behind in range(len(self._slots) + 1))
        ]

    def after(self, departs_s: Sequence[int], leg_s: int) -> list[int]:
        """Return the earliest moments ready at the end of a leg."""
        ready_s = [depart_s + leg_s for depart_s in departs_s]
        for behind, ways in enumerate(self._ways):
            for count, by_s, rest_s, end_s in ways:
                if departs_s[behind] <= by_s:
                    way_s = max(departs_s[behind] + leg_s + rest_s, end_s)
                    ready_s[behind + count] = min(ready_s[behind + count], way_s)
        return ready_s

    def before(self, ready_by_s: Sequence[int], leg_s: int) -> list[int]:
        """Return the latest departures from which a leg is over by moments."""
        departs_by_s = [by_s - leg_s for by_s in ready_by_s]
        for behind, ways in enumerate(self._ways):
            for count, by_s, rest_s, end_s in ways:
                if end_s <= ready_by_s[behind + count]:
                    way_s = min(ready_by_s[behind + count] - leg_s - rest_s, by_s)
                    departs_by_s[behind] = max(departs_by_s[behind], way_s)
        return departs_by_s
