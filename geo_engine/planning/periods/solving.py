"""How a period that was asked for is planned by the queue: two short transactions around work that holds none."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, DatabaseTooSlow, DatabaseUnavailable, Session
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.ids import PeriodId, TenantId
from geo_engine.planning.periods import store
from geo_engine.planning.periods.model import MadeVisit, PeriodPlan, PeriodRequest
from geo_engine.planning.periods.period import plan_period
from geo_engine.planning.periods.service import gather_period
from geo_engine.planning.solving import Clock, insist
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import GraphMissing, chosen_graph, open_roads
from geo_engine.words import Message

_MOST_ATTEMPTS = 5
_TOLD_EVERY_S = 1.0

FindMade = Callable[[Session, date], Iterable[MadeVisit]]
"""Which visits were made before a day: who knows that stands above planning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAttempt:
    """A period that this process has taken up, and for which time."""

    database: Database
    tenant_id: TenantId
    period_id: PeriodId
    number: int
    now: Clock


def take_up_period(database: Database, tenant_id: TenantId, period_id: PeriodId, *, now: Clock) -> PeriodAttempt | None:
    """Take a period up; None when it has ended, also when it was interrupted too often just now.

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached.
    """
    with database.bound(tenant_id) as session:
        number = store.begin_attempt(session, period_id)
        if number is None:
            return None
        if number > _MOST_ATTEMPTS:
            told = Message("Planning was interrupted {count} times and is given up.", {"count": _MOST_ATTEMPTS})
            store.end_failed(session, period_id, number, Unavailable(told), now=now())
            return None
    return PeriodAttempt(database=database, tenant_id=tenant_id, period_id=period_id, number=number, now=now)


def solve_period(attempt: PeriodAttempt, *, cache_dir: Path, find_made: FindMade) -> None:
    """Plan the attempt's period and record it, or why there is nothing.

    Raises
    ------
    DatabaseUnavailable, GraphMissing, DatabaseTooSlow
        As `solve_attempt` of a day.
    """
    try:
        request, choice = insist(lambda: _gather(attempt, find_made))
        teller = _Teller(attempt)
        with open_roads(chosen_graph(choice, cache_dir=cache_dir)) as roads:
            plan = plan_period(request, roads.router, on_progress=teller.tell, should_stop=teller.shall_stop)
        insist(lambda: _record(attempt, plan))
    except DatabaseUnavailable:
        raise
    except GeoEngineError as error:
        if isinstance(error, GraphMissing) and attempt.number < _MOST_ATTEMPTS:
            raise
        fail_period(attempt, error)


def fail_period(attempt: PeriodAttempt, failure: GeoEngineError) -> None:
    """Record that the attempt's period is not planned, and why; nothing when it has ended.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database stays away, or is too slow.
    """

    def record() -> None:
        with attempt.database.bound(attempt.tenant_id) as session:
            store.end_failed(session, attempt.period_id, attempt.number, failure, now=attempt.now())

    insist(record)


class _Teller:
    """What the planning tells the database about itself, and hears back; a database that is away misses it."""

    def __init__(self, attempt: PeriodAttempt) -> None:
        self._attempt = attempt
        self._told_at_s = 0.0
        self._shall_stop = False

    def tell(self, share: float, _step: Message) -> None:
        """Write the progress, at most once a second."""
        now_s = time.monotonic()
        if now_s - self._told_at_s < _TOLD_EVERY_S:
            return
        self._told_at_s = now_s
        attempt = self._attempt
        try:
            with attempt.database.bound(attempt.tenant_id) as session:
                self._shall_stop = store.save_progress(session, attempt.period_id, attempt.number, share)
        except (DatabaseUnavailable, DatabaseTooSlow):
            return

    def shall_stop(self) -> bool:
        """Whether somebody asked to stop, or the period is another attempt's by now."""
        return self._shall_stop


def _gather(attempt: PeriodAttempt, find_made: FindMade) -> tuple[PeriodRequest, RoadChoice]:
    with attempt.database.bound(attempt.tenant_id) as session:
        ask = store.get_period(session, attempt.period_id).ask
        return gather_period(session, ask, made=find_made(session, ask.today_on))


def _record(attempt: PeriodAttempt, plan: PeriodPlan) -> None:
    now: datetime = attempt.now()
    with attempt.database.bound(attempt.tenant_id) as session:
        if store.end_planned(session, attempt.period_id, attempt.number, plan, now=now):
            asked_by = store.get_period(session, attempt.period_id).asked_by
            subject = ("period", attempt.period_id)
            record_act(session, "record_period", subject, by=asked_by, now=now, count=plan.visit_count)
