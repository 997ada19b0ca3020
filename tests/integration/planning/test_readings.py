"""Who has read a published plan, as whoever may publish it is told."""

import uuid
from datetime import date, timedelta

import pytest
from support.companies import NOW, SCOPE, SERVICE_ON, SOUTH, Company, plan_company
from support.databases import OwnDatabase
from support.field_days import day_of, publish_moves, withdraw

from geo_engine.ids import MemberId, RoleId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.changes.readings import list_readers
from geo_engine.planning.changes.unread import DayNews, acknowledge_change, find_day_news
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR, Access
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.workforce.service import access_of, link_member
from geo_engine.workforce.store import find_members

READ, UNREAD = True, False


@pytest.fixture
def company(company: Company) -> Company:
    """Return a company whose day is published as version 1, all of it W2's, and where both workers are members."""
    _sign_up(company, "W2")
    return company


def _sign_up(company: Company, worker_id: str) -> None:
    """Make a worker a member, instead of whom it was before."""
    member_id = uuid.uuid4()
    with company.database.bound(company.tenant_id) as session:
        new = NewMember(login=f"{worker_id}-{member_id}", name="n", role_id=RoleId("worker"))
        tenancy.add_member(session, new, member_id=member_id, by=OPERATOR, now=NOW)
        link_member(session, WorkerId(worker_id), MemberId(member_id), by=OPERATOR, now=NOW)


def _access(session, worker_id: str) -> Access:  # noqa: ANN001
    member_id = find_members(session, [WorkerId(worker_id)])[WorkerId(worker_id)]
    assert member_id is not None
    return access_of(session, member_id)


def _news(company: Company, worker_id: str) -> DayNews | None:
    with company.database.bound(company.tenant_id) as session:
        return find_day_news(session, SERVICE_ON, by=_access(session, worker_id))


def _read(company: Company, worker_id: str) -> DayNews:
    """Open the page, and press its button if it has one."""
    news = _news(company, worker_id)
    assert news is not None
    with company.database.bound(company.tenant_id) as session:
        acknowledge_change(session, SERVICE_ON, news.notice, by=_access(session, worker_id), now=NOW)
    return news


def _readers(company: Company, scope: PlanScope = SCOPE) -> dict[str, bool]:
    with company.database.bound(company.tenant_id) as session:
        return {one.worker_id: one.has_read for one in list_readers(session, scope, by=OPERATOR)}


def _jobs(company: Company, worker_id: str) -> list[str]:
    return [stop.visit.job_id for stop in day_of(company, worker_id).ordered_visits]


def test_the_first_list_is_read_by_opening_it(company: Company) -> None:
    """It is no change and has no button; once the page has told that it was opened there is nothing more to tell."""
    before = _readers(company)

    news = _read(company, "W2")

    assert news.change is None
    assert (before, _readers(company)) == ({"W2": UNREAD}, {"W2": READ})
    assert _news(company, "W2") is None


def test_a_change_is_unread_until_it_is_acknowledged(company: Company) -> None:
    """Whom a change concerns has to say so; who keeps the list that was read has nothing to do."""
    _read(company, "W2")
    publish_moves(company, [(_jobs(company, "W2")[0], "W1", None)])
    given = _readers(company)
    _read(company, "W1")
    (again,) = _jobs(company, "W1")
    publish_moves(company, [(_jobs(company, "W2")[-1], "W2", 1)])

    both = _readers(company)
    news = _read(company, "W2")

    assert given == {"W1": UNREAD, "W2": UNREAD}
    assert both == {"W1": READ, "W2": UNREAD}
    assert _jobs(company, "W1") == [again]
    assert _news(company, "W1") is None
    assert news.change is not None
    assert _readers(company) == {"W1": READ, "W2": READ}


def test_a_list_like_one_that_nobody_read_is_unread(company: Company) -> None:
    """Published again before anybody looked, it is still the first that is opened."""
    second = plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, second, instead_of=company.plan_id, by=OPERATOR, now=NOW)

    assert _readers(company) == {"W2": UNREAD}
    assert _read(company, "W2").change is None
    assert _readers(company) == {"W2": READ}


def test_whose_stops_all_went_is_asked_for_too(company: Company) -> None:
    """A worker without a route any more has a change to read, and stays among the readers afterwards."""
    _read(company, "W2")
    publish_moves(company, [(job_id, "W1", None) for job_id in _jobs(company, "W2")])

    before = _readers(company)
    _read(company, "W2")

    assert before == {"W1": UNREAD, "W2": UNREAD}
    assert _readers(company) == {"W1": UNREAD, "W2": READ}


