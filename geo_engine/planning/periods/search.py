"""Moving patterns of days, judged on real routes: sites near each other leave their days and come back on better ones.

Ruin and recreate as Schrimpf et al. (2000) have it, the recreation of a site being exact: its cheapest pattern is the
cheapest way through the graph of patterns, given where all other sites are.
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.periods.demand import Demand
from geo_engine.planning.periods.model import PeriodParams
from geo_engine.planning.periods.patterns import NEVER, Pattern, cheapest
from geo_engine.planning.periods.tours import DayRoute, Tours

_NEIGHBOURS = 24
_MOST_TAKEN = 8
_WORKERS_TRIED = 3
_UNEVEN_SHARE = 0.3  # of the rounds begin where days are least even
_LOOKS = 6
_HOT_S, _COLD_S = 120.0, 4.0
_RETARGET_ROUNDS = 200

OnRound = Callable[[float, float], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """By whom and on which days a site is visited, and what is missed or late of it, priced."""

    worker: int
    days: tuple[int, ...]
    price: float


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What makes a day or a worker dearer for a site than its way.

    Parameters
    ----------
    able
        Per site, the workers who may visit it and can reach it.
    kept
        Per site, the days of the earlier plan by worker.
    preferred
        Per site, the worker its rule prefers; None is no matter.
    held
        Per site, the worker it has so far or its rule prefers; None is free.
    """

    able: Sequence[frozenset[int]]
    kept: Sequence[Mapping[int, frozenset[int]]]
    preferred: Sequence[int | None]
    held: Sequence[int | None]


@dataclass(slots=True)
class _Undo:
    placements: dict[int, Placement] = field(default_factory=dict)
    routes: dict[int, DayRoute] = field(default_factory=dict)


