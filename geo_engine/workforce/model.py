"""A worker as a company describes one: from where to where, when, with which skills and limits."""

from dataclasses import dataclass
from datetime import date

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.ids import DepotId, TeamId, WorkerId
from geo_engine.timespan import DAY_S, ClockWindow, window_text
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

DEFAULT_SHIFT = ClockWindow(earliest_s=9 * 3600, latest_s=18 * 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRule:
    """A break that begins within its window; it may interrupt travel, never service."""

    duration_s: int
    window: ClockWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A person who visits, with the usual working day.

    Parameters
    ----------
    start, end
        Where the route starts and ends, WGS 84; no end means the route ends at its last stop.
    shift
        Local working hours; the worker is back at `end` by `shift.latest_s`.
    mode
        How the worker travels, unless the shift of the day says otherwise.
    max_visits, max_driving_s
        Limits for one route; None is no limit.
    capacity
        What the vehicle carries, one number per dimension.
    cost_fixed, cost_per_hour, cost_per_km
        What using the worker costs: once, per hour of travel, per kilometre. With the defaults a
        plan's cost is its travel time in seconds.
    team_id
        None is the company's.
    line
        The row of the file the worker was read from; 0 when from elsewhere.
    """

    id: WorkerId
    name: str
    start: Position
    end: Position | None = None
    shift: ClockWindow = DEFAULT_SHIFT
    breaks: tuple[BreakRule, ...] = ()
    skills: frozenset[str] = frozenset()
    mode: TravelMode = TravelMode.CAR
    max_visits: int | None = None
    max_driving_s: int | None = None
    capacity: tuple[int, ...] = ()
    cost_fixed: float = 0.0
    cost_per_hour: float = 3600.0
    cost_per_km: float = 0.0
    team_id: TeamId | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A place where routes start or end: a home, an office."""

    id: DepotId
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerShift:
    """When a worker works on one day, in local clock time; it takes the place of the usual hours.

    Parameters
    ----------
    mode
        How the worker travels on that day; None is as usual.

    Raises
    ------
    NoWorkingDay
        When the hours are none, or longer than a day.
    """

    service_on: date
    worker_id: WorkerId
    hours: ClockWindow
    mode: TravelMode | None = None

    def __post_init__(self) -> None:
        if not is_working_day(self.hours):
            raise NoWorkingDay(window_text(self.hours))


class NoWorkingDay(InvalidInput):
    """A shift lasts no time, or longer than a day."""

    def __init__(self, text: str) -> None:
        super().__init__(Message("The shift “{text}” must last more than 0 and at most 24 hours.", {"text": text}))


def is_working_day(hours: ClockWindow) -> bool:
    """Return whether hours are long enough, and not too long, to be worked on one day.

    Examples
    --------
    >>> is_working_day(DEFAULT_SHIFT), is_working_day(ClockWindow(earliest_s=0, latest_s=0))
    (True, False)
    """
    return 0 < hours.latest_s - hours.earliest_s <= DAY_S
