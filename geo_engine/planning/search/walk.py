"""When everything on one whole route happens, and what that costs: the evaluator's timetable, compiled.

What is walked along is the order on trial. Choices among equal times are made as in `timetable`, so that the prices
are those of `costs` to the unit.
"""

from geo_engine.planning.rests import NEVER_S
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import Array, compiled, inlined
from geo_engine.planning.search.hours import arrives_s, latest_departure_s, leaves_by_s, soonest_trip
from geo_engine.planning.search.labels import opening
from geo_engine.planning.search.rich import HOURS
from geo_engine.planning.search.state import State

BROKEN = 2**60  # dearer than anything: what a route costs that breaks a rule
_TOO_FAR = BROKEN + 1  # what one costs that is kept in time but drives too long: it is not tried otherwise
_DIGIT = 3  # bits for one break in a sequence of them


@compiled
def price_times(arrays: Arrays, state: State, route: int, count: int) -> int:
    """Return what the times of the order on trial cost; `BROKEN` when it cannot be kept in time.

    Notes
    -----
    O(visits × 2^breaks × breaks!), as in `find_timetable`.
    """
    opens_s = arrays.shifts[route].opens_s
    for number in range(count):
        opens_s = max(opens_s, arrays.rich_jobs[state.trial[number]].release_s)
    if arrays.rich_shifts[route].break_count == 0:
        if arrays.asks & HOURS:
            return price_unbroken_by_hour(arrays, state, route, count, opens_s)
        return price_unbroken(arrays, state, route, count, opens_s)
    start(arrays, state, route, 0, opens_s)
    price = price_from(arrays, state, route, count, 1)
    if price != BROKEN:
        return min(price, BROKEN)
    start_count, void_by_s = 0, -NEVER_S
    for index in range(arrays.rich_shifts[route].break_count):
        by_s = arrays.rich_shifts[route].break_by_s[index]
        if not arrays.rich_shifts[route].break_is_owed[index] and by_s != void_by_s:
            start(arrays, state, route, start_count, max(opens_s, by_s + 1))
            start_count += 1
            void_by_s = by_s
    return min(BROKEN, price_from(arrays, state, route, count, start_count))


@inlined
def leg_s(arrays: Arrays, state: State, route: int, count: int, number: int) -> int:
    """Return the seconds of the leg to the visit of a number, or to the end."""
    before = arrays.shifts[route].start_place if number == 0 else state.trial[number - 1]
    after = arrays.shifts[route].end_place if number == count else state.trial[number]
    return int(arrays.travel_s[arrays.shifts[route].travel_class, before, after])


@inlined
def action_s(arrays: Arrays, state: State, route: int, number: int) -> int:
    """Return how long the visit of a number takes: set-up, unless the place before is the same, and service."""
    job = state.trial[number]
    setup_s = arrays.rich_jobs[job].setup_s
    if setup_s > 0:
        before = arrays.rich_shifts[route].start_site if number == 0 else arrays.rich_jobs[state.trial[number - 1]].site
        if before == arrays.rich_jobs[job].site:
            setup_s = 0
    return int(setup_s + arrays.jobs[job].service_s)


@inlined
def hours_price(seconds: int, per_hour: float) -> int:
    """Return what seconds cost at a price per hour."""
    return int(round(seconds * per_hour / 3600.0))  # noqa: RUF046 - compiled, it is a float


@inlined
def late_price(arrays: Arrays, route: int, job: int, start_s: int) -> int:
    """Return what beginning a job so late costs."""
    return hours_price(max(0, start_s - arrays.rich_jobs[job].due_s), arrays.rich_shifts[route].late_cost)


@inlined
def price_of(arrays: Arrays, route: int, leaves_s: int, end_s: int, busy_s: int) -> int:
    """Return what a route's length, its end and its waiting cost."""
    over_s = min(arrays.rich_shifts[route].max_overtime_s, max(0, end_s - arrays.rich_shifts[route].closes_s))
    beyond_h = max(0, end_s - leaves_s - arrays.rich_shifts[route].balance_from_s) / 3600.0
    price = hours_price(over_s, arrays.rich_shifts[route].overtime_cost)
    price += hours_price(max(0, end_s - leaves_s - busy_s), arrays.rich_shifts[route].waiting_cost)
    return price + int(round(arrays.rich_shifts[route].balance_cost * (beyond_h * beyond_h)))  # noqa: RUF046