class PatternSearch:
    """Every site's days and worker, and how they are improved.

    Parameters
    ----------
    ways_s
        Travel between sites, both ways together halved; shape (sites, sites).
    """

    def __init__(
        self,
        tours: Tours,
        demands: Sequence[Demand],
        wishes: Wishes,
        ways_s: NDArray[np.int64],
        params: PeriodParams,
    ) -> None:
        self.tours = tours
        self.placements = [Placement(worker=-1, days=(), price=0.0) for _ in demands]
        self._demands = demands
        self._wishes = wishes
        self._params = params
        self._chance = random.Random(params.seed)  # noqa: S311 - no secret
        nearest: list[list[int]] = np.argsort(ways_s, axis=1, kind="stable")[:, : _NEIGHBOURS + 1].tolist()
        # Not by its place in the order: others may be at the very same place.
        self._near = [[other for other in row if other != site][:_NEIGHBOURS] for site, row in enumerate(nearest)]
        self._undo = _Undo()

    def place(self, site: int, worker: int, days: Sequence[int]) -> None:
        """Put a site on days of a worker as given, as far as its visits fit there; else where they fit best."""
        if not all(self.tours.insert(site, worker, day) for day in days):
            for day in days:
                if site in self.tours.order(worker, day):
                    self.tours.remove(site, worker, day)
            self._recreate(site, [worker])
            return
        self.placements[site] = Placement(worker=worker, days=tuple(days), price=self.wish_price(site, worker, days))

    @property
    def kept_count(self) -> int:
        """Return how many visits of the earlier plan are on their day, by their worker."""
        return sum(
            site in self.tours.order(worker, day)
            for site, by_worker in enumerate(self._wishes.kept)
            for worker, days in by_worker.items()
            for day in days
        )

    def day_costs(self, site: int, worker: int, days: Sequence[int] | None = None) -> list[float]:
        """Return, by day of the period, what a visit would cost, what is wished included; `NEVER` where none can be.

        Parameters
        ----------
        days
            Those that are looked at, `NEVER` being on all others; None are all that the site's rule allows.
        """
        days = self._demands[site].beat.days if days is None else days
        able = worker in self._wishes.able[site]
        costs = self.tours.day_costs(site, worker, days) if able else [NEVER] * self.tours.day_count
        wish = self._price_of_worker(site, worker)
        kept = self._kept_days(site, worker)
        for day in days:
            costs[day] += wish - self._params.keep_s * (day in kept)
        return costs

    def wish_price(self, site: int, worker: int, days: Sequence[int]) -> float:
        """Return what visits by a worker cost beside their way, in seconds of travel; less than nothing is saved."""
        kept = self._kept_days(site, worker)
        saved = self._params.keep_s * sum(day in kept for day in days)
        return float(self._price_of_worker(site, worker) * len(days) - saved)

    def improve(self, *, on_round: OnRound | None, should_stop: ShouldStop | None) -> float:
        """Move patterns until the time or the rounds are over; keep the best and return its cost.

        Notes
        -----
        Simulated annealing; a round is about as dear as ten sites' graphs and routes.
        """
        if not self._demands:
            return 0.0
        clock = _Clock(self._params)
        self.tours.set_targets()
        cost = self._cost()
        best, best_cost = list(self.placements), cost
        best_routes = list(self.tours.routes)
        while clock.goes_on() and not (should_stop is not None and should_stop()):
            if clock.round_count % _RETARGET_ROUNDS == 0:
                cost, best_cost = self._retarget(best, best_routes)
                if on_round is not None:
                    on_round(clock.share, best_cost)
            changed = self._try(cost, clock.temperature_s(self._chance))
            cost = cost if changed is None else changed
            if cost < best_cost - 1e-6:
                best, best_cost, best_routes = list(self.placements), cost, list(self.tours.routes)
        self._return_to(best, best_routes)
        return best_cost

    def _retarget(self, best: list[Placement], best_routes: list[DayRoute]) -> tuple[float, float]:
        """Aim at the mean of the best plan, and return what the present one and the best one cost by that."""
        present, routes = list(self.placements), list(self.tours.routes)
        self._return_to(best, best_routes)
        self.tours.set_targets()
        best_cost = self._cost()
        self._return_to(present, routes)
        return self._cost(), best_cost

    def _return_to(self, placements: Sequence[Placement], routes: Sequence[DayRoute]) -> None:
        self.placements = list(placements)
        self.tours.return_to(routes)

    def _cost(self) -> float:
        return self.tours.cost() + sum(placement.price for placement in self.placements)

    def _try(self, cost: float, threshold_s: float) -> float | None:
        """Take some sites out and put them back; return the new cost, None when it is no use and all is as before."""
        self._undo = _Undo()
        taken = self._taken()
        for site in taken:
            self._take_out(site)
        self._chance.shuffle(taken)
        for site in taken:
            self._recreate(site, self._workers_near(site))
        changed = cost + self._difference()
        if changed < cost + threshold_s:
            return changed
        for cell, route in self._undo.routes.items():
            self.tours.put_back(cell, route)
        for site, placement in self._undo.placements.items():
            self.placements[site] = placement
        return None

    def _difference(self) -> float:
        """Return what the cells, weeks and sites that were touched cost more than before."""
        tours, undo = self.tours, self._undo
        now = {cell: tours.routes[cell] for cell in undo.routes}
        after = self._touched_cost()
        for cell, route in undo.routes.items():
            tours.put_back(cell, route)
        before = self._touched_cost()
        for cell, route in now.items():
            tours.put_back(cell, route)
        prices = sum(self.placements[site].price - old.price for site, old in undo.placements.items())
        return after - before + prices

    def _touched_cost(self) -> float:
        tours = self.tours
        weeks = {(cell // tours.day_count, cell % tours.day_count // 7) for cell in self._undo.routes}
        return sum(map(tours.cell_cost, self._undo.routes)) + sum(tours.week_cost(*week) for week in weeks)

    def _taken(self) -> list[int]:
        """Choose sites near each other, around a visit of an uneven day or anywhere."""
        chance = self._chance
        count = chance.randint(1, _MOST_TAKEN)
        if chance.random() < _UNEVEN_SHARE:
            seed = self._uneven_site()
            if seed is not None:
                return [seed, *chance.sample(self._near[seed], min(count - 1, len(self._near[seed])))]
        seed = chance.randrange(len(self._demands))
        near = self._near[seed]
        return [seed, *near[: chance.randint(0, min(count, len(near)))]]

    def _uneven_site(self) -> int | None:
        tours, chance = self.tours, self._chance
        cells = [chance.randrange(len(tours.routes)) for _ in range(_LOOKS)]
        filled = [cell for cell in cells if tours.routes[cell].order]
        if not filled:
            return None
        worst = max(filled, key=lambda cell: abs(tours.routes[cell].working_s - tours.day_target_s))
        return chance.choice(tours.routes[worst].order)

    def _workers_near(self, site: int) -> list[int]:
        """List the worker of a site and those of the sites around it, as far as they may go there."""
        placed = [self.placements[other].worker for other in self._near[site]]
        own = self._undo.placements[site].worker
        known = dict.fromkeys([own, *placed])
        return [worker for worker in known if worker in self._wishes.able[site]][:_WORKERS_TRIED]

    def _take_out(self, site: int) -> None:
        placement = self.placements[site]
        self._undo.placements.setdefault(site, placement)
        for day in placement.days:
            self._remember(placement.worker, day)
            self.tours.remove(site, placement.worker, day)
        self.placements[site] = Placement(worker=-1, days=(), price=0.0)

    def _remember(self, worker: int, day: int) -> None:
        cell = worker * self.tours.day_count + day
        self._undo.routes.setdefault(cell, self.tours.routes[cell])

    def _recreate(self, site: int, workers: Sequence[int]) -> None:
        """Give a site its cheapest pattern with the best of some workers; days that turn out too full are left out."""
        full: set[tuple[int, int]] = set()
        while True:
            found = [(self._pattern(site, worker, full), worker) for worker in workers or [0]]
            pattern, worker = min(found, key=lambda option: option[0].cost)
            failed = self._insert(site, worker, pattern.days)
            if failed is None:
                break
            full.add((worker, failed))
        price = pattern.penalty + self.wish_price(site, worker, pattern.days)
        self.placements[site] = Placement(worker=worker, days=pattern.days, price=price)

    def _pattern(self, site: int, worker: int, full: set[tuple[int, int]]) -> Pattern:
        costs = self.day_costs(site, worker)
        for other, day in full:
            if other == worker:
                costs[day] = NEVER
        return cheapest(self._demands[site].beat, costs)

    def _insert(self, site: int, worker: int, days: Sequence[int]) -> int | None:
        """Insert visits; return a day on which it does not fit, having taken the others out again."""
        for number, day in enumerate(days):
            self._remember(worker, day)
            if not self.tours.insert(site, worker, day):
                for done in days[:number]:
                    self.tours.remove(site, worker, done)
                return day
        return None

    def _kept_days(self, site: int, worker: int) -> frozenset[int]:
        """Return the days on which the earlier plan has a worker visit a site."""
        return self._wishes.kept[site].get(worker, frozenset())

    def _price_of_worker(self, site: int, worker: int) -> int:
        preferred = self._wishes.preferred[site]
        return 0 if preferred is None or preferred == worker else self._params.preference_s


class _Clock:
    """How much of the search is over: by the clock, or by rounds."""

    def __init__(self, params: PeriodParams) -> None:
        self._params = params
        self._began_s = time.monotonic()
        self.round_count = -1
        self.share = 0.0

    def goes_on(self) -> bool:
        """Count a round, and return whether it may be made."""
        self.round_count += 1
        limit = self._params.round_limit
        if limit is None:
            self.share = (time.monotonic() - self._began_s) / max(self._params.search_s, 1e-9)
        else:
            self.share = self.round_count / max(limit, 1)
        return self.share < 1.0

    def temperature_s(self, chance: random.Random) -> float:
        """Return by how much dearer the next plan may be: less and less, by chance as Metropolis has it."""
        heat_s: float = _HOT_S * (_COLD_S / _HOT_S) ** self.share
        return -heat_s * math.log(max(chance.random(), 1e-12))
