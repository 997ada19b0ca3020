"""What lasts of planning: a request to plan a day, and the versions of the day's plan it led to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.errors import Conflict, GeoEngineError, InvalidInput, NotFound
from geo_engine.ids import MemberId, PlanId, PlanRequestId, TeamId, WorkerId
from geo_engine.planning.day import DayPlan
from geo_engine.planning.model import PlannedVisit, Route
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import DayProgress
from geo_engine.planning.solver.solve import Budget, Progress
from geo_engine.roads import RoadChoice
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """Which day is planned, and for whom: a team with the teams below it, or the whole company when None."""

    service_on: date
    team_id: TeamId | None = None


class RequestState(StrEnum):
    """Where a request to plan stands."""

    QUEUED = "queued"
    SOLVING = "solving"
    PLANNED = "planned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a request led to no plan, and by its family of errors what whoever waits can do about it."""

    family: type[GeoEngineError]
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanWish:
    """A day that is under way shall be planned anew from a moment on.

    Parameters
    ----------
    plan_id
        The plan that is being followed.
    progress
        Where the day stood when it was asked for.
    """

    plan_id: PlanId
    reach: Reach
    progress: DayProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """A person's wish for a plan of a day, and what became of it.

    Parameters
    ----------
    base_version
        The newest version the person could have seen; the plan becomes the next one or is not recorded.
    attempt
        How often a worker took it up; what an earlier attempt still brings is not recorded.
    plan_id
        What was recorded; None unless `RequestState.PLANNED`.
    failure
        Why nothing was; None unless `RequestState.FAILED`.
    replan
        None to plan the whole day.
    uses_learned
        Whether it is planned with learned times.
    """

    id: PlanRequestId
    scope: PlanScope
    budget: Budget
    requested_by: MemberId | None
    base_version: int
    state: RequestState
    attempt: int
    progress: Progress | None
    plan_id: PlanId | None
    failure: Failure | None
    replan: ReplanWish | None = None
    uses_learned: bool = True

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (RequestState.PLANNED, RequestState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """When the workers were given a version, and when they no longer had it; None as long as they have it."""

    published_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a worker is told once of a publication: that it came, or that it ended with no other in its place.

    Parameters
    ----------
    plan_id, number
        Which publication of which version.
    """

    plan_id: PlanId
    number: int
    is_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPublication:
    """A version's time with one worker, and what of it a member has read.

    Parameters
    ----------
    ended_at
        When another version took its place or it was withdrawn; None as long as the worker has it.
    is_read, is_end_read
        Whether the member has read that it came, and that it ended.
    """

    plan_id: PlanId
    number: int
    scope: PlanScope
    published_at: datetime
    ended_at: datetime | None
    is_read: bool
    is_end_read: bool

    def notice(self, *, is_end: bool) -> Notice:
        """Return what is told of it."""
        return Notice(plan_id=self.plan_id, number=self.number, is_end=is_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """One version of a day's plan; a version never changes, only the next one does.

    Parameters
    ----------
    version
        1, 2, … within its scope.
    published_at, superseded_at
        When the workers were given it last, and when another version took its place after that or it was withdrawn.
    roads
        What it was planned on, whatever the company has chosen since.
    """

    id: PlanId
    scope: PlanScope
    version: int
    made_at: datetime
    published_at: datetime | None
    superseded_at: datetime | None
    roads: RoadChoice
    day_plan: DayPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMark:
    """A version in a list of all of its scope: what it is called, and what it came from.

    Parameters
    ----------
    is_by_hand
        Whether somebody made it of an earlier version; otherwise it was searched for.
    restores
        The earlier version it is equal to, where somebody went back to that; else None.
    """

    id: PlanId
    version: int
    made_at: datetime
    is_by_hand: bool
    restores: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedVisit:
    """A stop of a worker's published route: its place in the order, its times and its site.

    Parameters
    ----------
    number
        From 1.
    """

    number: int
    visit: PlannedVisit
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDay:
    """A worker's day as it was published: the route, its stops in order, and how the worker travels."""

    worker_id: WorkerId
    worker_name: str
    service_on: date
    zone: ZoneInfo
    route: Route
    ordered_visits: tuple[OrderedVisit, ...]
    mode: TravelMode = TravelMode.CAR


class NothingPublished(NotFound):
    """A worker, or everyone, was given no route for a day."""

    def __init__(self, service_on: date) -> None:
        super().__init__(Message("No route of {date} is published.", {"date": service_on.isoformat()}))


class PlanNotFound(NotFound):
    """There is no such plan."""

    def __init__(self, plan: object) -> None:
        super().__init__(Message("There is no plan {plan}.", {"plan": plan}))


class PlanRequestNotFound(NotFound):
    """There is no such request to plan."""

    def __init__(self, request_id: PlanRequestId) -> None:
        super().__init__(Message("There is no request to plan {id}.", {"id": request_id}))


class PlanChanged(Conflict):
    """Somebody else recorded or published a version meanwhile."""

    def __init__(self, scope: PlanScope) -> None:
        super().__init__(
            Message(
                "Somebody else changed the plan of {date} meanwhile; look at the newest version, then try again.",
                {"date": scope.service_on.isoformat()},
            )
        )


class PlanBeingMade(Conflict):
    """A plan is searched for; a change by hand would be the version that it has to become."""

    def __init__(self, scope: PlanScope) -> None:
        super().__init__(
            Message(
                "A plan of {date} is being made: wait until it is there, or stop it, then try again.",
                {"date": scope.service_on.isoformat()},
            )
        )


class PlanOverlaps(Conflict):
    """Another plan of the day that the workers have shares a worker or a visit with the one to be published."""

    def __init__(self, other: PlanScope) -> None:
        team = other.team_id
        whose = Message("the whole company") if team is None else Message("team {team}", {"team": team})
        super().__init__(
            Message(
                "The published plan of {whose} for {date} shares workers or visits with this one; withdraw it first.",
                {"whose": whose, "date": other.service_on.isoformat()},
            )
        )
        self.other = other


class NothingToPlan(InvalidInput):
    """Nobody is to be visited, or nobody works."""
