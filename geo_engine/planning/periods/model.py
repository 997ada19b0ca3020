"""The words of a period: visiting rules go in; days with their routes, what is missed and why come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.errors import InvalidInput
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.model import Route
from geo_engine.planning.travel.learned import LearnedTimes
from geo_engine.tenancy.speeds import SpeedsByMode
from geo_engine.words import Message
from geo_engine.workforce import Worker

WORKDAYS = frozenset({1, 2, 3, 4, 5})
"""Monday to Friday, as `date.isoweekday` numbers them."""
ANY_WEEKDAY = frozenset(range(1, 8))
MIN_WEEKS, MAX_WEEKS = 1, 26
_EARLY, _LATE = 0.7, 1.3  # of the mean spacing
_LONGEST_LEAVE_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitingRule:
    """How often, how far apart and on which days a site is due.

    Parameters
    ----------
    level, site_id
        Whom it is for: all sites of a level, or one site, whose own rule takes the place of its level's.
    visits, weeks
        So many visits in each so many weeks, counted from the period's first day.
    min_gap_days, max_gap_days
        How many days lie between two visits, both ends included; 1 is the next day.
    weekdays
        1 (Monday) to 7; only on these, as far as they are worked.
    worker_id
        Who had better go; None is no matter.
    closed_on
        Days on which these sites cannot be visited.
    line
        The row of the file it was read from; 0 when from elsewhere.
    """

    level: str = ""
    site_id: SiteId | None = None
    visits: int
    weeks: int
    min_gap_days: int
    max_gap_days: int
    weekdays: frozenset[int] = ANY_WEEKDAY
    worker_id: WorkerId | None = None
    closed_on: frozenset[date] = frozenset()
    line: int = 0


def usual_gaps(visits: int, weeks: int, weekdays: frozenset[int]) -> tuple[int, int]:
    """Return the least and the most days between two visits where a rule says nothing.

    They are 70 % and 130 % of the mean, and the most is never less than the longest run without an allowed weekday
    asks for.

    Examples
    --------
    >>> [usual_gaps(visits, weeks, WORKDAYS) for visits, weeks in ((1, 1), (1, 2), (1, 4), (2, 1), (5, 1))]
    [(4, 9), (9, 18), (19, 36), (2, 4), (1, 3)]
    """
    mean_days = 7 * weeks / visits
    days = sorted(weekdays)
    longest = max(after - before for before, after in zip(days, [*days[1:], days[0] + 7], strict=True))
    return max(1, int(mean_days * _EARLY)), max(int(mean_days * _LATE), longest)


def leave_days(first: date, last: date) -> frozenset[date]:
    """Return the days of a leave from its first to its last.

    Raises
    ------
    InvalidInput
        When it ends before it begins, or lasts for more than a year.
    """
    if last < first:
        raise InvalidInput(Message("{until} is before {date}.", {"until": last, "date": first}))
    if (last - first).days > _LONGEST_LEAVE_DAYS:
        raise InvalidInput(Message("{until} is not within a year after {date}.", {"until": last, "date": first}))
    return frozenset(first + timedelta(days=day) for day in range((last - first).days + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeVisit:
    """A visit that was really made; what failed is none, and stays owed."""

    site_id: SiteId
    visited_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVisit:
    """A visit of the period's plan before this one."""

    site_id: SiteId
    planned_on: date
    worker_id: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodParams:
    """How a period is planned; one scale of seconds of travel prices everything.

    Parameters
    ----------
    day_band, week_band
        By how much of the mean working time one worker's day or week may differ from the mean of all.
    evenness
        What differences cost within the bands: seconds of travel for a day that is off by its mean, growing with
        the square. Porto, 600 sites: 0 → 0.4 costs 1 % more travel and halves the spread of days.
    band_price
        Seconds of travel worth one second outside a band.
    keep_s
        Seconds of travel worth a visit that stays on the day and with the worker of the earlier plan.
    preference_s
        Seconds of travel worth a visit by the preferred worker.
    search_s
        Wall-clock seconds of moving patterns.
    round_limit
        Rounds of moving patterns instead of seconds: the same input gives the same plan.
    route_limit_s
        Wall-clock seconds the solver has for one day's routes; 0 leaves them as the search ordered them.
    """

    day_band: float = 0.2
    week_band: float = 0.1
    evenness: float = 0.1
    band_price: float = 3.0
    keep_s: int = 900
    preference_s: int = 1800
    search_s: float = 60.0
    round_limit: int | None = None
    route_limit_s: float = 1.0
    seed: int = 1


