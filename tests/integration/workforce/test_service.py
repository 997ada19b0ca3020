"""Files that become a company's workers, and when these work."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from support.companies import NORTH, NOW, SCOPE, SERVICE_ON, SOUTH, Company, add_bare_company
from support.databases import OwnDatabase
from support.waiting import outcome_meanwhile

from geo_engine.audit.store import list_events
from geo_engine.db.session import Session
from geo_engine.geometry import Position
from geo_engine.ids import MemberId, WorkerId
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.solver.solve import Budget
from geo_engine.tenancy import OPERATOR, Act, Subject
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import MemberNotFound
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.timespan import ClockWindow
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce import Worker, WorkerShift
from geo_engine.workforce.service import (
    MemberLinked,
    WorkerNotFound,
    access_of,
    import_workers,
    link_member,
    set_shifts,
)
from geo_engine.workforce.store import find_hours, find_shift_modes, find_shifts, get_workers, list_workers

HOME, OFFICE = Position(116.4, 39.9), Position(116.3, 40.0)
WORKER = Worker(id=WorkerId("W7"), name="赵敏", start=HOME, end=HOME)
HOURS = ClockWindow(earliest_s=8 * 3600, latest_s=12 * 3600)


def _shift(worker_id: str) -> WorkerShift:
    return WorkerShift(service_on=SERVICE_ON, worker_id=WorkerId(worker_id), hours=HOURS)


def test_a_worker_who_moves_starts_elsewhere_and_nobody_else_does(own: OwnDatabase) -> None:
    """Start, end and open end follow the file at each import; two people at one address stay apart."""
    tenant_id = add_bare_company(own.app, "alpha")
    neighbour = replace(WORKER, id=WorkerId("W8"))
    for worker in (WORKER, replace(WORKER, end=OFFICE), replace(WORKER, start=OFFICE, end=None)):
        with own.app.bound(tenant_id) as session:
            import_workers(session, [worker, neighbour], source=RowSource(file="f"), by=OPERATOR, now=NOW)

        with own.app.bound(tenant_id) as session:
            assert list_workers(session) == (worker, neighbour)


def test_a_dispatcher_changes_the_own_team_only(company: Company) -> None:
    """Neither another team's worker nor another team's shift can be changed."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        (of_north,) = get_workers(session, [WorkerId("W1")])

        with pytest.raises(NotAllowed):
            import_workers(session, [replace(of_north, team_id=SOUTH)], source=RowSource(file="f"), by=access, now=NOW)
        with pytest.raises(NotAllowed):
            set_shifts(session, [_shift("W1")], by=access, now=NOW)
        set_shifts(session, [_shift("W2")], by=access, now=NOW)

        assert find_shifts(session, SERVICE_ON)[WorkerId("W2")] == HOURS


def test_a_shift_may_say_how_its_worker_travels_that_day(company: Company) -> None:
    """It is kept and planned with; a shift that says nothing leaves the worker's own mode, as does any other day."""
    with company.database.bound(company.tenant_id) as session:
        usual = {worker.id: worker.mode for worker in list_workers(session)}
        shifts = [replace(_shift("W1"), mode=TravelMode.EBIKE), _shift("W2")]
        set_shifts(session, shifts, by=OPERATOR, now=NOW)

        day, _ = gather_day(session, SCOPE, Budget(solution_limit=5))

        assert find_shift_modes(session, SERVICE_ON) == {WorkerId("W1"): TravelMode.EBIKE}
        assert {worker.id: worker.mode for worker in day.workers} == usual | {WorkerId("W1"): TravelMode.EBIKE}
        assert find_shift_modes(session, SERVICE_ON + timedelta(days=1)) == {}


def test_a_worker_has_the_usual_hours_on_days_without_a_shift(company: Company) -> None:
    """Of nobody there are none."""
    usual_on = SERVICE_ON + timedelta(days=1)
    with company.database.bound(company.tenant_id) as session:
        (worker,) = get_workers(session, [WorkerId("W2")])
        set_shifts(session, [_shift("W2")], by=OPERATOR, now=NOW)

        hours = find_hours(session, worker.id, [SERVICE_ON, usual_on])

        assert hours == {SERVICE_ON: HOURS, usual_on: worker.shift}
        assert find_hours(session, WorkerId("nobody"), [SERVICE_ON]) == {}


def test_a_member_who_is_a_worker_sees_the_own_day(company: Company) -> None:
    """The link from worker to member gives the access to one's own plan; importing again keeps the link."""
    with company.database.bound(company.tenant_id) as session:
        link_member(session, WorkerId("W2"), company.dispatcher_id, by=OPERATOR, now=NOW)
        (worker,) = get_workers(session, [WorkerId("W2")])
        import_workers(session, [worker], source=RowSource(file="f"), by=OPERATOR, now=NOW)

        access = access_of(session, company.dispatcher_id)

    assert access.worker_id == "W2"
    assert access.allows(Act.SEE_PLANS, Subject(worker_id=WorkerId("W2"), team_id=NORTH))


def test_nobodys_shift_is_refused(company: Company) -> None:
    """A shift or a sign-in of a worker who is not there is told."""
    with company.database.bound(company.tenant_id) as session:
        with pytest.raises(WorkerNotFound):
            set_shifts(session, [_shift("W99")], by=OPERATOR, now=NOW)
        with pytest.raises(WorkerNotFound):
            link_member(session, WorkerId("W99"), company.dispatcher_id, by=OPERATOR, now=NOW)


def test_a_sign_in_is_one_workers(company: Company) -> None:
    """A member nobody knows and one who is another worker are told; saying the same again changes nothing."""
    with company.database.bound(company.tenant_id) as session:
        link_member(session, WorkerId("W2"), company.dispatcher_id, by=OPERATOR, now=NOW)
        link_member(session, WorkerId("W2"), company.dispatcher_id, by=OPERATOR, now=NOW)
        with pytest.raises(MemberNotFound):
            link_member(session, WorkerId("W2"), MemberId(uuid.uuid4()), by=OPERATOR, now=NOW)
        with pytest.raises(MemberLinked, match="W2"):
            link_member(session, WorkerId("W1"), company.dispatcher_id, by=OPERATOR, now=NOW)


def test_of_two_workers_who_get_one_sign_in_at_once_the_second_is_told(company: Company, own: OwnDatabase) -> None:
    """A link that another transaction is just writing is waited for, and then stands."""

    def link(session: Session, worker_id: str) -> None:
        link_member(session, WorkerId(worker_id), company.dispatcher_id, by=OPERATOR, now=NOW)

    second = outcome_meanwhile(
        own, company.tenant_id, lambda session: link(session, "W2"), lambda session: link(session, "W1")
    )

    assert isinstance(second, MemberLinked)


def test_hours_and_sign_ins_are_in_the_trail(company: Company) -> None:
    """Who gave a worker other hours, and who a sign-in, can be told afterwards."""
    with company.database.bound(company.tenant_id) as session:
        access = access_of(session, company.dispatcher_id)
        set_shifts(session, [_shift("W2")], by=access, now=NOW)
        link_member(session, WorkerId("W2"), company.dispatcher_id, by=OPERATOR, now=NOW)
        linked, changed, *_ = list_events(session)

    assert (changed.act, changed.subject, changed.member_id) == ("set_shift", ("worker", "W2"), company.dispatcher_id)
    assert changed.facts == {"service_on": "2026-11-25", "earliest_s": 28_800, "latest_s": 43_200}
    assert (linked.act, linked.subject) == ("link_member", ("worker", "W2"))
    assert linked.facts == {"member_id": str(company.dispatcher_id)}
