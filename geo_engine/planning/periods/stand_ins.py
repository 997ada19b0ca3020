"""Who stands in for a worker who is off: another who may, for those visits alone that would be missed."""

from collections.abc import Mapping, Sequence

from geo_engine.planning.periods.demand import Demand
from geo_engine.planning.periods.patterns import NEVER, Beat, cheapest
from geo_engine.planning.periods.search import PatternSearch
from geo_engine.planning.periods.tours import Tours

type Goes = dict[int, int]


def stand_in(
    search: PatternSearch,
    demands: Sequence[Demand],
    able: Sequence[frozenset[int]],
    off: Sequence[frozenset[int]],
) -> None:
    """Put visits that would be missed on days of other workers; what is not missed stays where the search has it.

    A site keeps its worker: another goes only on days on which that one is off.

    Parameters
    ----------
    able
        Per site, the workers who may visit it and can reach it.
    off
        Per worker, the days that a leave alone keeps free.

    Notes
    -----
    The site's cheapest pattern anew, with the days of the others as well: spacing and counts are those of its rule, and
    a route that would break a limit is no place. O(workers × days) a site that lacks visits.
    """
    for site, (demand, placement) in enumerate(zip(demands, search.placements, strict=True)):
        others = able[site] - {placement.worker}
        if others and placement.worker in able[site] and _lack(demand.beat, placement.days):
            _cover(search, site, demand.beat, others, off[placement.worker])


def _cover(search: PatternSearch, site: int, beat: Beat, others: frozenset[int], off: frozenset[int]) -> None:
    tours, own = search.tours, search.placements[site]
    cells = [own.worker * tours.day_count + day for day in own.days]
    before = [tours.routes[cell] for cell in cells]
    for day in own.days:
        tours.remove(site, own.worker, day)
    costs = {own.worker: search.day_costs(site, own.worker)}
    for other in sorted(others):
        costs[other] = [cost if day in off else NEVER for day, cost in enumerate(search.day_costs(site, other))]
    goes = _insert_cheapest(tours, site, beat, costs)
    if _lack(beat, tuple(goes)) >= _lack(beat, own.days):
        _take_out(tours, site, goes)
        for cell, route in zip(cells, before, strict=True):
            tours.put_back(cell, route)


def _insert_cheapest(tours: Tours, site: int, beat: Beat, costs: Mapping[int, list[float]]) -> Goes:
    """Insert a site's cheapest pattern, each day with whoever is cheapest then; return who goes on which day.

    A day that turns out too full of whoever was to go is marked so in the costs, and another pattern taken.
    """
    while True:
        least = [min(of_day) for of_day in zip(*costs.values(), strict=True)]
        goes: Goes = {}
        for day in cheapest(beat, least).days:
            worker = next(one for one, own in costs.items() if own[day] == least[day])
            if not tours.insert(site, worker, day):
                costs[worker][day] = NEVER
                break
            goes[day] = worker
        else:
            return goes
        _take_out(tours, site, goes)


def _take_out(tours: Tours, site: int, goes: Goes) -> None:
    for day, worker in goes.items():
        tours.remove(site, worker, day)


def _lack(beat: Beat, days: Sequence[int]) -> int:
    return sum(cycle.lack(days) for cycle in beat.cycles)
