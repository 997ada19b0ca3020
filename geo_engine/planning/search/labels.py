"""How early and how late everything on a route can be, and whether one more job fits: in constant time.

A label is kept per number of breaks behind. Breaks are taken on legs, in the order of their windows; each begins
in its window, may interrupt travel, and is void when the route ends by its window's end. Leaving so late that a
break is void is not considered here: the evaluator may find such a departure, so a route refused here may be kept.
"""

from geo_engine.planning.rests import NEVER_S
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.state import UNKNOWN_S, State


@inlined
def opening(arrays: Arrays, job: int, ready_s: int) -> int:
    """Return the earliest begin of service at or after a moment; `NEVER_S` when all windows have closed."""
    for window in range(arrays.jobs[job].window_count):
        if ready_s <= arrays.windows_s[job, 2 * window + 1]:
            return int(max(ready_s, arrays.windows_s[job, 2 * window]))
    return NEVER_S


@inlined
def last_opening(arrays: Arrays, job: int, by_s: int) -> int:
    """Return the latest begin of service at or before a moment; ``-NEVER_S`` when no window is open yet."""
    for window in range(arrays.jobs[job].window_count - 1, -1, -1):
        if by_s >= arrays.windows_s[job, 2 * window]:
            return int(min(by_s, arrays.windows_s[job, 2 * window + 1]))
    return -NEVER_S


@inlined
def ready_s(arrays: Arrays, state: State, route: int, row: int, leg_s: int, behind: int) -> int:
    """Return the earliest moment at the end of a leg with `behind` breaks behind, some of them taken on it."""
    earliest_s = state.labels[row].departs_s[behind] + leg_s
    for before in range(behind):
        free_s = state.labels[row].departs_s[before]
        if free_s <= arrays.shifts[route].rest_by_s[before, behind]:
            arrives_s = free_s + leg_s + arrays.shifts[route].rest_s[before, behind]
            earliest_s = min(earliest_s, max(arrives_s, arrays.shifts[route].rest_end_s[before, behind]))
    return int(earliest_s)


@inlined
def keeps(arrays: Arrays, state: State, route: int, row: int, free_s: int, leg_s: int, behind: int) -> bool:
    """Return whether being free at a moment, a leg before a row, keeps what follows; breaks may be taken on the leg."""
    if free_s + leg_s <= state.labels[row].latest_s[behind]:
        return True
    for after in range(behind + 1, arrays.shifts[route].break_count + 1):
        if free_s <= arrays.shifts[route].rest_by_s[behind, after]:
            arrives_s = free_s + leg_s + arrays.shifts[route].rest_s[behind, after]
            if max(arrives_s, arrays.shifts[route].rest_end_s[behind, after]) <= state.labels[row].latest_s[after]:
                return True
    return False


@inlined
def fits_time(
    arrays: Arrays, state: State, route: int, before: int, job: int, after: int, to_s: int, on_s: int
) -> bool:
    """Return whether a job fits between two rows of a route: yes means the whole route keeps its times.

    Parameters
    ----------
    before, after
        Rows: a job, or the route's own row for its start and its end.
    to_s, on_s
        Travel to the job and on from it.
    """
    for behind in range(arrays.shifts[route].break_count + 1):
        start_s = opening(arrays, job, ready_s(arrays, state, route, before, to_s, behind))
        if start_s < NEVER_S and keeps(arrays, state, route, after, start_s + arrays.jobs[job].service_s, on_s, behind):
            return True
    return False


@compiled
def relabel(arrays: Arrays, state: State, route: int, first: int, last: int) -> None:
    """Bring a route's labels up to date after its order changed.

    Parameters
    ----------
    first, last
        The first and last position whose predecessor changed; `last` may be the end, at the number of visits.

    Notes
    -----
    Stops where nothing changes any more.
    """
    row_of_route = len(arrays.jobs) + route
    count = state.routes[route].count
    state.routes[route].spare_s = UNKNOWN_S
    before = row_of_route if first == 0 else state.orders[route, first - 1]
    for position in range(first, count):
        job = state.orders[route, position]
        if position <= last:
            read_leg(arrays, state, route, before, job)
        if not label_forward(arrays, state, route, before, job) and position >= last:
            break
        before = job
    if last >= count:
        read_leg(arrays, state, route, row_of_route if count == 0 else state.orders[route, count - 1], row_of_route)
    after = row_of_route if last >= count else state.orders[route, last]
    for position in range(min(last, count) - 1, -1, -1):
        job = state.orders[route, position]
        if not label_backward(arrays, state, route, job, after) and position < first:
            break
        after = job


