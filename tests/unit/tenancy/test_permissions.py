"""Who may do what, to whose things."""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.ids import MemberId, RoleId, TeamId, WorkerId
from geo_engine.tenancy import OPERATOR, Access, Act, Scope, Subject
from geo_engine.tenancy.permissions import DEFAULT_GRANTS, NotAllowed, Role

type Grants = dict[Act, Scope]

NORTH, SOUTH, SOUTH_WEST = TeamId("north"), TeamId("south"), TeamId("south-west")
ME, OTHER = WorkerId("W1"), WorkerId("W2")
OWN_THING = Subject(worker_id=ME, team_id=NORTH)
TEAM_THING = Subject(worker_id=OTHER, team_id=SOUTH_WEST)
REGION_THING = Subject(worker_id=OTHER, team_id=NORTH, region_id="R1")
FOREIGN_THING = Subject(worker_id=OTHER, team_id=NORTH)
NOBODYS_THING = Subject()

SUBJECTS = st.builds(
    Subject,
    worker_id=st.sampled_from([None, ME, OTHER]),
    team_id=st.sampled_from([None, NORTH, SOUTH, SOUTH_WEST]),
    region_id=st.sampled_from([None, "R1", "R2"]),
)


def access(role: str) -> Access:
    """Return a member of the south, worker W1, who answers for region R1, in a role."""
    return _access(DEFAULT_GRANTS[RoleId(role)])


def _access(grants: dict[Act, Scope]) -> Access:
    member = MemberId(UUID(int=1))
    teams = frozenset({SOUTH, SOUTH_WEST})
    return Access(member_id=member, grants=grants, worker_id=ME, team_ids=teams, region_ids=frozenset({"R1"}))


@pytest.mark.parametrize(
    ("role", "act", "reached"),
    [
        ("worker", Act.SEE_PLANS, {OWN_THING}),
        ("worker", Act.PLAN_DAY, set()),
        ("dispatcher", Act.PLAN_DAY, {OWN_THING, TEAM_THING}),
        ("manager", Act.SEE_SITES, {OWN_THING, TEAM_THING, REGION_THING}),
        ("manager", Act.CHANGE_SITES, set()),
        ("auditor", Act.SEE_AUDIT, {OWN_THING, TEAM_THING, REGION_THING, FOREIGN_THING, NOBODYS_THING}),
        ("auditor", Act.PUBLISH_PLAN, set()),
        ("dispatcher", Act.SEE_AUDIT, set()),
        ("administrator", Act.CHANGE_MEMBERS, {OWN_THING, TEAM_THING, REGION_THING, FOREIGN_THING, NOBODYS_THING}),
    ],
)
def test_a_role_reaches_what_the_table_says(role: str, act: Act, reached: set[Subject]) -> None:
    """Of five things, each nearer to the member than the next, a role reaches exactly those of its scope."""
    things = {OWN_THING, TEAM_THING, REGION_THING, FOREIGN_THING, NOBODYS_THING}

    assert {thing for thing in things if access(role).allows(act, thing)} == reached


def test_the_table_names_every_act_and_five_roles() -> None:
    """No act is forgotten: the administrator may do each, and every role may do something."""
    assert set(DEFAULT_GRANTS) == {"worker", "dispatcher", "auditor", "manager", "administrator"}
    assert set(DEFAULT_GRANTS[RoleId("administrator")]) == set(Act)
    assert all(DEFAULT_GRANTS.values())


@given(SUBJECTS)
def test_a_wider_scope_allows_all_that_a_narrower_one_does(subject: Subject) -> None:
    """Own, team, region, all: each includes the ones before."""
    allowed = [_access({Act.SEE_SITES: scope}).allows(Act.SEE_SITES, subject) for scope in Scope]

    assert allowed == sorted(allowed)


@given(SUBJECTS, st.sampled_from(Act))
def test_what_is_not_granted_is_never_allowed(subject: Subject, act: Act) -> None:
    """No grant, no access; and the operator's access is total."""
    with pytest.raises(NotAllowed):
        _access({}).require(act, subject)
    OPERATOR.require(act, subject)


