"""Ruin, recreate, and accept what is better or, by chance, a little worse."""

import math

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.chance import draw
from geo_engine.planning.search.compiled import compiled
from geo_engine.planning.search.moves import go_back, note_best
from geo_engine.planning.search.recreate import recreate
from geo_engine.planning.search.ruin import ruin
from geo_engine.planning.search.state import BEST, CURRENT, NOBODY, REMOVED, TOUCHED, State


@compiled
def construct(arrays: Arrays, state: State) -> None:
    """Insert every job that is on no route and fits."""
    list_absent(arrays, state)
    recreate(arrays, state, True)
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
        list_absent(arrays, state)
        ruin(arrays, state)
        recreate(arrays, state, False)
        allowance = -temperature * math.log(max(1e-12, draw(state.generator)))
        if state.costs[CURRENT] <= before + allowance and is_sound(state):
            if state.costs[CURRENT] < state.costs[BEST]:
                note_best(state)
                improvements += 1
        else:
            go_back(arrays, state)
            state.costs[CURRENT] = before
        settle(state)
    return improvements


@compiled
def list_absent(arrays: Arrays, state: State) -> None:
    """Let the jobs on no route be candidates as well."""
    for job in range(len(arrays.jobs)):
        if state.labels[job].route == NOBODY:
            state.removed[state.numbers[REMOVED]] = job
            state.numbers[REMOVED] += 1
            state.was_absent[job] = 1
    state.has_absent[0] = state.numbers[REMOVED] > 0


@compiled
def is_sound(state: State) -> bool:
    """Return whether every touched route keeps its rules."""
    for number in range(state.numbers[TOUCHED]):  # noqa: SIM110 - a generator cannot be compiled
        if not state.routes[state.touched_routes[number]].is_sound:
            return False
    return True


@compiled
def settle(state: State) -> None:
    """Count who is left out, and forget what was touched."""
    if state.has_absent[0]:
        for number in range(state.numbers[REMOVED]):
            state.absences[state.removed[number]] += state.labels[state.removed[number]].route == NOBODY
    for number in range(state.numbers[TOUCHED]):
        state.routes[state.touched_routes[number]].is_touched = 0
    state.numbers[TOUCHED] = 0
    state.numbers[REMOVED] = 0
