"""Use cases of learning from the days behind: what they tell is kept for the next plans, unless nobody wants that."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from geo_engine.audit.service import record_act
from geo_engine.customers.store import list_sites
from geo_engine.db.session import Database, Session
from geo_engine.planning.travel.learned import Learning
from geo_engine.planning.versions.learned_store import (
    find_learned_at,
    list_planned_legs,
    lock_learning,
    replace_learning,
)
from geo_engine.tenancy import OPERATOR, Access, Act
from geo_engine.tenancy.store import get_tenant
from geo_engine.tracks.keeping import do_for_each
from geo_engine.visits.learning import LearnParams, learn
from geo_engine.visits.learning_store import list_stays
from geo_engine.visits.seen_times import SeenParams, legs_seen, services_seen

LOOKED_BACK_DAYS = 180
_LEARNED_EVERY = timedelta(hours=20)
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnRules:
    """From which days, from what of them, and how it is learned."""

    days: int = LOOKED_BACK_DAYS
    seen: SeenParams = field(default_factory=SeenParams)
    params: LearnParams = field(default_factory=LearnParams)


def look_back(session: Session, rules: LearnRules | None = None, *, by: Access, now: datetime) -> Learning:
    """Return what the days before today tell, and keep nothing of it.

    Raises
    ------
    NotAllowed
        When the actor may not see the whole company's plans.
    """
    by.require(Act.SEE_PLANS)
    return _learning(session, rules or LearnRules(), now)


def learn_times(session: Session, rules: LearnRules | None = None, *, by: Access, now: datetime) -> Learning:
    """Learn from the days before today, and have the next plans made with it instead of what was learned before.

    Raises
    ------
    NotAllowed
        When the actor may not plan days of the whole company.
    """
    by.require(Act.PLAN_DAY)
    lock_learning(session)

    learning = _learning(session, rules or LearnRules(), now)

    replace_learning(session, learning, now=now)
    subject = ("tenant", str(get_tenant(session).id))
    record_act(session, "learn_times", subject, by=by.member_id, now=now, sites=len(learning.times.services))
    return replace(learning, learned_at=now)


def learn_of_each(database: Database, *, now: datetime) -> None:
    """Learn for every company for which that was not done within the last day or so.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away; a company that others work on is left for next time.
    """

    def learn_if_due(session: Session) -> None:
        learned_at = find_learned_at(session)
        if learned_at is None or now - learned_at >= _LEARNED_EVERY:
            learn_times(session, by=OPERATOR, now=now)

    do_for_each(database, learn_if_due)


def _learning(session: Session, rules: LearnRules, now: datetime) -> Learning:
    zone = get_tenant(session).zone or _UTC
    before = now.astimezone(zone).date()
    since = before - timedelta(days=rules.days)
    stays = list_stays(session, since=since, before=before)
    planned = list_planned_legs(session, since=since, before=before)
    sites = {site.id: site for site in list_sites(session)}
    return learn(
        tuple(services_seen(stays, sites, zone, rules.seen)),
        tuple(legs_seen(stays, planned, zone, rules.seen)),
        since=since,
        before=before,
        params=rules.params,
    )
