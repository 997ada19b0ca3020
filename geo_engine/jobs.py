"""The tasks of the queue, by the names they are enqueued under."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from geo_engine.audit.sealing import seal_trails
from geo_engine.audit.vault import Vault
from geo_engine.db.session import Database, Session
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geofences.accuracies import forget_accuracies
from geo_engine.ids import DeviceId, PeriodId, PlanId, PlanRequestId, TenantId
from geo_engine.photos.files import PhotoFiles
from geo_engine.planning.periods.service import PLAN_PERIOD_TASK
from geo_engine.planning.periods.solving import solve_period, take_up_period
from geo_engine.planning.requests.attempts import Attempt, fail_attempt
from geo_engine.planning.requests.solving import solve_attempt, take_up
from geo_engine.planning.service import FOLLOW_PLAN_TASK, PLAN_DAY_TASK
from geo_engine.queue.chores import Chore
from geo_engine.queue.worker import Task
from geo_engine.tenancy.service import MOVE_FIXES_TASK, list_companies
from geo_engine.tracks.deriving import derive_tracks
from geo_engine.tracks.driving import match_trips
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.keeping import drop_expired, move_fixes, tidy, wake
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.claiming import claim_days, claim_planned
from geo_engine.visits.deriving import derive_visits, wake_visits
from geo_engine.visits.driven_before import find_driven_before
from geo_engine.visits.learned import learn_of_each
from geo_engine.visits.made import find_made_visits
from geo_engine.words import Message

_SEALED_EVERY_S = 60.0
_LEARNED_EVERY_S = 3_600.0
_log = logging.getLogger(__name__)


def registered_tasks(database: Database, *, cache_dir: Path, photos: PhotoFiles) -> dict[str, Task]:
    """Return every task by its name, working on a database, with road graphs from a cache and the files of photos."""

    def plan_day(tenant_id: TenantId, ids: dict[str, UUID]) -> None:
        _plan_day(database, tenant_id, PlanRequestId(ids["request_id"]), cache_dir=cache_dir)

    def plan_period(tenant_id: TenantId, ids: dict[str, UUID]) -> None:
        _plan_period(database, tenant_id, PeriodId(ids["period_id"]), cache_dir=cache_dir)

    def move(tenant_id: TenantId, _: dict[str, UUID]) -> None:
        move_fixes(database, tenant_id, now=_now())

    def derive(tenant_id: TenantId, _: dict[str, UUID]) -> None:
        derive_tracks(database, tenant_id, now=_now, told=_claim_days)
        _match_trips(database, tenant_id, cache_dir=cache_dir)

    def visit(tenant_id: TenantId, _: dict[str, UUID]) -> None:
        derive_visits(database, tenant_id, photos, cache_dir=cache_dir, now=_now)

    def follow(tenant_id: TenantId, ids: dict[str, UUID]) -> None:
        with database.bound(tenant_id) as session:
            claim_planned(session, PlanId(ids["plan_id"]), now=_now())

    return {
        PLAN_DAY_TASK: plan_day,
        PLAN_PERIOD_TASK: plan_period,
        FOLLOW_PLAN_TASK: follow,
        MOVE_FIXES_TASK: move,
        DERIVE_TASK: derive,
        DERIVE_VISITS_TASK: visit,
    }


def regular_chores(database: Database, vault: Vault) -> tuple[Chore, ...]:
    """Return what is done now and then.

    Trails are sealed, what is kept too long goes, what waits is woken, and what is over is learned from.
    """
    return (
        Chore(do=lambda: seal_trails(database, list_companies(database), vault), every_s=_SEALED_EVERY_S),
        Chore(do=partial(tidy, database)),
        Chore(do=partial(drop_expired, database)),
        Chore(do=lambda: forget_accuracies(database, now=_now())),
        Chore(do=lambda: wake(database, now=_now())),
        Chore(do=partial(wake_visits, database)),
        Chore(do=lambda: learn_of_each(database, now=_now()), every_s=_LEARNED_EVERY_S),
    )


def _plan_day(database: Database, tenant_id: TenantId, request_id: PlanRequestId, *, cache_dir: Path) -> None:
    solve = partial(solve_attempt, cache_dir=cache_dir, find_driven=find_driven_before)
    _finish(take_up(database, tenant_id, request_id, now=_now), solve)


def _plan_period(database: Database, tenant_id: TenantId, period_id: PeriodId, *, cache_dir: Path) -> None:
    solve = partial(solve_period, cache_dir=cache_dir, find_made=find_made_visits)
    _finish(take_up_period(database, tenant_id, period_id, now=_now), solve)


def _finish[Key: UUID](attempt: Attempt[Key] | None, solve: Callable[[Attempt[Key]], None]) -> None:
    """Work an attempt off: when this returns it has ended, and while it has not this raises and is tried again."""
    if attempt is None:
        return
    try:
        solve(attempt)
    except Unavailable:
        raise  # the end could not be written, or the roads are elsewhere: somebody tries again
    except Exception:
        # A defect of ours: whoever waits is told, and the queue writes the rest into its log. It tries again, in vain.
        told = Message("Planning failed by a defect of the program; its log says more.")
        fail_attempt(attempt, Unavailable(told))
        raise


def _claim_days(session: Session, device_id: DeviceId, from_at: datetime, until_at: datetime) -> None:
    claim_days(session, device_id, from_at=from_at, until_at=until_at, now=_now())


def _match_trips(database: Database, tenant_id: TenantId, *, cache_dir: Path) -> None:
    """Match what was derived; broken roads hold up no track: tried again later, the next fixes would wait for it."""
    try:
        match_trips(database, tenant_id, cache_dir=cache_dir, told=_claim_days)
    except InvalidInput:
        _log.warning("The roads that a company has chosen cannot be read; its trips are not matched.", exc_info=True)


def _now() -> datetime:
    return datetime.now(UTC)
