"""What is wrong with a plan of a plain day, by trying every leg for the break and walking the route: a second opinion.

Nothing of `geo_engine` is used.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from support.plain_days import Crew, Orders, PlainDay


def wrong_with(day: PlainDay, orders: Orders) -> list[str]:
    """Return every rule that a plan breaks, in words; stops left out are wrong where all are due."""
    seen = Counter(index for order in orders.values() for index in order)
    wrong = [f"stop {index} is visited {count} times" for index, count in seen.items() if count > 1]
    wrong += [f"stop {index} is unknown" for index in seen if not 0 <= index < len(day.stops)]
    wrong += [f"crew {number} is unknown" for number in orders if not 0 <= number < len(day.crews)]
    if wrong:
        return wrong
    for number, order in orders.items():
        if order:
            wrong += [f"crew {number}: {words}" for words in _wrong_route(day, day.crews[number], order)]
    if day.is_all_due and day.left_out(orders):
        wrong.append(f"{len(day.left_out(orders))} stops are left out")
    return wrong


def travel_s(day: PlainDay, orders: Orders) -> int:
    """Return the travel seconds of all routes."""
    routes = [_places(day.crews[number], order) for number, order in orders.items() if order]
    return sum(int(day.durations_s[one, other]) for places in routes for one, other in pairwise(places))


def _places(crew: Crew, order: Sequence[int]) -> list[int]:
    return [crew.start, *order, crew.start]


def _wrong_route(day: PlainDay, crew: Crew, order: Sequence[int]) -> Iterator[str]:
    stops = [day.stops[index] for index in order]
    for index, stop in zip(order, stops, strict=True):
        if set(stop.skills) - set(crew.skills):
            yield f"lacks a skill for stop {index}"
    if crew.capacity is not None and sum(stop.amount for stop in stops) > crew.capacity:
        yield "carries too much"
    if any(day.durations_s[one, other] < 0 for one, other in pairwise(_places(crew, order))):
        yield "drives where there is no path"
    if not _is_in_time(day, crew, order):
        yield "cannot keep its windows, break and shift"


def _is_in_time(day: PlainDay, crew: Crew, order: Sequence[int]) -> bool:
    opens_s, closes_s = crew.span_s
    if crew.rest is None:
        ends_s = _walk(day, crew, order, opens_s, None)
        return ends_s is not None and ends_s <= closes_s
    latest_s = crew.rest[2]
    early_s = _walk(day, crew, order, opens_s, None)
    if early_s is not None and early_s <= min(latest_s, closes_s):
        return True
    late_s = _walk(day, crew, order, max(opens_s, latest_s + 1), None)
    if late_s is not None and late_s <= closes_s:
        return True
    tried = (_walk(day, crew, order, opens_s, leg) for leg in range(len(order) + 1))
    return any(ends_s is not None and ends_s <= closes_s for ends_s in tried)


def _walk(day: PlainDay, crew: Crew, order: Sequence[int], leaves_s: int, rests_on: int | None) -> int | None:
    """Return when the route ends at the earliest with its break on one leg; None when something comes too late."""
    now_s = leaves_s
    for leg, (one, other) in enumerate(pairwise(_places(crew, order))):
        arrives_s = now_s + int(day.durations_s[one, other])
        if leg == rests_on and crew.rest is not None:
            duration_s, earliest_s, latest_s = crew.rest
            begins_s = max(now_s, earliest_s)
            if begins_s > latest_s:
                return None
            arrives_s = max(arrives_s, begins_s) + duration_s
        if leg == len(order):
            return arrives_s
        stop = day.stops[other]
        begins = [max(arrives_s, earliest_s) for earliest_s, latest_s in stop.windows if arrives_s <= latest_s]
        if stop.windows and not begins:
            return None
        now_s = min(begins, default=arrives_s) + stop.service_s
    raise AssertionError
