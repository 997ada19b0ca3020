"""Travel where the hour tells the speed: `planning.travel.speeds` and `planning.driving`, compiled."""

from geo_engine.planning.rests import NEVER_S
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.nearness import FAR_S
from geo_engine.planning.travel.speeds import STEP_S
from geo_engine.tenancy.speeds import FULL

_DIGIT = 3  # bits for one break in a sequence of them, as in `walk`
Trip = tuple[int, int]  # when it is over, seconds on the way
_LOST = (NEVER_S, NEVER_S)


@inlined
def percent_of(arrays: Arrays, travel_class: int, step: int) -> int:
    """Return the speed in a quarter of an hour."""
    return int(arrays.work[travel_class, step + 1] - arrays.work[travel_class, step]) // STEP_S


@compiled
def done(arrays: Arrays, route: int, moment_s: int) -> int:
    """Return what is done by a moment, in per cent seconds."""
    travel_class, since_s = arrays.shifts[route].travel_class, moment_s + arrays.rich_shifts[route].phase_s
    step = min(since_s // STEP_S, arrays.work.shape[1] - 2)
    return int(arrays.work[travel_class, step] + percent_of(arrays, travel_class, step) * (since_s - STEP_S * step))


@compiled
def earliest_s(arrays: Arrays, route: int, work: int, after_s: int) -> int:
    """Return the earliest moment, none before another, by which so much is done."""
    travel_class, phase_s = arrays.shifts[route].travel_class, arrays.rich_shifts[route].phase_s
    last = arrays.work.shape[1] - 2
    step = min((after_s + phase_s) // STEP_S, last)
    while step < last and arrays.work[travel_class, step + 1] <= work:
        step += 1
    percent = percent_of(arrays, travel_class, step)
    return int(STEP_S * step - phase_s + (work - arrays.work[travel_class, step] + percent - 1) // percent)


@compiled
def leaves_by_s(arrays: Arrays, route: int, by_s: int, leg_s: int) -> int:
    """Return the latest moment to begin a leg that is to end by another."""
    travel_class, phase_s = arrays.shifts[route].travel_class, arrays.rich_shifts[route].phase_s
    work = done(arrays, route, by_s) - FULL * leg_s
    step = min((by_s + phase_s) // STEP_S, arrays.work.shape[1] - 2)
    while step > 0 and arrays.work[travel_class, step] > work:
        step -= 1
    percent = percent_of(arrays, travel_class, step)
    return int(STEP_S * step - phase_s + (work - arrays.work[travel_class, step]) // percent)


@compiled
def arrives_s(arrays: Arrays, route: int, leaves_s: int, leg_s: int) -> int:
    """Return when a leg begun at a moment ends."""
    if leg_s >= FAR_S or leaves_s >= NEVER_S:
        return NEVER_S
    return earliest_s(arrays, route, done(arrays, route, leaves_s) + FULL * leg_s, leaves_s)


@compiled
def soonest_trip(arrays: Arrays, route: int, rests: int, leaves_s: int, leg_s: int) -> Trip:
    """Return the way along a leg, with a sequence of breaks on it, that ends soonest; of several the shortest drive."""
    if leg_s >= FAR_S or leaves_s >= NEVER_S:
        return _LOST
    best = _LOST
    count = count_rests(rests)
    for early_count in range(count + 1):
        trip = trip_along(arrays, route, rests, count, leaves_s, leg_s, early_count)
        if trip[0] < best[0] or (trip[0] == best[0] and trip[1] < best[1]):
            best = trip
    return best


@inlined
def count_rests(rests: int) -> int:
    """Return how many breaks a sequence has."""
    count = 0
    while rests:
        rests >>= _DIGIT
        count += 1
    return count


@compiled
def trip_along(arrays: Arrays, route: int, rests: int, count: int, leaves_s: int, leg_s: int, early_count: int) -> Trip:
    """Return a leg with its first breaks as early as may be and the others after the arrival."""
    shifts = arrays.rich_shifts
    now_s, left, travel_s = leaves_s, FULL * leg_s, 0
    for number in range(count):
        index = (rests >> _DIGIT * (count - 1 - number) & 7) - 1
        there_s = earliest_s(arrays, route, done(arrays, route, now_s) + left, now_s)
        begins_s = max(now_s, shifts[route].break_from_s[index])
        if number >= early_count:
            begins_s = max(begins_s, there_s)
        if begins_s > shifts[route].break_by_s[index]:
            return _LOST
        if left > 0:
            stops_s = min(there_s, begins_s)
            travel_s += stops_s - now_s
            left = max(0, left - done(arrays, route, stops_s) + done(arrays, route, now_s))
        now_s = begins_s + shifts[route].break_s[index]
    there_s = earliest_s(arrays, route, done(arrays, route, now_s) + left, now_s)
    return (there_s, travel_s + there_s - now_s)


@compiled
def latest_departure_s(arrays: Arrays, route: int, rests: int, leg_s: int, leaves_s: int, ready_by_s: int) -> int:
    """Return the latest departure that ends a leg and its breaks by a moment; leaving at `leaves_s` does."""
    if rests == 0:
        return leaves_by_s(arrays, route, ready_by_s, leg_s)
    kept_s, lost_s = leaves_s, ready_by_s + 1
    while lost_s - kept_s > 1:
        tried_s = (kept_s + lost_s) // 2
        if soonest_trip(arrays, route, rests, tried_s, leg_s)[0] <= ready_by_s:
            kept_s = tried_s
        else:
            lost_s = tried_s
    return int(kept_s)
