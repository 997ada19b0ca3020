"""When everything on one route happens: the earliest start of every service, breaks included.

A break is taken on a leg: between two services, before the first or after the last. It begins within
its window and may interrupt travel. Workers then leave as late as keeps every start.

Sets of breaks are bit masks over the shift's breaks: bit i stands for the i-th.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from geo_engine.planning.driving import Drive, drive_along, latest_departure_s, soonest_drive
from geo_engine.planning.problem import ALWAYS, NO_PATH, BreakSlot, Problem
from geo_engine.planning.travel.speeds import Speeds

NO_WAITS: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Times of one route, in seconds since the problem's origin.

    Parameters
    ----------
    arrivals_s, starts_s
        Per planned visit; waiting lies between them.
    breaks_s
        ``(start, end)`` of each break taken, in order.
    travel_s
        Seconds on the way of every leg, start and end included (0 to an open end).
    late_breaks_s
        By how much breaks begin after their window; empty when the order can be kept.
    """

    start_s: int
    end_s: int
    arrivals_s: tuple[int, ...]
    starts_s: tuple[int, ...]
    breaks_s: tuple[tuple[int, int], ...]
    travel_s: tuple[int, ...]
    late_breaks_s: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    """Earliest moment the worker is free after a visit with the breaks `behind`, and how that came about.

    `rests` are the breaks taken on the leg before the visit, in order.
    """

    free_s: int
    start_s: int
    behind: int
    rests: tuple[int, ...]
    before: "_State | None"


def find_timetable(
    problem: Problem,
    shift_index: int,
    order: Sequence[int],
    *,
    overtime_s: int = 0,
    waits_s: Mapping[int, int] = NO_WAITS,
) -> Timetable | None:
    """Return the timetable with the earliest starts that keeps windows, breaks and shift; None when there is none.

    Parameters
    ----------
    order
        Indices of the jobs in the order they are visited; at least one.
    overtime_s
        How much longer than allowed the route may be.
    waits_s
        By job index, a moment that what comes before it in other routes makes it wait for.

    Notes
    -----
    Dynamic programming over (visit, breaks behind): earlier is never worse, because waiting is free.
    O(visits × 2^breaks × breaks!); a shift has few breaks.
    """
    slots, opens_s = problem.breaks[shift_index], problem.opens_s(shift_index, order)
    speeds = problem.speeds_of(shift_index)
    closes_s = problem.latest_ends_s[shift_index]
    travel_s = leg_travel_s(problem, shift_index, order)
    if NO_PATH in travel_s:
        return None
    visits_s = actions_s(problem, shift_index, order)
    for starts in ([_start(slots, opens_s)], _late_starts(slots, opens_s)):
        states: Sequence[_State] = starts
        for job_index, leg_s, action_s in zip(order, travel_s, visits_s, strict=False):
            opens = problem.windows[job_index], waits_s.get(job_index, 0)
            ready = _ready_after(states, slots, leg_s, speeds)
            states = _visit(ready, opens, action_s)
        ready = _ready_after(states, slots, travel_s[len(order)], speeds)
        final = _finish(ready, slots, closes_s + overtime_s)
        if final is not None:
            return _unroll(slots, travel_s, speeds, final)
    return None


