"""What lasts of a period: what was asked for, how far it is, what it has, and whether the days follow it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from geo_engine.errors import Conflict, InvalidInput, NotFound
from geo_engine.ids import MemberId, PeriodId, SiteId, TeamId, WorkerId
from geo_engine.planning.periods.model import DEFAULT_PARAMS, WORKDAYS, Coverage, Late, Missed
from geo_engine.planning.travel.learned import LearnedTimes
from geo_engine.planning.versions.model import Failure, RequestState
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAsk:
    """A person's wish for weeks to be planned.

    Parameters
    ----------
    team_id
        Of which team with the teams below; None is the company.
    today_on
        The first day that is still to be planned.
    days_off
        More days on which a worker does not work; the worker's name will do where nobody else has it.
    search_s, round_limit
        As `PeriodParams` has them.
    uses_learned
        Whether it is planned with learned times; None as the company has it.
    """

    team_id: TeamId | None = None
    first_on: date
    week_count: int
    today_on: date
    workdays: frozenset[int] = WORKDAYS
    holidays: frozenset[date] = frozenset()
    days_off: Mapping[WorkerId, frozenset[date]] = field(default_factory=dict)
    search_s: float = DEFAULT_PARAMS.search_s
    round_limit: int | None = None
    uses_learned: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodForecast:
    """What is covered by a period's plan, and what not; travel in seconds and metres, service in seconds.

    Parameters
    ----------
    learned, speeds
        As those of a `DayPlan`.
    """

    coverage: tuple[Coverage, ...]
    missed: tuple[Missed, ...]
    late: tuple[Late, ...]
    unruled: tuple[SiteId, ...]
    travel_s: int
    travel_m: int
    service_s: int
    learned: LearnedTimes | None
    speeds: SpeedsByMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """Another period whose days are taken over, or that takes them over, and the first and last of them."""

    id: PeriodId
    team_id: TeamId | None
    first_on: date
    week_count: int
    asked_at: datetime
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPeriod:
    """A period that was asked for, and what became of it.

    Parameters
    ----------
    share
        How much of the work is done, 0 to 1.
    forecast
        None unless it is planned.
    adopted_at
        When the days began to follow it; None when they never did.
    replaced_by
        What took over days of it since; None while the days follow it, or never did.
    """

    id: PeriodId
    ask: PeriodAsk
    asked_by: MemberId | None
    asked_at: datetime
    state: RequestState
    share: float
    failure: Failure | None
    forecast: PeriodForecast | None
    adopted_at: datetime | None
    replaced_by: Takeover | None = None

    @property
    def is_followed(self) -> bool:
        """Whether the days follow it, all that it plans."""
        return self.adopted_at is not None and self.replaced_by is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodVisit:
    """A visit of a period: on which day, by whom, as which stop of the day."""

    site_id: SiteId
    planned_on: date
    worker_id: WorkerId
    number: int


class PeriodNotFound(NotFound):
    """There is no such period."""

    def __init__(self, period_id: PeriodId | UUID) -> None:
        super().__init__(Message("There is no period {id}.", {"id": period_id}))


class PeriodNotPlanned(Conflict):
    """The period has no visits: it is not planned yet, or that failed."""

    def __init__(self, period_id: PeriodId) -> None:
        super().__init__(Message("The period {id} is not planned.", {"id": period_id}))


class NothingDue(InvalidInput):
    """No site has a visiting rule, or nobody is there to go."""
