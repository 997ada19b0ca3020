"""What of a period's due visits is covered: by week and level, what is missed and why, what is late."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo_engine.planning.periods.demand import Demand, date_of, day_number, first_open_day
from geo_engine.planning.periods.model import Coverage, Late, Missed, MissedReason, PeriodRequest
from geo_engine.planning.periods.patterns import NEVER, Beat, Cycle, late_days
from geo_engine.words import Message

_WORDS = {
    MissedReason.NO_WORKER: Message("Nobody may go there."),
    MissedReason.OUT_OF_REACH: Message("Nobody can do it even with nothing else to do."),
    MissedReason.NO_DAY: Message("No day is left that its visiting rule allows."),
    MissedReason.NO_ROOM: Message("Every day that its visiting rule allows is full."),
}

type Days = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """When a worker is there: days from the period's first, those worked, and those that a leave alone keeps free.

    Parameters
    ----------
    who
        The worker's name.
    """

    who: str
    worked: frozenset[int]
    off: frozenset[int]


def find_missed(
    request: PeriodRequest, demand: Demand, days: Days, *, reason: MissedReason | None, presence: Presence
) -> Iterator[Missed]:
    """Give what a site lacks, cycle by cycle.

    Parameters
    ----------
    reason
        What is already known to prevent any visit.
    presence
        Of whoever visits the site.
    """
    for cycle in demand.beat.cycles:
        short = cycle.lack(days)
        if short > 0:
            why, detail = _why(demand.beat, cycle, days, presence) if reason is None else (reason, _WORDS[reason])
            yield Missed(
                site_id=demand.site.id,
                from_on=date_of(request, max(cycle.first, first_open_day(request))),
                until_on=date_of(request, cycle.last),
                count=short,
                reason=why,
                detail=detail,
            )


def _why(beat: Beat, cycle: Cycle, days: Days, presence: Presence) -> tuple[MissedReason, Message]:
    """Return why one more visit is not in a cycle, and it told: as the others are, or with all of them moved."""
    fitting = {
        day
        for day in beat.days
        if cycle.first <= day <= cycle.last and all(abs(day - other) >= beat.min_gap for other in days)
    }
    is_worked = bool(fitting & presence.worked) or _could(beat, cycle, presence.worked)
    is_off = bool(fitting & presence.off) or (not is_worked and _could(beat, cycle, presence.worked | presence.off))
    if is_off:
        return _told_off(presence, is_worked=is_worked)
    why = MissedReason.NO_ROOM if is_worked else MissedReason.NO_DAY
    return why, _WORDS[why]


def _could(beat: Beat, cycle: Cycle, days: frozenset[int]) -> bool:
    """Return whether a cycle could have its visits on these days, whatever others lack and however late it is."""
    costs = [NEVER] * (max(beat.days, default=-1) + 1)
    for day in days.intersection(beat.days):
        costs[day] = 0.0 if cycle.first <= day <= cycle.last else 1.0  # rather here, where either must lack one
    found = beat.lenient.cheapest(costs)
    return found is not None and cycle.lack(found.days) == 0


def _told_off(presence: Presence, *, is_worked: bool) -> tuple[MissedReason, Message]:
    facts = {"worker": presence.who}
    if is_worked:
        return MissedReason.NO_ROOM, Message(
            "While {worker} is off nobody else can go; all other days that its visiting rule allows are full.",
            facts,
        )
    return MissedReason.WORKER_OFF, Message(
        "While {worker} is off nobody else can go; no other day is left that its visiting rule allows.", facts
    )


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
