"""Why a job is on no route, in words a dispatcher understands: the first thing that prevents it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from geo_engine.ids import WorkerId
from geo_engine.planning.evaluate import route_violations
from geo_engine.planning.insertion import Insertion, is_feasible
from geo_engine.planning.limits import overloads
from geo_engine.planning.model import Job, Shift, Unassigned, UnassignedReason, Violation, ViolationKind, WorkerNames
from geo_engine.planning.problem import NO_PATH, Problem, windows_s
from geo_engine.timespan import local_clock
from geo_engine.words import Message

_NAMED_COUNT = 3

Finding = tuple[UnassignedReason, Message] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A day under way, of which a problem is what is left.

    Parameters
    ----------
    now
        From when on that is.
    whole_shifts
        The shifts as people know them, by worker.
    """

    now: datetime
    whole_shifts: Mapping[WorkerId, Shift]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainContext:
    """What an explanation looks at besides the job.

    Parameters
    ----------
    fitting
        Where jobs would fit as the plan is, by job index: too dear for their penalty, or placed by nobody yet.
    worker_names
        What to call each worker.
    service_on, zone
        The day and the zone times are told in.
    far_m
        How far the jobs that are too far from any road are from it, in metres, by job index.
    begun
        None where the problem is of the whole day.
    """

    problem: Problem
    fitting: Mapping[int, Insertion]
    worker_names: Mapping[WorkerId, str]
    service_on: date
    zone: tzinfo
    far_m: Mapping[int, float]
    begun: Begun | None = None

    def names(self, *shift_indices: int) -> WorkerNames:
        """Return what to call the workers of shifts."""
        worker_ids = [self.problem.shifts[index].worker_id for index in shift_indices]
        return WorkerNames(tuple((one, self.worker_names.get(one, one)) for one in worker_ids))

    def known_spans(self, shift_indices: Iterable[int]) -> list[tuple[int, int]]:
        """Return from when to when shifts are, overtime and all, as people know them; also of what is over."""
        problem = self.problem
        if self.begun is None:
            return [(problem.spans[index][0], problem.latest_ends_s[index]) for index in shift_indices]
        known = [self.begun.whole_shifts[problem.shifts[index].worker_id] for index in shift_indices]
        return [
            (self._seconds(one.span.start_at), self._seconds(one.span.end_at) + one.max_overtime_s) for one in known
        ]

    def _seconds(self, moment: datetime) -> int:
        return round((moment - self.problem.origin_at).total_seconds())

    def clock(self, seconds: int) -> str:
        """Return a time of the problem as people of the zone read it, after midnight with its day as ``+1``."""
        return local_clock(self.problem.moment(seconds), service_on=self.service_on, zone=self.zone)

    def clocks(self, spans: Iterable[tuple[int, int]]) -> str:
        """Return distinct spans as people read them, the first few of many."""
        texts = list(dict.fromkeys(f"{self.clock(start_s)}–{self.clock(end_s)}" for start_s, end_s in sorted(spans)))
        return ", ".join([*texts[:_NAMED_COUNT], *(["…"] if len(texts) > _NAMED_COUNT else [])])


def explain(context: ExplainContext, job_index: int) -> Unassigned:
    """Return the first reason that keeps a job off every route.

    Notes
    -----
    From the unchangeable to the changeable: who may, roads, load, time alone, and last the room beside
    the other visits.
    """
    job = context.problem.jobs[job_index]
    checks: Sequence[Callable[[ExplainContext, int], Finding]] = (
        _who_may,
        _roads,
        _load,
        _length,
        _windows,
        _alone,
        _price,
    )
    for check in checks:
        found = check(context, job_index)
        if found is not None:
            return Unassigned(job_id=job.id, reason=found[0], detail=found[1])
    problem = context.problem
    able = sum(is_feasible(problem, index, problem.alone(index, job_index)) for index in problem.allowed[job_index])
    detail = Message(
        "{count} worker(s) could do it on an empty day, but nobody has room left beside the planned visits.",
        {"count": able},
    )
    return Unassigned(job_id=job.id, reason=UnassignedReason.NO_ROOM, detail=detail)


def distance_words(distance_m: float) -> Message:
    """Return a distance as people say it: metres when near, kilometres when far."""
    if distance_m < 10_000:
        return Message("{metres} m", {"metres": round(distance_m)})
    return Message("{km} km", {"km": round(distance_m / 1000)})


def _who_may(context: ExplainContext, job_index: int) -> Finding:
    problem, job = context.problem, context.problem.jobs[job_index]
    if not problem.shifts:
        return UnassignedReason.NO_WORKER, Message("No worker is available on this day.")
    if problem.allowed[job_index]:
        return None
    known = {shift.worker_id for shift in problem.shifts}
    if job.worker_ids and not job.worker_ids & known:
        asked = ", ".join(sorted(job.worker_ids))
        return UnassignedReason.WORKER_UNKNOWN, Message(
            "The worker it is kept for is not in the list: {worker}.", {"worker": asked}
        )
    return _skills(problem, job)


def _skills(problem: Problem, job: Job) -> Finding:
    permitted = [
        shift
        for shift in problem.shifts
        if (not job.worker_ids or shift.worker_id in job.worker_ids) and shift.worker_id not in job.forbidden_worker_ids
    ]
    if not permitted:
        return UnassignedReason.NO_WORKER, Message("Every worker is barred from it.")
    held = frozenset[str]().union(*(shift.skills for shift in permitted))
    missing = job.skills - held
    if missing:
        skills = ", ".join(sorted(missing))
        return UnassignedReason.NO_SKILL, Message(
            "No worker who may do it has the skill: {skills}.", {"skills": skills}
        )
    skills = ", ".join(sorted(job.skills))
    return UnassignedReason.NO_SKILL, Message("No one worker has all the skills: {skills}.", {"skills": skills})


