"""Use cases of the people in the field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import Conflict, NotFound
from geo_engine.geometry.zones import zone_at
from geo_engine.ids import DepotId, MemberId, WorkerId
from geo_engine.tables.model import RowProblem
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.imports import RowSource, place_in_teams
from geo_engine.tenancy.service import set_zone
from geo_engine.tenancy.store import get_member, get_role, list_team_ids_below, lock_member
from geo_engine.words import Message
from geo_engine.workforce import store
from geo_engine.workforce.model import Depot, Worker, WorkerShift


class MemberLinked(Conflict):
    """The member is a worker already."""

    def __init__(self, member_id: MemberId, worker_id: WorkerId | None) -> None:
        facts = {"member": member_id, "worker": worker_id}
        super().__init__(Message("The member {member} signs in as the worker {worker} already.", facts))


class WorkerNotFound(NotFound):
    """The company has no such worker."""

    def __init__(self, worker_id: WorkerId) -> None:
        super().__init__(Message("There is no worker {id}.", {"id": worker_id}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedWorkers:
    """What an import of workers wrote, and the rows it could not."""

    worker_ids: tuple[WorkerId, ...]
    problems: tuple[RowProblem, ...]


def import_workers(
    session: Session, workers: Sequence[Worker], *, source: RowSource, by: Access, now: datetime
) -> ImportedWorkers:
    """Write workers read from a file, new or known, each with a depot at its start and its end.

    A known worker keeps the team where the file names none.

    Raises
    ------
    NotAllowed
        When the actor may change no team's workers, or not one of the teams', or not a known worker of another team.
    """
    good, problems = place_in_teams(session, workers, store.find_teams, source=source, by=by, act=Act.CHANGE_WORKERS)
    if not good:
        return ImportedWorkers(worker_ids=(), problems=problems)

    depots = [_depots(worker) for worker in good]
    store.save_depots(session, {depot.id: depot for pair in depots for depot in pair if depot is not None}.values())
    store.save_workers(session, good, [(start.id, None if end is None else end.id) for start, end in depots])
    set_zone(session, zone_at([worker.start for worker in good]))
    record_act(session, "import_workers", ("import", "workers"), by=by.member_id, now=now, count=len(good))
    return ImportedWorkers(worker_ids=tuple(worker.id for worker in good), problems=problems)


def list_workers(session: Session, *, by: Access) -> tuple[Worker, ...]:
    """Return the workers the actor may see, by id.

    Raises
    ------
    NotAllowed
        When the actor may see nobody but oneself.
    """
    return store.list_workers(session, team_ids=by.team_limit(Act.SEE_WORKERS))


def set_shifts(session: Session, shifts: Iterable[WorkerShift], *, by: Access, now: datetime) -> None:
    """Say when workers work on a day; it takes the place of their usual hours.

    Raises
    ------
    WorkerNotFound
        When a worker is nobody.
    NotAllowed
        When the actor may not change one of the workers.
    """
    wanted = tuple(shifts)
    teams = store.find_teams(session, (shift.worker_id for shift in wanted))
    for shift in wanted:
        if shift.worker_id not in teams:
            raise WorkerNotFound(shift.worker_id)
        by.require(Act.CHANGE_WORKERS, Subject(worker_id=shift.worker_id, team_id=teams[shift.worker_id]))

    store.save_shifts(session, wanted)
    for shift in wanted:
        record_act(
            session,
            "set_shift",
            ("worker", shift.worker_id),
            by=by.member_id,
            now=now,
            service_on=shift.service_on.isoformat(),
            earliest_s=shift.hours.earliest_s,
            latest_s=shift.hours.latest_s,
            **({} if shift.mode is None else {"mode": shift.mode.value}),
        )


def fix_shifts(session: Session, shifts: Iterable[WorkerShift]) -> None:
    """Make the hours a plan was made with those of the day, for everyone whose hours of that day nobody has set."""
    store.add_missing_shifts(session, shifts)


def link_member(session: Session, worker_id: WorkerId, member_id: MemberId, *, by: Access, now: datetime) -> None:
    """Say which member a worker signs in as.

    Raises
    ------
    WorkerNotFound, MemberNotFound
        When there is no such worker or member.
    MemberLinked
        When the member is another worker.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_MEMBERS)
    lock_member(session, member_id)
    linked_id = store.find_worker_id(session, member_id)
    if linked_id not in {None, worker_id}:
        raise MemberLinked(member_id, linked_id)

    if not store.save_member(session, worker_id, member_id):
        raise WorkerNotFound(worker_id)
    facts = {"member_id": str(member_id)}
    record_act(session, "link_member", ("worker", worker_id), by=by.member_id, now=now, **facts)


def access_of(session: Session, member_id: MemberId) -> Access:
    """Return what a member may reach: by role, own worker, and team with the teams below; without a team, all.

    Raises
    ------
    MemberNotFound
        When there is no such member.
    """
    member = get_member(session, member_id)
    return Access(
        member_id=member.id,
        grants=get_role(session, member.role_id).grants_in(member.team_id),
        worker_id=store.find_worker_id(session, member.id),
        team_ids=frozenset() if member.team_id is None else list_team_ids_below(session, member.team_id),
    )


def _depots(worker: Worker) -> tuple[Depot, Depot | None]:
    """Return a worker's own depots; one is enough when the route ends where it starts."""
    start = Depot(id=DepotId(f"{worker.id}/start"), position=worker.start)
    if worker.end is None or worker.end == worker.start:
        return start, start if worker.end else None
    return start, Depot(id=DepotId(f"{worker.id}/end"), position=worker.end)
