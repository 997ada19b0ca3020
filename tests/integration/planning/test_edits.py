"""Plans changed by hand, and gone back to."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import cast

import pytest
from sqlalchemy import QueuePool
from support.companies import NOW, SCOPE, SERVICE_ON, SOUTH, Company, ask_for_plan, plan_company, work_off

from geo_engine.audit.store import list_events
from geo_engine.geometry import Position
from geo_engine.ids import JobId, PlanId, WorkerId
from geo_engine.planning.edits import move_visit, restore_plan
from geo_engine.planning.overview import get_overview
from geo_engine.planning.service import get_planned
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import PlanBeingMade, PlanChanged, PlanScope, PlanVersion
from geo_engine.roads import RoadRouter, TravelMatrix
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR

LATER = NOW + timedelta(hours=1)


def _move(
    company: Company,
    plan_id: PlanId,
    job_id: str,
    worker_id: str,
    number: int | None = None,
    *,
    router: RoadRouter | None = None,
) -> PlanVersion:
    return move_visit(
        lambda: company.database.bound(company.tenant_id),
        plan_id,
        JobId(job_id),
        worker_id=WorkerId(worker_id),
        number=number,
        router_of=lambda _: router or StraightRouter(),
        by=OPERATOR,
        now=NOW,
    )


class _RouterThatLooks(StraightRouter):
    """Answers travel after looking at what else goes on."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__()
        self._look = look

    def matrix(self, positions: Sequence[Position]) -> TravelMatrix:
        """Look, then return travel."""
        self._look()
        return super().matrix(positions)


def _restore(company: Company, plan_id: PlanId, *, instead_of: PlanId) -> PlanVersion:
    with company.database.bound(company.tenant_id) as session:
        return restore_plan(session, plan_id, instead_of=instead_of, by=OPERATOR, now=LATER)


def _undo(company: Company) -> PlanVersion:
    """Press the button once."""
    with company.database.bound(company.tenant_id) as session:
        overview = get_overview(session, SCOPE, by=OPERATOR)
    assert overview.undone is not None
    return _restore(company, overview.undone.id, instead_of=overview.versions[0].id)


def test_no_transaction_is_held_while_a_move_is_computed(company: Company) -> None:
    """The server ends a transaction that is idle for a minute; a day of thousands of sites may take as long."""
    pool = cast("QueuePool", company.database.engine.pool)
    held: list[int] = []

    moved = _move(
        company, company.plan_id, "S001", "W1", router=_RouterThatLooks(lambda: held.append(pool.checkedout()))
    )

    assert moved.version == 2
    assert held
    assert set(held) == {0}


def test_a_move_that_another_change_overtook_is_refused(company: Company) -> None:
    """What was computed of version 1 is not recorded once somebody made version 2 meanwhile."""
    overtake = iter([lambda: _move(company, company.plan_id, "S003", "W1")])

    with pytest.raises(PlanChanged):
        _move(
            company,
            company.plan_id,
            "S001",
            "W1",
            router=_RouterThatLooks(lambda: [other() for other in overtake]),
        )

    with company.database.bound(company.tenant_id) as session:
        assert store.get_newest_version(session, SCOPE) == 2


def test_nothing_is_changed_by_hand_while_a_plan_is_being_made(company: Company) -> None:
    """The search would find its version taken: neither a stop is moved, nor a change undone, before it has ended."""
    moved = _move(company, company.plan_id, "S001", "W1")
    request_id = ask_for_plan(company.database, company.tenant_id)

    with pytest.raises(PlanBeingMade):
        _move(company, moved.id, "S003", "W1")
    with pytest.raises(PlanBeingMade):
        _restore(company, company.plan_id, instead_of=moved.id)
    work_off(company.database, company.tenant_id, request_id)

    with company.database.bound(company.tenant_id) as session:
        planned = get_planned(session, request_id, by=OPERATOR)
    assert planned.version == 3
    assert _move(company, planned.id, "S003", "W1").version == 4


def test_a_search_asked_for_while_a_move_is_computed_goes_first(company: Company) -> None:
    """The move is refused when it would be recorded."""
    looks = iter([lambda: ask_for_plan(company.database, company.tenant_id)])

    with pytest.raises(PlanBeingMade):
        _move(company, company.plan_id, "S001", "W1", router=_RouterThatLooks(lambda: [look() for look in looks]))


def test_another_teams_search_is_in_nobodys_way(company: Company) -> None:
    """Only the plan that is being made is kept as it is."""
    ask_for_plan(company.database, company.tenant_id, PlanScope(service_on=SERVICE_ON, team_id=SOUTH))

    assert _move(company, company.plan_id, "S001", "W1").version == 2


