"""What a newer plan of a day has otherwise than an older one: which visits moved, changed times, came, were dropped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.changes.stops import WORTH_TELLING
from geo_engine.planning.model import PlannedVisit, Route


class DiffKind(StrEnum):
    """What became of a visit between two plans."""

    MOVED = "moved"
    RETIMED = "retimed"
    DROPPED = "dropped"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A visit and whose it is."""

    worker_id: WorkerId
    visit: PlannedVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDiff:
    """A visit that is not as it was.

    Parameters
    ----------
    before, after
        None where it is on no route. `DiffKind.MOVED` went to another worker and may begin at another time as well.
    """

    kind: DiffKind
    job_id: JobId
    before: Placed | None
    after: Placed | None

    @property
    def later(self) -> timedelta:
        """How much later it begins; negative for earlier, nothing where it came or was dropped."""
        if self.before is None or self.after is None:
            return timedelta()
        return self.after.visit.start_at - self.before.visit.start_at


def compare_plans(before: Iterable[Route], after: Iterable[Route]) -> tuple[VisitDiff, ...]:
    """Return every visit that changed, by the time it begins at; times that differ by five minutes or less are untold.

    Notes
    -----
    O(n log n).
    """
    old, new = _placed(before), _placed(after)
    found = [_diff(job_id, old.get(job_id), new.get(job_id)) for job_id in dict.fromkeys([*old, *new])]
    return tuple(sorted((one for one in found if one is not None), key=_begins))


def _placed(routes: Iterable[Route]) -> Mapping[JobId, Placed]:
    return {
        visit.job_id: Placed(worker_id=route.worker_id, visit=visit)
        for route in routes
        for visit in route.planned_visits
    }


def _diff(job_id: JobId, before: Placed | None, after: Placed | None) -> VisitDiff | None:
    kind = _kind(before, after)
    return None if kind is None else VisitDiff(kind=kind, job_id=job_id, before=before, after=after)


def _kind(before: Placed | None, after: Placed | None) -> DiffKind | None:
    if before is None:
        return DiffKind.ADDED
    if after is None:
        return DiffKind.DROPPED
    if before.worker_id != after.worker_id:
        return DiffKind.MOVED
    is_elsewhen = abs(after.visit.start_at - before.visit.start_at) > WORTH_TELLING
    return DiffKind.RETIMED if is_elsewhen else None


def _begins(one: VisitDiff) -> tuple[float, JobId]:
    placed = one.after or one.before
    return (0.0 if placed is None else placed.visit.start_at.timestamp()), one.job_id
