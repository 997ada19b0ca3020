"""What is taken apart: strings of visits on neighbouring routes, around one job."""

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw, draw_below
from geo_engine.planning.search.compiled import compiled, inlined
from geo_engine.planning.search.moves import remove_string
from geo_engine.planning.search.pairs import follow
from geo_engine.planning.search.rich import MATES, PAIRS
from geo_engine.planning.search.state import NOBODY, REMOVED, State

_MEAN_REMOVED = 10.0
_LONGEST_STRING = 10.0
_SPLIT_SHARE = 0.5
_SPARE_ONE_MORE = 0.5
_SPLIT_END = 0.01


@compiled
def ruin(arrays: Arrays, state: State) -> None:
    """Take strings of visits off routes near a job drawn at random; they join the jobs to be put back.

    Notes
    -----
    Slack induction by string removals: Christiaens & Vanden Berghe (2020). Half of the seeds are jobs that are on no
    route, where there are any.
    """
    served, used = 0, 0
    for route in range(len(state.routes)):
        served += state.routes[route].count
        used += state.routes[route].count > 0
    if served == 0:
        return
    longest = min(_LONGEST_STRING, served / used)
    strings = max(1, int(draw(state.generator) * (4.0 * _MEAN_REMOVED / (1.0 + longest) - 1.0) + 1.0))
    seed = draw_seed(arrays, state)
    for number in range(arrays.adjacent.shape[1]):
        job = arrays.adjacent[seed, number]
        route = state.labels[job].route
        if (
            route == NOBODY
            or state.routes[route].is_touched
            or state.labels[job].position < arrays.shifts[route].held_count
        ):
            continue
        ruin_route(arrays, state, route, state.labels[job].position, longest)
        strings -= 1
        if strings <= 0:
            break
    if arrays.asks & (PAIRS | MATES):
        follow(arrays, state)


@inlined
def draw_seed(arrays: Arrays, state: State) -> int:
    """Draw the job around which the ruin happens."""
    absent = state.numbers[REMOVED]
    if absent > 0 and draw(state.generator) < 0.5:
        return int(state.removed[draw_below(state.generator, absent)])
    return draw_below(state.generator, len(arrays.jobs))


@inlined
def ruin_route(arrays: Arrays, state: State, route: int, position: int, longest: float) -> None:
    """Take a string that holds a position off a route, half of the time sparing some of its middle."""
    held = arrays.shifts[route].held_count
    count = state.routes[route].count - held
    length = min(count, int(draw(state.generator) * min(float(count), longest) + 1.0))
    spared_count = 0
    if 1 < length < count and draw(state.generator) < _SPLIT_SHARE:
        spared_count = draw_spared(state, count - length)
    span = length + spared_count
    lowest = max(held, position - span + 1)
    highest = min(position, state.routes[route].count - span)
    first = lowest + draw_below(state.generator, highest - lowest + 1)
    spared = first + 1 + draw_below(state.generator, length - 1) if spared_count else first
    remove_string(arrays, state, route, first, span, spared, spared_count)


@inlined
def draw_spared(state: State, most: int) -> int:
    """Draw how many visits in a string's middle stay."""
    count = 1
    while count < most and draw(state.generator) > _SPLIT_END:
        count += 1
        if draw(state.generator) < _SPARE_ONE_MORE:
            break
    return count