def leg_travel_s(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """Return seconds at full speed of every leg, start and end included (0 to an open end); `NO_PATH` where is none."""
    durations_s = problem.travel_s(shift_index)
    legs = [int(durations_s[a, b]) for a, b in pairwise(problem.stops(shift_index, order))]
    return [*legs, 0] if problem.end_places[shift_index] is None else legs


def over_driving_s(problem: Problem, shift_index: int, timetable: Timetable) -> int:
    """Return by how much a route drives longer than it may where the hour tells how long one drives; else 0."""
    most_s = problem.shifts[shift_index].max_driving_s
    if most_s is None or not problem.speeds:
        return 0
    return max(0, sum(timetable.travel_s) - most_s)


def actions_s(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """Return how long each visit takes from its beginning, set-up included where it is due."""
    if not problem.has_setups:
        return [problem.jobs[job_index].service_s for job_index in order]
    places = [problem.start_places[shift_index], *order]
    return [problem.action_s(before, job_index) for before, job_index in pairwise(places)]


def open_at(windows: Sequence[tuple[int, int]], ready_s: int) -> int | None:
    """Return the earliest start at or after `ready_s` inside a window; None when all have closed."""
    for earliest_s, latest_s in windows:
        if ready_s <= latest_s:
            return max(ready_s, earliest_s)
    return None


def _late_starts(slots: Sequence[BreakSlot], opens_s: int) -> list[_State]:
    """Start so late that breaks are void, each as early as that is: the last resort, for nobody likes to lose one."""
    voidable = {slot.latest_s for slot in slots if not slot.is_always_taken}
    return [_start(slots, max(opens_s, latest_s + 1)) for latest_s in sorted(voidable)]


def _start(slots: Sequence[BreakSlot], leaves_s: int) -> _State:
    """Return where a route begins that leaves no earlier: breaks whose window has closed are void."""
    void = sum(1 << index for index, slot in enumerate(slots) if slot.latest_s < leaves_s and not slot.is_always_taken)
    return _State(leaves_s, leaves_s, void, (), None)


def _ready_after(
    states: Sequence[_State], slots: Sequence[BreakSlot], leg_s: int, speeds: Speeds | None
) -> Iterator[tuple[int, int, tuple[int, ...], _State]]:
    """Give (breaks behind, moment ready at the leg's end, breaks taken, from where) for every way along a leg."""
    for state in states:
        for behind, ready_s, rests in _ready(state, slots, leg_s):
            if speeds is not None:
                way = soonest_drive(speeds, [slots[index] for index in rests], state.free_s, leg_s)
                if way is None:
                    continue
                yield behind, way.ready_s, rests, state
            else:
                yield behind, ready_s, rests, state


def _visit(
    ready: Iterable[tuple[int, int, tuple[int, ...], _State]],
    opens: tuple[Sequence[tuple[int, int]], int],
    action_s: int,
) -> list[_State]:
    windows, wait_s = opens
    earliest: dict[int, _State] = {}
    for behind, ready_s, rests, state in ready:
        start_s = open_at(windows, max(ready_s, wait_s))
        if start_s is not None and (behind not in earliest or start_s < earliest[behind].start_s):
            earliest[behind] = _State(start_s + action_s, start_s, behind, rests, state)
    return list(earliest.values())


def _ready(state: _State, slots: Sequence[BreakSlot], leg_s: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """List (breaks behind, moment ready at the leg's end, breaks taken) for every order of breaks on the leg."""
    found: list[tuple[int, int, tuple[int, ...]]] = [(state.behind, state.free_s + leg_s, ())]
    rested = [state.free_s]
    for (behind, ready_s, rests), rested_s in zip(found, rested, strict=False):  # both grow while they are walked
        for index, slot in enumerate(slots):
            begins_s = max(rested_s, slot.earliest_s)
            if not behind >> index & 1 and begins_s <= slot.latest_s:
                after_s = max(ready_s, slot.earliest_s) + slot.duration_s
                found.append((behind | 1 << index, after_s, (*rests, index)))
                rested.append(begins_s + slot.duration_s)
    return found


def _finish(
    ready: Iterable[tuple[int, int, tuple[int, ...], _State]], slots: Sequence[BreakSlot], closes_s: int
) -> _State | None:
    best: _State | None = None
    for behind, end_s, rests, state in ready:
        void = all(
            behind >> index & 1 or (end_s <= slot.latest_s and not slot.is_always_taken)
            for index, slot in enumerate(slots)
        )
        if void and end_s <= closes_s and (best is None or end_s < best.free_s):
            best = _State(end_s, end_s, behind, rests, state)
    return best


def _unroll(slots: Sequence[BreakSlot], travel_s: Sequence[int], speeds: Speeds | None, final: _State) -> Timetable:
    chain = [final]
    while chain[-1].before is not None:
        chain.append(chain[-1].before)
    chain.reverse()
    taken = [[slots[index] for index in state.rests] for state in chain[1:]]
    taken[0], leaves_s = _leave_late(taken[0], travel_s[0], speeds, chain[0].free_s, chain[1].start_s)
    drives: list[Drive] = []
    free_s = leaves_s
    for due, leg_s, after in zip(taken, travel_s, chain[1:], strict=True):
        drives.append(_drive(due, free_s, leg_s, speeds))
        free_s = after.free_s
    return Timetable(
        start_s=leaves_s,
        end_s=final.free_s,
        arrivals_s=tuple(drive.arrival_s for drive in drives[:-1]),
        starts_s=tuple(state.start_s for state in chain[1:-1]),
        breaks_s=tuple(rest_s for drive in drives for rest_s in drive.rests_s),
        travel_s=tuple(drive.travel_s for drive in drives),
    )


def _drive(slots: Sequence[BreakSlot], free_s: int, leg_s: int, speeds: Speeds | None) -> Drive:
    """Return a leg with its breaks; where one cannot begin in its window, each as early as may be."""
    if speeds is not None:
        early = len(slots)
        return soonest_drive(speeds, slots, free_s, leg_s) or drive_along(
            speeds, slots, free_s, leg_s, early_count=early
        )
    arrival_s, rests_s = place_breaks(slots, free_s, leg_s)
    ready_s = max([arrival_s, *(end_s for _, end_s in rests_s)])
    return Drive(ready_s=ready_s, arrival_s=arrival_s, travel_s=leg_s, rests_s=tuple(rests_s))


def _leave_late(
    slots: Sequence[BreakSlot], leg_s: int, speeds: Speeds | None, opens_s: int, start_s: int
) -> tuple[list[BreakSlot], int]:
    """Return the breaks still due and the latest departure that keeps the first start; leaving at `opens_s` does.

    Leaving late may carry the departure past a break's window: that break is void then.
    """
    by_latest = sorted((slot for slot in slots if not slot.is_always_taken), key=lambda slot: slot.latest_s)
    for void_count in range(len(by_latest), -1, -1):
        void = by_latest[:void_count]
        due = [slot for slot in slots if slot not in void]
        if speeds is None:
            leaves_s = _leaves_by_s(due, leg_s, start_s)
        else:
            leaves_s = latest_departure_s(speeds, due, leg_s, leaves_s=opens_s, ready_by_s=start_s)
        if all(leaves_s > slot.latest_s for slot in void):
            break
    return due, leaves_s


def _leaves_by_s(slots: Sequence[BreakSlot], leg_s: int, start_s: int) -> int:
    leaves_s, rested_s = start_s - leg_s - sum(slot.duration_s for slot in slots), 0
    for slot in slots:
        leaves_s = min(leaves_s, slot.latest_s - rested_s)
        rested_s += slot.duration_s
    return leaves_s


def place_breaks(slots: Sequence[BreakSlot], free_s: int, leg_s: int) -> tuple[int, list[tuple[int, int]]]:
    """Return the arrival at the leg's end and the ``(start, end)`` of the breaks taken on the leg.

    The last break waits for the arrival where its window allows, else it comes before or within travel.
    """
    now_s, left_s, rests_s = free_s, leg_s, []
    arrival_s = free_s
    for number, slot in enumerate(slots, start=1):
        begins_s = max(now_s, slot.earliest_s)
        if number == len(slots) and now_s + left_s <= slot.latest_s:
            begins_s = max(begins_s, now_s + left_s)
        driven_s = min(left_s, begins_s - now_s)
        arrival_s = now_s + driven_s if driven_s else arrival_s
        left_s -= driven_s
        now_s = begins_s + slot.duration_s
        rests_s.append((begins_s, now_s))
    return (now_s + left_s if left_s else arrival_s), rests_s


def force_timetable(problem: Problem, shift_index: int, order: Sequence[int]) -> Timetable:
    """Return a timetable for an order that has none: late starts, late breaks and overtime are kept and shown.

    Every break is taken on the last leg that can still hold it; a leg without a path takes no time.

    Notes
    -----
    O(visits × breaks).
    """
    free_s, speeds = problem.opens_s(shift_index, order), problem.speeds_of(shift_index)
    slots = [slot for slot in problem.breaks[shift_index] if slot.latest_s >= free_s]
    legs_s = [max(0, leg_s) for leg_s in leg_travel_s(problem, shift_index, order)]
    drives: list[Drive] = []
    starts_s: list[int] = []
    for leg_s, job_index, action_s in zip(legs_s, order, actions_s(problem, shift_index, order), strict=False):
        left = slots[sum(len(drive.rests_s) for drive in drives) :]
        due = _due(left, _arrives_s(speeds, free_s, leg_s), problem.windows[job_index], action_s)
        drives.append(_drive(due, free_s, leg_s, speeds))
        starts_s.append(_start_at(problem.windows[job_index], drives[-1].ready_s))
        free_s = starts_s[-1] + action_s
    left = slots[sum(len(drive.rests_s) for drive in drives) :]
    due = max(_due(left, _arrives_s(speeds, free_s, legs_s[-1]), (ALWAYS,), 0), _owed(left), key=len)
    drives.append(_drive(due, free_s, legs_s[-1], speeds))
    return _forced(drives, starts_s, slots, legs_s[0], speeds)


def _forced(
    drives: Sequence[Drive], starts_s: Sequence[int], slots: Sequence[BreakSlot], leg_s: int, speeds: Speeds | None
) -> Timetable:
    arrivals_s, travel_s = [drive.arrival_s for drive in drives[:-1]], [drive.travel_s for drive in drives]
    rests_s = [rest_s for drive in drives for rest_s in drive.rests_s]
    if not rests_s or rests_s[0][0] >= arrivals_s[0]:
        arrivals_s[0] = min([starts_s[0], *(begins_s for begins_s, _ in rests_s[:1])])
        if speeds is not None:
            travel_s[0] = arrivals_s[0] - speeds.leaves_by_s(arrivals_s[0], leg_s)
    return Timetable(
        start_s=min([arrivals_s[0] - travel_s[0], *(begins_s for begins_s, _ in rests_s[:1])]),
        end_s=drives[-1].ready_s,
        arrivals_s=tuple(arrivals_s),
        starts_s=tuple(starts_s),
        breaks_s=tuple(rests_s),
        travel_s=tuple(travel_s),
        late_breaks_s=tuple(
            begins_s - slot.latest_s
            for slot, (begins_s, _) in zip(slots, rests_s, strict=False)
            if begins_s > slot.latest_s
        ),
    )


def _arrives_s(speeds: Speeds | None, leaves_s: int, leg_s: int) -> int:
    return leaves_s + leg_s if speeds is None else speeds.arrives_s(leaves_s, leg_s)


def _start_at(windows: Sequence[tuple[int, int]], ready_s: int) -> int:
    start_s = open_at(windows, ready_s)
    return ready_s if start_s is None else start_s


def _due(
    slots: Sequence[BreakSlot], ready_s: int, windows: Sequence[tuple[int, int]], action_s: int
) -> Sequence[BreakSlot]:
    """Return the breaks that would begin too late if they waited until after the leg and the visit behind it."""
    for count, slot in enumerate(slots):
        if _start_at(windows, ready_s) + action_s <= slot.latest_s:
            return slots[:count]
        ready_s = max(ready_s, slot.earliest_s) + slot.duration_s
    return slots


def _owed(slots: Sequence[BreakSlot]) -> Sequence[BreakSlot]:
    """Return the breaks up to the last that is always taken."""
    return slots[: max((count for count, slot in enumerate(slots, start=1) if slot.is_always_taken), default=0)]
