"""How a period that was asked for is planned by the queue: two short transactions around work that holds none."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session
from geo_engine.ids import PeriodId, TenantId
from geo_engine.planning.periods import store
from geo_engine.planning.periods.model import MadeVisit, PeriodPlan, PeriodRequest
from geo_engine.planning.periods.period import plan_period
from geo_engine.planning.periods.service import gather_period
from geo_engine.planning.requests.attempts import Attempt, Clock, Teller, begin_attempt, finish_attempt, insist
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import chosen_graph, open_roads

FindMade = Callable[[Session, date], Iterable[MadeVisit]]
"""Which visits were made before a day: who knows that stands above planning."""


def take_up_period(
    database: Database, tenant_id: TenantId, period_id: PeriodId, *, now: Clock
) -> Attempt[PeriodId] | None:
    """Take a period up; None when it has ended, also when it was interrupted too often just now.

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached.
    """
    return begin_attempt(store.ATTEMPTS, database, tenant_id, period_id, now=now)


def solve_period(attempt: Attempt[PeriodId], *, cache_dir: Path, find_made: FindMade) -> None:
    """Plan the attempt's period and record it, or why there is nothing.

    Raises
    ------
    DatabaseUnavailable, GraphMissing, DatabaseTooSlow
        As `finish_attempt`.
    """

    def work() -> None:
        request, choice = insist(lambda: _gather(attempt, find_made))
        teller = Teller[PeriodId, float](attempt, lambda share: {"share": share})
        with open_roads(chosen_graph(choice, cache_dir=cache_dir)) as roads:
            plan = plan_period(
                request,
                roads.router,
                on_progress=lambda share, _step: teller.tell(share),
                should_stop=teller.shall_stop,
            )
        insist(lambda: _record(attempt, plan))

    finish_attempt(attempt, work)


def _gather(attempt: Attempt[PeriodId], find_made: FindMade) -> tuple[PeriodRequest, RoadChoice]:
    with attempt.database.bound(attempt.tenant_id) as session:
        ask = store.get_period(session, attempt.key).ask
        return gather_period(session, ask, made=find_made(session, ask.today_on))


def _record(attempt: Attempt[PeriodId], plan: PeriodPlan) -> None:
    now: datetime = attempt.now()
    with attempt.database.bound(attempt.tenant_id) as session:
        if store.end_planned(session, attempt.key, attempt.number, plan, now=now):
            asked_by = store.get_period(session, attempt.key).asked_by
            subject = ("period", attempt.key)
            record_act(session, "record_period", subject, by=asked_by, now=now, count=plan.visit_count)
