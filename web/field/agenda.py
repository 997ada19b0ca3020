"""A worker's day as the page shows it: stops and breaks by time, the way to the end, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from geo_engine.ids import JobId
from geo_engine.planning import PlannedBreak
from geo_engine.planning.changes.stops import StopChange
from geo_engine.planning.changes.unread import DayChange
from geo_engine.planning.versions.model import OrderedVisit, WorkerDay
from geo_engine.reports.waiting import waiting_s


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEntry:
    """A stop, how long its door stays closed after arrival, and how it changed, if it did."""

    stop: OrderedVisit
    waiting_s: int
    change: StopChange | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEntry:
    """A break, at its place between the stops."""

    rest: PlannedBreak


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What happens on a day, in order.

    Parameters
    ----------
    back_s, back_m
        The way from the last stop to the route's end.
    """

    day: WorkerDay
    entries: tuple[StopEntry | BreakEntry, ...]
    back_s: int
    back_m: int


def agenda_of(day: WorkerDay, change: DayChange | None) -> Agenda:
    """Return a day in the order of its times; a break stands before the stop that begins after it."""
    changes: Mapping[JobId, StopChange] = {one.stop.visit.job_id: one for one in (change.stops if change else ())}
    timed: list[tuple[datetime, int, StopEntry | BreakEntry]] = [
        (
            stop.visit.start_at,
            1,
            StopEntry(stop=stop, waiting_s=waiting_s(stop.visit, day.route), change=changes.get(stop.visit.job_id)),
        )
        for stop in day.ordered_visits
    ]
    timed.extend((rest.start_at, 0, BreakEntry(rest=rest)) for rest in day.route.breaks)
    visits = day.route.planned_visits
    return Agenda(
        day=day,
        entries=tuple(entry for _, _, entry in sorted(timed, key=lambda one: one[:2])),
        back_s=day.route.travel_s - sum(visit.travel_s for visit in visits),
        back_m=day.route.travel_m - sum(visit.travel_m for visit in visits),
    )
