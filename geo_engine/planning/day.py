"""The use case everything else calls: one day's sites and workers become a plan on real roads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.areas import area_centres
from geo_engine.planning.evaluate import Evaluation, Orders, evaluate
from geo_engine.planning.explain.making_room import RoomParams
from geo_engine.planning.explain.offers import WhyNot
from geo_engine.planning.explain.reasons import ExplainContext, distance_words, explain
from geo_engine.planning.explain.why_not import Places, find_why_nots
from geo_engine.planning.insertion import Insertion, complete, indexed, named
from geo_engine.planning.model import Job, Plan, Shift, ShiftBreak
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import Compactness, PlanRules
from geo_engine.planning.solver.baselines import Travel, beside_nearest, quick_travel_by_nearest, travel_by_list
from geo_engine.planning.solver.solve import Budget, OnProgress, ShouldStop, solve
from geo_engine.planning.travel.learned import LearnedTimes, paced
from geo_engine.planning.travel.modes import FarPlaces, travel_by_mode
from geo_engine.planning.travel.speeds import hourly_speeds
from geo_engine.roads import RoadRouter
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, TravelPrices
from geo_engine.timespan import DAY_S, ClockWindow, TimeSpan, clock_on, window_text
from geo_engine.words import Message
from geo_engine.workforce import Worker

DEFAULT_BUDGET = Budget()
DEFAULT_SNAP_LIMIT_M = 1_000.0
ALL_ROOM, QUICK_ROOM = RoomParams(), RoomParams(new_count=24)
"""How far “why not” looks in a worker of the queue, and while somebody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Togetherness:
    """That stops keep together, as far as a price does that (`Compactness`); `area_centres` finds the areas."""

    free_s: int
    cost_per_hour: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRequest:
    """A day to plan.

    Parameters
    ----------
    zone
        What the sites' and workers' clock times are in.
    snap_limit_m
        A site or depot farther than this from any road is not driven to.
    learned
        What of the sites' service was learned rather than given, and how fast is driven; None plans with given times.
    prices
        What a kilometre costs.
    driven_m
        By job how far people went to its site last month, a visit in the mean; none where that is not known.
    speeds
        By travel mode, how fast one gets on at each hour of `zone`'s clock, in per cent of what the roads say.
    together
        What keeps each worker's stops together; None where nothing does.
    """

    service_on: date
    zone: ZoneInfo
    sites: tuple[Site, ...]
    workers: tuple[Worker, ...]
    budget: Budget = DEFAULT_BUDGET
    snap_limit_m: float = DEFAULT_SNAP_LIMIT_M
    learned: LearnedTimes | None = None
    prices: TravelPrices = ASSUMED_PRICES
    driven_m: Mapping[JobId, float] = field(default_factory=dict)
    speeds: SpeedsByMode = field(default_factory=dict)
    together: Togetherness | None = None

    def rules(self, jobs: Sequence[Job], shifts: Sequence[Shift]) -> PlanRules:
        """Return what binds the day's plan as a whole."""
        speeds, compactness = hourly_speeds(self.speeds, self.zone), None
        if self.together is not None:
            free_s, per_hour = self.together.free_s, self.together.cost_per_hour
            compactness = Compactness(free_s=free_s, cost_per_hour=per_hour, centres=area_centres(jobs, shifts))
        return PlanRules(speeds=speeds, compactness=compactness)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A plan with all a reader needs to understand it.

    Parameters
    ----------
    sites, workers
        Everyone who was given, by the id the plan uses: a job's (see `job_id_of`) and a worker's.
    worker_notes
        Why a worker could not be used as given.
    road_source
        What answered the travel times, such as ``osrm:monaco.osm.pbf`` or ``straight``.
    is_estimate
        True when travel times follow no road.
    nearest, by_list
        What the same visits would take by nearest neighbour, and if each worker made them in the order they were
        given in. None when nothing is placed; the first also when it would have taken too long.
    first_plan_s
        Seconds from the end of the matrix to the first plan; None when there was none.
    why_nots
        Of the jobs on no route, what prevents each and what would make room for it; not of all where too many are left,
        and of none in plans made before it was worked out.
    learned
        What it was made with beside what was given; None where it was made with given times.
    prices, driven_m
        As those of its request: what `savings` are told from.
    speeds
        As in its request.
    """

    service_on: date
    zone: ZoneInfo
    plan: Plan
    sites: Mapping[JobId, Site]
    workers: Mapping[WorkerId, Worker]
    worker_notes: Mapping[WorkerId, Message]
    road_source: str
    is_estimate: bool
    nearest: Travel | None
    by_list: Travel | None
    first_plan_s: float | None
    why_nots: Mapping[JobId, WhyNot] = field(default_factory=dict)
    learned: LearnedTimes | None = None
    prices: TravelPrices = ASSUMED_PRICES
    driven_m: Mapping[JobId, float] = field(default_factory=dict)
    speeds: SpeedsByMode = field(default_factory=dict)

    @property
    def saved(self) -> Travel | None:
        """What is not driven that nearest neighbour would drive; negative when the plan drives more."""
        return None if self.nearest is None else self.nearest.beyond(self.plan)

    @property
    def saved_on_list(self) -> Travel | None:
        """What is not driven that the list as it was given would take."""
        return None if self.by_list is None else self.by_list.beyond(self.plan)


def plan_day(
    request: DayRequest,
    router: RoadRouter,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> DayPlan:
    """Return the best plan found for a day; every given site is on a route or unassigned with its reason.

    Raises
    ------
    InvalidInput
        When ids repeat or a break is longer than its shift.
    Unavailable
        When the road network or the solver's processes cannot be used.
    """
    problem, far = build_day(request, router)
    solution = solve(problem, request.budget, on_progress=on_progress, should_stop=should_stop)
    searched = complete(problem, indexed(problem, solution.orders), range(len(problem.jobs)))
    completion, nearest = beside_nearest(problem, searched)
    orders = named(problem, completion.orders)
    made = _day_plan(request, router, problem, far, orders, too_dear=completion.too_dear, nearest=nearest)
    return replace(made, first_plan_s=solution.first_plan_s)


def judge_day(request: DayRequest, router: RoadRouter, orders: Orders, *, before: DayPlan) -> DayPlan:
    """Return the plan that does the day in the given orders, whoever thought of them; the rest is unassigned.

    Parameters
    ----------
    before
        Another plan of the same day: where it places the same visits, nearest neighbour's travel is known from it.
        Otherwise it is worked out up to 500 visits (a third of a second), and beyond left unknown: 3,000 take 6 s. What
        prevents a job on routes that are the same is known from it as well; of others, a few places are worked out.

    Raises
    ------
    InvalidInput
        When ids repeat or a break is longer than its shift.
    Unavailable
        When the road network cannot be used.
    """
    problem, far = build_day(request, router)
    is_known = _placed(orders) == _placed(_orders_of(before))
    nearest = before.nearest if is_known else quick_travel_by_nearest(problem, indexed(problem, orders))
    known = _known_places(before, orders)
    return _day_plan(request, router, problem, far, orders, too_dear={}, nearest=nearest, room=QUICK_ROOM, known=known)


def build_day(request: DayRequest, router: RoadRouter) -> tuple[Problem, FarPlaces]:
    """Return the problem of a day, and which places are too far from any road."""
    jobs, shifts, rules = state_day(request)
    places = places_of(jobs, shifts, rules)
    modes = (worker.mode for worker in request.workers)
    matrices, far = travel_by_mode(places, modes, router, request.snap_limit_m)
    return build_problem(jobs, shifts, matrices, rules), far


def state_day(request: DayRequest) -> tuple[list[Job], list[Shift], PlanRules]:
    """Return the jobs and shifts of a day in the order of its sites and workers, and what binds it as a whole."""
    begin_s = min((worker.shift.earliest_s for worker in request.workers), default=0)
    jobs = [job_of(site, request.service_on, request.zone, begin_s) for site in request.sites]
    shifts = paced([shift_of(one, request.service_on, request.zone) for one in request.workers], request.learned)
    return jobs, shifts, request.rules(jobs, shifts)


def _day_plan(
    request: DayRequest,
    router: RoadRouter,
    problem: Problem,
    far: FarPlaces,
    orders: Orders,
    *,
    too_dear: Mapping[int, Insertion],
    nearest: Travel | None,
    room: RoomParams = ALL_ROOM,
    known: Places | None = None,
) -> DayPlan:
    judged, placed = evaluate(problem, orders), indexed(problem, orders)
    left = set(judged.unassigned_ids)
    left_indices = [index for index, job in enumerate(problem.jobs) if job.id in left]
    why_nots = find_why_nots(problem, placed, left_indices, known=known, params=room)
    return DayPlan(
        service_on=request.service_on,
        zone=request.zone,
        plan=_plan(problem, judged, request, far, {**fitting_of(problem, why_nots), **too_dear}),
        sites={job_id_of(site): site for site in request.sites},
        workers={worker.id: worker for worker in request.workers},
        worker_notes=worker_notes(request, problem, far),
        road_source=router.source,
        is_estimate=router.is_estimate,
        nearest=nearest,
        by_list=travel_by_list(problem, placed),
        first_plan_s=None,
        why_nots=why_nots,
        learned=request.learned,
        prices=request.prices,
        driven_m=request.driven_m,
        speeds=request.speeds,
    )


def _known_places(before: DayPlan, orders: Orders) -> Places:
    """Return the places on routes that are as they were: nothing about them is worked out again."""
    had = _orders_of(before)
    same = {worker_id for worker_id in before.workers if list(orders.get(worker_id, ())) == had.get(worker_id, [])}
    return {
        (job_id, place.worker_id): place
        for job_id, why_not in before.why_nots.items()
        for place in why_not.places
        if place.worker_id in same
    }


def fitting_of(problem: Problem, why_nots: Mapping[JobId, WhyNot]) -> dict[int, Insertion]:
    """Return where jobs fit as the plan is, by job index."""
    job_index = {job.id: index for index, job in enumerate(problem.jobs)}
    shift_index = {shift.worker_id: index for index, shift in enumerate(problem.shifts)}
    fitting: dict[int, Insertion] = {}
    for job_id, why_not in why_nots.items():
        free = [place for place in why_not.places if not place.broken]
        for place in sorted(free, key=lambda place: place.cost)[:1]:
            fitting[job_index[job_id]] = Insertion(
                shift_index=shift_index[place.worker_id], position=place.position, cost=place.cost
            )
    return fitting


def _orders_of(day_plan: DayPlan) -> Orders:
    return {route.worker_id: [visit.job_id for visit in route.planned_visits] for route in day_plan.plan.routes}


def _placed(orders: Orders) -> set[JobId]:
    return {job_id for order in orders.values() for job_id in order}


def job_id_of(site: Site) -> JobId:
    """Return the id of the job of visiting a site: the site's, as long as a plan has one job a site and day."""
    return JobId(site.id)


