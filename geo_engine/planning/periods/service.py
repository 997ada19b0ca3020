"""Use cases of periods: keep visiting rules, ask for weeks to be planned, look at them, have the days follow one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from geo_engine.audit.service import record_act
from geo_engine.customers.store import list_due_workers, list_names, list_sites, replace_due_visits
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import PeriodId, SiteId, TeamId, WorkerId
from geo_engine.planning.day import DEFAULT_SNAP_LIMIT_M
from geo_engine.planning.periods import store
from geo_engine.planning.periods.again import ask_again, last_day
from geo_engine.planning.periods.files import RulesRead, contradiction_of, read_rules
from geo_engine.planning.periods.kept import (
    KeptPeriod,
    NothingDue,
    PeriodAsk,
    PeriodNotPlanned,
    PeriodVisit,
    Takeover,
)
from geo_engine.planning.periods.model import EarlierVisit, MadeVisit, PeriodParams, PeriodRequest, VisitingRule
from geo_engine.planning.periods.period import validate_period
from geo_engine.planning.periods.replacing import Adopted, TeamsBelow, replacement_of, taken_over_by
from geo_engine.planning.requests.gathering import as_learned
from geo_engine.planning.travel.learned import Learning
from geo_engine.planning.versions.learned_store import find_learning
from geo_engine.planning.versions.model import RequestState
from geo_engine.queue import enqueue
from geo_engine.roads import RoadChoice
from geo_engine.roads.service import get_choice
from geo_engine.tables.model import TableSource
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.speed_store import get_speeds
from geo_engine.tenancy.store import get_tenant, list_team_ids_below
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce.store import list_workers

PLAN_PERIOD_TASK = "plan_period"
_LIMIT = 50


def set_rules(session: Session, rules: Sequence[VisitingRule], *, by: Access, now: datetime) -> None:
    """Have the company's visiting rules be these; periods that are planned stay as they are.

    Raises
    ------
    InvalidInput
        When a rule can never be kept.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_SITES, Subject())
    for rule in rules:
        contradiction = contradiction_of(rule)
        if contradiction is not None:
            raise InvalidInput(contradiction)

    store.replace_rules(session, rules)
    record_act(session, "set_visiting_rules", ("visiting_rules", "all"), by=by.member_id, now=now, count=len(rules))


def import_rules(session: Session, source: TableSource, *, by: Access, now: datetime) -> RulesRead:
    """Have the company's visiting rules be those of a file; where a row cannot be used, change nothing and tell it.

    Returned is what the file holds.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.CHANGE_SITES, Subject())
    known = {site_id for site_id, _ in list_names(session)}, {worker.id for worker in list_workers(session)}
    read = read_rules(source, site_ids=known[0], worker_ids=known[1])
    if not read.problems:
        set_rules(session, read.rules, by=by, now=now)
    return read


def list_rules(session: Session, *, by: Access) -> tuple[VisitingRule, ...]:
    """Return the company's visiting rules, those of levels first.

    Raises
    ------
    NotAllowed
        When the actor may see no sites but single ones.
    """
    by.team_limit(Act.SEE_SITES)
    return store.list_rules(session)


def request_period(
    session: Session,
    ask: PeriodAsk,
    *,
    by: Access,
    now: datetime,
    offered_off: Mapping[WorkerId, frozenset[date]] | None = None,
) -> PeriodId:
    """Ask for weeks to be planned; a worker of the queue does it once this transaction is committed.

    Parameters
    ----------
    offered_off
        More days off, which nobody asked for by hand: they hold as far as they are of these weeks and workers.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    NothingDue, InvalidInput
        When there is no rule, site or worker, the weeks make no sense, somebody is off whom nobody knows, or the
        company has chosen no roads.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.PLAN_DAY, Subject(team_id=ask.team_id))
    workers = list_workers(session, team_ids=_teams(session, ask))
    days_off = _of_workers(_with_offered(ask, offered_off or {}, workers), workers)
    _require_within(ask, days_off)
    ask = replace(ask, days_off=days_off, uses_learned=_uses_learned(session, ask))
    request, _ = gather_period(session, ask, made=())
    validate_period(request)

    period_id = store.add_period(session, ask, by=by.member_id, now=now)
    enqueue(session, PLAN_PERIOD_TASK, period_id=period_id)
    record_act(session, "request_period", ("period", period_id), by=by.member_id, now=now)
    return period_id


def _with_offered(
    ask: PeriodAsk, offered: Mapping[WorkerId, frozenset[date]], workers: Sequence[Worker]
) -> dict[WorkerId, frozenset[date]]:
    """Return the days off that are asked for, and of those offered the ones of known workers within the weeks."""
    known = {who for worker in workers for who in (worker.id, worker.name)}
    found = dict(ask.days_off)
    for who, days in offered.items():
        if who in known and _is_within(ask, days):
            found[who] = found.get(who, frozenset()) | days
    return found


