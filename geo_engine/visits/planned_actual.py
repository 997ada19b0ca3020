"""The plan of a day beside what happened: what was kept, missed, late or out of order, and what came besides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo_engine.ids import VisitId
from geo_engine.planning.changes.runs import kept_in_order
from geo_engine.planning.versions.model import OrderedVisit
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.day import PlannedStop, Visit
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A planned visit and what became of it.

    Parameters
    ----------
    visit
        None when there was none.
    late_s
        How much later than the visit was to begin the worker came, or, negative, earlier than the plan is there; 0 for
        who came in between, None without a visit.
    stayed_longer_s
        How much longer than planned the worker was there; None where no track shows both ends.
    is_out_of_order
        Whether it is one of those that would have to be moved for the visits to be in the plan's order.
    leg
        The way there; None where none was seen.
    """

    stop: PlannedStop
    visit: Visit | None
    late_s: Bounds | None
    stayed_longer_s: Bounds | None
    is_out_of_order: bool
    leg: Leg | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayComparison:
    """A day's plan beside what happened.

    Parameters
    ----------
    planned
        In the plan's order.
    extra
        Visits that were not planned, in order of time.
    legs
        In order of time.
    """

    planned: tuple[Comparison, ...]
    extra: tuple[Visit, ...]
    legs: tuple[Leg, ...] = ()

    @property
    def missed(self) -> tuple[Comparison, ...]:
        """The planned visits that did not take place."""
        return tuple(one for one in self.planned if one.visit is None)

    @property
    def driven_m(self) -> Bounds | None:
        """How far the worker went on the day; None when nothing of it was seen."""
        if not self.legs:
            return None
        driven = [leg.driven_m for leg in self.legs]
        return _bounds(
            (sum(one.least for one in driven), sum(one.likely for one in driven), sum(one.most for one in driven))
        )


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


def compare_day(stops: Sequence[PlannedStop], visits: Sequence[Visit], legs: Sequence[Leg] = ()) -> DayComparison:
    """Return a plan beside what happened.

    Parameters
    ----------
    visits
        Of the day, each knowing which planned visit it is.
    legs
        Of the day, in order of time.

    Notes
    -----
    A visit knows which planned visit it was when its day was derived: in a plan that was published since it is the one
    of the same job.

    Out of order is what is not in a longest run of visits that kept the order: one that was done first instead of last
    is one out of order, and not all others.
    """
    by_job = {visit.stop.job_id: visit for visit in visits if visit.stop is not None}
    kept = {stop.number: by_job[stop.job_id] for stop in stops if stop.job_id in by_job}
    order = [number for _, number in sorted((visit.began_us, number) for number, visit in kept.items())]
    moved = kept.keys() - kept_in_order({number: number for number in order}, order)
    leg_to = {leg.visit_id: leg for leg in legs}
    planned = tuple(
        _comparison(stop, kept.get(stop.number), leg_to, is_out_of_order=stop.number in moved)
        for stop in sorted(stops, key=lambda one: one.number)
    )
    planned_ids = {visit.id for visit in kept.values()}
    extra = tuple(visit for visit in visits if visit.id not in planned_ids)
    return DayComparison(planned=planned, extra=extra, legs=tuple(legs))


def _comparison(
    stop: PlannedStop, visit: Visit | None, leg_to: Mapping[VisitId | None, Leg], *, is_out_of_order: bool
) -> Comparison:
    if visit is None:
        return Comparison(stop=stop, visit=None, late_s=None, stayed_longer_s=None, is_out_of_order=False, leg=None)
    came = visit.presence.entered if visit.presence is not None else None
    came_us = (visit.began_us,) * 3 if came is None else (came.earliest_us, came.at_us, came.latest_us)
    late_s = _bounds(_late_s(moment_us, stop) for moment_us in came_us)
    dwell_s, asked_s = visit.dwell_s, (stop.end_at - stop.start_at).total_seconds()
    longer_s = None if dwell_s is None else _bounds(value_s - asked_s for value_s in dwell_s)
    return Comparison(
        stop=stop,
        visit=visit,
        late_s=late_s,
        stayed_longer_s=longer_s,
        is_out_of_order=is_out_of_order,
        leg=leg_to.get(visit.id),
    )


def _late_s(moment_us: int, stop: PlannedStop) -> float:
    there_us, begun_us = to_microseconds(stop.arrival_at), to_microseconds(stop.start_at)
    return (max(moment_us - begun_us, 0) + min(moment_us - there_us, 0)) / MICROSECONDS_PER_S


def _bounds(values: Iterable[float]) -> Bounds:
    least, likely, most = values
    return Bounds(least=least, likely=likely, most=most)
