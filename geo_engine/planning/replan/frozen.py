"""Of a route under way, what cannot be changed any more: the visits as planned, and when and where it goes on.

What is done, under way or driven to stays as the plan has it, whatever really happened; from when and where the worker
goes on comes from what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_engine.geometry import Position
from geo_engine.ids import JobId
from geo_engine.planning.model import Job, PlannedBreak, PlannedVisit, Route, Shift, ShiftBreak
from geo_engine.planning.replan.progress import DayProgress, Standing

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What of a worker's day cannot be changed any more.

    Parameters
    ----------
    visits, breaks
        The same objects that the plan before holds.
    free_at
        When the worker can go on, to the second; as soon as now.
    place
        From where.
    breaks_left
        The rules of the breaks that were not taken.
    """

    visits: tuple[PlannedVisit, ...]
    breaks: tuple[PlannedBreak, ...]
    free_at: datetime
    place: Position
    breaks_left: tuple[ShiftBreak, ...]

    @property
    def has_left(self) -> bool:
        """Whether anything of the route is over or begun."""
        return bool(self.visits)

    @property
    def travel_s(self) -> int:
        """Seconds of the legs to what is frozen, as planned."""
        return sum(visit.travel_s for visit in self.visits)

    @property
    def travel_m(self) -> int:
        """Metres of the legs to what is frozen, as planned."""
        return sum(visit.travel_m for visit in self.visits)


def freeze(shift: Shift, route: Route | None, jobs: Mapping[JobId, Job], progress: DayProgress) -> Frozen:
    """Return what of a shift's route cannot be changed any more.

    Parameters
    ----------
    route
        As planned; None when the worker was given none.
    jobs
        By id; a visit whose job is not among them has no windows.
    """
    planned = () if route is None else route.planned_visits
    visits = tuple(visit for visit in planned if visit.job_id in progress.stops)
    pauses = () if route is None else _taken(route.breaks, visits, progress)
    own = [visit for visit in visits if not progress.stops[visit.job_id].is_by_another]
    free_at, place = _where_free(shift, own, jobs, progress)
    if not any(_standing(visit, progress) is Standing.UNDER_WAY for visit in own):
        free_at = max([free_at, *(pause.end_at for pause in pauses if pause.start_at <= progress.now)])
    return Frozen(
        visits=visits,
        breaks=pauses,
        free_at=_whole(max(free_at, progress.now)),
        place=place,
        breaks_left=_left(shift.breaks, pauses),
    )


def _standing(visit: PlannedVisit, progress: DayProgress) -> Standing:
    return progress.stops[visit.job_id].standing


def _where_free(
    shift: Shift, visits: Sequence[PlannedVisit], jobs: Mapping[JobId, Job], progress: DayProgress
) -> tuple[datetime, Position]:
    """Return when and from where the worker goes on: after the last that is over, under way or driven to."""
    free_at, place = shift.span.start_at, shift.start
    by_standing = {
        standing: [visit for visit in visits if _standing(visit, progress) is standing] for standing in Standing
    }
    if by_standing[Standing.DONE]:
        last = max(by_standing[Standing.DONE], key=lambda visit: _ended_at(visit, progress))
        free_at, place = _ended_at(last, progress), last.position
    for visit in by_standing[Standing.UNDER_WAY]:
        began_at = progress.stops[visit.job_id].began_at or visit.start_at
        free_at, place = max(progress.now, began_at + (visit.end_at - visit.start_at)), visit.position
    for visit in by_standing[Standing.DRIVEN_TO]:
        there_at = max(progress.now, free_at + timedelta(seconds=visit.travel_s))
        began_at = progress.stops[visit.job_id].began_at or _opens_at(jobs.get(visit.job_id), there_at)
        free_at, place = max(progress.now, began_at) + (visit.end_at - visit.start_at), visit.position
    return free_at, place


def _ended_at(visit: PlannedVisit, progress: DayProgress) -> datetime:
    return progress.stops[visit.job_id].ended_at or visit.end_at


def _opens_at(job: Job | None, there_at: datetime) -> datetime:
    windows = () if job is None else job.windows
    return next((max(there_at, one.earliest_at) for one in windows if there_at <= one.latest_at), there_at)


def _taken(
    pauses: Sequence[PlannedBreak], visits: Sequence[PlannedVisit], progress: DayProgress
) -> tuple[PlannedBreak, ...]:
    """Return the breaks that are over or begun: before what is under way, else by now."""
    is_busy = any(_standing(visit, progress) is Standing.UNDER_WAY for visit in visits)
    started_at = max((visit.start_at for visit in visits), default=None)
    return tuple(
        pause
        for pause in pauses
        if (started_at is not None and pause.end_at <= started_at and pause.start_at <= progress.now)
        or (started_at is not None and not is_busy and pause.start_at <= progress.now)
    )


def _left(rules: Sequence[ShiftBreak], taken: Sequence[PlannedBreak]) -> tuple[ShiftBreak, ...]:
    left = sorted(rules, key=lambda rule: (rule.window.latest_at, rule.window.earliest_at))
    for pause in taken:
        same = [rule for rule in left if timedelta(seconds=rule.duration_s) == pause.end_at - pause.start_at]
        within = [one for one in same if one.window.earliest_at <= pause.start_at <= one.window.latest_at]
        for rule in (within or same)[:1]:
            left.remove(rule)
    return tuple(left)


def _whole(moment: datetime) -> datetime:
    """Return a moment to the second, rounded up."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + _SECOND