def job_of(site: Site, service_on: date, zone: ZoneInfo, shifts_begin_s: int = 0) -> Job:
    """Return the job of visiting a site on a day.

    Parameters
    ----------
    shifts_begin_s
        When the day's first shift begins: a window that closes before means the night after.
    """
    return Job(
        id=job_id_of(site),
        position=site.position,
        service_s=site.service_s,
        windows=tuple(_at_night(window, shifts_begin_s).on(service_on, zone) for window in site.windows),
        skills=site.skills,
        priority=site.priority,
        penalty=site.penalty,
        required=site.required,
        worker_ids=site.worker_ids,
        amounts=site.amounts,
    )


def shift_of(worker: Worker, service_on: date, zone: ZoneInfo) -> Shift:
    """Return a worker's shift on a day; in one that goes past midnight, a break before it means the night after."""
    goes_past_midnight = worker.shift.latest_s > DAY_S
    return Shift(
        worker_id=worker.id,
        span=TimeSpan(
            start_at=clock_on(worker.shift.earliest_s, service_on, zone),
            end_at=clock_on(worker.shift.latest_s, service_on, zone),
        ),
        start=worker.start,
        end=worker.end,
        mode=worker.mode.value,
        breaks=tuple(
            ShiftBreak(
                duration_s=rule.duration_s,
                window=_at_night(rule.window, worker.shift.earliest_s if goes_past_midnight else 0).on(
                    service_on, zone
                ),
            )
            for rule in worker.breaks
        ),
        skills=worker.skills,
        max_visits=worker.max_visits,
        max_driving_s=worker.max_driving_s,
        capacity=worker.capacity,
        cost_fixed=worker.cost_fixed,
        cost_per_hour=worker.cost_per_hour,
        cost_per_km=worker.cost_per_km,
    )


