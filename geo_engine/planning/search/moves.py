"""How a plan in hand is changed: visits come off a route and onto one, and a step is taken back."""

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import Array, compiled, inlined
from geo_engine.planning.search.labels import keeps_rules, relabel
from geo_engine.planning.search.rich import ASSIGNMENTS, WHOLE
from geo_engine.planning.search.state import ABSENT, BEST, CURRENT, NOBODY, REMOVED, TOUCHED, State
from geo_engine.planning.search.trial import assignment_cost, reprice


@inlined
def route_cost(arrays: Arrays, state: State, route: int) -> int:
    """Return what a labelled route costs; nothing when it is unused."""
    count = state.routes[route].count
    if count == 0:
        return 0
    cost = arrays.shifts[route].fixed_cost + state.labels[len(arrays.jobs) + route].leg_cost
    cost += state.routes[route].time_price
    for position in range(count):
        cost += state.labels[state.orders[route, position]].leg_cost
    if arrays.asks & ASSIGNMENTS:
        cost += assignment_cost(arrays, state, route)
    return int(cost)


@inlined
def driving_of(arrays: Arrays, state: State, route: int) -> int:
    """Return how long a labelled route drives."""
    driving_s = state.labels[len(arrays.jobs) + route].leg_s
    for position in range(state.routes[route].count):
        driving_s += state.labels[state.orders[route, position]].leg_s
    return int(driving_s)


@compiled
def touch(arrays: Arrays, state: State, route: int) -> None:
    """Keep a route as it is before its first change since the last decision."""
    if state.routes[route].is_touched:
        return
    state.routes[route].is_touched = 1
    state.touched_routes[state.numbers[TOUCHED]] = route
    state.numbers[TOUCHED] += 1
    state.routes[route].kept_count = state.routes[route].count
    state.routes[route].kept_spare_s = state.routes[route].spare_s
    state.routes[route].kept_driving_s = state.routes[route].driving_s
    state.routes[route].kept_time_price = state.routes[route].time_price
    for dimension in range(state.loads.shape[1]):
        state.kept_loads[route, dimension] = state.loads[route, dimension]
    row = len(arrays.jobs) + route
    state.kept_labels[row] = state.labels[row]
    for position in range(state.routes[route].count):
        job = state.orders[route, position]
        state.kept_orders[route, position] = job
        state.kept_labels[job] = state.labels[job]


@compiled
def go_back(arrays: Arrays, state: State) -> None:
    """Make every touched route what it was."""
    for number in range(state.numbers[REMOVED]):
        state.labels[state.removed[number]].route = NOBODY
    for number in range(state.numbers[TOUCHED]):
        route = state.touched_routes[number]
        state.routes[route].count = state.routes[route].kept_count
        state.routes[route].spare_s = state.routes[route].kept_spare_s
        state.routes[route].driving_s = state.routes[route].kept_driving_s
        state.routes[route].time_price = state.routes[route].kept_time_price
        state.routes[route].is_sound = 1
        for dimension in range(state.loads.shape[1]):
            state.loads[route, dimension] = state.kept_loads[route, dimension]
        row = len(arrays.jobs) + route
        state.labels[row] = state.kept_labels[row]
        for position in range(state.routes[route].count):
            job = state.kept_orders[route, position]
            state.orders[route, position] = job
            state.labels[job] = state.kept_labels[job]