def _roads(context: ExplainContext, job_index: int) -> Finding:
    if job_index in context.far_m:
        distance = distance_words(context.far_m[job_index])
        return UnassignedReason.FAR_FROM_ROAD, Message("The nearest road is {distance} away.", {"distance": distance})
    if not _reaching(context.problem, job_index):
        names = context.names(*sorted(context.problem.allowed[job_index]))
        return UnassignedReason.NO_PATH, Message("No road leads there and back for: {workers}.", {"workers": names})
    return None


def _reaching(problem: Problem, job_index: int) -> list[int]:
    """List the shifts that may do a job and have a way there and back."""
    return [
        index
        for index in sorted(problem.allowed[job_index])
        if problem.travel_s(index)[problem.start_places[index], job_index] != NO_PATH
        and ((end := problem.end_places[index]) is None or problem.travel_s(index)[job_index, end] != NO_PATH)
    ]


def _load(context: ExplainContext, job_index: int) -> Finding:
    problem = context.problem
    if all(overloads(problem, index, problem.alone(index, job_index)) for index in _reaching(problem, job_index)):
        amounts = ", ".join(str(amount) for amount in problem.jobs[job_index].amounts)
        return UnassignedReason.OVER_CAPACITY, Message("Nobody can carry its amounts: {amounts}.", {"amounts": amounts})
    return None


def _length(context: ExplainContext, job_index: int) -> Finding:
    problem = context.problem
    service_s = problem.jobs[job_index].service_s
    reaching = _reaching(problem, job_index)
    longest_s = max(problem.latest_ends_s[index] - problem.spans[index][0] for index in reaching)
    if service_s <= longest_s:
        return None
    facts = {"service": round(service_s / 60), "shift": round(longest_s / 60)}
    if context.begun is None:
        told = Message("Service takes {service} min, the longest shift {shift} min.", facts)
    else:
        told = Message("Service takes {service} min, at most {shift} min are left of any shift.", facts)
    return UnassignedReason.TOO_LONG, told


def _windows(context: ExplainContext, job_index: int) -> Finding:
    problem = context.problem
    spans = [(problem.spans[index][0], problem.latest_ends_s[index]) for index in _reaching(problem, job_index)]
    job = replace(problem.jobs[job_index], promised_at=None)  # a promise is no window of the visit's
    windows = windows_s(job, problem.origin_at, problem.rules.tolerance_s)
    if _do_meet(spans, windows):
        return None
    known = context.known_spans(_reaching(problem, job_index))
    facts = {"windows": context.clocks(windows), "shifts": context.clocks(known)}
    if context.begun is None or not _do_meet(known, windows):
        told = Message("Its time window {windows} is outside every shift ({shifts}).", facts)
    else:
        now = local_clock(context.begun.now, service_on=context.service_on, zone=context.zone)
        told = Message(
            "Its time window {windows} is outside what is left of the shifts ({shifts}) at {now}.",
            {**facts, "now": now},
        )
    return UnassignedReason.OUTSIDE_SHIFTS, told


def _do_meet(spans: Iterable[tuple[int, int]], windows: Sequence[tuple[int, int]]) -> bool:
    return any(
        opens_s <= latest_s and earliest_s <= closes_s
        for opens_s, closes_s in spans
        for earliest_s, latest_s in windows
    )


def _alone(context: ExplainContext, job_index: int) -> Finding:
    """Name what stops the worker who comes closest to doing the job with nothing else to do."""
    problem = context.problem
    reaching = _reaching(problem, job_index)
    if any(is_feasible(problem, index, problem.alone(index, job_index)) for index in reaching):
        return None
    broken = {index: route_violations(problem, index, problem.alone(index, job_index)) for index in reaching}
    closest = min(reaching, key=lambda index: (len(broken[index]), sum(found.excess for found in broken[index]), index))
    facts = {"worker": context.names(closest), "obstacle": _obstacle(broken[closest][0])}
    return UnassignedReason.OUT_OF_REACH, Message(
        "Nobody can do it even with nothing else to do; for {worker}, who comes closest, {obstacle}.", facts
    )


def _obstacle(violation: Violation) -> Message:
    facts = {"minutes": -(-violation.excess // 60), "metres": violation.excess}
    return Message(_OBSTACLES.get(violation.kind, _TOO_MUCH).template, facts)


_TOO_MUCH = Message("the capacity is exceeded")
_OBSTACLES = {
    ViolationKind.WINDOW: Message("the arrival is {minutes} min too late"),
    ViolationKind.SHIFT: Message("the shift is {minutes} min too short"),
    ViolationKind.BREAK: Message("the break would begin {minutes} min too late"),
    ViolationKind.MAX_DRIVING: Message("the driving limit is {minutes} min too low"),
    ViolationKind.MAX_DISTANCE: Message("the distance limit is {metres} m too low"),
    ViolationKind.MAX_VISITS: Message("no visit is allowed at all"),
}


def _price(context: ExplainContext, job_index: int) -> Finding:
    found = context.fitting.get(job_index)
    if found is None:
        return None
    penalty = context.problem.penalties[job_index]
    facts = {"worker": context.names(found.shift_index), "cost": found.cost, "penalty": penalty}
    if found.cost < penalty:
        return UnassignedReason.FITS, Message(
            "It fits {worker}'s route as it is, for a cost of {cost}, but has not been placed there.", facts
        )
    return UnassignedReason.PENALTY_CHEAPER, Message(
        "Adding it to {worker}'s route would cost {cost}; leaving it out costs only its penalty of {penalty}.", facts
    )
