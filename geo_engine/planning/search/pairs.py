"""How jobs that belong together move: both halves of a shipment at once, those of one worker often."""

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.moves import insert, remove_string
from geo_engine.planning.search.rich import ASSIGNMENTS, NO_HALF
from geo_engine.planning.search.state import CURRENT, NOBODY, REMOVED, State
from geo_engine.planning.search.trial import is_parted, most_spared, price_trial

_BLINK = 0.01
_MATE_SHARE = 0.2
_FORCED_SHARE = 0.05
ANYTHING = 2**59
_FEW_JOBS = 30
PairPlace = tuple[int, int, int, int]  # what it costs, route, positions: of the second where the first is on it already


@compiled
def follow(arrays: Arrays, state: State) -> None:
    """Take the other halves of removed shipments off their routes too, and now and then what has to go with a job."""
    number = 0
    while number < state.numbers[REMOVED]:
        job = state.removed[number]
        other = arrays.rich_jobs[job].other_half
        if other != NO_HALF:
            take_off(arrays, state, other)
        first = arrays.rich_jobs[job].first_mate
        for place in range(first, first + arrays.rich_jobs[job].mate_count):
            if draw(state.generator) < _MATE_SHARE:
                take_off(arrays, state, arrays.mates[place])
        number += 1


@inlined
def take_off(arrays: Arrays, state: State, job: int) -> None:
    """Take a job off its route, if it is on one and not held there."""
    route, position = state.labels[job].route, state.labels[job].position
    if route != NOBODY and position >= arrays.shifts[route].held_count:
        remove_string(arrays, state, route, position, 1, position, 0)


@inlined
def is_small(arrays: Arrays) -> bool:
    """Return whether there are few jobs with much to them."""
    return bool(arrays.asks and len(arrays.jobs) <= _FEW_JOBS)


@inlined
def most_it_may_cost(arrays: Arrays, state: State, job: int, penalty: int) -> int:
    """Return what a job's place may cost: less than its penalty, but in some steps anything for one that was left out.

    Beside others that follow, what is too dear alone may be worth it, such as a route that is not used yet. Only of few
    jobs with much to them: on larger days, and where penalties are dear, it finds worse plans.
    """
    if is_small(arrays) and state.was_absent[job] and draw(state.generator) * state.numbers[REMOVED] < _FORCED_SHARE:
        return ANYTHING
    return penalty


@compiled
def put_pair_back(arrays: Arrays, state: State, job: int, is_first: bool) -> int:
    """Put both halves of a shipment where they cost least, if it is the first of them; return where, or `NOBODY`."""
    if arrays.rich_jobs[job].is_second or state.labels[job].route != NOBODY:
        return NOBODY
    other = arrays.rich_jobs[job].other_half
    penalty = arrays.jobs[job].penalty + arrays.jobs[other].penalty
    only_touched = state.was_absent[job] and not (is_first or draw(state.generator) < arrays.thorough_share)
    best = (most_it_may_cost(arrays, state, job, penalty), NOBODY, 0, 0)
    for route in range(len(state.routes)):
        if state.routes[route].count and not (only_touched and not state.routes[route].is_touched):
            best = try_pair(arrays, state, job, other, route, best)
    for shift_class in range(len(state.empty_routes)):
        route = state.empty_routes[shift_class]
        if route != NOBODY:
            best = try_pair(arrays, state, job, other, route, best)
    state.was_absent[job] = 0
    state.was_absent[other] = 0
    cost, route, first, second = best
    if route != NOBODY:
        insert(arrays, state, job, route, first)
        insert(arrays, state, other, route, second)
        state.costs[CURRENT] += cost - penalty
    return route