def _is_within(ask: PeriodAsk, days: Iterable[date]) -> bool:
    return any(ask.today_on <= day <= last_day(ask) for day in days)


def _require_within(ask: PeriodAsk, days_off: Mapping[WorkerId, frozenset[date]]) -> None:
    """Refuse days off none of which is in the weeks: the year is wrong, or the weeks are."""
    for worker_id, days in days_off.items():
        if not _is_within(ask, days):
            shown = f"{min(days)} – {max(days)}" if len(days) > 1 else str(min(days))
            raise InvalidInput(
                Message("{id} is off on no day of these weeks: {dates}.", {"id": worker_id, "dates": shown})
            )


def _of_workers(
    days_off: Mapping[WorkerId, frozenset[date]], workers: Sequence[Worker]
) -> dict[WorkerId, frozenset[date]]:
    """Return days off by the ids of workers, some of whom are named."""
    ids, named = {worker.id for worker in workers}, defaultdict(list)
    for worker in workers:
        named[worker.name].append(worker.id)
    found: dict[WorkerId, frozenset[date]] = {}
    for who, days in days_off.items():
        known = [who] if who in ids else named.get(who, [])
        if not known:
            raise InvalidInput(Message("There is no worker {id}.", {"id": who}))
        if len(known) > 1:
            raise InvalidInput(Message("Several workers are called {name}: give the id.", {"name": who}))
        found[known[0]] = found.get(known[0], frozenset()) | days
    return found


def _uses_learned(session: Session, ask: PeriodAsk) -> bool:
    return get_tenant(session).uses_learned if ask.uses_learned is None else ask.uses_learned


def gather_period(session: Session, ask: PeriodAsk, *, made: Iterable[MadeVisit]) -> tuple[PeriodRequest, RoadChoice]:
    """Return what a period is planned from, as it stands now, and on which roads.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    NothingDue, InvalidInput
        When there is no rule, site or worker, or the company has chosen no roads or has no time zone.
    """
    team_ids = _teams(session, ask)
    zone, roads = get_tenant(session).zone, get_choice(session)
    sites, workers = list_sites(session, team_ids=team_ids), list_workers(session, team_ids=team_ids)
    rules = _usable(store.list_rules(session), {worker.id for worker in workers})
    if not rules or not sites or not workers:
        raise NothingDue(Message("There is no visiting rule, no site or no worker to plan for."))
    if zone is None:
        raise InvalidInput(Message("No time zone is known for the company."))
    last_on = last_day(ask)
    sites, learned = as_learned(session, sites, uses_learned=_uses_learned(session, ask))
    request = PeriodRequest(
        first_on=ask.first_on,
        week_count=ask.week_count,
        zone=zone,
        sites=sites,
        workers=workers,
        rules=rules,
        today_on=ask.today_on,
        workdays=ask.workdays,
        holidays=ask.holidays,
        days_off=ask.days_off,
        made=tuple(made),
        earlier=tuple(
            EarlierVisit(site_id=site_id, planned_on=on, worker_id=worker_id)
            for on, site_id, worker_id in list_due_workers(session, ask.today_on, last_on)
        ),
        snap_limit_m=DEFAULT_SNAP_LIMIT_M,
        learned=learned,
        speeds=get_speeds(session),
        params=PeriodParams(search_s=ask.search_s, round_limit=ask.round_limit),
    )
    return request, roads


def _usable(rules: Iterable[VisitingRule], worker_ids: Iterable[object]) -> tuple[VisitingRule, ...]:
    """Leave out whom rules prefer where that worker is of another team."""
    known = set(worker_ids)
    return tuple(rule if rule.worker_id in known else replace(rule, worker_id=None) for rule in rules)


def _teams(session: Session, ask: PeriodAsk) -> tuple[TeamId, ...] | None:
    return None if ask.team_id is None else tuple(list_team_ids_below(session, ask.team_id))


def get_period(session: Session, period_id: PeriodId, *, by: Access) -> KeptPeriod:
    """Return a period, how far it is, or what it covers.

    Raises
    ------
    PeriodNotFound
        When there is none.
    NotAllowed
        When the actor may not.
    """
    period = store.get_period(session, period_id)
    by.require(Act.SEE_PLANS, Subject(team_id=period.ask.team_id))
    return _told_replaced(session, [period])[0]


def list_periods(session: Session, *, by: Access) -> tuple[KeptPeriod, ...]:
    """Return the last periods that the actor may see, the newest first."""
    periods = store.list_periods(session, limit=_LIMIT)
    seen = [one for one in periods if by.allows(Act.SEE_PLANS, Subject(team_id=one.ask.team_id))]
    return _told_replaced(session, seen)


