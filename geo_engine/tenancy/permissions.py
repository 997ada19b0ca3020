"""Who may do what, to whose things: role × act × scope, as a table a person can read.

The table is what a new company begins with; it may copy roles and change its copies. Every page and every
API asks here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from geo_engine.errors import Forbidden
from geo_engine.ids import MemberId, RoleId, TeamId, WorkerId
from geo_engine.words import Message


class Act(StrEnum):
    """Something a person may be allowed to do."""

    SEE_SITES = "see_sites"
    CHANGE_SITES = "change_sites"
    SEE_WORKERS = "see_workers"
    CHANGE_WORKERS = "change_workers"
    SEE_PLANS = "see_plans"
    PLAN_DAY = "plan_day"
    PUBLISH_PLAN = "publish_plan"
    SEE_TRACKS = "see_tracks"
    CHECK_IN = "check_in"
    REVIEW_VISITS = "review_visits"
    SEE_AUDIT = "see_audit"
    CHANGE_MEMBERS = "change_members"
    CHANGE_TENANT = "change_tenant"


class Scope(StrEnum):
    """Whose things an act reaches, narrowest first; each includes the ones before."""

    OWN = "own"
    TEAM = "team"
    REGION = "region"
    ALL = "all"


_WIDTH = {scope: width for width, scope in enumerate(Scope)}

# own: one's own · team: one's team and the teams below · region: one's regions too · all: the company · -: not at all
# As long as nothing lies in a region, “region” reaches what “team” does. Who is in no team stands above all teams:
# both then reach the company, so that one without teams can be worked in.
_TABLE = """
act              worker   dispatcher   auditor   manager   administrator
see_sites        own      team         all       region    all
change_sites     -        team         -         -         all
see_workers      own      team         all       region    all
change_workers   -        team         -         -         all
see_plans        own      team         all       region    all
plan_day         -        team         -         -         all
publish_plan     -        team         -         -         all
see_tracks       own      team         all       region    all
check_in         own      -            -         -         all
review_visits    -        team         all       region    all
see_audit        -        -            all       -         all
change_members   -        -            -         -         all
change_tenant    -        -            -         -         all
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of permissions: each act it may do, and how far.

    Parameters
    ----------
    id
        Within the tenant; the built-in ones are those of the table.
    grants
        An act that is not in it is not allowed.
    """

    id: RoleId
    name: str
    grants: Mapping[Act, Scope]

    def grants_in(self, team_id: TeamId | None) -> Mapping[Act, Scope]:
        """Return what the role allows somebody in a team; without one its teams and regions are the whole company."""
        if team_id is not None:
            return self.grants
        return {act: scope if scope is Scope.OWN else Scope.ALL for act, scope in self.grants.items()}

    @property
    def is_administrator(self) -> bool:
        """Whether it may change the company and all its members."""
        return self.grants.get(Act.CHANGE_TENANT) is Scope.ALL is self.grants.get(Act.CHANGE_MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose thing an act is about; what is None belongs to nobody in particular."""

    worker_id: WorkerId | None = None
    team_id: TeamId | None = None
    region_id: str | None = None


EVERYBODYS = Subject()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who acts, and what this person may reach.

    Parameters
    ----------
    member_id
        None for the installation's own operator at the command line.
    worker_id
        The worker the member is, if any.
    team_ids
        The member's team and all below it.
    region_ids
        The regions the member answers for.
    """

    member_id: MemberId | None
    grants: Mapping[Act, Scope]
    worker_id: WorkerId | None = None
    team_ids: frozenset[TeamId] = field(default_factory=frozenset)
    region_ids: frozenset[str] = field(default_factory=frozenset)

    def allows(self, act: Act, subject: Subject = EVERYBODYS) -> bool:
        """Return whether the act is allowed on the subject; what belongs to nobody takes the scope `ALL`."""
        granted = self.grants.get(act)
        return granted is not None and any(
            _WIDTH[scope] <= _WIDTH[granted] and self._reaches(scope, subject) for scope in Scope
        )

    def require(self, act: Act, subject: Subject = EVERYBODYS) -> None:
        """Raise unless `allows`.

        Raises
        ------
        NotAllowed
            When the act is not allowed on the subject.
        """
        if not self.allows(act, subject):
            raise NotAllowed(act)

    def team_limit(self, act: Act) -> frozenset[TeamId] | None:
        """Return the teams whose things a list may show under an act; None is everything, also what has no team.

        Raises
        ------
        NotAllowed
            When the act is not allowed on anybody's things but one's own.
        """
        granted = self.grants.get(act)
        if granted is None or granted is Scope.OWN:
            raise NotAllowed(act)
        return None if granted is Scope.ALL else self.team_ids

    def require_to_give(self, grants: Mapping[Act, Scope], team_id: TeamId | None = None) -> None:
        """Raise unless all grants, given to a person in a team, reach no farther than one's own.

        What the table gives workers of themselves anybody gives who may give at all: it reaches nobody else, neither
        from whom it comes nor from whom it goes to. So a role that was saved before there was such an act goes on
        giving the worker's. What else is of oneself alone, such as reviewing one's own visits, is given by who has it.

        Raises
        ------
        NotAllowed
            For the first that reaches farther.
        """
        for act, scope in grants.items():
            if not self._can_give(act, scope, team_id):
                raise NotAllowed(act)

    def _can_give(self, act: Act, scope: Scope, team_id: TeamId | None) -> bool:
        if scope is Scope.OWN and act in WORKERS_OWN:
            return True
        granted = self.grants.get(act)
        if granted is None or _WIDTH[scope] > _WIDTH[granted]:
            return False
        return granted is Scope.ALL or scope is Scope.OWN or team_id is None or team_id in self.team_ids

    def _reaches(self, scope: Scope, subject: Subject) -> bool:
        match scope:
            case Scope.OWN:
                return subject.worker_id is not None and subject.worker_id == self.worker_id
            case Scope.TEAM:
                return subject.team_id is not None and subject.team_id in self.team_ids
            case Scope.REGION:
                return subject.region_id is not None and subject.region_id in self.region_ids
            case Scope.ALL:
                return True


class NotAllowed(Forbidden):
    """The person may not do this."""

    def __init__(self, act: Act) -> None:
        super().__init__(Message("Your role does not allow this here."))
        self.act = act


def _read_table(text: str) -> dict[RoleId, Mapping[Act, Scope]]:
    head, *rows = (line.split() for line in text.strip().splitlines())
    grants: dict[RoleId, dict[Act, Scope]] = {RoleId(name): {} for name in head[1:]}
    for act, *cells in rows:
        for name, cell in zip(head[1:], cells, strict=True):
            if cell != "-":
                grants[RoleId(name)][Act(act)] = Scope(cell)
    return dict(grants)


DEFAULT_GRANTS: Mapping[RoleId, Mapping[Act, Scope]] = _read_table(_TABLE)
"""What each built-in role may do, by role and act."""

WORKERS_OWN = frozenset(act for act, scope in DEFAULT_GRANTS[RoleId("worker")].items() if scope is Scope.OWN)
"""What every worker may see and state of what is the worker's own."""

OPERATOR = Access(member_id=None, grants=dict.fromkeys(Act, Scope.ALL))
"""Whoever runs the installation, at its command line."""


def default_roles() -> tuple[Role, ...]:
    """Return the roles a new company begins with."""
    return tuple(Role(id=role_id, name=role_id, grants=grants) for role_id, grants in DEFAULT_GRANTS.items())
