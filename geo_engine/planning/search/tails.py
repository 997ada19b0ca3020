"""How two routes exchange their tails: what strings of a few visits cannot do where routes are long."""

from geo_engine.planning.rests import NEVER_S
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw_below
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.labels import keeps, relabel
from geo_engine.planning.search.moves import driving_of, touch
from geo_engine.planning.search.state import CURRENT, NOBODY, State

_NOWHERE = -1
Cut = tuple[int, int, int]  # what it costs, the first visits of the two tails


@compiled
def swap_tails(arrays: Arrays, state: State, allowance: float) -> bool:
    """Let what follows a job drawn at random be followed by another route's tail, and the other way round.

    Of the jobs it is near to, the one where this costs least; return whether any costs at most the allowance. Only
    equal shifts exchange tails: their labels hold for either. On days that ask for more than labels tell, nobody does.
    """
    if arrays.asks:
        return False
    job = draw_below(state.generator, len(arrays.jobs))
    route = state.labels[job].route
    if route == NOBODY or state.labels[job].position + 1 < arrays.shifts[route].held_count:
        return False
    least, found = allowance, _NOWHERE
    for number in range(arrays.near.shape[1]):
        other = arrays.near[job, number]
        if may_follow(arrays, state, job, other):
            cost = swap_cost(arrays, state, job, other)
            if cost < least and keeps_times(arrays, state, job, other) and keeps_limits(arrays, state, job, other):
                least, found = cost, other
    if found == _NOWHERE:
        return False
    cost = swap_cost(arrays, state, job, found)
    exchange(arrays, state, job, found)
    state.costs[CURRENT] += cost
    return True


@inlined
def may_follow(arrays: Arrays, state: State, job: int, other: int) -> bool:
    """Return whether a job begins a tail, not held, of another route by an equal shift."""
    route, its_route = state.labels[job].route, state.labels[other].route
    if its_route == NOBODY:
        return False
    return bool(
        its_route != route
        and arrays.shifts[its_route].shift_class == arrays.shifts[route].shift_class
        and state.labels[other].position >= arrays.shifts[its_route].held_count
    )


@inlined
def swap_cost(arrays: Arrays, state: State, job: int, other: int) -> int:
    """Return what exchanging the tails after one job and from another one on costs more."""
    route, its_route = state.labels[job].route, state.labels[other].route
    rate = arrays.shifts[route].rate
    after, before = row_after(arrays, state, job), row_before(arrays, state, other)
    cost = arrays.leg_costs[rate, job, other] - state.labels[after].leg_cost - state.labels[other].leg_cost
    if before >= len(arrays.jobs) and after >= len(arrays.jobs):
        return int(cost - arrays.shifts[its_route].fixed_cost)
    start = before if before < len(arrays.jobs) else arrays.shifts[its_route].start_place
    end = after if after < len(arrays.jobs) else arrays.shifts[route].end_place
    return int(cost + arrays.leg_costs[rate, start, end])


@inlined
def row_after(arrays: Arrays, state: State, job: int) -> int:
    """Return the row after a job: the next one, or its route's."""
    route, position = state.labels[job].route, state.labels[job].position + 1
    return int(state.orders[route, position]) if position < state.routes[route].count else len(arrays.jobs) + route


@inlined
def row_before(arrays: Arrays, state: State, job: int) -> int:
    """Return the row before a job: the one before, or its route's."""
    route, position = state.labels[job].route, state.labels[job].position
    return int(state.orders[route, position - 1]) if position > 0 else len(arrays.jobs) + route


@inlined
def keeps_times(arrays: Arrays, state: State, job: int, other: int) -> bool:
    """Return whether both routes keep their times with the other's tail."""
    route, its_route = state.labels[job].route, state.labels[other].route
    after, before = row_after(arrays, state, job), row_before(arrays, state, other)
    if not keeps_joint(arrays, state, route, job, other):
        return False
    if before >= len(arrays.jobs) and after >= len(arrays.jobs):
        return True
    return keeps_joint(arrays, state, its_route, before, after)


@inlined
def keeps_joint(arrays: Arrays, state: State, route: int, before: int, after: int) -> bool:
    """Return whether a row can be followed by another."""
    start = before if before < len(arrays.jobs) else arrays.shifts[route].start_place
    end = after if after < len(arrays.jobs) else arrays.shifts[route].end_place
    leg_s = arrays.travel_s[arrays.shifts[route].travel_class, start, end]
    for behind in range(arrays.shifts[route].break_count + 1):
        free_s = state.labels[before].departs_s[behind]
        if free_s < NEVER_S and keeps(arrays, state, route, after, free_s, leg_s, behind):
            return True
    return False


@inlined
def keeps_limits(arrays: Arrays, state: State, job: int, other: int) -> bool:
    """Return whether both routes keep their loads and numbers of visits; none with a limit of driving does."""
    route, its_route = state.labels[job].route, state.labels[other].route
    first, its_first = state.labels[job].position + 1, state.labels[other].position
    tail, its_tail = state.routes[route].count - first, state.routes[its_route].count - its_first
    if arrays.shifts[route].max_driving_s < NEVER_S:
        return False
    if max(first + its_tail, its_first + tail) > arrays.shifts[route].max_visits:
        return False
    for dimension in range(state.loads.shape[1]):
        load = load_from(arrays, state, its_route, its_first, dimension)
        load -= load_from(arrays, state, route, first, dimension)
        if state.loads[route, dimension] + load > arrays.capacities[route, dimension]:
            return False
        if state.loads[its_route, dimension] - load > arrays.capacities[its_route, dimension]:
            return False
    return True


@inlined
def load_from(arrays: Arrays, state: State, route: int, first: int, dimension: int) -> int:
    """Return what the visits from a position on load."""
    load = 0
    for position in range(first, state.routes[route].count):
        load += arrays.amounts[state.orders[route, position], dimension]
    return load


@inlined
def exchange(arrays: Arrays, state: State, job: int, other: int) -> None:
    """Exchange the tails after a job and from another one on."""
    route, its_route = state.labels[job].route, state.labels[other].route
    first, its_first = state.labels[job].position + 1, state.labels[other].position
    touch(arrays, state, route)
    touch(arrays, state, its_route)
    put_tail(arrays, state, route, first, its_route, its_first)
    put_tail(arrays, state, its_route, its_first, route, first)
    settle_tail(arrays, state, route, first)
    settle_tail(arrays, state, its_route, its_first)


@inlined
def put_tail(arrays: Arrays, state: State, route: int, first: int, giver: int, its_first: int) -> None:
    """Write down, from a position on, the visits that another route had from a position on."""
    moved = state.routes[giver].kept_count - its_first
    for number in range(moved):
        job = state.kept_orders[giver, its_first + number]
        state.orders[route, first + number] = job
        state.labels[job].route = route
        state.labels[job].position = first + number
        for dimension in range(state.loads.shape[1]):
            state.loads[route, dimension] += arrays.amounts[job, dimension]
            state.loads[giver, dimension] -= arrays.amounts[job, dimension]
    state.routes[route].count = first + moved


@inlined
def settle_tail(arrays: Arrays, state: State, route: int, first: int) -> None:
    """Bring a route's labels and sums up to date after its tail changed."""
    relabel(arrays, state, route, first, state.routes[route].count)
    state.routes[route].driving_s = driving_of(arrays, state, route) if state.routes[route].count else 0
    state.routes[route].is_sound = 1