def _told_replaced(session: Session, periods: Sequence[KeptPeriod]) -> tuple[KeptPeriod, ...]:
    adopted, below = _adopted(session, periods)
    return tuple(replace(one, replaced_by=replacement_of(one, adopted, below)) for one in periods)


def _adopted(session: Session, periods: Sequence[KeptPeriod]) -> tuple[tuple[Adopted, ...], TeamsBelow]:
    """Return the periods adopted last, and the teams below those of all."""
    adopted = store.list_adopted(session, limit=_LIMIT)
    teams = {ask.team_id for ask in (*(one.ask for one in adopted), *(one.ask for one in periods))}
    return adopted, {team: list_team_ids_below(session, team) for team in teams if team is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """A wish for weeks that was made before, as it would be made now, and what the workers are called."""

    ask: PeriodAsk
    workers: Mapping[WorkerId, str]


def get_asked_again(session: Session, period_id: PeriodId, *, by: Access, today: date) -> AskedAgain:
    """Return what a period was asked for with, as far as it still makes sense on a day.

    Raises
    ------
    PeriodNotFound
        When there is none.
    NotAllowed
        When the actor may not ask for it.
    """
    ask = store.get_period(session, period_id).ask
    by.require(Act.PLAN_DAY, Subject(team_id=ask.team_id))
    workers = {worker.id: worker.name for worker in list_workers(session, team_ids=_teams(session, ask))}
    return AskedAgain(ask=ask_again(ask, today=today, worker_ids=workers.keys()), workers=workers)


def get_learning(session: Session, *, by: Access) -> Learning | None:
    """Return what was learned of the company's days, but for its sites; None when nothing ever was.

    Raises
    ------
    NotAllowed
        When the actor may see no plans.
    """
    by.team_limit(Act.SEE_PLANS)
    return find_learning(session, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCalendar:
    """A period with its visits by day, worker and order, and what sites and workers are called.

    Parameters
    ----------
    takes_over
        The periods whose days it would take over were it adopted now, the latest first.
    """

    period: KeptPeriod
    takes_over: tuple[Takeover, ...]
    visits: tuple[PeriodVisit, ...]
    sites: Mapping[SiteId, str]
    workers: Mapping[WorkerId, str]


def get_calendar(session: Session, period_id: PeriodId, *, by: Access) -> PeriodCalendar:
    """Return a period as a person looks at it.

    Raises
    ------
    PeriodNotFound, NotAllowed
        As `get_period`.
    """
    period = get_period(session, period_id, by=by)
    team_ids = _teams(session, period.ask)
    return PeriodCalendar(
        period=period,
        takes_over=taken_over_by(period, *_adopted(session, [period])),
        visits=store.list_visits(session, period_id),
        sites=dict(list_names(session, team_ids=team_ids)),
        workers={worker.id: worker.name for worker in list_workers(session, team_ids=team_ids)},
    )


def stop_period(session: Session, period_id: PeriodId, *, by: Access, now: datetime) -> None:
    """Ask that the best plan found so far is kept at once; a period that has ended stays as it is.

    Raises
    ------
    PeriodNotFound
        When there is none.
    NotAllowed
        When the actor may not.
    """
    period = store.get_period(session, period_id)
    by.require(Act.PLAN_DAY, Subject(team_id=period.ask.team_id))

    if store.ATTEMPTS.ask_to_stop(session, period_id, now=now):
        record_act(session, "stop_period", ("period", period_id), by=by.member_id, now=now)


def adopt_period(session: Session, period_id: PeriodId, *, by: Access, now: datetime) -> None:
    """Have the days follow a period: its visits are due on their days, for their workers.

    They take the place of what earlier periods had for the same team, from the first day it planned that has not begun;
    what was made due by itself stays. A period that another took over can be adopted again.

    Raises
    ------
    PeriodNotFound
        When there is none.
    PeriodNotPlanned
        When it has no visits.
    NotAllowed
        When the actor may not.
    """
    period = store.get_period(session, period_id)
    by.require(Act.PLAN_DAY, Subject(team_id=period.ask.team_id))
    if period.state is not RequestState.PLANNED:
        raise PeriodNotPlanned(period_id)

    tomorrow = now.astimezone(get_tenant(session).zone or UTC).date() + timedelta(days=1)
    from_on = max(period.ask.today_on, tomorrow)
    visits = [visit for visit in store.list_visits(session, period_id) if visit.planned_on >= from_on]
    replace_due_visits(
        session,
        ((visit.planned_on, visit.site_id, visit.worker_id) for visit in visits),
        from_on=from_on,
        until_on=last_day(period.ask),
        team_ids=_teams(session, period.ask),
    )
    store.save_adopted(session, period_id, by=by.member_id, now=now)
    record_act(session, "adopt_period", ("period", period_id), by=by.member_id, now=now, count=len(visits))
