"""The first plan of a period: a territory for each worker, a corner of it for each weekday, days by CP-SAT."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.periods.clusters import Clusters, ClusterTask, cluster, spread_centres
from geo_engine.planning.periods.cp_sat import Spread, Visited, spread_visits
from geo_engine.planning.periods.demand import Demand
from geo_engine.planning.periods.model import PeriodParams
from geo_engine.planning.periods.patterns import NEVER, Beat, cheapest
from geo_engine.planning.periods.ways import usual_ways_s
from geo_engine.planning.problem import NO_PATH, Problem

_ROUNDS = 3
_NEXT_COUNT = 6
_FAR_S = 100_000
_TERRITORY_BAND, _WEEKDAY_BAND = 0.02, 0.08
_TIGHTER = 0.6  # of a band: travel is only estimated here


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a first plan is made from.

    Parameters
    ----------
    able
        Per site, the workers who may visit it and can reach it; sites without any are left out.
    held
        Per site, the worker it has so far or its rule prefers; None is free.
    kept
        Per site, the days of the earlier plan by worker.
    is_open
        Per worker and day, whether that day is worked and still to be planned.
    weekdays
        Per day of the period, 1 (Monday) to 7.
    ways_s
        Travel between sites, both ways together halved; shape (sites, sites).
    """

    problem: Problem
    demands: Sequence[Demand]
    able: Sequence[frozenset[int]]
    held: Sequence[int | None]
    kept: Sequence[Mapping[int, frozenset[int]]]
    is_open: Sequence[Sequence[bool]]
    weekdays: Sequence[int]
    ways_s: NDArray[np.int64]
    params: PeriodParams

    @property
    def visit_s(self) -> int:
        """Travel a visit takes, about: the way to one of the next few sites."""
        count = min(_NEXT_COUNT, len(self.ways_s) - 1)
        if count < 1:
            return 0
        return int(np.partition(self.ways_s, count, axis=1)[:, 1 : count + 1].mean())


def ways_between_sites(problem: Problem) -> NDArray[np.int64]:
    """Return travel between the jobs' places by the first mode, both ways together halved; far without a path."""
    count, usual_s = len(problem.jobs), usual_ways_s(problem)[problem.travel_class[0]]
    ways_s = np.where(usual_s == NO_PATH, _FAR_S, usual_s)[:count, :count]
    halved: NDArray[np.int64] = (ways_s + ways_s.T) // 2
    return halved


def find_territories(task: Beginning) -> list[int]:
    """Return the worker of each site, -1 where nobody is able: near sites together, even work for all.

    Notes
    -----
    Grown from the workers' own places, and from places far from each other; the better of both is taken.
    """
    sites = [site for site, able in enumerate(task.able) if able]
    found = [-1] * len(task.able)
    if not sites:
        return found
    clusters = _territories(task, sites)
    for site, worker in zip(sites, clusters.groups, strict=True):
        found[site] = worker
    return found


def _territories(task: Beginning, sites: Sequence[int]) -> Clusters:
    worker_count = len(task.is_open)
    hauls_s = _home_ways(task, sites)
    visits = np.array([max(1, task.demands[site].beat.due) for site in sites])
    open_days = np.array([sum(days) for days in task.is_open], dtype=np.float64)
    service_s = np.array([task.demands[site].site.service_s for site in sites])
    per_day = max(1.0, visits.sum() / max(1.0, open_days.sum()))
    clusters = ClusterTask(
        ways_s=task.ways_s[np.ix_(sites, sites)],
        weights=visits,
        loads_s=visits * (service_s + task.visit_s),
        allowed=[_held_or_able(task, site) for site in sites],
        extra_s=(hauls_s.T * visits[:, None] / per_day).astype(np.int64),
        shares=open_days / max(1.0, open_days.sum()),
        hauls_s=(2 * hauls_s * open_days[:, None]).astype(np.int64),
        band=_TERRITORY_BAND,
    )
    starts = [hauls_s.argmin(axis=1).tolist(), _nearest_homes(hauls_s, spread_centres(clusters, worker_count))]
    grown = [cluster(clusters, start, rounds=_ROUNDS, seed=task.params.seed) for start in starts]
    return min(grown, key=lambda one: one.cost)


def _held_or_able(task: Beginning, site: int) -> frozenset[int]:
    held = task.held[site]
    return frozenset({held}) if held is not None and held in task.able[site] else task.able[site]