@inlined
def place_of(arrays: Arrays, row: int, depot: int) -> int:
    """Return the place of a row: the job's, or else the given one of the route's."""
    return row if row < len(arrays.jobs) else depot


@inlined
def read_leg(arrays: Arrays, state: State, route: int, before: int, after: int) -> None:
    """Note what the leg between two rows costs and takes."""
    start = place_of(arrays, before, arrays.shifts[route].start_place)
    end = place_of(arrays, after, arrays.shifts[route].end_place)
    state.labels[after].leg_cost = arrays.leg_costs[arrays.shifts[route].rate, start, end]
    state.labels[after].leg_s = arrays.travel_s[arrays.shifts[route].travel_class, start, end]


@inlined
def label_forward(arrays: Arrays, state: State, route: int, before: int, job: int) -> bool:
    """Find a job's earliest departures; return whether any changed."""
    changed = False
    for behind in range(arrays.shifts[route].break_count + 1):
        start_s = opening(arrays, job, ready_s(arrays, state, route, before, state.labels[job].leg_s, behind))
        departs_s = min(NEVER_S, start_s + arrays.jobs[job].service_s)
        if departs_s != state.labels[job].departs_s[behind]:
            state.labels[job].departs_s[behind] = departs_s
            changed = True
    return changed


@inlined
def label_backward(arrays: Arrays, state: State, route: int, job: int, after: int) -> bool:
    """Find a job's latest begins of service; return whether any changed."""
    changed = False
    for behind in range(arrays.shifts[route].break_count + 1):
        latest_s = last_opening(
            arrays, job, free_by_s(arrays, state, route, after, behind) - arrays.jobs[job].service_s
        )
        if latest_s != state.labels[job].latest_s[behind]:
            state.labels[job].latest_s[behind] = latest_s
            changed = True
    return changed


@inlined
def free_by_s(arrays: Arrays, state: State, route: int, after: int, behind: int) -> int:
    """Return the latest moment to be free, a leg before a row, that keeps what follows."""
    by_s = state.labels[after].latest_s[behind] - state.labels[after].leg_s
    for behind_after in range(behind + 1, arrays.shifts[route].break_count + 1):
        latest_s = state.labels[after].latest_s[behind_after]
        if latest_s >= arrays.shifts[route].rest_end_s[behind, behind_after]:
            rested_by_s = latest_s - arrays.shifts[route].rest_s[behind, behind_after] - state.labels[after].leg_s
            by_s = max(by_s, min(rested_by_s, arrays.shifts[route].rest_by_s[behind, behind_after]))
    return int(by_s)


@compiled
def spare_s(arrays: Arrays, state: State, route: int) -> int:
    """Return how long one more stay may be on a labelled route, wherever it is best, were it on the way.

    Where no way is shorter by a detour, a longer stay fits nowhere.
    """
    if state.routes[route].spare_s != UNKNOWN_S:
        return int(state.routes[route].spare_s)
    most_s = 0
    before = len(arrays.jobs) + route
    for position in range(state.routes[route].count + 1):
        is_end = position == state.routes[route].count
        after = len(arrays.jobs) + route if is_end else state.orders[route, position]
        for behind in range(arrays.shifts[route].break_count + 1):
            free_s = state.labels[before].departs_s[behind] + state.labels[after].leg_s
            for then_behind in range(behind, arrays.shifts[route].break_count + 1):
                by_s = state.labels[after].latest_s[then_behind] - arrays.shifts[route].rest_s[behind, then_behind]
                most_s = max(most_s, by_s - free_s)
        before = after
    state.routes[route].spare_s = most_s
    return int(most_s)


@compiled
def keeps_rules(arrays: Arrays, state: State, route: int) -> bool:
    """Return whether a labelled route keeps its times and drives no longer than it may."""
    if state.routes[route].count == 0:
        return True
    if state.routes[route].driving_s > arrays.shifts[route].max_driving_s:
        return False
    first = state.orders[route, 0]
    return keeps(arrays, state, route, first, arrays.shifts[route].opens_s, state.labels[first].leg_s, 0)
