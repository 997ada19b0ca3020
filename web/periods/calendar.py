"""A period as a table: a row a worker, a column a day; and what it covers, a row a level, a column a week."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from geo_engine.ids import WorkerId
from geo_engine.planning.periods.model import Coverage
from geo_engine.planning.periods.service import PeriodCalendar
from geo_engine.planning.travel.learned import LearnedTravel
from geo_engine.tenancy.speeds import FULL, HourPercents
from geo_engine.travel_modes import MODE_WORDS, TravelMode
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """How many visits a worker has on each day, who may be off; and on which days each of the worker's sites."""

    name: str
    counts: tuple[int, ...]
    is_off: tuple[bool, ...]
    total: int
    sites: tuple[tuple[str, tuple[date, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """What is covered of a level by week; None where nothing is due."""

    level: str
    weeks: tuple[Coverage | None, ...]
    due: int
    covered: int


def shown_days(calendar: PeriodCalendar) -> tuple[date, ...]:
    """Return the days of a period on which anybody works or a visit is planned, in order."""
    ask, planned = calendar.period.ask, {visit.planned_on for visit in calendar.visits}
    days = [ask.first_on + timedelta(days=day) for day in range(7 * ask.week_count)]
    return tuple(day for day in days if day in planned or day.isoweekday() in ask.workdays)


def worker_rows(calendar: PeriodCalendar, days: Sequence[date]) -> list[WorkerRow]:
    """Return a row for each worker with a visit or a day off, by name."""
    counts: Counter[tuple[WorkerId, date]] = Counter()
    sites: dict[WorkerId, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for visit in calendar.visits:
        counts[visit.worker_id, visit.planned_on] += 1
        sites[visit.worker_id][calendar.sites.get(visit.site_id, visit.site_id)].append(visit.planned_on)
    off = calendar.period.ask.days_off
    rows = [
        WorkerRow(
            name=calendar.workers.get(worker, worker),
            counts=tuple(counts[worker, day] for day in days),
            is_off=tuple(day in off.get(worker, ()) for day in days),
            total=sum(counts[worker, day] for day in days),
            sites=tuple((name, tuple(on)) for name, on in sorted(sites[worker].items())),
        )
        for worker in {*sites, *off}
    ]
    return sorted(rows, key=lambda row: row.name)


def level_rows(calendar: PeriodCalendar) -> list[LevelRow]:
    """Return a row for each level of the forecast."""
    forecast = calendar.period.forecast
    by_level: dict[str, dict[int, Coverage]] = defaultdict(dict)
    for one in () if forecast is None else forecast.coverage:
        by_level[one.level][one.week] = one
    weeks = range(1, calendar.period.ask.week_count + 1)
    return [
        LevelRow(
            level=level,
            weeks=tuple(of.get(week) for week in weeks),
            due=sum(one.due_count for one in of.values()),
            covered=sum(one.made_count + one.planned_count for one in of.values()),
        )
        for level, of in sorted(by_level.items())
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFacts:
    """What a period was planned with beside what was given.

    Parameters
    ----------
    count
        How many visits take what was learned.
    service_s, given_s
        How long all visits take, and would as given.
    """

    count: int
    service_s: int
    given_s: int
    travel: LearnedTravel | None


def learned_facts(calendar: PeriodCalendar) -> LearnedFacts | None:
    """Return what a period was planned with; None where that is what was given."""
    forecast = calendar.period.forecast
    if forecast is None or forecast.learned is None:
        return None
    services = forecast.learned.services
    used = [services[visit.site_id] for visit in calendar.visits if visit.site_id in services]
    if not used and forecast.learned.travel is None:
        return None
    return LearnedFacts(
        count=len(used),
        service_s=forecast.service_s,
        given_s=forecast.service_s + sum(one.given_s - one.service_s for one in used),
        travel=forecast.learned.travel,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRun:
    """Hours of the day at one speed, in per cent of the roads'."""

    from_hour: int
    until_hour: int
    percent: int


def spoken_speeds(calendar: PeriodCalendar) -> list[tuple[Message, list[SpeedRun]]]:
    """Return, by way of travelling, the hours at which a period was planned with other speeds than the roads'."""
    forecast = calendar.period.forecast
    found = {} if forecast is None else {mode: list(_runs(percents)) for mode, percents in forecast.speeds.items()}
    return [(MODE_WORDS[TravelMode(mode)], runs) for mode, runs in found.items() if runs]


def _runs(percents: HourPercents) -> Iterator[SpeedRun]:
    hour = 0
    for percent, alike in groupby(percents):
        until = hour + len(list(alike))
        if percent != FULL:
            yield SpeedRun(from_hour=hour, until_hour=until, percent=percent)
        hour = until