@inlined
def price_unbroken(arrays: Arrays, state: State, route: int, count: int, opens_s: int) -> int:
    """Return what the times of the order on trial cost in a shift without breaks."""
    now_s, leaves_s, busy_s, price = opens_s, opens_s, 0, 0
    for number in range(count):
        job, travel_s = state.trial[number], leg_s(arrays, state, route, count, number)
        begins_s = opening(arrays, job, now_s + travel_s)
        if begins_s >= NEVER_S:
            return BROKEN
        if number == 0:
            leaves_s = begins_s - travel_s
        visit_s = action_s(arrays, state, route, number)
        busy_s += travel_s + visit_s
        price += late_price(arrays, route, job, begins_s)
        now_s = begins_s + visit_s
    travel_s = leg_s(arrays, state, route, count, count)
    if now_s + travel_s > arrays.rich_shifts[route].latest_end_s:
        return BROKEN
    return price + price_of(arrays, route, leaves_s, now_s + travel_s, busy_s + travel_s)


@compiled
def price_unbroken_by_hour(arrays: Arrays, state: State, route: int, count: int, opens_s: int) -> int:
    """Return what the times of the order on trial cost in a shift without breaks where the hour tells the speed."""
    now_s, leaves_s, busy_s, price = opens_s, opens_s, 0, 0
    added_s, driven_s = 0, 0
    for number in range(count):
        job, travel_s = state.trial[number], leg_s(arrays, state, route, count, number)
        there_s = arrives_s(arrays, route, now_s, travel_s)
        begins_s = opening(arrays, job, there_s)
        if begins_s >= NEVER_S:
            return BROKEN
        if number == 0:
            leaves_s = leaves_by_s(arrays, route, begins_s, travel_s)
            now_s, there_s = leaves_s, arrives_s(arrays, route, leaves_s, travel_s)
        visit_s = action_s(arrays, state, route, number)
        driven_s += there_s - now_s
        added_s += there_s - now_s - travel_s
        busy_s += visit_s
        price += late_price(arrays, route, job, begins_s)
        now_s = begins_s + visit_s
    travel_s = leg_s(arrays, state, route, count, count)
    end_s = arrives_s(arrays, route, now_s, travel_s)
    driven_s += end_s - now_s
    added_s += end_s - now_s - travel_s
    if end_s > arrays.rich_shifts[route].latest_end_s or driven_s > arrays.rich_shifts[route].max_driving_s:
        return BROKEN
    price += hours_price(added_s, arrays.rich_shifts[route].hour_cost)
    return price + price_of(arrays, route, leaves_s, end_s, busy_s + driven_s)


@inlined
def start(arrays: Arrays, state: State, route: int, number: int, leaves_s: int) -> None:
    """Note that a route may leave at a moment; breaks whose window has closed by then are void."""
    void = 0
    for index in range(arrays.rich_shifts[route].break_count):
        is_over = arrays.rich_shifts[route].break_by_s[index] < leaves_s
        if is_over and not arrays.rich_shifts[route].break_is_owed[index]:
            void |= 1 << index
    state.steps[0, number].free_s = leaves_s
    state.steps[0, number].behind = void


@compiled
def price_from(arrays: Arrays, state: State, route: int, count: int, start_count: int) -> int:
    """Return what the times of the order on trial cost, beginning with any of the noted starts."""
    step_count = start_count
    for number in range(count):
        step_count = visit(arrays, state, route, count, number, step_count)
        if step_count == 0:
            return BROKEN
    travel_s = leg_s(arrays, state, route, count, count)
    end_s, last, rests = arrays.rich_shifts[route].latest_end_s + 1, -1, 0
    for step in range(step_count):
        for way in range(find_ways(arrays, state, route, count, step, travel_s)):
            ready_s = state.ways[way].ready_s
            if ready_s < end_s and may_end(arrays.rich_shifts, route, state.ways[way].behind, ready_s):
                end_s, last, rests = ready_s, step, state.ways[way].rests
    if last < 0:
        return BROKEN
    if arrays.asks & HOURS:
        return price_back_by_hour(arrays, state, route, count, last, rests, end_s)
    return price_back(arrays, state, route, count, last, rests, end_s)


