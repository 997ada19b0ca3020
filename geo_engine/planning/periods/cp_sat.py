"""The home of CP-SAT: sites to groups of even load, and visits to days of even load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

_GAP = 0.005
_EFFORT_PER_CHOICE = 3e-4  # Porto: 600 sites to 10 workers in 2 s, 60 sites over 8 weeks in 1 s
_LEAST_EFFORT, _MOST_EFFORT = 0.05, 5.0
_LOAD_UNIT_S = 60
_BAND_PRICE = 50  # a minute outside the band, in seconds of travel


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Items to be put into groups.

    Parameters
    ----------
    costs
        By item, what each group it may be in costs.
    loads_s
        By item.
    targets_s
        By group, what its items should weigh together.
    band
        By how much of its target a group may differ for nothing.
    """

    costs: Sequence[Mapping[int, int]]
    loads_s: Sequence[int]
    targets_s: Sequence[int]
    band: float


def group_evenly(grouping: Grouping, *, seed: int) -> list[int]:
    """Return the group of every item; all have at least one they may be in.

    Where CP-SAT finds nothing within its effort, each is in its cheapest.

    Notes
    -----
    The effort is counted, not timed, and grows with the choices: the same input gives the same groups.
    """
    model = cp_model.CpModel()
    chosen = [{group: model.new_bool_var("") for group in costs} for costs in grouping.costs]
    for choice in chosen:
        model.add_exactly_one(choice.values())
    terms: list[cp_model.LinearExprT] = [
        costs[group] * is_in
        for costs, choice in zip(grouping.costs, chosen, strict=True)
        for group, is_in in choice.items()
    ]
    for group, target_s in enumerate(grouping.targets_s):
        load = sum(
            round(load_s / _LOAD_UNIT_S) * choice[group]
            for load_s, choice in zip(grouping.loads_s, chosen, strict=True)
            if group in choice
        )
        terms.append(_BAND_PRICE * _excess(model, load, target_s, grouping.band))
    model.minimize(sum(terms))
    solver, is_solved = _solve(model, choice_count=sum(map(len, chosen)), seed=seed)
    if not is_solved:
        return [min(costs, key=costs.__getitem__) for costs in grouping.costs]
    return [next(group for group, is_in in choice.items() if solver.boolean_value(is_in)) for choice in chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """An item that is to be visited on some days.

    Parameters
    ----------
    costs
        What a visit costs on each day it may be on.
    load_s
        Of one visit.
    counts
        (first day, last day, least, most): visits between two days, both ended included.
    at_most_one, at_least_one
        Spans of days, both ends included. The latter are asked for when there is a visit on the day before its span,
        or always where that day is given as None.
    """

    costs: Mapping[int, int]
    load_s: int
    counts: Sequence[tuple[int, int, int, int]]
    at_most_one: Sequence[tuple[int, int]]
    at_least_one: Sequence[tuple[int | None, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Items to be spread over days: each day and each week should weigh its target, for nothing within a band."""

    items: Sequence[Visited]
    day_targets_s: Mapping[int, int]
    day_band: float
    week_band: float


def spread_visits(spread: Spread, *, seed: int) -> list[list[int]] | None:
    """Return the days of every item, ascending; None when no way was found within the effort.

    Notes
    -----
    Every constraint of an item covers consecutive days, so that its matrix is totally unimodular but for the
    implications: what is hard is only how loads add up.
    """
    model = cp_model.CpModel()
    visited = [_visits(model, item) for item in spread.items]
    terms: list[cp_model.LinearExprT] = [
        cost * is_on[day]
        for item, is_on in zip(spread.items, visited, strict=True)
        for day, cost in item.costs.items()
        if cost
    ]
    loads = {
        day: sum(
            round(item.load_s / _LOAD_UNIT_S) * is_on[day]
            for item, is_on in zip(spread.items, visited, strict=True)
            if day in is_on
        )
        for day in spread.day_targets_s
    }
    for days, band in _even_spans(spread):
        target_s = sum(spread.day_targets_s[day] for day in days)
        terms.append(_BAND_PRICE * _excess(model, sum(loads[day] for day in days), target_s, band))
    model.minimize(sum(terms))
    solver, is_solved = _solve(model, choice_count=sum(map(len, visited)), seed=seed)
    if not is_solved:
        return None
    return [[day for day, is_on in sorted(days.items()) if solver.boolean_value(is_on)] for days in visited]


def _even_spans(spread: Spread) -> list[tuple[list[int], float]]:
    weeks: dict[int, list[int]] = {}
    for day in spread.day_targets_s:
        weeks.setdefault(day // 7, []).append(day)
    return [
        *(([day], spread.day_band) for day in spread.day_targets_s),
        *((w, spread.week_band) for w in weeks.values()),
    ]


def _visits(model: cp_model.CpModel, item: Visited) -> dict[int, cp_model.IntVar]:
    is_on = {day: model.new_bool_var("") for day in item.costs}

    def between(first: int, last: int) -> list[cp_model.IntVar]:
        return [var for day, var in is_on.items() if first <= day <= last]

    for first, last, least, most in item.counts:
        model.add_linear_constraint(sum(between(first, last)), least, most)
    for first, last in item.at_most_one:
        model.add_at_most_one(between(first, last))
    for trigger, first, last in item.at_least_one:
        model.add_bool_or(between(first, last) if trigger is None else [*between(first, last), ~is_on[trigger]])
    return is_on


def _excess(model: cp_model.CpModel, load: cp_model.LinearExprT, target_s: int, band: float) -> cp_model.IntVar:
    """Return by how many minutes a load is outside its band, at least."""
    target, slack = target_s / _LOAD_UNIT_S, band * target_s / _LOAD_UNIT_S
    excess = model.new_int_var(0, 10**7, "")
    model.add(load <= int(target + slack) + excess)
    model.add(load >= int(target - slack) + 1 - excess)
    return excess


def _solve(model: cp_model.CpModel, *, choice_count: int, seed: int) -> tuple[cp_model.CpSolver, bool]:
    """Return the solver after its search, and whether it has found anything."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = min(_MOST_EFFORT, max(_LEAST_EFFORT, _EFFORT_PER_CHOICE * choice_count))
    solver.parameters.relative_gap_limit = _GAP
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    return solver, status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