@compiled
def remove_string(
    arrays: Arrays, state: State, route: int, first: int, length: int, spared: int, spared_count: int
) -> None:
    """Take a string of visits off a route, sparing some in its middle.

    Parameters
    ----------
    first, length
        The string's first position, and how many positions it spans, the spared ones among them.
    spared, spared_count
        First position and number of the spared.
    """
    touch(arrays, state, route)
    cost = route_cost(arrays, state, route)
    write = first
    changed_to = first
    for position in range(first, state.routes[route].count):
        job = state.orders[route, position]
        if position >= first + length or spared <= position < spared + spared_count:
            state.orders[route, write] = job
            state.labels[job].position = write
            write += 1
        else:
            changed_to = write
            leave(arrays, state, route, job)
    state.routes[route].count = write
    relabel(arrays, state, route, first, changed_to)
    state.routes[route].driving_s = driving_of(arrays, state, route) if write else 0
    state.routes[route].is_sound = keeps_rules(arrays, state, route)
    if arrays.asks & WHOLE:
        reprice(arrays, state, route)
    state.costs[CURRENT] += route_cost(arrays, state, route) - cost


@inlined
def leave(arrays: Arrays, state: State, route: int, job: int) -> None:
    """Note that a job is on no route and is to be put back."""
    state.removed[state.numbers[REMOVED]] = job
    state.numbers[REMOVED] += 1
    state.labels[job].route = NOBODY
    state.costs[CURRENT] += arrays.jobs[job].penalty
    for dimension in range(state.loads.shape[1]):
        state.loads[route, dimension] -= arrays.amounts[job, dimension]


@compiled
def insert(arrays: Arrays, state: State, job: int, route: int, position: int) -> None:
    """Put a job that is on no route onto one; the caller knows what it costs."""
    touch(arrays, state, route)
    count = state.routes[route].count
    for later in range(count, position, -1):
        moved = state.orders[route, later - 1]
        state.orders[route, later] = moved
        state.labels[moved].position = later
    state.orders[route, position] = job
    state.labels[job].position = position
    state.labels[job].route = route
    state.routes[route].count = count + 1
    for dimension in range(state.loads.shape[1]):
        state.loads[route, dimension] += arrays.amounts[job, dimension]
    after = len(arrays.jobs) + route if position == count else state.orders[route, position + 1]
    state.routes[route].driving_s -= state.labels[after].leg_s if count else 0
    relabel(arrays, state, route, position, position + 1)
    state.routes[route].driving_s += state.labels[job].leg_s + state.labels[after].leg_s
    state.routes[route].is_sound = 1
    if arrays.asks & WHOLE:
        reprice(arrays, state, route)


@compiled
def note_best(state: State) -> None:
    """Keep the plan in hand as the best."""
    state.costs[BEST] = state.costs[CURRENT]
    for route in range(len(state.routes)):
        state.routes[route].best_count = state.routes[route].count
        for position in range(state.routes[route].count):
            state.best_orders[route, position] = state.orders[route, position]


@compiled
def adopt(arrays: Arrays, state: State, orders: Array, counts: Array) -> None:
    """Make the plan in hand that of some orders, which must keep every rule."""
    for job in range(len(arrays.jobs)):
        state.labels[job].route = NOBODY
    cost = 0
    state.numbers[ABSENT] = 0
    for route in range(len(state.routes)):
        state.routes[route].count = counts[route]
        for dimension in range(state.loads.shape[1]):
            state.loads[route, dimension] = 0
        for position in range(counts[route]):
            settle_visit(arrays, state, route, position, orders[route, position])
        relabel(arrays, state, route, 0, counts[route])
        state.routes[route].driving_s = driving_of(arrays, state, route) if counts[route] else 0
        if arrays.asks & WHOLE:
            reprice(arrays, state, route)
        cost += route_cost(arrays, state, route)
    for job in range(len(arrays.jobs)):
        if state.labels[job].route == NOBODY:
            cost += arrays.jobs[job].penalty
            state.absent[state.numbers[ABSENT]] = job
            state.numbers[ABSENT] += 1
    state.costs[CURRENT] = cost


@inlined
def settle_visit(arrays: Arrays, state: State, route: int, position: int, job: int) -> None:
    """Write a visit down; its labels are not yet known."""
    state.orders[route, position] = job
    state.labels[job].route = route
    state.labels[job].position = position
    for dimension in range(state.loads.shape[1]):
        state.loads[route, dimension] += arrays.amounts[job, dimension]