def test_a_list_shows_the_teams_below_or_everything() -> None:
    """A dispatcher's list is of the own teams, an administrator's of the company; a worker gets no list."""
    assert access("dispatcher").team_limit(Act.SEE_SITES) == {SOUTH, SOUTH_WEST}
    assert access("administrator").team_limit(Act.SEE_SITES) is None
    with pytest.raises(NotAllowed):
        access("worker").team_limit(Act.SEE_SITES)


def test_who_is_in_no_team_stands_above_all() -> None:
    """Without a team a dispatcher reaches the company, a worker still only what is the worker's own."""
    dispatcher, worker = (
        Role(id=RoleId(one), name=one, grants=DEFAULT_GRANTS[RoleId(one)]) for one in ("dispatcher", "worker")
    )

    above = Access(member_id=MemberId(UUID(int=1)), grants=dispatcher.grants_in(None))

    assert above.team_limit(Act.PLAN_DAY) is None
    assert above.allows(Act.PUBLISH_PLAN, Subject(team_id=SOUTH))
    assert not above.allows(Act.CHANGE_MEMBERS)
    assert dispatcher.grants_in(SOUTH) == dispatcher.grants
    assert worker.grants_in(None) == worker.grants


@given(
    st.dictionaries(st.sampled_from(Act), st.sampled_from(Scope)),
    st.dictionaries(st.sampled_from(Act), st.sampled_from(Scope)),
    st.sampled_from([None, NORTH, SOUTH, SOUTH_WEST]),
)
def test_nobody_gives_what_reaches_farther(mine: Grants, given_away: Grants, team_id: TeamId | None) -> None:
    """Whoever gets a role in a team reaches no team's things that its giver does not."""
    below = {SOUTH: frozenset({SOUTH, SOUTH_WEST}), None: frozenset()}.get(team_id, frozenset({team_id}))
    giver, taker = _access(mine), Access(member_id=None, grants=given_away, team_ids=below)
    try:
        giver.require_to_give(given_away, team_id)
    except NotAllowed:
        return

    subjects = [Subject(team_id=team) for team in (None, NORTH, SOUTH, SOUTH_WEST)]
    for act, subject in product(Act, subjects):
        assert giver.allows(act, subject) or not taker.allows(act, subject)


@given(
    st.dictionaries(st.sampled_from(Act), st.sampled_from(Scope)),
    st.sampled_from(Act),
    st.sampled_from(Scope),
    st.sampled_from([None, NORTH, SOUTH, SOUTH_WEST]),
)
def test_only_what_workers_have_of_themselves_is_given_without_having_it(
    mine: Grants, act: Act, scope: Scope, team_id: TeamId | None
) -> None:
    """Whatever a role was saved with it gives the worker's role; all else it gives is an act of its own, as wide."""
    giver = _access(mine)
    try:
        giver.require_to_give({act: scope}, team_id)
    except NotAllowed:
        gave = False
    else:
        gave = True

    has = act in mine and list(Scope).index(scope) <= list(Scope).index(mine[act])
    is_workers_own = scope is Scope.OWN and act in DEFAULT_GRANTS[RoleId("worker")]
    assert has or is_workers_own or not gave
    assert gave or not is_workers_own
    giver.require_to_give(DEFAULT_GRANTS[RoleId("worker")], team_id)


@pytest.mark.parametrize(
    ("act", "scope", "team_id", "may"),
    [
        (Act.SEE_SITES, Scope.OWN, NORTH, True),
        (Act.SEE_SITES, Scope.TEAM, SOUTH, True),
        (Act.SEE_SITES, Scope.TEAM, NORTH, False),
        (Act.SEE_SITES, Scope.REGION, SOUTH, False),
        (Act.SEE_SITES, Scope.ALL, SOUTH, False),
        (Act.SEE_AUDIT, Scope.OWN, SOUTH, False),
        (Act.CHECK_IN, Scope.OWN, SOUTH, True),
        (Act.CHECK_IN, Scope.OWN, None, True),
        (Act.CHECK_IN, Scope.TEAM, SOUTH, False),
    ],
)
def test_a_dispatcher_gives_what_a_dispatcher_has(act: Act, scope: Scope, team_id: TeamId | None, *, may: bool) -> None:
    """An act the giver has, as far as the giver has it, in a team of the giver's; and what is every worker's own."""
    giver = access("dispatcher")
    try:
        giver.require_to_give({act: scope}, team_id)
    except NotAllowed:
        gave = False
    else:
        gave = True

    assert gave is may