@inlined
def visit(arrays: Arrays, state: State, route: int, count: int, number: int, step_count: int) -> int:
    """Find the earliest ways to be done with a visit, one per set of breaks behind; return how many."""
    job, travel_s = state.trial[number], leg_s(arrays, state, route, count, number)
    visit_s, found = action_s(arrays, state, route, number), 0
    for before in range(step_count):
        for way in range(find_ways(arrays, state, route, number, before, travel_s)):
            start_s = opening(arrays, job, state.ways[way].ready_s)
            behind = state.ways[way].behind
            at = 0
            while at < found and state.steps[number + 1, at].behind != behind:
                at += 1
            if start_s >= NEVER_S or (at < found and start_s >= state.steps[number + 1, at].start_s):
                continue
            found = max(found, at + 1)
            state.steps[number + 1, at].start_s = start_s
            state.steps[number + 1, at].free_s = start_s + visit_s
            state.steps[number + 1, at].behind = behind
            state.steps[number + 1, at].rests = state.ways[way].rests
            state.steps[number + 1, at].before = before
    return found


@compiled
def find_ways(arrays: Arrays, state: State, route: int, number: int, step: int, travel_s: int) -> int:
    """List every order of breaks on the leg after a step, and when the worker is at its end; return how many."""
    state.ways[0].behind = state.steps[number, step].behind
    state.ways[0].ready_s = state.steps[number, step].free_s + travel_s
    state.ways[0].rested_s = state.steps[number, step].free_s
    state.ways[0].rests = 0
    way, found = 0, 1
    while way < found:
        for index in range(arrays.rich_shifts[route].break_count):
            from_s = arrays.rich_shifts[route].break_from_s[index]
            begins_s = max(state.ways[way].rested_s, from_s)
            if state.ways[way].behind >> index & 1 or begins_s > arrays.rich_shifts[route].break_by_s[index]:
                continue
            rest_s = arrays.rich_shifts[route].break_s[index]
            state.ways[found].behind = state.ways[way].behind | 1 << index
            state.ways[found].ready_s = max(state.ways[way].ready_s, from_s) + rest_s
            state.ways[found].rested_s = begins_s + rest_s
            state.ways[found].rests = state.ways[way].rests << _DIGIT | index + 1
            found += 1
        way += 1
    if arrays.asks & HOURS:
        for way in range(found):
            state.ways[way].ready_s = soonest_trip(
                arrays, route, state.ways[way].rests, state.steps[number, step].free_s, travel_s
            )[0]
    return found


@inlined
def may_end(shifts: Array, route: int, behind: int, end_s: int) -> bool:
    """Return whether every break that is not behind is void when the route ends at a moment."""
    for index in range(shifts[route].break_count):
        is_open = end_s <= shifts[route].break_by_s[index]
        if not behind >> index & 1 and (not is_open or shifts[route].break_is_owed[index]):
            return False
    return True


@inlined
def price_back(arrays: Arrays, state: State, route: int, count: int, last: int, rests: int, end_s: int) -> int:
    """Return what the times of the order on trial cost, going back from its end step by step."""
    travel_s = leg_s(arrays, state, route, count, count)
    busy_s, price, step, start_s = travel_s + rested_s(arrays.rich_shifts, route, rests), 0, last, 0
    for number in range(count, 0, -1):
        start_s, rests = state.steps[number, step].start_s, state.steps[number, step].rests
        price += late_price(arrays, route, state.trial[number - 1], start_s)
        travel_s = leg_s(arrays, state, route, count, number - 1)
        busy_s += travel_s + action_s(arrays, state, route, number - 1)
        busy_s += rested_s(arrays.rich_shifts, route, rests) if number > 1 else 0
        step = state.steps[number, step].before
    void_count = count_void(arrays.rich_shifts, route, rests, travel_s, start_s)
    leaves_s = departure(arrays.rich_shifts, route, rests, void_count, travel_s, start_s)
    return price + price_of(
        arrays, route, leaves_s, end_s, busy_s + due_s(arrays.rich_shifts, route, rests, void_count)
    )


@compiled
def price_back_by_hour(arrays: Arrays, state: State, route: int, count: int, last: int, rests: int, end_s: int) -> int:
    """Return the same where the hour tells the speed, and so how long each leg takes; `_TOO_FAR` beyond the limit."""
    shifts, step, price, busy_s, driven_s, start_s = arrays.rich_shifts, last, 0, 0, 0, 0
    usual_s = leg_s(arrays, state, route, count, 0)
    for number in range(count, 0, -1):
        travel_s = leg_s(arrays, state, route, count, number)
        usual_s += travel_s
        driven_s += soonest_trip(arrays, route, rests, state.steps[number, step].free_s, travel_s)[1]
        busy_s += rested_s(shifts, route, rests) + action_s(arrays, state, route, number - 1)
        start_s, rests = state.steps[number, step].start_s, state.steps[number, step].rests
        price += late_price(arrays, route, state.trial[number - 1], start_s)
        step = state.steps[number, step].before
    travel_s = leg_s(arrays, state, route, count, 0)
    due, leaves_s = due_by_hour(arrays, route, rests, travel_s, state.steps[0, step].free_s, start_s)
    driven_s += soonest_trip(arrays, route, due, leaves_s, travel_s)[1]
    if driven_s > shifts[route].max_driving_s:
        return _TOO_FAR
    price += hours_price(driven_s - usual_s, shifts[route].hour_cost)
    return price + price_of(arrays, route, leaves_s, end_s, busy_s + driven_s + rested_s(shifts, route, due))


