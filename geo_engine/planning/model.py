"""The planner's words: jobs and shifts go in; routes, unassigned jobs and violations come out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.timespan import TimeSpan, TimeWindow
from geo_engine.words import Message

MAX_PRIORITY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A work order or due visit as the planner sees it.

    Parameters
    ----------
    windows
        When service may *begin*, both ends included, in order; none means at any time.
    priority
        0 (first to be left out) to 100 (last).
    penalty
        What leaving it out costs, in the unit of cost; None takes the priority's default.
    required
        Leaving it out is a violation.
    worker_ids
        Only these workers may do it; empty means anyone.
    forbidden_worker_ids
        These workers may not.
    amounts
        What is brought to it: on board from the start until then; one number per dimension of capacity.
    pickup_amounts
        What is taken from it: on board from then to the end.
    released_at
        Who does it leaves the start no earlier, for what is needed is not there before.
    setup_s
        What comes before service unless the stop before, or the start, is at the same place. A visit begins with
        it, so windows apply to its beginning.
    preferred_worker_ids, preference_cost
        Any worker but these costs that much; empty means no preference.
    promised_at
        When the customer was told that service begins; what keeping it is worth is a rule of the plan.
    """

    id: JobId
    position: Position
    service_s: int
    windows: tuple[TimeWindow, ...] = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0
    penalty: int | None = None
    required: bool = False
    worker_ids: frozenset[WorkerId] = frozenset()
    forbidden_worker_ids: frozenset[WorkerId] = frozenset()
    amounts: tuple[int, ...] = ()
    pickup_amounts: tuple[int, ...] = ()
    released_at: datetime | None = None
    setup_s: int = 0
    preferred_worker_ids: frozenset[WorkerId] = frozenset()
    preference_cost: int = 0
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftBreak:
    """A break of a shift: it *begins* within its window, may interrupt travel, never service.

    It is void when the route ends by the end of the window or begins after it, unless it `is_always_taken`: then the
    route lasts from before it until after it.
    """

    duration_s: int
    window: TimeWindow
    is_always_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One worker's working day: when, from where to where, with which skills, limits and costs.

    Parameters
    ----------
    span
        The route lies within it, but for overtime; being back exactly at its end is in time.
    end
        None leaves the end open: the route ends with its last service.
    mode
        How the worker travels, such as ``car`` or ``bicycle``: which travel matrix counts.
    speed_factor
        How much faster than the matrix; 2 halves every travel time, rounded up.
    max_driving_s, max_distance_m
        How long and how far the route may travel, the way to the end included.
    cost_fixed, cost_per_hour, cost_per_km
        Once when the shift is used, per hour of travel, per kilometre.
    max_overtime_s, cost_per_overtime_hour
        How long after the span's end the route may end, and what each hour of that costs.
    cost_per_service_hour, cost_per_waiting_hour
        Per hour of set-up and service, and of neither that nor travel nor break.
    """

    worker_id: WorkerId
    span: TimeSpan
    start: Position
    end: Position | None = None
    mode: str = "car"
    speed_factor: float = 1.0
    breaks: tuple[ShiftBreak, ...] = ()
    skills: frozenset[str] = frozenset()
    max_visits: int | None = None
    max_driving_s: int | None = None
    max_distance_m: int | None = None
    capacity: tuple[int, ...] = ()
    cost_fixed: float = 0.0
    cost_per_hour: float = 3600.0
    cost_per_km: float = 0.0
    max_overtime_s: int = 0
    cost_per_overtime_hour: float = 0.0
    cost_per_service_hour: float = 0.0
    cost_per_waiting_hour: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A job placed on a route, from set-up to the end of service; `travel_s`, `travel_m` are of the leg to it."""

    job_id: JobId
    position: Position
    arrival_at: datetime
    start_at: datetime
    end_at: datetime
    travel_s: int
    travel_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBreak:
    """A break placed on a route."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One worker's ordered planned visits for one shift; `travel_s`, `travel_m` include the way to the end."""

    worker_id: WorkerId
    start: Position
    end: Position | None
    start_at: datetime
    end_at: datetime
    breaks: tuple[PlannedBreak, ...]
    planned_visits: tuple[PlannedVisit, ...]
    travel_s: int
    travel_m: int
    cost: int


@dataclass(frozen=True, slots=True)
class WorkerNames:
    """The workers a sentence names: read as their names, kept as their ids."""

    names: tuple[tuple[WorkerId, str], ...]

    def __str__(self) -> str:
        return ", ".join(name for _, name in self.names)


class UnassignedReason(StrEnum):
    """Why a job is on no route."""

    NO_WORKER = "no_worker"
    WORKER_UNKNOWN = "worker_unknown"
    NO_SKILL = "no_skill"
    OUTSIDE_SHIFTS = "outside_shifts"
    TOO_LONG = "too_long"
    FAR_FROM_ROAD = "far_from_road"
    NO_PATH = "no_path"
    OVER_CAPACITY = "over_capacity"
    OUT_OF_REACH = "out_of_reach"
    NO_ROOM = "no_room"
    PENALTY_CHEAPER = "penalty_cheaper"
    FITS = "fits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A job on no route, why, and the same in words a dispatcher understands."""

    job_id: JobId
    reason: UnassignedReason
    detail: Message


class ViolationKind(StrEnum):
    """What a plan can break."""

    WINDOW = "window"
    SHIFT = "shift"
    BREAK = "break"
    SKILL = "skill"
    WORKER = "worker"
    CAPACITY = "capacity"
    MAX_VISITS = "max_visits"
    MAX_DRIVING = "max_driving"
    MAX_DISTANCE = "max_distance"
    NO_PATH = "no_path"
    SHIPMENT = "shipment"
    SAME_WORKER = "same_worker"
    AFTER = "after"
    LOCKED = "locked"
    REQUIRED = "required"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule a plan breaks, by whom and where; `excess` says by how much, in seconds, metres, visits or units."""

    kind: ViolationKind
    worker_id: WorkerId | None = None
    job_id: JobId | None = None
    excess: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All routes of a day, what could not be placed, and what the whole costs.

    Parameters
    ----------
    cost
        Cost of the routes plus the penalties of unassigned jobs.
    routes
        One per shift that is used, in the order of the shifts.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]
    violations: tuple[Violation, ...]
    cost: int
    travel_s: int
    travel_m: int


def may_do(shift: Shift, job: Job) -> bool:
    """Return whether the shift's worker has the job's skills and is allowed on it."""
    if job.worker_ids and shift.worker_id not in job.worker_ids:
        return False
    return shift.worker_id not in job.forbidden_worker_ids and job.skills <= shift.skills
