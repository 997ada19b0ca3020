"""The plan of a day beside what happened: what was kept, missed, late or out of order, and what came besides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geo_engine.planning.runs import kept_in_order
from geo_engine.planning.versions import OrderedVisit
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.day import PlannedStop, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure that is not known exactly: at least, most likely and at most."""

    least: float
    likely: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A planned visit and what became of it.

    Parameters
    ----------
    visit
        None when there was none.
    late_s
        How much later than planned the worker came; negative when earlier, None without a visit.
    stayed_longer_s
        How much longer than planned the worker was there; None where no track shows both ends.
    is_out_of_order
        Whether it is one of those that would have to be moved for the visits to be in the plan's order.
    """

    stop: PlannedStop
    visit: Visit | None
    late_s: Bounds | None
    stayed_longer_s: Bounds | None
    is_out_of_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayComparison:
    """A day's plan beside what happened.

    Parameters
    ----------
    planned
        In the plan's order.
    extra
        Visits that were not planned, in order of time.
    """

    planned: tuple[Comparison, ...]
    extra: tuple[Visit, ...]

    @property
    def missed(self) -> tuple[Comparison, ...]:
        """The planned visits that did not take place."""
        return tuple(one for one in self.planned if one.visit is None)


def planned_stop_of(ordered: OrderedVisit) -> PlannedStop:
    """Return a planned visit as visits know it."""
    return PlannedStop(
        number=ordered.number,
        job_id=ordered.visit.job_id,
        site_id=ordered.site.id,
        arrival_at=ordered.visit.arrival_at,
        start_at=ordered.visit.start_at,
        end_at=ordered.visit.end_at,
    )


def compare_day(stops: Sequence[PlannedStop], visits: Sequence[Visit]) -> DayComparison:
    """Return a plan beside what happened.

    Parameters
    ----------
    visits
        Of the day, each knowing which planned visit it is.

    Notes
    -----
    Out of order is what is not in a longest run of visits that kept the order: one that was done first instead of last
    is one out of order, and not all others.
    """
    by_number = {visit.stop.number: visit for visit in visits if visit.stop is not None}
    done = sorted((visit.began_us, number) for number, visit in by_number.items())
    order = [number for _, number in done]
    moved = by_number.keys() - kept_in_order({number: number for number in order}, order)
    planned = tuple(
        _comparison(stop, by_number.get(stop.number), is_out_of_order=stop.number in moved)
        for stop in sorted(stops, key=lambda one: one.number)
    )
    return DayComparison(planned=planned, extra=tuple(visit for visit in visits if visit.stop is None))


def _comparison(stop: PlannedStop, visit: Visit | None, *, is_out_of_order: bool) -> Comparison:
    if visit is None:
        return Comparison(stop=stop, visit=None, late_s=None, stayed_longer_s=None, is_out_of_order=False)
    planned_us = to_microseconds(stop.arrival_at)
    came = visit.presence.entered if visit.presence is not None else None
    came_us = (visit.began_us,) * 3 if came is None else (came.earliest_us, came.at_us, came.latest_us)
    late_s = _bounds((moment_us - planned_us) / MICROSECONDS_PER_S for moment_us in came_us)
    dwell_s, asked_s = visit.dwell_s, (stop.end_at - stop.start_at).total_seconds()
    longer_s = None if dwell_s is None else _bounds(value_s - asked_s for value_s in dwell_s)
    return Comparison(stop=stop, visit=visit, late_s=late_s, stayed_longer_s=longer_s, is_out_of_order=is_out_of_order)


def _bounds(values: Iterable[float]) -> Bounds:
    least, likely, most = values
    return Bounds(least=least, likely=likely, most=most)
