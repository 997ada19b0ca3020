"""The visits of a day as the page lists them: each planned one beside what became of it, then what came besides."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, VisitId
from geo_engine.timespan import local_clock
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.worker_days import day_span
from geo_engine.visits import Verdict
from geo_engine.visits.day import PlannedStop, Visit
from geo_engine.visits.kept import KeptVisit
from geo_engine.visits.legs import Leg
from geo_engine.visits.overview import DayVisits, WorkerVisits
from geo_engine.visits.planned_actual import Comparison
from geo_engine.visits.verdict_words import VERDICT_NAMES, lasting_words, reason_words
from geo_engine.words import Message
from geo_engine.workforce import Worker
from web.visits.told import (
    Told,
    crossing_told,
    decision_told,
    driven_told,
    is_late,
    late_told,
    planned_told,
    planned_way_told,
    stayed_told,
    tags_told,
    way_told,
)

MISSED, OVERDUE, OPEN = "missed", "overdue", "open"
STATE_NAMES: Mapping[str, Message] = {
    **{verdict.value: name for verdict, name in VERDICT_NAMES.items()},
    MISSED: Message("Missed"),
    OVERDUE: Message("Overdue"),
    OPEN: Message("Not yet"),
}
"""What a row's state is called: a verdict's name, or why there is none."""
MISSED_AFTER = timedelta(hours=1)
"""How long after the last planned visit of a worker should have ended nobody waits for any of them."""
FOLDED_FROM = 30
"""From how many rows on the workers are folded, unless there is but one."""
_REASONS_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A planned visit, a visit, or both.

    Parameters
    ----------
    number
        In the plan; None for what was not planned.
    state
        A verdict, or `OPEN` before the planned visit should have ended, `OVERDUE` while the worker may still come, and
        `MISSED` then.
    came, came_between
        When the worker came, by the clocks of the company, and between which minutes.
    way
        How far it was there.
    """

    number: int | None
    site: str
    place: Position | None
    state: str
    planned: Message | None = None
    planned_stay: Message | None = None
    visit_id: VisitId | None = None
    came: str | None = None
    came_between: str | None = None
    late: Told | None = None
    is_late: bool = False
    stay: Told | None = None
    way: tuple[Told, ...] = ()
    tags: tuple[Message, ...] = ()
    reasons: tuple[Message, ...] = ()
    decision: Message | None = None

    @property
    def state_name(self) -> Message:
        """What the state is called."""
        return STATE_NAMES[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRows:
    """A worker's rows; `visited_count` of `planned_count` took place; how far was driven, and how far was planned."""

    worker: Worker
    rows: tuple[Row, ...]
    planned_count: int
    visited_count: int
    driven: Told | None
    planned_way: Message | None

    @property
    def counts(self) -> tuple[tuple[str, Message, int], ...]:
        """How many rows are in which state: those states that there are, with their names, in the order of all."""
        found = Counter(row.state for row in self.rows)
        return tuple((key, name, found[key]) for key, name in STATE_NAMES.items() if found[key])


def rows_of_day(day: DayVisits, *, zone: ZoneInfo, now: datetime) -> tuple[WorkerRows, ...]:
    """Return the rows of a day, worker by worker."""
    return tuple(_of_worker(one, day, zone, now) for one in day.workers)


def count_states(workers: Iterable[WorkerRows]) -> Mapping[str, int]:
    """Return how many rows are in which state."""
    return Counter(row.state for worker in workers for row in worker.rows)


def is_folded(workers: Sequence[WorkerRows]) -> bool:
    """Return whether so much is shown that each worker's rows are to be opened first."""
    return len(workers) > 1 and sum(len(one.rows) for one in workers) >= FOLDED_FROM


def only_state(workers: Sequence[WorkerRows], state: str) -> tuple[WorkerRows, ...]:
    """Return the rows in a state; those of workers without any are left out."""
    kept = (replace(one, rows=tuple(row for row in one.rows if row.state == state)) for one in workers)
    return tuple(one for one in kept if one.rows)


def main_reasons(visit: Visit, count: int = _REASONS_SHOWN) -> tuple[Message, ...]:
    """Return what weighs most in a visit's verdict, in words; what several statements give reason for once."""
    words = [reason_words(one) for one in visit.judgement.reasons]
    return tuple(one for number, one in enumerate(words) if one not in words[:number])[:count]


def name_of(site_id: SiteId, sites: Mapping[SiteId, Site]) -> str:
    """Return what a site is called; its id when it has no name, or is gone."""
    site = sites.get(site_id)
    return (site.name if site is not None else "") or site_id


def _of_worker(one: WorkerVisits, day: DayVisits, zone: ZoneInfo, now: datetime) -> WorkerRows:
    planned, driven_m, sites = one.comparison.planned, one.comparison.driven_m, day.sites
    over_at, midnight = _over_at([each.stop for each in planned], day.service_on, zone), _midnight(day.service_on, zone)
    is_over, is_so_far = now >= over_at, now < max(over_at, midnight)
    leg_to = {leg.visit_id: leg for leg in one.comparison.legs}
    rows = [
        _visited_row(each, one.kept[each.visit.id], sites, zone)
        if each.visit is not None
        else replace(
            _stop_row(each.stop, day.service_on, sites, zone), state=_unvisited(each.stop, now, is_over=is_over)
        )
        for each in planned
    ]
    rows += [
        _visit_row(_bare(None, visit.site_id, sites), one.kept[visit.id], leg_to.get(visit.id), zone)
        for visit in one.comparison.extra
    ]
    return WorkerRows(
        worker=one.worker,
        rows=tuple(rows),
        planned_count=len(planned),
        visited_count=sum(each.visit is not None and one.kept[each.visit.id].took_place for each in planned),
        driven=None if driven_m is None else driven_told(driven_m, is_so_far=is_so_far),
        planned_way=None if one.planned_m is None else planned_way_told(one.planned_m, is_so_far=is_so_far),
    )


def _over_at(stops: Sequence[PlannedStop], service_on: date, zone: ZoneInfo) -> datetime:
    """Return from when a worker's planned day is over, whatever of it was done: by midnight, but for a night's."""
    midnight = _midnight(service_on, zone)
    last_at = max((stop.end_at for stop in stops), default=midnight - MISSED_AFTER)
    return last_at + MISSED_AFTER if last_at > midnight else min(midnight, last_at + MISSED_AFTER)


def _midnight(service_on: date, zone: ZoneInfo) -> datetime:
    return day_span(service_on, zone).end_at


def _unvisited(stop: PlannedStop, now: datetime, *, is_over: bool) -> str:
    if now <= stop.end_at:
        return OPEN
    return MISSED if is_over else OVERDUE


def _stop_row(stop: PlannedStop, service_on: date, sites: Mapping[SiteId, Site], zone: ZoneInfo) -> Row:
    return replace(
        _bare(stop, stop.site_id, sites),
        planned=planned_told(stop, service_on, zone),
        planned_stay=lasting_words((stop.end_at - stop.start_at).total_seconds()),
    )


def _visited_row(one: Comparison, kept: KeptVisit, sites: Mapping[SiteId, Site], zone: ZoneInfo) -> Row:
    row = _visit_row(_stop_row(one.stop, kept.visit.service_on, sites, zone), kept, one.leg, zone)
    tags = (Message("Out of order"),) * one.is_out_of_order
    late_s = one.late_s if kept.took_place else None  # of who never came nobody says when
    told = None if late_s is None else late_told(late_s)
    return replace(row, late=told, is_late=is_late(late_s), tags=(*tags, *row.tags))


def _bare(stop: PlannedStop | None, site_id: SiteId, sites: Mapping[SiteId, Site]) -> Row:
    site = sites.get(site_id)
    return Row(
        number=None if stop is None else stop.number,
        site=name_of(site_id, sites),
        place=None if site is None else site.position,
        state=OPEN,
    )


def _visit_row(row: Row, kept: KeptVisit, leg: Leg | None, zone: ZoneInfo) -> Row:
    visit = kept.visit
    came, between = local_clock(to_moment(visit.began_us), service_on=visit.service_on, zone=zone), None
    if visit.presence is not None:
        came, between = crossing_told(visit.presence.entered, visit.service_on, zone)
    return replace(
        row,
        state=Verdict(visit.judgement.verdict).value,
        visit_id=visit.id,
        came=came,
        came_between=between,
        stay=stayed_told(visit),
        way=() if leg is None else way_told(leg),
        tags=tags_told(visit, is_planned=row.number is not None),
        reasons=main_reasons(visit),
        decision=decision_told(kept.decision),
    )
