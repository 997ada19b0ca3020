"""What only a walk along a whole route tells: how far it goes, what is on board, and what its times cost."""

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.rich import HOURS, LOADS, MATES, METRES, TIMES
from geo_engine.planning.search.state import NOBODY, State
from geo_engine.planning.search.walk import BROKEN, price_times


@compiled
def dearer(arrays: Arrays, state: State, job: int, route: int, position: int) -> int:
    """Return by how much a job at a position makes a route's times dearer; `BROKEN` when it breaks a rule."""
    count = state.routes[route].count
    for place in range(position):
        state.trial[place] = state.orders[route, place]
    state.trial[position] = job
    for place in range(position, count):
        state.trial[place + 1] = state.orders[route, place]
    return int(price_trial(arrays, state, route, count + 1) - state.routes[route].time_price)


@inlined
def most_spared(arrays: Arrays, state: State, route: int) -> int:
    """Return by how much a route's times may become cheaper at most: one more visit may fill what was waiting."""
    spared = state.routes[route].time_price
    if arrays.asks & HOURS:
        spared += arrays.rich_shifts[route].most_spared
    return int(spared)


@compiled
def reprice(arrays: Arrays, state: State, route: int) -> None:
    """Note what the times of a changed route cost, and whether it keeps its rules.

    Where times are not asked for, whether it keeps them has been noted before.
    """
    count = state.routes[route].count
    state.routes[route].time_price = 0
    if count == 0:
        state.routes[route].is_sound = 1
        return
    for place in range(count):
        state.trial[place] = state.orders[route, place]
    price = price_trial(arrays, state, route, count)
    is_kept = price < BROKEN and state.routes[route].driving_s <= arrays.shifts[route].max_driving_s
    if arrays.asks & TIMES:
        state.routes[route].is_sound = is_kept
    elif not is_kept:
        state.routes[route].is_sound = 0
    if is_kept:
        state.routes[route].time_price = price


@compiled
def price_trial(arrays: Arrays, state: State, route: int, count: int) -> int:
    """Return what the times of the order on trial cost; `BROKEN` when it breaks a rule of what is asked for."""
    if arrays.asks & METRES and distance_m(arrays, state, route, count) > arrays.rich_shifts[route].max_distance_m:
        return BROKEN
    if arrays.asks & LOADS and is_overloaded(arrays, state, route, count):
        return BROKEN
    return price_times(arrays, state, route, count) if arrays.asks & TIMES else 0


@inlined
def distance_m(arrays: Arrays, state: State, route: int, count: int) -> int:
    """Return how far the order on trial goes."""
    total_m = 0
    before = arrays.shifts[route].start_place
    for number in range(count + 1):
        after = arrays.shifts[route].end_place if number == count else state.trial[number]
        total_m += arrays.distances_m[arrays.shifts[route].travel_class, before, after]
        before = after
    return total_m


@inlined
def is_overloaded(arrays: Arrays, state: State, route: int, count: int) -> bool:
    """Return whether there is ever too much on board."""
    for dimension in range(arrays.amounts.shape[1]):
        load = 0
        for number in range(count):
            load += arrays.amounts[state.trial[number], dimension]
        if load > arrays.capacities[route, dimension]:
            return True
        for number in range(count):
            load += arrays.changes[state.trial[number], dimension]
            if load > arrays.capacities[route, dimension]:
                return True
    return False


@inlined
def assignment_cost(arrays: Arrays, state: State, route: int) -> int:
    """Return what it costs that a route's worker does its jobs."""
    cost = 0
    for position in range(state.routes[route].count):
        cost += arrays.assignment_costs[state.orders[route, position], route]
    return cost


@inlined
def is_parted(arrays: Arrays, state: State, job: int, route: int) -> bool:
    """Return whether another worker does a job that goes to the same worker as this one."""
    if arrays.asks & MATES:
        first = arrays.rich_jobs[job].first_mate
        for number in range(first, first + arrays.rich_jobs[job].mate_count):
            other = state.labels[arrays.mates[number]].route
            if other != NOBODY and other != route:  # noqa: PLR1714
                return True
    return False
