"""What is due: each site's rule laid over the days of a period, after what was already made."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from geo_engine.customers import Site
from geo_engine.ids import SiteId
from geo_engine.planning.periods.model import PeriodRequest, VisitingRule
from geo_engine.planning.periods.patterns import Beat, Cycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A site that is due, by which rule, and what is left of it to plan.

    Parameters
    ----------
    made_days
        Visits already made within the period, in days from its first.
    carried
        Per cycle that is over and lacks visits: its last day, and how many the next one has to make up for.
    """

    site: Site
    rule: VisitingRule
    beat: Beat
    made_days: tuple[int, ...]
    carried: tuple[tuple[int, int], ...]

    @property
    def level(self) -> str:
        """Under which level it is counted."""
        return self.rule.level or self.site.level


def day_count(request: PeriodRequest) -> int:
    """Return how many days the period has."""
    return 7 * request.week_count


def day_number(request: PeriodRequest, on: date) -> int:
    """Return how many days a date lies after the period's first."""
    return (on - request.first_on).days


def date_of(request: PeriodRequest, day: int) -> date:
    """Return the date so many days after the period's first."""
    return request.first_on + timedelta(days=day)


def first_open_day(request: PeriodRequest) -> int:
    """Return the first day that is still to be planned."""
    return 0 if request.today_on is None else max(0, day_number(request, request.today_on))


def is_worked(request: PeriodRequest, on: date) -> bool:
    """Return whether anybody works on a date."""
    return on.isoweekday() in request.workdays and on not in request.holidays


def rule_of(request: PeriodRequest) -> Mapping[SiteId, VisitingRule]:
    """Return the rule of each site that has one: its own, else its level's."""
    own = {rule.site_id: rule for rule in request.rules if rule.site_id is not None}
    levels = {rule.level: rule for rule in request.rules if rule.site_id is None}
    found = {site.id: own.get(site.id) or levels.get(site.level) for site in request.sites}
    return {site_id: rule for site_id, rule in found.items() if rule is not None}


def demands_of(request: PeriodRequest) -> list[Demand]:
    """Return what is due of every site with a rule, in the order of the sites.

    Notes
    -----
    O(sites × days); sites of a rule with the same past share one beat, and so its graph of patterns.
    """
    rules, made = rule_of(request), defaultdict[SiteId, list[int]](list)
    today = first_open_day(request)
    for visit in request.made:
        day = day_number(request, visit.visited_on)
        if day < today:
            made[visit.site_id].append(day)
    beats: dict[Beat, Beat] = {}
    found = []
    for site in request.sites:
        if site.id in rules:
            demand = _demand(request, site, rules[site.id], sorted(set(made[site.id])))
            found.append(
                demand if beats.setdefault(demand.beat, demand.beat) is demand.beat else _shared(demand, beats)
            )
    return found


def _shared(demand: Demand, beats: Mapping[Beat, Beat]) -> Demand:
    return Demand(
        site=demand.site,
        rule=demand.rule,
        beat=beats[demand.beat],
        made_days=demand.made_days,
        carried=demand.carried,
    )


def _demand(request: PeriodRequest, site: Site, rule: VisitingRule, made: list[int]) -> Demand:
    today = first_open_day(request)
    cycles, carried = _cycles(request, rule, made)
    days = tuple(day for day in range(today, day_count(request)) if _is_open(request, rule, day))
    last = made[-1] if made else None
    return Demand(
        site=site,
        rule=rule,
        beat=Beat(
            days=days if last is None else days[bisect_left(days, last + rule.min_gap_days) :],
            min_gap=rule.min_gap_days,
            max_gap=rule.max_gap_days,
            last=last,
            cycles=cycles,
            next_day=_next_day(request, rule),
        ),
        made_days=tuple(day for day in made if day >= 0),
        carried=carried,
    )


def _is_open(request: PeriodRequest, rule: VisitingRule, day: int) -> bool:
    on = date_of(request, day)
    return is_worked(request, on) and on.isoweekday() in rule.weekdays and on not in rule.closed_on


def _next_day(request: PeriodRequest, rule: VisitingRule) -> int:
    """Return the first day after the period on which the site could be visited; that after it when there is none."""
    count = day_count(request)
    return next((day for day in range(count, count + 366) if _is_open(request, rule, day)), count)


def _cycles(
    request: PeriodRequest, rule: VisitingRule, made: list[int]
) -> tuple[tuple[Cycle, ...], tuple[tuple[int, int], ...]]:
    """Return the cycles that are not over, and what those that are lack."""
    today = first_open_day(request)
    cycles, carried, owed = [], [], 0
    for first, last, least, most in _spans(request, rule):
        done = sum(first <= day <= last for day in made)
        if last < today:
            owed = min(rule.visits, max(0, least + owed - done))
            if owed:
                carried.append((last, owed))
        else:
            due, at_most = max(0, least + owed - done), max(0, max(most, least + owed) - done)
            cycles.append(Cycle(first=first, last=last, due=due, most=at_most))
            owed = 0
    return tuple(cycles), tuple(carried)


def _spans(request: PeriodRequest, rule: VisitingRule) -> Iterator[tuple[int, int, int, int]]:
    """Give first day, last day, least and most visits of each cycle; one that the period cuts off has its share."""
    for week in range(0, request.week_count, rule.weeks):
        weeks = min(rule.weeks, request.week_count - week)
        least, most = rule.visits * weeks // rule.weeks, -(-rule.visits * weeks // rule.weeks)
        yield 7 * week, 7 * (week + weeks) - 1, least, most