def test_a_plan_gone_back_to_is_the_next_version_and_as_it_was(company: Company) -> None:
    """Routes, times, figures, what is broken and what was left out with its reasons are the same to the last letter."""
    planned = plan_company(company.database, company.tenant_id)
    skilled = _move(company, planned, "S000", "W1", 1)  # W1 has not the skill: a rule is broken
    other = _move(company, skilled.id, "S001", "W1", 1)

    made = [_restore(company, planned, instead_of=other.id)]
    made.append(_restore(company, skilled.id, instead_of=made[0].id))

    assert skilled.day_plan.plan.violations
    with company.database.bound(company.tenant_id) as session:
        for before_id, version, number in zip((planned, skilled.id), made, (5, 6), strict=True):
            before, after = (store.get_plan(session, one) for one in (before_id, version.id))
            assert after.day_plan == before.day_plan
            assert after == version == replace(before, id=version.id, version=number, made_at=LATER)
            assert after.day_plan.plan.unassigned
            assert after.day_plan.saved is not None


def test_the_versions_in_between_stay_and_the_published_one_stays_published(company: Company) -> None:
    """Going back changes no version and gives the workers nothing: that is for publishing to do."""
    moved = _move(company, company.plan_id, "S001", "W1")

    restored = _restore(company, company.plan_id, instead_of=moved.id)

    with company.database.bound(company.tenant_id) as session:
        overview = get_overview(session, SCOPE, by=OPERATOR)
        assert store.get_plan(session, moved.id) == moved
    assert [(one.version, one.restores) for one in overview.versions] == [(3, 1), (2, None), (1, None)]
    assert overview.published_id == company.plan_id
    assert restored.published_at is None


def test_undoing_twice_takes_two_moves_back(company: Company) -> None:
    """Each press leads one change further back, until the plan is the one that was searched for."""
    first = _move(company, company.plan_id, "S001", "W1")
    _move(company, first.id, "S003", "W1")

    once, twice = _undo(company), _undo(company)

    with company.database.bound(company.tenant_id) as session:
        assert once.day_plan == store.get_plan(session, first.id).day_plan
        assert twice.day_plan == store.get_plan(session, company.plan_id).day_plan
        assert get_overview(session, SCOPE, by=OPERATOR).undone is None


def test_the_second_of_two_dispatchers_is_told_and_overwrites_nothing(company: Company) -> None:
    """Who goes back while another moved a stop, or went back as well, hears that the plan changed."""
    moved = _move(company, company.plan_id, "S001", "W1")
    _restore(company, company.plan_id, instead_of=moved.id)

    with pytest.raises(PlanChanged):
        _restore(company, company.plan_id, instead_of=moved.id)
    with pytest.raises(PlanChanged):
        _move(company, moved.id, "S003", "W1")

    with company.database.bound(company.tenant_id) as session:
        assert store.get_newest_version(session, SCOPE) == 3


def test_of_two_who_go_back_at_once_one_wins_and_the_other_is_told(company: Company) -> None:
    """Both saw version 2 and neither the other's: one version is added."""
    moved = _move(company, company.plan_id, "S001", "W1")
    barrier = Barrier(2)

    def restore() -> bool:
        barrier.wait(timeout=20.0)
        try:
            _restore(company, company.plan_id, instead_of=moved.id)
        except PlanChanged:
            return False
        return True

    with ThreadPoolExecutor(max_workers=2) as pool:
        asked = [pool.submit(restore) for _ in range(2)]
        assert sorted(one.result() for one in asked) == [False, True]
    with company.database.bound(company.tenant_id) as session:
        assert store.get_newest_version(session, SCOPE) == 3


def test_another_days_newest_version_is_not_taken_for_this_ones(company: Company) -> None:
    """What the actor saw must be of the same day and team."""
    south = plan_company(company.database, company.tenant_id, PlanScope(service_on=SERVICE_ON, team_id=SOUTH))
    _move(company, company.plan_id, "S001", "W1")

    with pytest.raises(PlanChanged):
        _restore(company, company.plan_id, instead_of=south)


def test_going_back_to_the_newest_adds_nothing(company: Company) -> None:
    """There is nothing to be undone in it."""
    same = _restore(company, company.plan_id, instead_of=company.plan_id)

    assert same.id == company.plan_id
    with company.database.bound(company.tenant_id) as session:
        assert store.get_newest_version(session, SCOPE) == 1


def test_going_back_stands_in_the_trail(company: Company) -> None:
    """The trail says which version was made, and from which."""
    moved = _move(company, company.plan_id, "S001", "W1")

    restored = _restore(company, company.plan_id, instead_of=moved.id)

    with company.database.bound(company.tenant_id) as session:
        event = list_events(session)[0]
    assert (event.act, event.subject) == ("restore_plan", ("plan", str(restored.id)))
    assert event.facts == {"version": 3, "restores": 1}
