"""How removed jobs are put back: one by one, each where it costs least, now and then overlooking a place."""

from geo_engine.planning.search import nearness
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.labels import fits_time, spare_s
from geo_engine.planning.search.moves import insert
from geo_engine.planning.search.pairs import ANYTHING, is_small, most_it_may_cost, put_pair_back
from geo_engine.planning.search.rich import ASSIGNMENTS, NO_HALF, PAIRS, TIMES, WHOLE
from geo_engine.planning.search.state import ABSENT, CURRENT, NOBODY, REMOVED, TOUCHED, UNKNOWN_S, State
from geo_engine.planning.search.trial import dearer, is_parted, most_spared

_BLINK = 0.01
# Of the steps, where there are few routes: the first job put back that is no shipment begins a route.
_MOST_OPENINGS = 0.1
_NOWHERE = -1
Place = tuple[int, int, int]  # what it costs, route, position


@compiled
def recreate(arrays: Arrays, state: State, is_first: bool, most: int) -> bool:
    """Put removed jobs back where each costs least and less than leaving it out.

    Parameters
    ----------
    is_first
        Whether nothing was tried yet; else a job that was on no route before the ruin is, mostly, tried on the changed
        routes alone: only there can a place have opened.
    most
        What the plan may cost. Once it will cost more even if all that is left to put back cost nothing, the rest is
        given up and False returned: most steps are refused, and most of their work is saved so. Not where one more
        visit may make a plan cheaper, nor of few jobs that ask for much.
    """
    sort_removed(arrays, state)
    used = find_empty_routes(arrays, state)
    gives_up = may_give_up(arrays)
    opens = (
        not is_first and used < len(state.routes) and draw(state.generator) < min(_MOST_OPENINGS, 1.0 / max(1, used))
    )
    hoped = 0  # what putting back the rest may save
    for number in range(state.numbers[REMOVED]):
        hoped += arrays.jobs[state.removed[number]].at_stake
    for number in range(state.numbers[REMOVED]):
        job = state.removed[number]
        room = most - state.costs[CURRENT] + hoped if gives_up else ANYTHING
        if room < 0:
            return False
        hoped -= arrays.jobs[job].at_stake
        if arrays.asks & PAIRS and arrays.rich_jobs[job].other_half != NO_HALF:
            route = put_pair_back(arrays, state, job, is_first)
            if route != NOBODY and state.routes[route].count == 2:
                find_empty_route(arrays, state, arrays.shifts[route].shift_class)
            continue
        while True:  # one call, which is then inlined
            cost, route, position = find_place(arrays, state, job, is_first, opens, room)
            if route != _NOWHERE or not opens:
                break
            opens = False
        opens = False
        state.was_absent[job] = 0
        if route != _NOWHERE:
            insert(arrays, state, job, route, position)
            state.costs[CURRENT] += cost - arrays.jobs[job].penalty
            if state.routes[route].count == 1:
                find_empty_route(arrays, state, arrays.shifts[route].shift_class)
    return not gives_up or state.costs[CURRENT] <= most


@inlined
def may_give_up(arrays: Arrays) -> bool:
    """Return whether putting a job back never makes a plan cheaper but by its penalty; else a step is worked off."""
    return not arrays.asks or not (arrays.asks & (TIMES | PAIRS) or is_small(arrays))


@inlined
def sort_removed(arrays: Arrays, state: State) -> None:
    """Sort the removed jobs by one of several keys, drawn at random."""
    key = draw_key(state)
    count = state.numbers[REMOVED]
    for number in range(count):
        job = state.removed[number]
        noise = draw(state.generator)
        if key == nearness.RANDOM:
            state.sort_values[number] = noise
        elif key == nearness.ABSENCES:
            state.sort_values[number] = noise - state.absences[job]
        else:
            state.sort_values[number] = arrays.sort_keys[key, job] + 1e-6 * noise
    for number in range(1, count):
        job, value = state.removed[number], state.sort_values[number]
        free = number
        while free > 0 and state.sort_values[free - 1] > value:
            state.sort_values[free] = state.sort_values[free - 1]
            state.removed[free] = state.removed[free - 1]
            free -= 1
        state.sort_values[free] = value
        state.removed[free] = job


@inlined
def draw_key(state: State) -> int:
    """Draw the key to sort by; those that help jobs long left out only where there are such jobs."""
    drawn = draw(state.generator) * (29.0 if state.numbers[ABSENT] else 17.0)
    for key in range(len(state.key_bounds)):
        if drawn < state.key_bounds[key]:
            return key
    return nearness.RANDOM


@inlined
def find_empty_routes(arrays: Arrays, state: State) -> int:
    """Find one unused route per shift class; return how many are used."""
    used = 0
    for shift_class in range(len(state.empty_routes)):
        state.empty_routes[shift_class] = NOBODY
    for route in range(len(state.routes) - 1, -1, -1):
        if state.routes[route].count == 0:
            state.empty_routes[arrays.shifts[route].shift_class] = route
        else:
            used += 1
    return used


