"""What a dispatcher sees of a day at a glance: what is due, who works, the plan, and whether one is being made."""

from dataclasses import dataclass

from geo_engine.customers import Site
from geo_engine.customers.store import list_sites_due
from geo_engine.db.session import Session
from geo_engine.ids import PlanId
from geo_engine.planning.requests import store as request_store
from geo_engine.planning.travel.learned import Learning
from geo_engine.planning.versions import store
from geo_engine.planning.versions.history import find_undone
from geo_engine.planning.versions.learned_store import find_learning
from geo_engine.planning.versions.model import PlanNotFound, PlanRequest, PlanScope, PlanVersion, VersionMark
from geo_engine.planning.versions.publication_store import find_published_id
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import list_team_ids_below
from geo_engine.workforce import Worker
from geo_engine.workforce.store import list_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOverview:
    """A day of a team, or of the company.

    Parameters
    ----------
    plan
        The version asked for, else the newest; None when there is none.
    versions
        All of them, the newest first.
    published_id
        The version the workers have; None when they have none.
    open_request
        The newest request that has not ended; None when nothing is being planned.
    sites_due
        What is to be visited, by id, whether planned or not.
    learning
        What was learned of it from past days; None when nothing ever was.
    """

    scope: PlanScope
    plan: PlanVersion | None
    versions: tuple[VersionMark, ...]
    published_id: PlanId | None
    open_request: PlanRequest | None
    sites_due: tuple[Site, ...]
    workers: tuple[Worker, ...]
    learning: Learning | None = None

    @property
    def is_newest(self) -> bool:
        """Whether the plan is the newest version there is."""
        return self.plan is not None and self.plan.version == self.versions[0].version

    @property
    def is_published(self) -> bool:
        """Whether the plan is the version the workers have."""
        return self.plan is not None and self.plan.id == self.published_id

    @property
    def undone(self) -> VersionMark | None:
        """The version that undoing leads back to; None when the newest one was not made by hand."""
        return find_undone(self.versions)

    @property
    def sites_waiting(self) -> tuple[Site, ...]:
        """What is due and not in the plan: added since it was made, or all of it when there is no plan."""
        planned = set[str]() if self.plan is None else set[str](self.plan.day_plan.sites)
        return tuple(site for site in self.sites_due if site.id not in planned)


def get_overview(session: Session, scope: PlanScope, version: int | None = None, *, by: Access) -> DayOverview:
    """Return a day at a glance.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    PlanNotFound
        When there is no such version.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.SEE_PLANS, Subject(team_id=scope.team_id))
    team_ids = None if scope.team_id is None else list_team_ids_below(session, scope.team_id)
    plan_id, published_id = store.find_plan_id(session, scope, version), find_published_id(session, scope)
    if plan_id is None and version is not None:
        raise PlanNotFound(f"{scope.service_on} v{version}")
    due = list_sites_due(session, scope.service_on, team_ids=team_ids)
    return DayOverview(
        scope=scope,
        plan=None if plan_id is None else store.get_plan(session, plan_id),
        versions=store.list_versions(session, scope),
        published_id=published_id,
        open_request=request_store.find_open_request(session, scope),
        sites_due=due,
        workers=list_workers(session, team_ids=team_ids),
        learning=find_learning(session, [site.id for site in due]),
    )
