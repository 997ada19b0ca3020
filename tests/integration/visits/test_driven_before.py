"""How far people went to sites last month, handed down to the plan of a day and told beside it."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from support.companies import NOW, SCOPE, SERVICE_ON, Company, plan_company
from support.stays import stay_at, stayed
from support.visited import A_LEG, keep_stated_visit

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.edits import move_visit
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.savings import Against, savings_of
from geo_engine.planning.solver.solve import Budget
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.driven_before import find_driven_before
from geo_engine.visits.leg_store import replace_legs
from geo_engine.visits.model import Bounds, Verdict
from geo_engine.visits.visit_store import replace_day

WORKER = WorkerId("W1")
QUICK = Budget(solution_limit=5)


def _went(company: Company, site_id: str, on: date, *legs_m: float, most_m: float | None = None) -> None:
    """Keep a visit of a day with the way to it."""
    with company.database.bound(company.tenant_id) as session:
        visit_id = keep_stated_visit(session, WORKER, SiteId(site_id), service_on=on)
        legs = [
            replace(
                A_LEG,
                number=number,
                visit_id=visit_id,
                driven_m=Bounds(least=leg_m, likely=leg_m, most=leg_m if most_m is None else most_m),
            )
            for number, leg_m in enumerate(legs_m, start=1)
        ]
        replace_legs(session, WORKER, on, legs)


def _driven(company: Company) -> dict[str, float]:
    with company.database.bound(company.tenant_id) as session:
        day, _ = gather_day(session, SCOPE, QUICK)
        return dict(find_driven_before(session, day))


def test_it_is_the_mean_of_the_ways_of_thirty_days(two_companies: tuple[Company, Company]) -> None:
    """Neither the day itself nor one long ago counts, nor a way that was not followed throughout."""
    alpha, _ = two_companies
    _went(alpha, "S003", SERVICE_ON - timedelta(days=1), 4_000.0)
    _went(alpha, "S003", SERVICE_ON - timedelta(days=30), 6_000.0)
    _went(alpha, "S003", SERVICE_ON - timedelta(days=31), 90_000.0)
    _went(alpha, "S003", SERVICE_ON, 90_000.0)
    _went(alpha, "S004", SERVICE_ON - timedelta(days=2), 9_000.0, most_m=math.inf)

    assert _driven(alpha) == {"S003": 5_000.0}


def test_the_way_to_a_visit_that_never_was_is_nobody_s(two_companies: tuple[Company, Company]) -> None:
    """What is contradicted did not take place: how far somebody went there then tells nothing."""
    alpha, _ = two_companies
    on = SERVICE_ON - timedelta(days=1)
    with alpha.database.bound(alpha.tenant_id) as session:
        came_at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
        visit = stay_at(WORKER, SiteId("S003"), on, stayed(came_at, 600.0), verdict=Verdict.CONTRADICTED)
        replace_day(session, WORKER, on, [visit], rules="1", now=NOW)
        whole = Bounds(least=4_000.0, likely=4_000.0, most=4_000.0)
        replace_legs(session, WORKER, on, [replace(A_LEG, visit_id=visit.id, driven_m=whole)])

    assert _driven(alpha) == {}


def test_what_another_company_drove_is_not_seen(two_companies: tuple[Company, Company]) -> None:
    """Sites of the same id stay apart."""
    alpha, beta = two_companies
    _went(beta, "S003", SERVICE_ON - timedelta(days=1), 4_000.0)

    assert _driven(alpha) == {}
    assert _driven(beta) == {"S003": 4_000.0}


def test_a_plan_keeps_what_it_is_told_beside(two_companies: tuple[Company, Company]) -> None:
    """The saving against last month stands with the version that was made, and with the one made from it by hand."""
    alpha, _ = two_companies
    with alpha.database.bound(alpha.tenant_id) as session:
        sites = sorted(planning.get_plan(session, SCOPE, by=OPERATOR).day_plan.sites)
    for number, site_id in enumerate(sites, start=1):
        _went(alpha, site_id, SERVICE_ON - timedelta(days=number), 20_000.0)

    made = plan_company(alpha.database, alpha.tenant_id)

    with alpha.database.bound(alpha.tenant_id) as session:
        plan = planning.get_plan_by_id(session, made, by=OPERATOR)
    saving = savings_of(plan.day_plan)[Against.LAST_MONTH]
    legs_m = [visit.travel_m for route in plan.day_plan.plan.routes for visit in route.planned_visits]
    assert saving is not None
    assert saving.known_count == saving.visit_count == len(legs_m)
    assert saving.travel_m == 20_000 * len(legs_m) - sum(legs_m)
    route = plan.day_plan.plan.routes[0]
    moved = move_visit(
        lambda: alpha.database.bound(alpha.tenant_id),
        made,
        route.planned_visits[-1].job_id,
        worker_id=route.worker_id,
        number=1,
        router_of=lambda _: StraightRouter(),
        by=OPERATOR,
        now=NOW,
    )
    with alpha.database.bound(alpha.tenant_id) as session:
        kept = planning.get_plan_by_id(session, moved.id, by=OPERATOR)
    again = savings_of(kept.day_plan)
    assert again[Against.LAST_MONTH] is not None
    assert again[Against.GIVEN_ORDER] is not None
    assert again[Against.GIVEN_ORDER].money is not None
    assert kept.day_plan.driven_m == plan.day_plan.driven_m
