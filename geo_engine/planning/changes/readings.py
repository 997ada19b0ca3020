"""What counts as read: by whom of those that a published plan concerns, and what of a list is known without reading it.

A worker reads a change by saying so, and a list that is told as no change by opening it. Whoever read an earlier list
knows a newer one that is just like it. That something was read is told to whoever may publish; when, to nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.planning.changes.stops import are_alike
from geo_engine.planning.versions import publication_store, store
from geo_engine.planning.versions.model import PlanScope, WorkerPublication
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.workforce.store import find_members, get_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A worker whom the published plan of a scope gives a route, or took one from.

    Parameters
    ----------
    has_read
        Whether the worker knows the list as it is now, or that there is none any more.
    can_sign_in
        Whether the worker is a member, and so has a page to read it on.
    """

    worker_id: WorkerId
    name: str
    has_read: bool
    can_sign_in: bool


def list_readers(session: Session, scope: PlanScope, *, by: Access) -> tuple[Reader, ...]:
    """Return whom the published plan of a scope concerns, by id, and who has read what it says.

    Whoever was given a route of the day by another scope since is that one's reader.

    Raises
    ------
    NotAllowed
        When the actor may not publish it.
    """
    by.require(Act.PUBLISH_PLAN, Subject(team_id=scope.team_id))
    members = find_members(session, publication_store.list_given_workers(session, scope))
    day = publication_store.list_day_publications(session, scope.service_on, members)
    concerned = {worker_id: had for worker_id, had in day.items() if had[0].scope == scope}
    known = _know_already(session, concerned)
    return tuple(
        Reader(
            worker_id=worker.id,
            name=worker.name or worker.id,
            has_read=is_read(concerned[worker.id][0]) or worker.id in known,
            can_sign_in=members[worker.id] is not None,
        )
        for worker in get_workers(session, concerned)
    )


def is_read(newest: WorkerPublication) -> bool:
    """Whether a worker has read the newest there is to say: that a list came, or that it ended."""
    return newest.is_read if newest.ended_at is None else newest.is_end_read


def known_list(had: Sequence[WorkerPublication]) -> WorkerPublication | None:
    """Return the list before the newest that a worker read last; None when it was none, or read to have ended.

    Parameters
    ----------
    had
        Every publication that gave the worker a route of the day, the newest first.
    """
    last = next((one for one in had[1:] if one.is_read or one.is_end_read), None)
    return None if last is None or last.is_end_read else last


def _know_already(session: Session, day: Mapping[WorkerId, Sequence[WorkerPublication]]) -> frozenset[WorkerId]:
    """Return whose unread list is just like the one read before."""
    pairs = {
        worker_id: (known.plan_id, had[0].plan_id)
        for worker_id, had in day.items()
        if had[0].ended_at is None and not had[0].is_read and (known := known_list(had)) is not None
    }
    if not pairs:
        return frozenset()
    lists = store.list_beginnings(session, {plan_id for pair in pairs.values() for plan_id in pair}, pairs)
    return frozenset(one for one, (old, new) in pairs.items() if are_alike(lists[old, one], lists[new, one]))