@compiled
def due_by_hour(arrays: Arrays, route: int, rests: int, travel_s: int, opens_s: int, start_s: int) -> tuple[int, int]:
    """Return the breaks before the first visit that leaving late does not make void, and that departure."""
    shifts, void_count, left = arrays.rich_shifts, 0, rests
    while left:
        void_count += not shifts[route].break_is_owed[(left & 7) - 1]
        left >>= _DIGIT
    while True:
        due, left, due_count, is_late_enough = 0, rests, 0, True
        while left:  # from the last break to the first
            if not is_void(shifts, route, rests, (left & 7) - 1, void_count):
                due |= (left & 7) << due_count * _DIGIT
                due_count += 1
            left >>= _DIGIT
        leaves_s = latest_departure_s(arrays, route, due, travel_s, opens_s, start_s)
        left = rests
        while left:
            index = (left & 7) - 1
            if is_void(shifts, route, rests, index, void_count):
                is_late_enough = is_late_enough and leaves_s > shifts[route].break_by_s[index]
            left >>= _DIGIT
        if is_late_enough or void_count == 0:
            return (due, leaves_s)
        void_count -= 1


@inlined
def rested_s(shifts: Array, route: int, rests: int) -> int:
    """Return how long a sequence of breaks lasts."""
    total_s = 0
    while rests:
        total_s += shifts[route].break_s[(rests & 7) - 1]
        rests >>= _DIGIT
    return total_s


@compiled
def count_void(shifts: Array, route: int, rests: int, travel_s: int, start_s: int) -> int:
    """Return how many breaks before the first visit become void by leaving late, the first to close first."""
    void_count = 0
    left = rests
    while left:
        void_count += not shifts[route].break_is_owed[(left & 7) - 1]
        left >>= _DIGIT
    while void_count > 0:
        leaves_s = departure(shifts, route, rests, void_count, travel_s, start_s)
        is_late_enough, left = True, rests
        while left:
            index = (left & 7) - 1
            if is_void(shifts, route, rests, index, void_count):
                is_late_enough = is_late_enough and leaves_s > shifts[route].break_by_s[index]
            left >>= _DIGIT
        if is_late_enough:
            break
        void_count -= 1
    return void_count


@inlined
def is_void(shifts: Array, route: int, rests: int, index: int, void_count: int) -> bool:
    """Return whether a break is one of the first so many to close among those that may be void."""
    if shifts[route].break_is_owed[index]:
        return False
    rank, is_before, left = 0, False, rests
    by_s = shifts[route].break_by_s[index]
    while left:  # from the last break to the first
        other = (left & 7) - 1
        other_by_s = shifts[route].break_by_s[other]
        closes_before = other_by_s < by_s or (other_by_s == by_s and is_before)
        rank += closes_before and not shifts[route].break_is_owed[other]
        is_before = is_before or other == index
        left >>= _DIGIT
    return rank < void_count


@compiled
def due_s(shifts: Array, route: int, rests: int, void_count: int) -> int:
    """Return how long those of a sequence of breaks last that are not void."""
    total_s, left = 0, rests
    while left:
        index = (left & 7) - 1
        if not is_void(shifts, route, rests, index, void_count):
            total_s += shifts[route].break_s[index]
        left >>= _DIGIT
    return total_s


@compiled
def departure(shifts: Array, route: int, rests: int, void_count: int, travel_s: int, start_s: int) -> int:
    """Return the latest departure that keeps the first start and begins each break that is not void in its window."""
    total_s = due_s(shifts, route, rests, void_count)
    leaves_s, after_s, left = start_s - travel_s - total_s, 0, rests
    while left:  # from the last break to the first
        index = (left & 7) - 1
        if not is_void(shifts, route, rests, index, void_count):
            after_s += shifts[route].break_s[index]
            leaves_s = min(leaves_s, shifts[route].break_by_s[index] - (total_s - after_s))
        left >>= _DIGIT
    return leaves_s
