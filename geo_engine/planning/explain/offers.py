"""The words of “why not”: a left-out job's best place with each worker, what prevents it, and what would make room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Violation


class Lever(StrEnum):
    """What could give way, so that a job finds room."""

    WINDOW_LATER = "window_later"
    WINDOW_EARLIER = "window_earlier"
    SHIFT_LATER = "shift_later"
    SHIFT_EARLIER = "shift_earlier"
    BREAK_LATER = "break_later"
    SERVICE_SHORTER = "service_shorter"
    MAX_DRIVING = "max_driving"
    MAX_VISITS = "max_visits"
    CAPACITY = "capacity"
    SKILL = "skill"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One rule that gives way, and by how much.

    Parameters
    ----------
    amount
        Seconds, whole minutes of them; visits; or units of a capacity. 0 for a skill and for a worker.
    job_id
        Whose window or service, or who may do it; None where the rule is the worker's.
    number
        Which of the job's windows, the shift's breaks or the capacity's dimensions, from 0.
    skills
        What the worker would have to be able to do besides, sorted.
    to_at
        UTC; what the end that moves is moved to; None where none is.
    """

    lever: Lever
    amount: int = 0
    job_id: JobId | None = None
    number: int = 0
    skills: tuple[str, ...] = ()
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A way to place a job: with these rules relaxed, and one visit left out where it is named, nothing new is broken.

    Parameters
    ----------
    position
        Before which visit of the worker's route the job is placed, from 0, once the one left out is gone.
    relaxations
        All are needed; none means that it fits as it is.
    leaves_out
        A visit of the route that matters less, given up for this one.
    cost, travel_s, travel_m
        What the routes cost and drive more; penalties are not counted.
    """

    worker_id: WorkerId
    job_id: JobId
    position: int
    relaxations: tuple[Relaxation, ...] = ()
    leaves_out: JobId | None = None
    cost: int = 0
    travel_s: int = 0
    travel_m: int = 0

    @property
    def is_free(self) -> bool:
        """Whether nothing has to give way."""
        return not self.relaxations and self.leaves_out is None

    def order(self, job_ids: Sequence[JobId]) -> list[JobId]:
        """Return the worker's order with the offer taken."""
        kept = [job_id for job_id in job_ids if job_id != self.leaves_out]
        return [*kept[: self.position], self.job_id, *kept[self.position :]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPlace:
    """Where the least would have to give way for a left-out job on a worker's route, and why it is not there.

    Parameters
    ----------
    position
        Before which visit of the route, from 0.
    cost, travel_s, travel_m
        What the route costs and drives more with the job there.
    broken
        The rules that it would break and the route without it does not, the first that prevents it first.
    offers
        What would make room, the cheapest first; all but that one may be of another place.
    """

    worker_id: WorkerId
    position: int
    cost: int
    travel_s: int
    travel_m: int
    broken: tuple[Violation, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why a job is on no route: its best place with each worker looked at.

    Parameters
    ----------
    places
        By what would have to give way, the least first; no path comes last.
    unseen_count
        How many workers were not looked at: those farther away, and of an edited plan those whose routes changed last.
    """

    places: tuple[BestPlace, ...]
    unseen_count: int
