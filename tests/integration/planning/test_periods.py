"""Periods of companies: rules are kept, weeks are planned by the queue, days follow the one that is adopted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.companies import NORTH, NOW, PERIOD_ON, QUICK, SOUTH, Company, plan_company, plan_weeks
from support.stays import keep_learned

from geo_engine.customers.store import add_due_visits, list_due_workers, replace_due_visits
from geo_engine.errors import InvalidInput
from geo_engine.ids import PeriodId, SiteId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.periods import service as periods
from geo_engine.planning.periods.kept import PeriodAsk, PeriodNotFound, PeriodNotPlanned
from geo_engine.planning.periods.model import VisitingRule
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.versions.model import PlanScope, RequestState
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.permissions import NotAllowed
from geo_engine.workforce.service import access_of, import_workers
from geo_engine.workforce.store import list_workers

LAST_ON = PERIOD_ON + timedelta(days=13)
RULE = VisitingRule(site_id=SiteId("S001"), visits=1, weeks=1, min_gap_days=4, max_gap_days=9)


def test_weeks_are_planned_and_told(company: Company) -> None:
    """What was asked for is planned once it is worked off: its visits, in order, and what they cover."""
    period_id = plan_weeks(company.database, company.tenant_id)

    with company.database.bound(company.tenant_id) as session:
        period = periods.get_period(session, period_id, by=OPERATOR)
        visits = periods.get_calendar(session, period_id, by=OPERATOR).visits
        known = periods.list_periods(session, by=OPERATOR)
    assert (period.state, period.failure, period.share) == (RequestState.PLANNED, None, 1.0)
    assert period in known
    assert [(visit.site_id, visit.number) for visit in visits] == [("S001", 1), ("S001", 1)]
    assert period.forecast is not None
    assert [(one.week, one.due_count, one.planned_count) for one in period.forecast.coverage] == [(1, 1, 1), (2, 1, 1)]
    assert len(period.forecast.unruled) == 8


def test_days_follow_a_period_that_is_adopted(company: Company) -> None:
    """Its visits are due on their days, and that day's plan is made for the worker the period says."""
    period_id = plan_weeks(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        periods.adopt_period(session, period_id, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        first, second = periods.get_calendar(session, period_id, by=OPERATOR).visits
        due = list_due_workers(session, PERIOD_ON, LAST_ON)
        day, _ = gather_day(session, PlanScope(service_on=first.planned_on), QUICK)
        adopted_at = periods.get_period(session, period_id, by=OPERATOR).adopted_at
    assert due == tuple((visit.planned_on, visit.site_id, visit.worker_id) for visit in (first, second))
    assert [(site.id, site.worker_ids) for site in day.sites] == [("S001", {first.worker_id})]
    assert adopted_at == NOW


def test_another_period_takes_the_place_of_the_one_before(company: Company) -> None:
    """What it plans replaces the days to come; what was made due by itself, and the days before, stay.

    Nobody's phone was at S001 in the first week: that visit failed, and the second week has two.
    """
    first_id = plan_weeks(company.database, company.tenant_id)
    by_hand = PERIOD_ON + timedelta(days=8)
    with company.database.bound(company.tenant_id) as session:
        periods.adopt_period(session, first_id, by=OPERATOR, now=NOW)
        add_due_visits(session, [SiteId("S002")], by_hand)
        first, _ = list_due_workers(session, PERIOD_ON, LAST_ON)

    second_id = plan_weeks(company.database, company.tenant_id, today_on=PERIOD_ON + timedelta(days=7))
    with company.database.bound(company.tenant_id) as session:
        periods.adopt_period(session, second_id, by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        due = list_due_workers(session, PERIOD_ON, LAST_ON)
        day, _ = gather_day(session, PlanScope(service_on=by_hand), QUICK)
    assert due[0] == first
    assert [(on - PERIOD_ON).days // 7 for on, _, _ in due] == [0, 1, 1]
    assert SiteId("S002") in {site.id for site in day.sites}


def test_a_period_another_took_over_says_so_and_can_be_adopted_again(company: Company) -> None:
    """The one adopted last is followed; the other names it, and each says whose days it would take over.

    What is adopted once weeks have begun leaves the days that have begun as they are.
    """
    ids = [plan_weeks(company.database, company.tenant_id) for _ in range(2)]
    with company.database.bound(company.tenant_id) as session:
        first_on, second_on = (visit.planned_on for visit in periods.get_calendar(session, ids[0], by=OPERATOR).visits)
    late = NOW + (first_on - NOW.date())
    told = []
    for which, now in ((0, NOW), (1, NOW + timedelta(hours=1)), (0, late)):
        with company.database.bound(company.tenant_id) as session:
            if now == late:
                replace_due_visits(session, [], from_on=PERIOD_ON, until_on=LAST_ON, team_ids=None)
            periods.adopt_period(session, ids[which], by=OPERATOR, now=now)
        with company.database.bound(company.tenant_id) as session:
            calendars = [periods.get_calendar(session, one, by=OPERATOR) for one in ids]
            listed = {one.id: one for one in periods.list_periods(session, by=OPERATOR)}
            due = [on for on, _, _ in list_due_workers(session, PERIOD_ON, LAST_ON)]
        assert [calendar.period.replaced_by for calendar in calendars] == [listed[one].replaced_by for one in ids]
        told.append([(one.period.is_followed, *(over.id for over in one.takes_over)) for one in calendars])

    assert told == [[(True,), (False, ids[0])], [(False, ids[1]), (True, ids[0])], [(True, ids[1]), (False, ids[0])]]
    assert calendars[1].period.replaced_by is not None
    assert (calendars[1].period.replaced_by.id, calendars[1].period.replaced_by.from_on) == (ids[0], PERIOD_ON)
    assert due == [second_on]


def test_nobody_goes_who_is_off(company: Company) -> None:
    """Who is off is said by id or by name; a name nobody has, or more than one, is refused by name."""
    weeks = frozenset(PERIOD_ON + timedelta(days=day) for day in range(14))
    with company.database.bound(company.tenant_id) as session:
        names = {worker.id: worker.name for worker in list_workers(session)}
    went = []
    for who in ("W1", names[WorkerId("W2")]):
        period_id = plan_weeks(company.database, company.tenant_id, days_off={WorkerId(who): weeks})
        with company.database.bound(company.tenant_id) as session:
            calendar = periods.get_calendar(session, period_id, by=OPERATOR)
        went.append({visit.worker_id for visit in calendar.visits})
    assert went == [{"W2"}, {"W1"}]
    assert calendar.period.ask.days_off == {"W2": weeks}

    with pytest.raises(InvalidInput, match=r"There is no worker Li\."):
        plan_weeks(company.database, company.tenant_id, days_off={WorkerId("Li"): weeks})
    with company.database.bound(company.tenant_id) as session:
        twin = replace(list_workers(session)[0], id=WorkerId("W9"), name=names[WorkerId("W2")])
        import_workers(session, [twin], source=RowSource(file="workers.csv"), by=OPERATOR, now=NOW)
    with pytest.raises(InvalidInput, match="Several workers are called"):
        plan_weeks(company.database, company.tenant_id, days_off={WorkerId(twin.name): weeks})


def _learned(company: Company) -> None:
    """Have S001 take 35 minutes, driving half as long again, and everybody slow in the morning."""
    speeds = {"car": tuple(40 if hour < 12 else 90 for hour in range(24))}
    with company.database.bound(company.tenant_id) as session:
        keep_learned(session, SiteId("S001"), given_s=900, service_s=2100, factor=1.5, now=NOW)
        tenancy.set_speeds(session, speeds, by=OPERATOR, now=NOW)


@pytest.mark.parametrize("uses_learned", [True, False])
def test_days_keep_what_weeks_promise(company: Company, uses_learned: bool) -> None:  # noqa: FBT001
    """The days of an adopted period take just the travel and the service it says, learned or given."""
    _learned(company)
    period_id = plan_weeks(company.database, company.tenant_id, uses_learned=uses_learned)
    with company.database.bound(company.tenant_id) as session:
        periods.adopt_period(session, period_id, by=OPERATOR, now=NOW)
        promised = periods.get_period(session, period_id, by=OPERATOR).forecast
        visits = periods.get_calendar(session, period_id, by=OPERATOR).visits
        tenancy.set_uses_learned(session, uses_learned=uses_learned, by=OPERATOR, now=NOW)

    made = [plan_company(company.database, company.tenant_id, PlanScope(service_on=one.planned_on)) for one in visits]
    with company.database.bound(company.tenant_id) as session:
        days = [planning.get_plan_by_id(session, plan_id, by=OPERATOR).day_plan for plan_id in made]

    assert promised is not None
    stops = [visit for day in days for route in day.plan.routes for visit in route.planned_visits]
    assert promised.travel_s == sum(day.plan.travel_s for day in days)
    assert promised.service_s == sum((stop.end_at - stop.start_at).total_seconds() for stop in stops)
    assert promised.service_s == (4200 if uses_learned else 1800)
    assert (promised.learned, promised.speeds) == (days[0].learned, days[0].speeds)
    assert (promised.learned is None) != uses_learned


def test_weeks_are_planned_as_the_company_has_it_unless_said(company: Company) -> None:
    """What is not said is as days have it; what was said holds for the period, whatever is switched later."""
    _learned(company)
    asks = PeriodAsk(first_on=PERIOD_ON, week_count=2, today_on=PERIOD_ON)
    with company.database.bound(company.tenant_id) as session:
        usual = periods.request_period(session, asks, by=OPERATOR, now=NOW)
        tenancy.set_uses_learned(session, uses_learned=False, by=OPERATOR, now=NOW)
        given = periods.request_period(session, asks, by=OPERATOR, now=NOW)
        said = periods.request_period(session, replace(asks, uses_learned=True), by=OPERATOR, now=NOW)

        kept = [periods.get_period(session, one, by=OPERATOR).ask.uses_learned for one in (usual, given, said)]
    assert kept == [True, False, True]


def test_a_period_of_a_team_is_for_its_sites_and_workers(company: Company) -> None:
    """S001 is the north's: the south has nothing with a rule, which is told, not failed."""
    north = plan_weeks(company.database, company.tenant_id, team_id=NORTH)
    south = plan_weeks(company.database, company.tenant_id, team_id=SOUTH)

    with company.database.bound(company.tenant_id) as session:
        assert {visit.worker_id for visit in periods.get_calendar(session, north, by=OPERATOR).visits} == {"W1"}
        assert periods.get_calendar(session, south, by=OPERATOR).visits == ()


def test_rules_are_kept_as_they_were_given(company: Company) -> None:
    """All of a rule is read back; one that can never be kept changes nothing."""
    rule = replace(RULE, weekdays=frozenset({1, 3}), worker_id=WorkerId("W2"), closed_on=frozenset({LAST_ON}))
    level = replace(RULE, site_id=None, level="A")
    with company.database.bound(company.tenant_id) as session:
        periods.set_rules(session, [rule, level], by=OPERATOR, now=NOW)

    with pytest.raises(InvalidInput), company.database.bound(company.tenant_id) as session:
        periods.set_rules(session, [replace(RULE, min_gap_days=8)], by=OPERATOR, now=NOW)

    with company.database.bound(company.tenant_id) as session:
        assert periods.list_rules(session, by=OPERATOR) == (level, rule)


def test_who_may_not_plan_days_may_not_plan_weeks(company: Company) -> None:
    """The dispatcher of the south plans the south's weeks, neither the company's nor its rules."""
    ask = PeriodAsk(first_on=PERIOD_ON, week_count=2, today_on=PERIOD_ON, team_id=SOUTH)
    with company.database.bound(company.tenant_id) as session:
        dispatcher = access_of(session, company.dispatcher_id)
        periods.request_period(session, ask, by=dispatcher, now=NOW)

        with pytest.raises(NotAllowed):
            periods.request_period(session, replace(ask, team_id=None), by=dispatcher, now=NOW)
        with pytest.raises(NotAllowed):
            periods.set_rules(session, [RULE], by=dispatcher, now=NOW)


def test_what_cannot_be_is_told_in_words(company: Company) -> None:
    """A period that is not there, one that is not planned yet, one without a day."""
    ask = PeriodAsk(first_on=PERIOD_ON, week_count=2, today_on=PERIOD_ON, team_id=None)
    with company.database.bound(company.tenant_id) as session:
        waiting = periods.request_period(session, ask, by=OPERATOR, now=NOW)
        with pytest.raises(PeriodNotPlanned):
            periods.adopt_period(session, waiting, by=OPERATOR, now=NOW)
        with pytest.raises(PeriodNotFound):
            periods.get_period(session, PeriodId(company.tenant_id), by=OPERATOR)
        with pytest.raises(InvalidInput):
            periods.request_period(session, replace(ask, today_on=LAST_ON + timedelta(1)), by=OPERATOR, now=NOW)