def _home_ways(task: Beginning, sites: Sequence[int]) -> NDArray[np.int64]:
    """Return the mean way between each worker's start and each site, there and back; shape (workers, sites)."""
    problem = task.problem
    ways_s = [np.where(durations_s == NO_PATH, _FAR_S, durations_s) for durations_s in usual_ways_s(problem)]
    rows = []
    for travel, start, end in zip(problem.travel_class, problem.start_places, problem.end_places, strict=True):
        back = ways_s[travel][:, start if end is None else end]
        rows.append((ways_s[travel][start, sites] + back[sites]) // 2)
    halved: NDArray[np.int64] = np.array(rows)
    return halved


def _nearest_homes(hauls_s: NDArray[np.int64], centres: Sequence[int]) -> list[int]:
    """Return the centres in the order of the workers, each worker taking the nearest that is left."""
    left = list(centres)
    taken = []
    for worker in range(len(hauls_s)):
        nearest = min(left, key=lambda centre: (hauls_s[worker, centre], centre))
        left.remove(nearest)
        taken.append(nearest)
    return taken


def find_days(task: Beginning, territories: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the days of each site: each worker's alone, two workers at a time."""
    days: list[tuple[int, ...]] = [()] * len(territories)
    own = [[site for site, of in enumerate(territories) if of == worker] for worker in range(len(task.is_open))]
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = pool.map(lambda worker: _worker_days(task, worker, own[worker]), range(len(own)))
        for sites, worker_days in zip(own, found, strict=True):
            for site, site_days in zip(sites, worker_days, strict=True):
                days[site] = site_days
    return days


def _worker_days(task: Beginning, worker: int, sites: Sequence[int]) -> list[tuple[int, ...]]:
    open_days = [day for day, is_open in enumerate(task.is_open[worker]) if is_open]
    if not sites or not open_days:
        return [() for _ in sites]
    costs = _weekday_costs(task, sites, open_days)
    for number, site in enumerate(sites):
        for day in task.kept[site].get(worker, frozenset()):
            costs[number][day] -= task.params.keep_s
    loads_s = [task.demands[site].site.service_s + task.visit_s for site in sites]
    strict = [n for n, site in enumerate(sites) if task.demands[site].beat.strict.cheapest(costs[n]) is not None]
    visits = sum(task.demands[site].beat.due * load_s for site, load_s in zip(sites, loads_s, strict=True))
    spread = Spread(
        items=[_visited(task.demands[sites[n]].beat, costs[n], loads_s[n]) for n in strict],
        day_targets_s=dict.fromkeys(open_days, visits // len(open_days)),
        day_band=task.params.day_band * _TIGHTER,
        week_band=task.params.week_band * _TIGHTER,
    )
    found = spread_visits(spread, seed=task.params.seed) or []
    chosen = {n: tuple(days) for n, days in zip(strict, found, strict=bool(found))}
    return [
        chosen[n] if n in chosen else cheapest(task.demands[site].beat, costs[n]).days for n, site in enumerate(sites)
    ]


def _weekday_costs(task: Beginning, sites: Sequence[int], open_days: Sequence[int]) -> list[list[float]]:
    """Return, per site and day, the way to the middle of the weekday's corner; never on a day that is not worked."""
    weekdays = sorted({task.weekdays[day] for day in open_days})
    ways_s = task.ways_s[np.ix_(sites, sites)]
    middles = _weekday_middles(task, sites, weekdays) if len(sites) > len(weekdays) else range(len(sites))
    middle_of = {weekday: middles[number % len(middles)] for number, weekday in enumerate(weekdays)}
    costs = [[NEVER] * len(task.weekdays) for _ in sites]
    for day in open_days:
        for number in range(len(sites)):
            costs[number][day] = float(ways_s[middle_of[task.weekdays[day]], number])
    return costs


def _weekday_middles(task: Beginning, sites: Sequence[int], weekdays: Sequence[int]) -> Sequence[int]:
    visits = np.array([max(1, task.demands[site].beat.due) for site in sites])
    service_s = np.array([task.demands[site].site.service_s for site in sites])
    count = len(weekdays)
    allowed = [
        frozenset(n for n, weekday in enumerate(weekdays) if weekday in task.demands[site].rule.weekdays)
        or frozenset(range(count))
        for site in sites
    ]
    corners = ClusterTask(
        ways_s=task.ways_s[np.ix_(sites, sites)],
        weights=visits,
        loads_s=visits * (service_s + task.visit_s),
        allowed=allowed,
        extra_s=np.zeros((len(sites), count), dtype=np.int64),
        shares=np.full(count, 1 / count),
        hauls_s=np.zeros((count, len(sites)), dtype=np.int64),
        band=_WEEKDAY_BAND,
    )
    start = spread_centres(corners, count)
    return cluster(corners, start, rounds=_ROUNDS, seed=task.params.seed).centres


def _visited(beat: Beat, costs: Sequence[float], load_s: int) -> Visited:
    """State a beat that can be kept in terms of spans of days."""
    days = [day for day in beat.days if costs[day] != NEVER]
    asked = [(day, day + 1, day + beat.max_gap) for day in days if day + beat.max_gap < beat.next_day]
    by = None if beat.last is None else beat.last + beat.max_gap
    first = [] if by is None or by >= beat.next_day else [(None, by - beat.max_gap + 1, by)]
    return Visited(
        costs={day: round(costs[day]) for day in days},
        load_s=load_s,
        counts=[(cycle.first, cycle.last, cycle.due, cycle.most) for cycle in beat.cycles],
        at_most_one=[(day, day + beat.min_gap - 1) for day in days],
        at_least_one=[*asked, *first],
    )