@compiled
def try_pair(arrays: Arrays, state: State, job: int, other: int, route: int, best: PairPlace) -> PairPlace:
    """Return the better of the best places so far and all on a route, each overlooked now and then."""
    if not may_take_pair(arrays, state, job, other, route):
        return best
    count = state.routes[route].count
    assigned = 0
    if arrays.asks & ASSIGNMENTS:
        assigned = arrays.assignment_costs[job, route] + arrays.assignment_costs[other, route]
    if count == 0:
        assigned += arrays.shifts[route].fixed_cost
    spared = most_spared(arrays, state, route)
    for first in range(arrays.shifts[route].held_count, count + 1):
        detour = detour_cost(arrays, state, job, route, first) + assigned
        for place in range(first, count + 1):
            if place == first:
                cost = together_cost(arrays, state, job, other, route, first) + assigned
            else:
                cost = detour + detour_cost(arrays, state, other, route, place)
            if cost - spared >= best[0] or draw(state.generator) < _BLINK:
                continue
            lay_out(state, job, other, route, first, place)
            if drives_s(arrays, state, route, count + 2) > arrays.shifts[route].max_driving_s:
                continue
            cost += price_trial(arrays, state, route, count + 2) - state.routes[route].time_price
            if cost < best[0]:
                best = (cost, route, first, place + 1)
    return best


@inlined
def may_take_pair(arrays: Arrays, state: State, job: int, other: int, route: int) -> bool:
    """Return whether a route's worker may do both, and has two visits to spare."""
    if state.routes[route].count + 2 > arrays.shifts[route].max_visits:
        return False
    if not arrays.allowed[job, route] or not arrays.allowed[other, route]:
        return False
    return not is_parted(arrays, state, job, route) and not is_parted(arrays, state, other, route)


@inlined
def place_before(arrays: Arrays, state: State, route: int, position: int) -> int:
    """Return the place before a position."""
    return int(arrays.shifts[route].start_place if position == 0 else state.orders[route, position - 1])


@inlined
def place_at(arrays: Arrays, state: State, route: int, position: int) -> int:
    """Return the place at a position, or of the end behind the last."""
    is_end = position == state.routes[route].count
    return int(arrays.shifts[route].end_place if is_end else state.orders[route, position])


@inlined
def saved_cost(arrays: Arrays, state: State, route: int, position: int) -> int:
    """Return what the leg costs that an insertion at a position spares."""
    if state.routes[route].count == 0:
        return 0
    before, after = place_before(arrays, state, route, position), place_at(arrays, state, route, position)
    return int(arrays.leg_costs[arrays.shifts[route].rate, before, after])


@inlined
def detour_cost(arrays: Arrays, state: State, job: int, route: int, position: int) -> int:
    """Return what the legs of one more visit cost."""
    before, after = place_before(arrays, state, route, position), place_at(arrays, state, route, position)
    rate = arrays.shifts[route].rate
    cost = arrays.leg_costs[rate, before, job] + arrays.leg_costs[rate, job, after]
    return int(cost - saved_cost(arrays, state, route, position))


@inlined
def together_cost(arrays: Arrays, state: State, job: int, other: int, route: int, position: int) -> int:
    """Return what the legs of two visits side by side cost."""
    before, after = place_before(arrays, state, route, position), place_at(arrays, state, route, position)
    rate = arrays.shifts[route].rate
    cost = arrays.leg_costs[rate, before, job] + arrays.leg_costs[rate, job, other]
    return int(cost + arrays.leg_costs[rate, other, after] - saved_cost(arrays, state, route, position))


@inlined
def lay_out(state: State, job: int, other: int, route: int, first: int, place: int) -> None:
    """Put on trial a route with one job before what is at a position, and another before what is at a later one."""
    count, written = state.routes[route].count, 0
    for position in range(count + 1):
        if position == first:
            state.trial[written] = job
            written += 1
        if position == place:
            state.trial[written] = other
            written += 1
        if position < count:
            state.trial[written] = state.orders[route, position]
            written += 1


@inlined
def drives_s(arrays: Arrays, state: State, route: int, count: int) -> int:
    """Return how long the order on trial drives."""
    total_s, before = 0, arrays.shifts[route].start_place
    for number in range(count + 1):
        after = arrays.shifts[route].end_place if number == count else state.trial[number]
        total_s += arrays.travel_s[arrays.shifts[route].travel_class, before, after]
        before = after
    return total_s
