"""A period as a table: a row a worker, a column a day; and what it covers, a row a level, a column a week."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from geo_engine.ids import WorkerId
from geo_engine.planning.periods.model import Coverage
from geo_engine.planning.periods.service import PeriodCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """How many visits a worker has on each day; and on which days each of the worker's sites."""

    name: str
    counts: tuple[int, ...]
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
    """Return a row for each worker with a visit, by name."""
    counts: Counter[tuple[WorkerId, date]] = Counter()
    sites: dict[WorkerId, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for visit in calendar.visits:
        counts[visit.worker_id, visit.planned_on] += 1
        sites[visit.worker_id][calendar.sites.get(visit.site_id, visit.site_id)].append(visit.planned_on)
    rows = [
        WorkerRow(
            name=calendar.workers.get(worker, worker),
            counts=tuple(counts[worker, day] for day in days),
            total=sum(counts[worker, day] for day in days),
            sites=tuple((name, tuple(on)) for name, on in sorted(own.items())),
        )
        for worker, own in sites.items()
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
