"""The use case of weeks: rules, sites and workers become days with routes, and what is missed with its reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId
from geo_engine.planning.day import job_id_of
from geo_engine.planning.evaluate import Evaluation
from geo_engine.planning.insertion import is_feasible
from geo_engine.planning.model import Route
from geo_engine.planning.periods.day_routes import day_request, given_to, route_day
from geo_engine.planning.periods.demand import (
    Demand,
    date_of,
    day_count,
    day_number,
    demands_of,
    first_open_day,
    is_worked,
    rule_of,
)
from geo_engine.planning.periods.forecast import Presence, find_late, find_missed, forecast
from geo_engine.planning.periods.model import (
    MAX_WEEKS,
    MIN_WEEKS,
    EarlierVisit,
    MissedReason,
    PeriodDay,
    PeriodPlan,
    PeriodRequest,
    Workload,
)
from geo_engine.planning.periods.search import PatternSearch, ShouldStop, Wishes
from geo_engine.planning.periods.stand_ins import stand_in
from geo_engine.planning.periods.tours import Tours
from geo_engine.planning.periods.ways import KnownTravel, find_travel
from geo_engine.planning.problem import Problem
from geo_engine.roads import RoadRouter
from geo_engine.words import Message
from geo_engine.workforce import Worker

_BEGUN, _SEARCHED = 0.25, 0.7  # of the work: where the search begins, where it ends

OnPeriodProgress = Callable[[float, Message], None]


def plan_period(
    request: PeriodRequest,
    router: RoadRouter,
    *,
    on_progress: OnPeriodProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> PeriodPlan:
    """Return days and routes for every visit that is due, and why a visit is missed where one is.

    Parameters
    ----------
    on_progress
        Called with the share of the work that is done and what is being done, in the caller's thread.
    should_stop
        Asked between steps; once it is true the best plan so far is routed and returned.

    Raises
    ------
    InvalidInput
        When the weeks are none or too many, today is not within them, ids repeat, or a rule names an unknown worker.
    Unavailable
        When the road network or the solver's processes cannot be used.

    Notes
    -----
    Sites get a worker (balanced clusters), then days (CP-SAT, worker by worker), then patterns and workers are moved
    judged by real routes; at last each day is solved by itself. Memory is that of one travel matrix of all sites.
    """
    validate_period(request)
    tell = on_progress or (lambda _share, _step: None)
    work = _gather(request, router)
    wishes = _wishes(work)
    search = _begin(work, wishes, tell)
    tell(_BEGUN, Message("Moving visits between days."))
    search.improve(
        on_round=lambda share, _cost: tell(
            _BEGUN + (_SEARCHED - _BEGUN) * min(1.0, share), Message("Moving visits between days.")
        ),
        should_stop=should_stop,
    )
    off = [presence.off for presence in _presences(work)]
    stand_in(search, work.demands, wishes, off, should_stop=should_stop)
    days = _route_days(work, search, tell, should_stop)
    return _plan(work, search, days, router)


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What a period's request amounts to: sites are those with a rule, by index as the problem's jobs."""

    request: PeriodRequest
    demands: Sequence[Demand]
    travel: KnownTravel
    problem: Problem
    able: Sequence[frozenset[int]]
    is_open: Sequence[Sequence[bool]]
    reasons: Sequence[MissedReason | None]


def validate_period(request: PeriodRequest) -> None:
    """Raise when a request makes no sense.

    Raises
    ------
    InvalidInput
        When the weeks are none or too many, today is not within them, nobody works, or a rule names an unknown worker.
    """
    if not MIN_WEEKS <= request.week_count <= MAX_WEEKS:
        facts: dict[str, object] = {"least": MIN_WEEKS, "most": MAX_WEEKS}
        raise InvalidInput(Message("A period has {least} to {most} weeks.", facts))
    last_on = request.first_on + timedelta(days=day_count(request) - 1)
    if request.today_on is not None and not request.first_on <= request.today_on <= last_on:
        facts = {"date": request.today_on, "first": request.first_on, "last": last_on}
        raise InvalidInput(Message("{date} is not within the period from {first} to {last}.", facts))
    if request.workers and not any(map(any, _open_days(request))):
        raise InvalidInput(Message("Nobody works on any day of these weeks."))
    known = {worker.id for worker in request.workers}
    for rule in request.rules:
        if rule.worker_id is not None and rule.worker_id not in known:
            raise InvalidInput(
                Message(
                    "The visiting rule of {whom} names {worker}, who is no worker.",
                    {"whom": rule.site_id or rule.level, "worker": rule.worker_id},
                )
            )


