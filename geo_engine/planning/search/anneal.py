"""Ruin, recreate, and accept what is better or, by chance, a little worse."""

import math

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw
from geo_engine.planning.search.compiled import compiled
from geo_engine.planning.search.moves import go_back, note_best
from geo_engine.planning.search.pairs import ANYTHING
from geo_engine.planning.search.recreate import recreate
from geo_engine.planning.search.ruin import ruin
from geo_engine.planning.search.state import ABSENT, BEST, CURRENT, NOBODY, REMOVED, TOUCHED, State
from geo_engine.planning.search.tails import swap_tails

_TAILS_SHARE = 0.1


@compiled
def construct(arrays: Arrays, state: State) -> None:
    """Insert every job that is on no route and fits."""
    list_absent(state)
    recreate(arrays, state, True, ANYTHING)
    note_absent(state)
    count_absences(state)
    settle(state)
    if state.costs[CURRENT] < state.costs[BEST]:
        note_best(state)


@compiled
def anneal(arrays: Arrays, state: State, iterations: int, temperature: float) -> int:
    """Ruin and recreate so many times at one temperature; return how often the best plan became better.

    Notes
    -----
    A step is accepted when it costs less than ``-temperature · ln(u)`` more, u drawn from (0, 1).
    """
    improvements = 0
    for _ in range(iterations):
        before = state.costs[CURRENT]
        list_absent(state)
        allowance = -temperature * math.log(max(1e-12, draw(state.generator)))
        if not (draw(state.generator) < _TAILS_SHARE and swap_tails(arrays, state, allowance)):
            ruin(arrays, state)
        is_done = recreate(arrays, state, False, int(before + allowance))
        if is_done:
            count_absences(state)
        if is_done and state.costs[CURRENT] <= before + allowance and is_sound(state):
            note_absent(state)
            if state.costs[CURRENT] < state.costs[BEST]:
                note_best(state)
                improvements += 1
        else:
            go_back(arrays, state)
            state.costs[CURRENT] = before
        settle(state)
    return improvements


@compiled
def list_absent(state: State) -> None:
    """Let the jobs on no route be candidates as well."""
    for number in range(state.numbers[ABSENT]):
        state.removed[number] = state.absent[number]
        state.was_absent[state.absent[number]] = 1
    state.numbers[REMOVED] = state.numbers[ABSENT]


@compiled
def note_absent(state: State) -> None:
    """Note who of those removed is on no route; all others are on one."""
    count = 0
    for number in range(state.numbers[REMOVED]):
        job = state.removed[number]
        if state.labels[job].route == NOBODY:
            state.absent[count] = job
            count += 1
    state.numbers[ABSENT] = count


@compiled
def is_sound(state: State) -> bool:
    """Return whether every touched route keeps its rules."""
    for number in range(state.numbers[TOUCHED]):  # noqa: SIM110 - a generator cannot be compiled
        if not state.routes[state.touched_routes[number]].is_sound:
            return False
    return True


@compiled
def count_absences(state: State) -> None:
    """Count who is left out."""
    for number in range(state.numbers[REMOVED]):
        state.absences[state.removed[number]] += state.labels[state.removed[number]].route == NOBODY


@compiled
def settle(state: State) -> None:
    """Forget what was touched."""
    for number in range(state.numbers[TOUCHED]):
        state.routes[state.touched_routes[number]].is_touched = 0
    state.numbers[TOUCHED] = 0
    state.numbers[REMOVED] = 0