@inlined
def find_empty_route(arrays: Arrays, state: State, shift_class: int) -> None:
    """Find another unused route of a class."""
    state.empty_routes[shift_class] = NOBODY
    for route in range(len(state.routes)):
        if state.routes[route].count == 0 and arrays.shifts[route].shift_class == shift_class:
            state.empty_routes[shift_class] = route
            return


@compiled
def find_place(arrays: Arrays, state: State, job: int, is_first: bool, opens: bool, room: int) -> Place:
    """Find where a job costs least, or which unused route; that is `_NOWHERE` when leaving it out costs less."""
    best = (min(most_it_may_cost(arrays, state, job, arrays.jobs[job].penalty), room + 1), _NOWHERE, 0)
    if not opens:
        is_thorough = is_first or draw(state.generator) < arrays.thorough_share
        if state.was_absent[job] and not is_thorough:
            for number in range(state.numbers[TOUCHED]):
                best = try_route(arrays, state, job, state.touched_routes[number], best)
            return best
        if not is_thorough:
            best = try_near(arrays, state, job, best)
        if is_thorough or best[1] == _NOWHERE:
            for route in range(len(state.routes)):
                if state.routes[route].count and (is_thorough or may_last(arrays, state, job, route)):
                    best = try_route(arrays, state, job, route, best)
    return try_unused(arrays, state, job, best)


@inlined
def try_unused(arrays: Arrays, state: State, job: int, best: Place) -> Place:
    """Try a job alone on one unused route per shift class, from where it costs least on, as long as it may be best."""
    for number in range(arrays.classes.shape[1]):
        if arrays.alone_costs[job, number] >= best[0] and not arrays.asks & WHOLE:
            break
        route = state.empty_routes[arrays.classes[job, number]]
        if route != NOBODY:
            best = try_route(arrays, state, job, route, best)
    return best


@inlined
def try_near(arrays: Arrays, state: State, job: int, best: Place) -> Place:
    """Try a job before and after each of those it is near to."""
    for number in range(arrays.near.shape[1]):
        neighbour = arrays.near[job, number]
        route = state.labels[neighbour].route
        if route == NOBODY or (state.routes[route].spare_s != UNKNOWN_S and not may_last(arrays, state, job, route)):
            continue
        if not may_take(arrays, state, job, route):
            continue
        position = state.labels[neighbour].position
        if position >= arrays.shifts[route].held_count:
            best = try_position(arrays, state, job, route, position, best)
        best = try_position(arrays, state, job, route, position + 1, best)
    return best


@inlined
def try_route(arrays: Arrays, state: State, job: int, route: int, best: Place) -> Place:
    """Try a job everywhere on a route."""
    if may_take(arrays, state, job, route):
        for position in range(arrays.shifts[route].held_count, state.routes[route].count + 1):
            best = try_position(arrays, state, job, route, position, best)
    return best


@inlined
def may_last(arrays: Arrays, state: State, job: int, route: int) -> bool:
    """Return whether a route has time for a job's service somewhere; where times have prices, that is not asked."""
    return bool(arrays.asks & TIMES or arrays.jobs[job].service_s <= spare_s(arrays, state, route))


@inlined
def may_take(arrays: Arrays, state: State, job: int, route: int) -> bool:
    """Return whether a route's worker may do a job, and it has a visit and the load to spare."""
    if not arrays.allowed[job, route] or state.routes[route].count >= arrays.shifts[route].max_visits:
        return False
    for dimension in range(state.loads.shape[1]):
        if state.loads[route, dimension] + arrays.amounts[job, dimension] > arrays.capacities[route, dimension]:
            return False
    return not is_parted(arrays, state, job, route)


@inlined
def try_position(arrays: Arrays, state: State, job: int, route: int, position: int, best: Place) -> Place:
    """Return the better of the best place so far and this one, which is overlooked now and then."""
    row, count = len(arrays.jobs) + route, state.routes[route].count
    before = row if position == 0 else state.orders[route, position - 1]
    after = row if position == count else state.orders[route, position]
    start = arrays.shifts[route].start_place if position == 0 else before
    end = arrays.shifts[route].end_place if position == count else after
    rate = arrays.shifts[route].rate
    cost = arrays.costs_to[rate, job, start] + arrays.leg_costs[rate, job, end]
    cost += -state.labels[after].leg_cost if count else arrays.shifts[route].fixed_cost
    if arrays.asks & ASSIGNMENTS:
        cost += arrays.assignment_costs[job, route]
    if cost - most_spared(arrays, state, route) >= best[0] or draw(state.generator) < _BLINK:
        return best
    travel_class = arrays.shifts[route].travel_class
    to_s = arrays.travel_s[travel_class, start, job]
    on_s = arrays.travel_s[travel_class, job, end]
    driving_s = state.routes[route].driving_s + to_s + on_s - (state.labels[after].leg_s if count else 0)
    if driving_s > arrays.shifts[route].max_driving_s:
        return best
    if not arrays.asks & TIMES and not fits_time(arrays, state, route, before, job, after, to_s, on_s):
        return best
    if arrays.asks & WHOLE:
        cost += dearer(arrays, state, job, route, position)
        if cost >= best[0]:
            return best
    return (cost, route, position)
