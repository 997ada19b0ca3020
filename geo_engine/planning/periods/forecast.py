"""What of a period's due visits is covered: by week and level, what is missed and why, what is late."""

from collections import Counter
from collections.abc import Iterator, Sequence

from geo_engine.planning.periods.demand import Demand, date_of, day_count, day_number, first_open_day
from geo_engine.planning.periods.model import Coverage, Late, Missed, MissedReason, PeriodRequest
from geo_engine.planning.periods.patterns import NEVER, late_days
from geo_engine.words import Message

_WORDS = {
    MissedReason.NO_WORKER: Message("Nobody may go there."),
    MissedReason.OUT_OF_REACH: Message("Nobody can do it even with nothing else to do."),
    MissedReason.NO_DAY: Message("No day is left that its visiting rule allows."),
    MissedReason.NO_ROOM: Message("Every day that its visiting rule allows is full."),
}

type Days = Sequence[int]


def find_missed(
    request: PeriodRequest, demand: Demand, days: Days, *, reason: MissedReason | None, worked_days: frozenset[int]
) -> Iterator[Missed]:
    """Give what a site lacks, cycle by cycle.

    Parameters
    ----------
    reason
        What is already known to prevent any visit.
    worked_days
        Days on which somebody who could go there works.
    """
    for cycle in demand.beat.cycles:
        short = cycle.due - sum(cycle.first <= day <= cycle.last for day in days)
        if short > 0:
            why = reason or _why(request, demand, worked_days)
            yield Missed(
                site_id=demand.site.id,
                from_on=date_of(request, max(cycle.first, first_open_day(request))),
                until_on=date_of(request, cycle.last),
                count=short,
                reason=why,
                detail=_WORDS[why],
            )


def _why(request: PeriodRequest, demand: Demand, worked_days: frozenset[int]) -> MissedReason:
    costs = [0.0 if day in worked_days else NEVER for day in range(day_count(request))]
    could = demand.beat.strict.cheapest(costs) is not None
    return MissedReason.NO_ROOM if could else MissedReason.NO_DAY


def find_late(request: PeriodRequest, demand: Demand, days: Days) -> Iterator[Late]:
    """Give what comes later than a site's rule has it."""
    for by, day in late_days(demand.beat, days):
        on = None if day is None else date_of(request, day)
        yield Late(site_id=demand.site.id, due_by=date_of(request, by), visit_on=on)


def forecast(
    request: PeriodRequest, demands: Sequence[Demand], planned: Sequence[Days], missed: Sequence[Missed]
) -> tuple[Coverage, ...]:
    """Return what is covered, by week and then level, where anything is due."""
    level_of = {demand.site.id: demand.level for demand in demands}
    made: Counter[tuple[int, str]] = Counter()
    plans: Counter[tuple[int, str]] = Counter()
    lacks: Counter[tuple[int, str]] = Counter()
    carried: Counter[tuple[int, str]] = Counter()
    for demand, days in zip(demands, planned, strict=True):
        made.update((day // 7, demand.level) for day in demand.made_days)
        plans.update((day // 7, demand.level) for day in days)
        for last, count in demand.carried:
            carried[last // 7, demand.level] += count
    for one in missed:
        lacks[day_number(request, one.until_on) // 7, level_of[one.site_id]] += one.count
    return tuple(
        Coverage(
            week=week + 1,
            first_on=date_of(request, 7 * week),
            level=level,
            made_count=made[week, level],
            planned_count=plans[week, level],
            missed_count=lacks[week, level],
            carried_count=carried[week, level],
        )
        for week, level in sorted({*made, *plans, *lacks, *carried})
    )
