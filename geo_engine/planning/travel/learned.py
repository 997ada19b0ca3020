"""Service and travel times learned from past days, as values a plan is made with; nothing here learns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from geo_engine.customers import Site
from geo_engine.ids import SiteId
from geo_engine.planning.model import Shift
from geo_engine.timespan import DAY_S, ClockWindow
from geo_engine.travel_modes import TravelMode

_HOUR_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedHour:
    """What holds for what begins within an hour of the day, 0 to 23, of the company's clock, and of how much.

    Parameters
    ----------
    value
        Seconds of service, or a factor of travel times.
    """

    hour: int
    value: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedService:
    """How long the service at a site takes, as its visits tell.

    Parameters
    ----------
    given_s
        What the site says itself: learned times lie between it and what was seen.
    service_s
        At any hour.
    visit_count
        How many visits it was learned from.
    hours
        By the hour a visit begins in; hours of which nothing is known are not there.
    """

    given_s: int
    service_s: int
    visit_count: int
    hours: tuple[LearnedHour, ...] = ()

    def within(self, windows: Sequence[ClockWindow]) -> int:
        """Return how long it takes when service begins within some windows: the mean of their hours; none is any."""
        by_hour = {one.hour: one.value for one in self.hours}
        allowed = [by_hour.get(hour, self.service_s) for hour in _hours_of(windows)]
        return round(sum(allowed) / len(allowed)) if allowed else self.service_s


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTravel:
    """How many times as long as planned people drive a car, in all and by the hour they leave in."""

    factor: float
    leg_count: int
    hours: tuple[LearnedHour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTimes:
    """What was learned of a company's days; of a plan, what it was made with.

    Parameters
    ----------
    services
        Sites nobody has visited yet are not there: what they say themselves holds.
    travel
        None where no way was seen: the matrix holds.
    """

    services: Mapping[SiteId, LearnedService] = field(default_factory=dict)
    travel: LearnedTravel | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was learned: then it makes no difference."""
        return not self.services and self.travel is None

    def given_s(self, sites: Iterable[Site]) -> int:
        """Return how long the service at sites of a plan made with this would take by what they say themselves."""
        return sum(self.services[site.id].given_s if site.id in self.services else site.service_s for site in sites)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOut:
    """How far off times of the last days are, told by the given ones and by those learned of the days before.

    Parameters
    ----------
    kind
        Of what: `service`, `service_by_hour`, `travel`, `travel_by_hour`.
    learned_count, count
        Of how many visits or legs was learned, and how many were then told.
    given_off_s, learned_off_s
        Mean absolute errors; None where there was none to be told.
    """

    kind: str
    learned_count: int
    count: int
    given_off_s: float | None
    learned_off_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """All that was learned of a company, from which days, and how it holds on the last of them."""

    since: date
    before: date
    times: LearnedTimes
    held_out: tuple[HoldOut, ...]
    learned_at: datetime | None = None


def with_learned(sites: Iterable[Site], learned: LearnedTimes) -> tuple[tuple[Site, ...], LearnedTimes]:
    """Return sites whose service takes what was learned of it, and which of it that is.

    What was learned when a site said another time than today is left out: whoever corrects it is not overruled by what
    was held against the old one.
    """
    found: list[Site] = []
    used: dict[SiteId, LearnedService] = {}
    for site in sites:
        known = learned.services.get(site.id)
        if known is None or known.given_s != site.service_s:
            found.append(site)
            continue
        service_s = known.within(site.windows)
        used[site.id] = replace(known, service_s=service_s, hours=())
        found.append(replace(site, service_s=service_s))
    travel = None if learned.travel is None else replace(learned.travel, hours=())
    return tuple(found), LearnedTimes(services=used, travel=travel)


def also_learned(now: LearnedTimes | None, before: LearnedTimes | None, sites: Iterable[Site]) -> LearnedTimes | None:
    """Return what a plan was made with when some of its sites are still as a plan before had them."""
    if now is None or before is None:
        return now
    kept = {
        site.id: before.services[site.id]
        for site in sites
        if site.id in before.services and before.services[site.id].service_s == site.service_s
    }
    return replace(now, services={**kept, **now.services})


def paced(shifts: Sequence[Shift], learned: LearnedTimes | None) -> list[Shift]:
    """Return shifts that drive as fast as was learned; as they are where nothing was, or whoever goes otherwise."""
    travel = None if learned is None else learned.travel
    if travel is None:
        return list(shifts)
    return [
        replace(shift, speed_factor=shift.speed_factor / travel.factor) if shift.mode == TravelMode.CAR else shift
        for shift in shifts
    ]


def _hours_of(windows: Sequence[ClockWindow]) -> list[int]:
    """Return the hours that some windows reach into, each once; none for windows that are a whole day together."""
    hours = {
        hour % (DAY_S // _HOUR_S)
        for window in windows
        for hour in range(window.earliest_s // _HOUR_S, max(window.latest_s - 1, window.earliest_s) // _HOUR_S + 1)
    }
    return sorted(hours) if len(hours) < DAY_S // _HOUR_S else []
