"""What the days behind tell of service and travel times, and how well that tells the last of them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from geo_engine.ids import SiteId
from geo_engine.planning.travel.learned import (
    HoldOut,
    LearnedHour,
    LearnedService,
    LearnedTimes,
    LearnedTravel,
    Learning,
)
from geo_engine.visits.shrinking import Sample, ShrinkParams, shrunk, spreads_of

_LEAST_S = 60.0
_ALL = "all"


class _OfDay(Protocol):
    @property
    def service_on(self) -> date: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """A visit of which both ends are known.

    Parameters
    ----------
    hour
        Of the company's clock, in which service began.
    took_s
        From then until the worker left.
    given_s
        What the site says today.
    """

    service_on: date
    site_id: SiteId
    hour: int
    took_s: float
    given_s: int

    @property
    def sample(self) -> Sample:
        """The figure beside what was given; less than a minute is taken as a minute."""
        return Sample(value=max(self.took_s, _LEAST_S), prior=max(float(self.given_s), _LEAST_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeen:
    """A way from one planned visit to the next, with nothing in between.

    Parameters
    ----------
    hour
        Of the company's clock, in which it began.
    took_s
        From leaving the one to coming to the other.
    matrix_s
        What the plan has for it without what was learned by then, above 0.
    """

    service_on: date
    hour: int
    took_s: float
    matrix_s: float

    @property
    def sample(self) -> Sample:
        """The figure beside the matrix's."""
        return Sample(value=max(self.took_s, 1.0), prior=self.matrix_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnParams:
    """How it is learned.

    Parameters
    ----------
    held_out_share
        Share of the days, the last ones, that are told by what was learned of the others.
    """

    shrink: ShrinkParams = field(default_factory=ShrinkParams)
    held_out_share: float = 0.2


def learn(
    services: Sequence[ServiceSeen], legs: Sequence[LegSeen], *, since: date, before: date, params: LearnParams
) -> Learning:
    """Return what some days tell; the order in which they are told changes nothing.

    Notes
    -----
    A site's service is the quantile of what its visits took, shrunk to the given time by how many there are, how much
    visits scatter and how far sites usually are from what is given. An hour's is then learned the same way with the
    site's as prior. Travel by car is one factor for all, and of each hour one with that as prior. O(n log n).
    """
    return Learning(
        since=since,
        before=before,
        times=LearnedTimes(services=learn_services(services, params.shrink), travel=learn_travel(legs, params.shrink)),
        held_out=hold_out(services, legs, params),
    )


def learn_services(seen: Iterable[ServiceSeen], params: ShrinkParams) -> dict[SiteId, LearnedService]:
    """Return how long the service at each site takes that was visited."""
    by_site = _grouped(seen, lambda one: one.site_id)
    factors = _factors({site_id: [one.sample for one in of_site] for site_id, of_site in by_site.items()}, params)
    prior_s = {site_id: of_site[0].sample.prior * factors[site_id] for site_id, of_site in by_site.items()}
    by_hour = _grouped((one for of_site in by_site.values() for one in of_site), lambda one: (one.site_id, one.hour))
    hour_factors = _factors(
        {
            key: [Sample(value=one.sample.value, prior=prior_s[key[0]]) for one in of_hour]
            for key, of_hour in by_hour.items()
        },
        params,
    )
    hours = defaultdict[SiteId, list[LearnedHour]](list)
    for (site_id, hour), factor in sorted(hour_factors.items()):
        count = len(by_hour[site_id, hour])
        hours[site_id].append(LearnedHour(hour=hour, value=round(prior_s[site_id] * factor, 1), count=count))
    return {
        site_id: LearnedService(
            given_s=of_site[0].given_s,
            service_s=round(prior_s[site_id]),
            visit_count=len(of_site),
            hours=tuple(hours[site_id]),
        )
        for site_id, of_site in by_site.items()
    }


def learn_travel(seen: Iterable[LegSeen], params: ShrinkParams) -> LearnedTravel | None:
    """Return how many times as long as by the matrix legs take; None of none."""
    by_hour = _grouped(seen, lambda one: one.hour)
    samples = {hour: [one.sample for one in of_hour] for hour, of_hour in by_hour.items()}
    everything = [one for of_hour in samples.values() for one in of_hour]
    if not everything:
        return None
    factor = _factors({_ALL: everything}, params)[_ALL]
    by_factor = {
        hour: [Sample(value=one.value, prior=one.prior * factor) for one in of_hour]
        for hour, of_hour in samples.items()
    }
    return LearnedTravel(
        factor=round(factor, 4),
        leg_count=len(everything),
        hours=tuple(
            LearnedHour(hour=hour, value=round(factor * more, 4), count=len(samples[hour]))
            for hour, more in sorted(_factors(by_factor, params).items())
        ),
    )


# ---- how well it tells the last days ---------------------------------------------------------------------------------


def hold_out(services: Sequence[ServiceSeen], legs: Sequence[LegSeen], params: LearnParams) -> tuple[HoldOut, ...]:
    """Return how far off the last days are told by the given times, and by what the days before them tell."""
    days = sorted({one.service_on for one in services} | {one.service_on for one in legs})
    last = set(days[len(days) - max(1, round(params.held_out_share * len(days))) :]) if len(days) > 1 else set[date]()
    known, told = _parted(services, last)
    known_legs, told_legs = _parted(legs, last)
    by_site, travel = learn_services(known, params.shrink), learn_travel(known_legs, params.shrink)
    hour_s = {(site_id, hour.hour): hour.value for site_id, one in by_site.items() for hour in one.hours}
    hour_factor = {} if travel is None else {hour.hour: hour.value for hour in travel.hours}
    factor = 1.0 if travel is None else travel.factor
    of_site = [float(by_site[one.site_id].service_s if one.site_id in by_site else one.given_s) for one in told]
    of_hour = [hour_s.get((one.site_id, one.hour), site_s) for one, site_s in zip(told, of_site, strict=True)]
    took_s, given_s = [one.took_s for one in told], [float(one.given_s) for one in told]
    leg_s, matrix_s = [one.took_s for one in told_legs], [one.matrix_s for one in told_legs]
    of_leg = [factor * one.matrix_s for one in told_legs]
    of_leg_hour = [hour_factor.get(one.hour, factor) * one.matrix_s for one in told_legs]
    return (
        _held_out("service", len(known), took_s, given_s, of_site),
        _held_out("service_by_hour", len(known), took_s, given_s, of_hour),
        _held_out("travel", len(known_legs), leg_s, matrix_s, of_leg),
        _held_out("travel_by_hour", len(known_legs), leg_s, matrix_s, of_leg_hour),
    )


def _held_out(
    kind: str, learned_count: int, seen: Sequence[float], given: Sequence[float], learned: Sequence[float]
) -> HoldOut:
    return HoldOut(
        kind=kind,
        learned_count=learned_count,
        count=len(seen),
        given_off_s=_mean_off(seen, given),
        learned_off_s=_mean_off(seen, learned),
    )


def _mean_off(seen: Sequence[float], told: Sequence[float]) -> float | None:
    if not seen:
        return None
    return round(sum(sorted(abs(one - other) for one, other in zip(seen, told, strict=True))) / len(seen), 1)


def _parted[Seen: _OfDay](seen: Sequence[Seen], last: set[date]) -> tuple[list[Seen], list[Seen]]:
    return [one for one in seen if one.service_on not in last], [one for one in seen if one.service_on in last]


def _grouped[Seen, Key: Hashable](seen: Iterable[Seen], key_of: Callable[[Seen], Key]) -> dict[Key, list[Seen]]:
    groups = defaultdict[Key, list[Seen]](list)
    for one in seen:
        groups[key_of(one)].append(one)
    return dict(groups)


def _factors[Key: Hashable](groups: Mapping[Key, Sequence[Sample]], params: ShrinkParams) -> dict[Key, float]:
    """Return by which factor the prior of each group is off."""
    spreads = spreads_of(groups, params)
    return {key: shrunk(samples, spreads, params) for key, samples in groups.items()}