def _gather(request: PeriodRequest, router: RoadRouter) -> _Work:
    demands = demands_of(request)
    today = first_open_day(request)
    day = day_request(request, date_of(request, today), [demand.site for demand in demands])
    travel = find_travel(day, router)
    problem = travel.problem(day)
    able, reasons = [], []
    for site, allowed in enumerate(problem.allowed):
        reach = frozenset(worker for worker in allowed if is_feasible(problem, worker, [site]))
        able.append(reach)
        reasons.append(None if reach else MissedReason.OUT_OF_REACH if allowed else MissedReason.NO_WORKER)
    return _Work(
        request=request,
        demands=demands,
        travel=travel,
        problem=problem,
        able=able,
        is_open=_open_days(request),
        reasons=reasons,
    )


def _open_days(request: PeriodRequest) -> list[list[bool]]:
    days = range(day_count(request))
    worked = [set(_worked_days(request)).difference(_leave(request, worker)) for worker in request.workers]
    return [[day in own for day in days] for own in worked]


def _worked_days(request: PeriodRequest) -> list[int]:
    """Return the days that are still to be planned and on which anybody works."""
    days = range(first_open_day(request), day_count(request))
    return [day for day in days if is_worked(request, date_of(request, day))]


def _leave(request: PeriodRequest, worker: Worker) -> list[int]:
    """Return the days off of a worker."""
    return [day_number(request, on) for on in request.days_off.get(worker.id, ())]


def _presences(work: _Work) -> list[Presence]:
    """Return when each worker is there; the last, for sites without a worker, is nobody's."""
    request, worked = work.request, frozenset(_worked_days(work.request))
    own = [
        Presence(
            who=worker.name or worker.id,
            worked=worked.difference(_leave(request, worker)),
            off=worked.intersection(_leave(request, worker)),
        )
        for worker in request.workers
    ]
    return [*own, Presence(who="", worked=frozenset(), off=frozenset())]


def _begin(work: _Work, wishes: Wishes, tell: OnPeriodProgress) -> PatternSearch:
    from geo_engine.planning.periods import beginning as first  # noqa: PLC0415 - loads CP-SAT, half a second of work

    request, ways_s = work.request, first.ways_between_sites(work.problem)
    beginning = first.Beginning(
        problem=work.problem,
        demands=work.demands,
        able=work.able,
        held=wishes.held,
        kept=wishes.kept,
        is_open=work.is_open,
        weekdays=[date_of(request, day).isoweekday() for day in range(day_count(request))],
        ways_s=ways_s,
        params=request.params,
    )
    tell(0.02, Message("Dividing the sites among the workers."))
    territories = first.find_territories(beginning)
    tell(0.12, Message("Choosing days."))
    days = first.find_days(beginning, territories)
    tours = Tours(work.problem, work.is_open, request.params)
    tours.expect(beginning.visit_s, [demand.beat.due for demand in work.demands])
    search = PatternSearch(tours, work.demands, wishes, ways_s, request.params)
    for site, worker in enumerate(territories):
        search.place(site, worker, days[site])
    return search


def _held(kept: Mapping[int, frozenset[int]], preferred: int | None, off: Sequence[frozenset[int]]) -> int | None:
    """Return whose a site is: who has most of its visits, those left out on which another of them is off."""
    known = set(kept) if preferred is None else {*kept, preferred}
    counts = {
        worker: sum(not any(day in off[other] for other in known - {worker}) for day in days)
        for worker, days in kept.items()
    }
    if not any(counts.values()) and (preferred is not None or not kept):
        return preferred
    return max(counts, key=lambda worker: (counts[worker], worker == preferred, len(kept[worker])))