def _at_night(window: ClockWindow, begins_s: int) -> ClockWindow:
    """Return the window a day later when it closes before anything begins."""
    if window.latest_s >= begins_s:
        return window
    return ClockWindow(earliest_s=window.earliest_s + DAY_S, latest_s=window.latest_s + DAY_S)


def _plan(
    problem: Problem,
    judged: Evaluation,
    request: DayRequest,
    far: FarPlaces,
    fitting: Mapping[int, Insertion],
) -> Plan:
    job_index = {job.id: index for index, job in enumerate(problem.jobs)}
    context = ExplainContext(
        problem=problem,
        fitting=fitting,
        worker_names={worker.id: worker.name for worker in request.workers},
        service_on=request.service_on,
        zone=request.zone,
        far_m=far.for_all,
    )
    return Plan(
        routes=judged.routes,
        unassigned=tuple(explain(context, job_index[job_id]) for job_id in judged.unassigned_ids),
        violations=judged.violations,
        cost=judged.cost,
        travel_s=judged.travel_s,
        travel_m=judged.travel_m,
    )


def worker_notes(request: DayRequest, problem: Problem, far: FarPlaces) -> dict[WorkerId, Message]:
    """Return why a worker could not be used as given; the shifts are those of the workers, in their order."""
    notes: dict[WorkerId, Message] = {}
    for index, (worker, start, end) in enumerate(
        zip(request.workers, problem.start_places, problem.end_places, strict=True)
    ):
        far_m = far.by_mode[worker.mode]
        idle = [rule for rule in problem.shifts[index].breaks if not _meets(rule, problem.shifts[index].span)]
        if start in far_m:
            facts = {"distance": distance_words(far_m[start])}
            notes[worker.id] = Message("The start is {distance} from the nearest road; no route is planned.", facts)
        elif end is not None and end in far_m:
            facts = {"distance": distance_words(far_m[end])}
            notes[worker.id] = Message("The end is {distance} from the nearest road; no route is planned.", facts)
        elif idle:
            outside = {"count": len(idle), "shift": window_text(worker.shift)}
            notes[worker.id] = Message("{count} break(s) lie outside the shift {shift} and are not planned.", outside)
    return notes


def _meets(rule: ShiftBreak, span: TimeSpan) -> bool:
    return rule.window.earliest_at < span.end_at and span.start_at <= rule.window.latest_at
