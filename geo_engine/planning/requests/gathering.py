"""What a day is planned from, as it stands in the company's rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from geo_engine.customers import Site
from geo_engine.customers.store import list_due_workers, list_sites_due
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.planning.day import DayRequest
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.travel.learned import LearnedTimes, with_learned
from geo_engine.planning.versions.learned_store import find_learning
from geo_engine.planning.versions.model import NothingToPlan, PlanScope
from geo_engine.roads import RoadChoice
from geo_engine.roads.service import get_choice
from geo_engine.tenancy.speed_store import get_speeds
from geo_engine.tenancy.store import get_tenant, list_team_ids_below
from geo_engine.words import Message
from geo_engine.workforce.store import find_shift_modes, find_shifts, list_workers


def gather_day(
    session: Session, scope: PlanScope, budget: Budget, *, uses_learned: bool = False
) -> tuple[DayRequest, RoadChoice]:
    """Return what a plan of the scope is made from, as it stands now, and on which roads.

    Parameters
    ----------
    uses_learned
        Whether service and travel take what was learned, where something was.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    NothingToPlan
        When the day has no due visit or no worker.
    InvalidInput
        When the company has chosen no roads or no time zone is known.
    """
    team_ids = None if scope.team_id is None else list_team_ids_below(session, scope.team_id)
    tenant, roads = get_tenant(session), get_choice(session)
    sites = _with_whom(session, scope.service_on, list_sites_due(session, scope.service_on, team_ids=team_ids))
    shifts, modes = find_shifts(session, scope.service_on), find_shift_modes(session, scope.service_on)
    workers = [
        replace(worker, shift=shifts.get(worker.id, worker.shift), mode=modes.get(worker.id, worker.mode))
        for worker in list_workers(session, team_ids=team_ids)
    ]
    facts = {"date": scope.service_on.isoformat()}
    if not sites:
        raise NothingToPlan(Message("No visit is due on {date}.", facts))
    if not workers:
        raise NothingToPlan(Message("Nobody works on {date}.", facts))
    if tenant.zone is None:
        raise InvalidInput(Message("No time zone is known for the company."))
    sites, learned = as_learned(session, sites, uses_learned=uses_learned)
    day = DayRequest(
        service_on=scope.service_on,
        zone=tenant.zone,
        sites=sites,
        workers=tuple(workers),
        budget=budget,
        learned=learned,
        prices=tenant.prices,
        speeds=get_speeds(session),
    )
    return day, roads


def as_learned(
    session: Session, sites: Sequence[Site], *, uses_learned: bool
) -> tuple[tuple[Site, ...], LearnedTimes | None]:
    """Return sites whose service takes what was learned of it, and what was; as they are, and None, if not wanted."""
    if not uses_learned:
        return tuple(sites), None
    learning = find_learning(session, [site.id for site in sites])
    return with_learned(sites, LearnedTimes() if learning is None else learning.times)


def _with_whom(session: Session, service_on: date, sites: Sequence[Site]) -> tuple[Site, ...]:
    """Keep each site that a period has somebody go to for that worker, unless the site is not that worker's by now."""
    due = {site_id: worker_id for _, site_id, worker_id in list_due_workers(session, service_on, service_on)}
    return tuple(
        replace(site, worker_ids=frozenset({due[site.id]}))
        if site.id in due and (not site.worker_ids or due[site.id] in site.worker_ids)
        else site
        for site in sites
    )
