"""What a newer list of stops changed for whoever had an older one: which came, went, changed places or times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from geo_engine.ids import JobId
from geo_engine.planning.changes.runs import kept_in_order
from geo_engine.planning.versions.model import OrderedVisit

WORTH_TELLING = timedelta(minutes=5)

type Beginnings = Sequence[tuple[JobId, datetime]]
"""Jobs in order, and when each begins."""


class ChangeKind(StrEnum):
    """What became of a stop."""

    ADDED = "added"
    REMOVED = "removed"
    REORDERED = "reordered"
    RETIMED = "retimed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopChange:
    """A stop that is not as it was.

    Parameters
    ----------
    kind
        `ChangeKind.REORDERED` may be at another time as well; `ChangeKind.RETIMED` kept its place among the others.
    before, after
        The stop in the older and in the newer list; None where it does not stand.
    """

    kind: ChangeKind
    before: OrderedVisit | None
    after: OrderedVisit | None

    @property
    def stop(self) -> OrderedVisit:
        """The stop as it is now, or as it was when it is no more."""
        found = self.after or self.before
        if found is None:
            raise ValueError(self.kind)
        return found

    @property
    def is_elsewhen(self) -> bool:
        """Whether the stop begins at a time that differs by more than is left untold."""
        return self.before is not None and self.after is not None and _differ(self.before, self.after)


def compare_stops(before: Sequence[OrderedVisit], after: Sequence[OrderedVisit]) -> tuple[StopChange, ...]:
    """Return every stop that changed from an older list to a newer one, by the time it begins at.

    Parameters
    ----------
    before, after
        Each in its order; a job stands once in either.

    Notes
    -----
    A stop is in another order when it is not among the most stops that kept theirs: a longest increasing
    subsequence of old places (Fredman 1975), so one stop that was moved is told and not all that it passed. That
    a stop's number changed because one before it was added or removed is no change of order. Times that differ by
    five minutes or less are left untold. Cost: O(n log n).
    """
    old = {stop.visit.job_id: stop for stop in before}
    new = {stop.visit.job_id: stop for stop in after}
    numbers = {job_id: old[job_id].number for job_id in new if job_id in old}
    steady = kept_in_order(numbers, list(numbers))
    found = [StopChange(kind=ChangeKind.REMOVED, before=old[one], after=None) for one in old if one not in new]
    for job_id, stop in new.items():
        was = old.get(job_id)
        if was is None:
            found.append(StopChange(kind=ChangeKind.ADDED, before=None, after=stop))
        elif job_id not in steady:
            found.append(StopChange(kind=ChangeKind.REORDERED, before=was, after=stop))
        elif _differ(was, stop):
            found.append(StopChange(kind=ChangeKind.RETIMED, before=was, after=stop))
    return tuple(sorted(found, key=_begins))


def are_alike(before: Beginnings, after: Beginnings) -> bool:
    """Whether nothing is to be told of two lists: the same jobs in the same order, at about the same times."""
    return [job_id for job_id, _ in before] == [job_id for job_id, _ in after] and all(
        abs(now - then) <= WORTH_TELLING for (_, then), (_, now) in zip(before, after, strict=True)
    )


def _begins(change: StopChange) -> tuple[datetime, int]:
    return change.stop.visit.start_at, change.stop.number


def _differ(before: OrderedVisit, after: OrderedVisit) -> bool:
    return abs(after.visit.start_at - before.visit.start_at) > WORTH_TELLING
