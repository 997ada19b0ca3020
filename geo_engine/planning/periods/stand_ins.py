"""Who stands in for a worker who is off: another who may, for those visits alone that would be missed or late."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from geo_engine.planning.periods.demand import Demand
from geo_engine.planning.periods.patterns import NEVER, Beat, cheapest, late_days
from geo_engine.planning.periods.search import PatternSearch, ShouldStop, Wishes
from geo_engine.planning.periods.tours import Tours

type Goes = dict[int, int]


def stand_in(
    search: PatternSearch,
    demands: Sequence[Demand],
    wishes: Wishes,
    off: Sequence[frozenset[int]],
    *,
    should_stop: ShouldStop | None = None,
) -> None:
    """Put visits that would be missed or late on days of other workers; what is neither stays where the search has it.

    A site keeps its worker: another goes only on days on which that one is off. Where the search moved it whole because
    of a leave, it goes back to whom it was held by, if that costs less and neither misses more nor is later.

    Parameters
    ----------
    off
        Per worker, the days that a leave alone keeps free.
    should_stop
        Asked before each site; once it is true the rest stays as it is.

    Notes
    -----
    The site's cheapest pattern anew, with the days of the others as well: spacing and counts are those of its rule, and
    a route that would break a limit is no place. A site takes O(workers × its days) places on routes, and a pattern
    anew for each day of a worker that turns out too full.
    """
    for site, demand in enumerate(demands):
        if should_stop is not None and should_stop():
            return
        placed, held, able = search.placements[site], wishes.held[site], wishes.able[site]
        owners = dict.fromkeys([held, placed.worker]) if held is not None and off[held] else {placed.worker: None}
        for own in owners:
            is_tried = own != placed.worker or _breach(demand.beat, placed.days) != _KEPT
            if own in able and is_tried:
                days = off[own].intersection(demand.beat.days)
                if _give(search, site, demand.beat, own, search.tours.open_days(able - {own}, days)):
                    break


def _give(search: PatternSearch, site: int, beat: Beat, own: int, others: Mapping[int, Sequence[int]]) -> bool:
    """Give a site to a worker, and to others on days on which that is off; return whether it is better so."""
    tours, placed = search.tours, search.placements[site]
    before, cost = list(tours.routes), tours.cost() + search.wish_price(site, placed.worker, placed.days)
    for day in placed.days:
        tours.remove(site, placed.worker, day)
    goes = _alone_or_with(search, site, beat, own, others)
    found, known = _breach(beat, tuple(goes)), _breach(beat, placed.days)
    price = sum(search.wish_price(site, worker, [day]) for day, worker in goes.items())
    is_less = found < known or (found == known and own != placed.worker and tours.cost() + price < cost)
    if is_less:
        search.placements[site] = replace(placed, worker=own, days=tuple(goes), price=price)
    else:
        tours.return_to(before)
    return is_less


def _alone_or_with(search: PatternSearch, site: int, beat: Beat, own: int, others: Mapping[int, Sequence[int]]) -> Goes:
    """Insert a site's visits by its worker alone, or with others where that leaves less missed or late."""
    tours, empty = search.tours, list(search.tours.routes)
    alone = _insert_cheapest(tours, site, beat, {own: search.day_costs(site, own)})
    if not others or _breach(beat, tuple(alone)) == _KEPT:
        return alone
    routes = list(tours.routes)
    tours.return_to(empty)
    costs = {own: search.day_costs(site, own)}
    costs |= {other: search.day_costs(site, other, days) for other, days in others.items()}
    both = _insert_cheapest(tours, site, beat, costs)
    if _breach(beat, tuple(both)) < _breach(beat, tuple(alone)):
        return both
    tours.return_to(routes)
    return alone


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
        for day, worker in goes.items():
            tours.remove(site, worker, day)


_KEPT = (0, 0)


def _breach(beat: Beat, days: Sequence[int]) -> tuple[int, int]:
    """Return how many due visits are not on these days, and by how many days the others and the next are late."""
    late = sum((beat.next_day if day is None else day) - by for by, day in late_days(beat, days))
    return sum(cycle.lack(days) for cycle in beat.cycles), late