def _wishes(work: _Work) -> Wishes:
    worker_of = {worker.id: index for index, worker in enumerate(work.request.workers)}
    site_of = {demand.site.id: index for index, demand in enumerate(work.demands)}
    kept: list[dict[int, frozenset[int]]] = [{} for _ in work.demands]
    for visit, day in _earlier(work.request):
        site, worker = site_of.get(visit.site_id), worker_of.get(visit.worker_id)
        if site is not None and worker is not None:
            kept[site][worker] = kept[site].get(worker, frozenset()) | {day}
    preferred = [None if demand.rule.worker_id is None else worker_of[demand.rule.worker_id] for demand in work.demands]
    off = [presence.off for presence in _presences(work)]
    held = [_held(days, worker, off) for days, worker in zip(kept, preferred, strict=True)]
    return Wishes(able=work.able, kept=kept, preferred=preferred, held=held)


def _earlier(request: PeriodRequest) -> list[tuple[EarlierVisit, int]]:
    """Return the visits of the earlier plan on days that are still to be planned, and their days."""
    days = range(first_open_day(request), day_count(request))
    numbered = [(visit, day_number(request, visit.planned_on)) for visit in request.earlier]
    return [(visit, day) for visit, day in numbered if day in days]


def _route_days(
    work: _Work, search: PatternSearch, tell: OnPeriodProgress, should_stop: ShouldStop | None
) -> list[tuple[int, Evaluation]]:
    request, routed = work.request, []
    sites = [demand.site for demand in work.demands]
    for day in range(first_open_day(request), day_count(request)):
        orders = {worker: search.tours.order(worker, day) for worker in range(len(request.workers))}
        if not any(orders.values()):
            continue
        tell(_SEARCHED + (1 - _SEARCHED) * day / day_count(request), Message("Routing each day."))
        problem = work.travel.problem(day_request(request, date_of(request, day), given_to(request, sites, orders)))
        by_id = {
            request.workers[worker].id: [job_id_of(sites[site]) for site in order]
            for worker, order in orders.items()
            if order
        }
        hurried = should_stop is not None and should_stop()
        routed.append((day, route_day(problem, by_id, limit_s=0.0 if hurried else request.params.route_limit_s)))
    return routed


def _plan(work: _Work, search: PatternSearch, days: Sequence[tuple[int, Evaluation]], router: RoadRouter) -> PeriodPlan:
    request = work.request
    planned = _planned_days(work, days)
    presences = _presences(work)
    missed = [
        one
        for site, (demand, placement) in enumerate(zip(work.demands, search.placements, strict=True))
        for one in find_missed(
            request, demand, planned[site], reason=work.reasons[site], presence=presences[placement.worker]
        )
    ]
    ruled = rule_of(request)
    return PeriodPlan(
        days=tuple(PeriodDay(service_on=date_of(request, day), routes=judged.routes) for day, judged in days),
        missed=tuple(missed),
        late=tuple(
            late for demand, own in zip(work.demands, planned, strict=True) for late in find_late(request, demand, own)
        ),
        coverage=forecast(request, work.demands, planned, missed),
        workloads=_workloads(work, days),
        unruled=tuple(site.id for site in request.sites if site.id not in ruled),
        kept_count=search.kept_count,
        moved_count=len(_earlier(request)) - search.kept_count,
        road_source=router.source,
        is_estimate=router.is_estimate,
        learned=request.learned,
        speeds=request.speeds,
    )


def _planned_days(work: _Work, days: Sequence[tuple[int, Evaluation]]) -> list[list[int]]:
    index = {job_id_of(demand.site): site for site, demand in enumerate(work.demands)}
    planned: list[list[int]] = [[] for _ in work.demands]
    for day, judged in days:
        for route in judged.routes:
            for visit in route.planned_visits:
                planned[index[visit.job_id]].append(day)
    return planned


def _workloads(work: _Work, days: Sequence[tuple[int, Evaluation]]) -> tuple[Workload, ...]:
    request = work.request
    working_s: dict[tuple[int, WorkerId], int] = {
        (day, route.worker_id): working_seconds(route) for day, judged in days for route in judged.routes
    }
    return tuple(
        Workload(worker_id=worker.id, service_on=date_of(request, day), working_s=working_s.get((day, worker.id), 0))
        for worker, open_days in zip(request.workers, work.is_open, strict=True)
        for day, is_open in enumerate(open_days)
        if is_open
    )


def working_seconds(route: Route) -> int:
    """Return how long a route lasts, its breaks left out."""
    rested = sum((rest.end_at - rest.start_at for rest in route.breaks), timedelta())
    return round((route.end_at - route.start_at - rested).total_seconds())
