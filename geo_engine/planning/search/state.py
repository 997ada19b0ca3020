"""Where a search stands: the plan in hand, its labels, the best plan, and what it takes to go back one step."""

from math import perm
from typing import NamedTuple

import numpy as np

from geo_engine.planning.rests import NEVER_S
from geo_engine.planning.search.arrays import STATES, Arrays
from geo_engine.planning.search.chance import seeded
from geo_engine.planning.search.compiled import Array
from geo_engine.planning.search.scope import MOST_BREAKS

NOBODY = -1
UNKNOWN_S = -1
CURRENT, BEST = 0, 1  # of costs
TOUCHED, REMOVED, ABSENT = 0, 1, 2  # of numbers
# Random, by demand, far first, close first, by window's length, start and end; and where jobs are left out:
# long left out first, dear first. The shares are those of Christiaens & Vanden Berghe (2020).
_KEY_BOUNDS = (4.0, 8.0, 10.0, 11.0, 13.0, 15.0, 17.0, 25.0, 29.0)


LABEL = np.dtype(
    [
        ("route", np.int32),
        ("position", np.int32),
        ("leg_cost", np.int32),
        ("leg_s", np.int32),
        ("departs_s", np.int32, (STATES,)),
        ("latest_s", np.int32, (STATES,)),
    ],
    align=True,
)
ROUTE = np.dtype(
    [
        ("driving_s", np.int64),
        ("kept_driving_s", np.int64),
        ("time_price", np.int64),
        ("kept_time_price", np.int64),
        ("spare_s", np.int32),
        ("kept_spare_s", np.int32),
        ("count", np.int32),
        ("kept_count", np.int32),
        ("best_count", np.int32),
        ("is_touched", np.int32),
        ("is_sound", np.int32),
    ],
    align=True,
)


STEP = np.dtype(
    [
        ("free_s", np.int64),
        ("start_s", np.int64),
        ("behind", np.int32),
        ("rests", np.int32),
        ("before", np.int32),
    ],
    align=True,
)
WAY = np.dtype(
    [("ready_s", np.int64), ("rested_s", np.int64), ("behind", np.int32), ("rests", np.int32)],
    align=True,
)
_SETS_OF_BREAKS = 2**MOST_BREAKS
_SEQUENCES_OF_BREAKS = sum(perm(MOST_BREAKS, count) for count in range(STATES))


class State(NamedTuple):
    """One search's own memory.

    Parameters
    ----------
    costs
        Of the plan in hand and of the best.
    labels
        One `LABEL` per job, then per route. Of a job: its route, or `NOBODY`, and the position there; what the leg into
        it costs and takes; by how many breaks are behind, the earliest end of its service, and the latest begin of it
        that keeps all that follows. Of a route: the leg into its end, departure from its start, arrival at its end.
    routes
        One `ROUTE` per shift. It is sound unless taking visits out of it left it breaking a rule, which a detour that
        is none can do. Its `time_price` is what its times cost. `spare_s` is how much longer its day may become at the
        place where that is most, and `UNKNOWN_S` until somebody asks.
    orders, loads
        Jobs of each route in order; shape (shifts, dimensions).
    touched_routes, numbers
        Routes changed since the last decision; how many, how many jobs are removed, and how many were on no route.
    kept_labels, kept_orders, kept_loads
        What those routes were.
    removed, sort_values
        Jobs to be put back, and by what they are sorted.
    absent, was_absent, absences
        Jobs on no route after the last decision; whether a job was one of them when this step began; how often each
        has been left out by a step that came to its end.
    key_bounds
        Cumulated weights of the keys to sort by.
    empty_routes
        Per shift class, an unused route of it or `NOBODY`.
    best_orders
        The best plan's orders.
    trial, steps, ways
        An order on trial, and what a walk along it notes: by visit and set of breaks behind, how it came to be; by
        sequence of breaks, what a leg leads to. A sequence of breaks is read three bits at a time, the last first.
    """

    generator: Array
    costs: Array
    labels: Array
    routes: Array
    orders: Array
    loads: Array
    touched_routes: Array
    numbers: Array
    kept_labels: Array
    kept_orders: Array
    kept_loads: Array
    removed: Array
    sort_values: Array
    absent: Array
    was_absent: Array
    absences: Array
    key_bounds: Array
    empty_routes: Array
    best_orders: Array
    trial: Array
    steps: Array
    ways: Array


def most_visits(arrays: Arrays) -> int:
    """Return how many visits a route can have at most: no more than there is time for were no way between them.

    Rows of orders are that long: side by side they are nearer, and take less room, than rows for every job there is.
    """
    longest_s = (arrays.shifts["end_by_s"].max(axis=1) - arrays.shifts["opens_s"]).max()
    services_s = np.cumsum(np.sort(arrays.jobs["service_s"]), dtype=np.int64)
    return int(min(np.searchsorted(services_s, longest_s, side="right"), arrays.shifts["max_visits"].max()))


def new_state(arrays: Arrays, seed: int, given_count: int = 0) -> State:
    """Return a search that has no visit on any route yet.

    Parameters
    ----------
    given_count
        The most visits of a route that will be adopted, whatever fits.
    """
    job_count, shift_count = arrays.allowed.shape
    longest = max(given_count, most_visits(arrays)) + 1
    tried = int(min(job_count, arrays.shifts["max_visits"].max())) + 1
    labels = np.zeros(job_count + shift_count, dtype=LABEL)
    labels["route"] = NOBODY
    labels["departs_s"] = NEVER_S
    labels["departs_s"][job_count:, 0] = arrays.shifts["opens_s"]
    labels["latest_s"][job_count:] = arrays.shifts["end_by_s"]
    routes = np.zeros(shift_count, dtype=ROUTE)
    routes["is_sound"] = 1
    routes["spare_s"] = UNKNOWN_S
    return State(
        generator=seeded(seed),
        costs=np.full(2, arrays.jobs["penalty"].sum(), dtype=np.int64),
        labels=labels,
        routes=routes,
        orders=np.zeros((shift_count, longest), dtype=np.int32),
        loads=np.zeros(arrays.capacities.shape, dtype=np.int64),
        touched_routes=np.zeros(shift_count, dtype=np.int32),
        numbers=np.array([0, 0, job_count], dtype=np.int32),
        kept_labels=labels.copy(),
        kept_orders=np.zeros((shift_count, longest), dtype=np.int32),
        kept_loads=np.zeros(arrays.capacities.shape, dtype=np.int64),
        removed=np.zeros(job_count, dtype=np.int32),
        sort_values=np.zeros(job_count),
        absent=np.arange(job_count, dtype=np.int32),
        was_absent=np.zeros(job_count, dtype=np.uint8),
        absences=np.zeros(job_count),
        key_bounds=np.array(_KEY_BOUNDS),
        empty_routes=np.zeros(int(arrays.shifts["shift_class"].max()) + 1, dtype=np.int32),
        best_orders=np.zeros((shift_count, longest), dtype=np.int32),
        trial=np.zeros(tried + 2, dtype=np.int32),
        steps=np.zeros((tried + 3, _SETS_OF_BREAKS), dtype=STEP),
        ways=np.zeros(_SEQUENCES_OF_BREAKS, dtype=WAY),
    )