DEFAULT_PARAMS = PeriodParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRequest:
    """A period to plan, or to plan on from a day within it.

    Parameters
    ----------
    first_on, week_count
        Weeks are counted from this day.
    today_on
        The first day that is still to be planned; None is the period's first. What was before is as `made` says.
    workdays
        The weekdays on which anybody works, 1 (Monday) to 7.
    holidays
        Days on which nobody works.
    days_off
        More days on which a worker does not.
    made
        Visits before `today_on`, also before the period: spacing goes on from them, and what a cycle that is over
        lacks is carried over to the next.
    earlier
        The plan so far: what it has from `today_on` on had better stay.
    learned, speeds
        As those of a `DayRequest`.
    """

    first_on: date
    week_count: int
    zone: ZoneInfo
    sites: tuple[Site, ...]
    workers: tuple[Worker, ...]
    rules: tuple[VisitingRule, ...]
    today_on: date | None = None
    workdays: frozenset[int] = WORKDAYS
    holidays: frozenset[date] = frozenset()
    days_off: Mapping[WorkerId, frozenset[date]]
    made: tuple[MadeVisit, ...] = ()
    earlier: tuple[EarlierVisit, ...] = ()
    snap_limit_m: float
    learned: LearnedTimes | None = None
    speeds: SpeedsByMode = field(default_factory=dict)
    params: PeriodParams = DEFAULT_PARAMS


class MissedReason(StrEnum):
    """Why a due visit is on no day."""

    NO_WORKER = "no_worker"
    OUT_OF_REACH = "out_of_reach"
    NO_DAY = "no_day"
    WORKER_OFF = "worker_off"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Visits that are due between two days, both included, and are on no day; and why."""

    site_id: SiteId
    from_on: date
    until_on: date
    count: int
    reason: MissedReason
    detail: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A site whose next visit comes later than its rule's most days; `visit_on` None is after the period."""

    site_id: SiteId
    due_by: date
    visit_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is due of a level in a week.

    Parameters
    ----------
    missed_count, carried_count
        What the cycles that end in the week lack: for good, or made up for in the cycle after, where it is due again.
    """

    week: int
    first_on: date
    level: str
    made_count: int
    planned_count: int
    missed_count: int
    carried_count: int

    @property
    def due_count(self) -> int:
        """All of them."""
        return self.made_count + self.planned_count + self.missed_count + self.carried_count


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDay:
    """The routes of one day, by worker in the given order."""

    service_on: date
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """How one worker's day is filled; a route's waiting counts, its breaks do not."""

    worker_id: WorkerId
    service_on: date
    working_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPlan:
    """What is visited on which day by whom in which order, and what is not.

    Parameters
    ----------
    days
        From `today_on` on, those with a route, in order.
    workloads
        One per worker and day that is worked, also where nothing is to do.
    unruled
        Sites without a visiting rule: nobody goes there.
    kept_count, moved_count
        Of the earlier plan's visits from `today_on` on, those on the same day by the same worker, and the others.
    learned, speeds
        As in its request.
    """

    days: tuple[PeriodDay, ...]
    missed: tuple[Missed, ...]
    late: tuple[Late, ...]
    coverage: tuple[Coverage, ...]
    workloads: tuple[Workload, ...]
    unruled: tuple[SiteId, ...]
    kept_count: int
    moved_count: int
    road_source: str
    is_estimate: bool
    learned: LearnedTimes | None = None
    speeds: SpeedsByMode = field(default_factory=dict)

    @property
    def travel_s(self) -> int:
        """Seconds driven on all routes."""
        return sum(route.travel_s for day in self.days for route in day.routes)

    @property
    def travel_m(self) -> int:
        """Metres driven on all routes."""
        return sum(route.travel_m for day in self.days for route in day.routes)

    @property
    def service_s(self) -> int:
        """Seconds of service on all routes."""
        visits = (visit for day in self.days for route in day.routes for visit in route.planned_visits)
        return round(sum((visit.end_at - visit.start_at).total_seconds() for visit in visits))

    @property
    def visit_count(self) -> int:
        """Visits on all routes."""
        return sum(len(route.planned_visits) for day in self.days for route in day.routes)
