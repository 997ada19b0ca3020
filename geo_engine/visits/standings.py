"""How far the planned visits of a day are, as it is believed now: done, under way, or driven to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import PlannedVisit, Route
from geo_engine.planning.replan.progress import Standing, StopProgress
from geo_engine.planning.versions.model import PlanVersion
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_moment
from geo_engine.tracks.worker_days import day_span
from geo_engine.visits import visit_store
from geo_engine.visits.day import Visit
from geo_engine.visits.model import CheckInKind
from geo_engine.visits.service_days import turn_at

_UTC = ZoneInfo("UTC")


def list_standings(session: Session, plan: PlanVersion, *, by: Access, now: datetime) -> dict[JobId, StopProgress]:
    """Return how far a plan's visits are; nothing before its day and behind it, which a shift past midnight has go on.

    Whoever plans the day is told of all its workers, for what is done must not be planned again.

    Raises
    ------
    NotAllowed
        When the actor may not plan the day.
    """
    by.require(Act.PLAN_DAY, Subject(team_id=plan.scope.team_id))
    if not is_going_on(plan, now, get_tenant(session).zone or _UTC):
        return {}
    kept = visit_store.list_day(session, plan.scope.service_on, team_ids=None)
    visits = [one.visit for one in kept if one.took_place]
    return standings_of(plan.day_plan.plan.routes, visits, now)


def is_going_on(plan: PlanVersion, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether it is a plan's day, by the clocks of a zone, or still is for whoever works past midnight."""
    day = day_span(plan.scope.service_on, zone)
    worked = (TimeSpan(start_at=route.start_at, end_at=route.end_at) for route in plan.day_plan.plan.routes)
    ended_at = max((turn_at(day.end_at, one, None) for one in worked), default=day.end_at)
    return day.start_at <= now < ended_at


def standings_of(routes: Iterable[Route], visits: Iterable[Visit], now: datetime) -> dict[JobId, StopProgress]:
    """Return how far planned visits are.

    Parameters
    ----------
    visits
        Those that took place; each knows which planned visit it was, or is of the site of one.

    Notes
    -----
    Of several visits of a site it is the planned one, else the route's own worker's, else the last. A visit that no
    track and no statement ended is under way. Of a worker who is at no stop the next is driven to:
    behind the last that was made, once that is over; the first, once the worker was to leave.
    """
    made = defaultdict[JobId, list[Visit]](list)
    for visit in visits:
        made[_job_of(visit)].append(visit)
    found: dict[JobId, StopProgress] = {}
    for route in routes:
        of_route = {
            one.job_id: max(made[one.job_id], key=partial(_likelihood, worker_id=route.worker_id))
            for one in route.planned_visits
            if one.job_id in made
        }
        found |= {
            job_id: _standing(visit, is_by_another=visit.worker_id != route.worker_id)
            for job_id, visit in of_route.items()
        }
        own = [one for one in of_route.values() if one.worker_id == route.worker_id]
        heads_for = _next_of(route, own, found)
        if heads_for is not None and (route.start_at <= now or own):
            found[heads_for.job_id] = StopProgress(standing=Standing.DRIVEN_TO)
    return found


def _likelihood(visit: Visit, worker_id: WorkerId) -> tuple[bool, bool, int]:
    """Return by what a visit is a worker's planned one rather than others that were made of the same site."""
    return visit.stop is not None, visit.worker_id == worker_id, visit.began_us


def _standing(visit: Visit, *, is_by_another: bool) -> StopProgress:
    began_at, ended_at = to_moment(visit.began_us), _ended_at(visit)
    standing = Standing.UNDER_WAY if ended_at is None else Standing.DONE
    return StopProgress(standing=standing, began_at=began_at, ended_at=ended_at, is_by_another=is_by_another)


def _ended_at(visit: Visit) -> datetime | None:
    """Return when a visit ended, by the track or else by the last statement; None while it goes on."""
    if visit.presence is not None and visit.presence.left is not None:
        return to_moment(visit.presence.left.at_us)
    stated = sorted(visit.check_ins, key=lambda one: one.stated_at)
    if stated and stated[-1].kind is CheckInKind.OUT:
        return stated[-1].stated_at
    return None


def _next_of(route: Route, own: Sequence[Visit], found: Mapping[JobId, StopProgress]) -> PlannedVisit | None:
    """Return the first visit behind the last that the worker made; None at a stop, and when that was the last."""
    if any(_ended_at(visit) is None for visit in own):
        return None
    jobs = {_job_of(visit) for visit in own}
    last = max((number for number, one in enumerate(route.planned_visits, start=1) if one.job_id in jobs), default=0)
    return next((one for one in route.planned_visits[last:] if one.job_id not in found), None)


def _job_of(visit: Visit) -> JobId:
    return JobId(visit.site_id) if visit.stop is None else visit.stop.job_id
