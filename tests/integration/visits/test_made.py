"""Which visits were made is told to whoever plans weeks by what is believed of them, and by what people said."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from support.companies import SERVICE_ON, Company
from support.tracked import OFF_SHIFT
from support.visited import NEVER_AT, STAYED_AT, TWINS, tell_a_day

from geo_engine.ids import SiteId
from geo_engine.planning.periods.model import MadeVisit
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.made import find_made_visits
from geo_engine.visits.reviewing import decide_visit, list_visits
from geo_engine.visits.visit_store import list_made, replace_day

A_DAY = timedelta(days=1)
YES, NO = DecisionKind.ACCEPTED, DecisionKind.REJECTED


@pytest.mark.parametrize(
    ("words", "is_made"),
    [
        ([], (True, False)),
        ([NO, NO], (False, False)),
        ([YES, YES], (True, True)),
        ([YES, NO], (False, False)),
        ([NO, YES], (True, True)),
        ([NO, DecisionKind.ASSIGNED], (True, False)),
    ],
)
def test_a_visit_was_made_as_it_is_believed_and_as_was_said_last(
    company: Company, words: Sequence[DecisionKind], is_made: tuple[bool, bool]
) -> None:
    """One that was seen, and one that the track contradicts, with the same said of both; a stay can be assigned."""
    told = tell_a_day(company.database, company.tenant_id)
    with company.database.bound(company.tenant_id) as session:
        ids = {one.visit.site_id: one.visit.id for one in list_visits(session, told.service_on, by=OPERATOR)}
        for number, kind in enumerate(words):
            for site_id in (STAYED_AT, NEVER_AT):
                if kind is DecisionKind.ASSIGNED and site_id == NEVER_AT:
                    continue
                assigned = {"site_id": STAYED_AT} if kind is DecisionKind.ASSIGNED else {}
                at = OFF_SHIFT + number * timedelta(minutes=1)
                decide_visit(session, ids[site_id], kind, by=OPERATOR, now=at, **assigned)

        made = find_made_visits(session, told.service_on + A_DAY)
        took_place = {one.visit.site_id for one in list_visits(session, told.service_on, by=OPERATOR) if one.took_place}

    found = {one.site_id for one in made if one.visited_on == told.service_on}
    assert (STAYED_AT in found, NEVER_AT in found) == is_made
    assert found == took_place
    assert len(made) == len(set(made))


def test_only_the_days_asked_for_and_what_is_believed_now_count(company: Company) -> None:
    """The first day is among them and the last is not; a visit that is believed no more was not made."""
    told = tell_a_day(company.database, company.tenant_id)
    on = told.service_on
    with company.database.bound(company.tenant_id) as session:
        of_day, before, behind = (
            {site_id for site_id, _ in list_made(session, since=since, before=until)}
            for since, until in ((on, on + A_DAY), (on - A_DAY, on), (on + A_DAY, on + 2 * A_DAY))
        )
        workers = {one.visit.worker_id for one in list_visits(session, on, by=OPERATOR)}
        for worker_id in workers:
            replace_day(session, worker_id, on, [], rules="1", now=OFF_SHIFT + A_DAY)
        left = list_made(session, since=on, before=on + A_DAY)

    assert of_day >= {STAYED_AT, told.planned_site_id}
    assert of_day & set(TWINS)
    assert (before, behind, left) == (set(), set(), ())


def test_where_nothing_is_known_what_a_period_had_counts(company: Company) -> None:
    """Nobody's phone reports: what a period made due was made on its day, and not before it."""
    with company.database.bound(company.tenant_id) as session:
        behind, on_it = (find_made_visits(session, before) for before in (SERVICE_ON + A_DAY, SERVICE_ON))

    assert (behind, on_it) == ((MadeVisit(site_id=SiteId("S001"), visited_on=SERVICE_ON),), ())