def test_a_list_that_comes_back_after_a_withdrawal_is_read_anew(company: Company) -> None:
    """Who read that there is no list has to open it, though it is as before; who did not hear of it knows it."""
    _read(company, "W2")
    withdraw(company)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, company.plan_id, instead_of=None, by=OPERATOR, now=NOW)
    unheard = _readers(company)
    withdraw(company)
    _read(company, "W2")
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, company.plan_id, instead_of=None, by=OPERATOR, now=NOW)

    heard = _readers(company)

    assert (unheard, heard) == ({"W2": READ}, {"W2": UNREAD})
    assert _read(company, "W2").change is None
    assert _readers(company) == {"W2": READ}


def test_a_list_that_was_never_read_is_nothing_to_compare_with(company: Company) -> None:
    """Version 1 is read, of version 2 only that it was withdrawn: whatever comes then is a new list, to be opened."""
    _read(company, "W2")
    publish_moves(company, [(_jobs(company, "W2")[0], "W1", None)])
    withdraw(company)
    _read(company, "W2")
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, company.plan_id, instead_of=None, by=OPERATOR, now=NOW)

    news = _read(company, "W2")

    assert news.change is None
    assert not news.notice.is_end
    assert _news(company, "W2") is None


def test_changes_before_the_first_reading_are_not_told(company: Company) -> None:
    """Whoever opens the list after it was changed sees a new list; what changes after that is told."""
    publish_moves(company, [(_jobs(company, "W2")[0], "W1", None)])
    first = _read(company, "W2")
    publish_moves(company, [(_jobs(company, "W2")[0], "W1", None)])

    second = _read(company, "W2")

    assert first.change is None
    assert second.change is not None
    assert [stop.kind for stop in second.change.stops if stop.kind == "removed"] == ["removed"]


def test_a_list_just_like_the_one_read_needs_no_reading(company: Company) -> None:
    """There is nothing to open and nothing is kept, so that small shifts add up until they are told."""
    _read(company, "W2")
    second = plan_company(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        planning.publish_plan(session, second, instead_of=company.plan_id, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        assert find_day_news(session, SERVICE_ON, by=_access(session, "W2")) is None
    assert _readers(company) == {"W2": READ}


def test_another_member_has_not_read_what_the_one_before_read(company: Company) -> None:
    """Reading is a person's: whoever is the worker now has not read it."""
    _read(company, "W2")

    _sign_up(company, "W2")

    assert _readers(company) == {"W2": UNREAD}


def test_who_cannot_sign_in_is_named_as_such(stocked: tuple[OwnDatabase, Company]) -> None:
    """Without a member the worker has no page, which whoever publishes has to know."""
    _, company = stocked

    with company.database.bound(company.tenant_id) as session:
        (reader,) = list_readers(session, SCOPE, by=OPERATOR)

    assert (reader.name, reader.has_read, reader.can_sign_in) == ("Li alpha", False, False)


def test_a_worker_is_the_reader_of_the_scope_whose_list_is_there(company: Company) -> None:
    """After the company's plan made room for a team's, the team's dispatcher asks, and sees the own team's only."""
    _read(company, "W2")
    south = PlanScope(service_on=SERVICE_ON, team_id=SOUTH)
    plan_id = plan_company(company.database, company.tenant_id, south)
    withdraw(company)
    with company.database.bound(company.tenant_id) as session:
        later = NOW + timedelta(hours=1)
        planning.publish_plan(session, plan_id, instead_of=None, by=OPERATOR, now=later)
        dispatcher = access_of(session, company.dispatcher_id)

        assert [one.worker_id for one in list_readers(session, south, by=dispatcher)] == ["W2"]
        with pytest.raises(NotAllowed):
            list_readers(session, SCOPE, by=dispatcher)
    assert _readers(company) == {}


def test_a_day_without_publications_has_no_readers(two_companies: tuple[Company, Company]) -> None:
    """Nobody is asked for what was never published, and another company's readers are not there."""
    company, other = two_companies

    assert _readers(company, PlanScope(service_on=date(2027, 1, 1))) == {}
    with company.database.bound(other.tenant_id) as session:
        assert [one.name for one in list_readers(session, SCOPE, by=OPERATOR)] == ["Li beta"]
