"""What a plan saves, against what, in kilometres, hours and money."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from geo_engine.customers import Site
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId, WorkerId
from geo_engine.planning import Plan, PlannedVisit, Route
from geo_engine.planning.day import DayPlan
from geo_engine.planning.savings import Against, read_savings, savings_document, savings_of
from geo_engine.planning.solver.baselines import Travel
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, ModePrice, TravelPrices, price_by_use, stated_prices
from geo_engine.travel_modes import TravelMode
from geo_engine.workforce import Worker

NOW, HERE = datetime(2026, 11, 23, 9, tzinfo=UTC), Position(116.4, 39.9)
PRICES = TravelPrices(
    currency="CNY", by_mode={TravelMode.CAR: ModePrice(per_km=1.0), TravelMode.BICYCLE: ModePrice(per_km=0.0)}
)


def _route(worker_id: str, *legs_m: int, home_m: int = 0) -> Route:
    visits = tuple(
        PlannedVisit(
            job_id=JobId(f"{worker_id}{number}"),
            position=HERE,
            arrival_at=NOW,
            start_at=NOW,
            end_at=NOW,
            travel_s=leg_m // 10,
            travel_m=leg_m,
        )
        for number, leg_m in enumerate(legs_m)
    )
    return Route(
        worker_id=WorkerId(worker_id),
        start=HERE,
        end=HERE,
        start_at=NOW,
        end_at=NOW,
        breaks=(),
        planned_visits=visits,
        travel_s=(sum(legs_m) + home_m) // 10,
        travel_m=sum(legs_m) + home_m,
        cost=0,
    )


def _day(**facts: object) -> DayPlan:
    """Return a car's route of 4 km with 2 km home, and a bicycle's of 3 km."""
    routes = (_route("car", 1000, 3000, home_m=2000), _route("bike", 1500, 1500))
    workers = (
        Worker(id=WorkerId("car"), name="car", start=HERE),
        Worker(id=WorkerId("bike"), name="bike", start=HERE, mode=TravelMode.BICYCLE),
    )
    ids = [visit.job_id for route in routes for visit in route.planned_visits]
    plan = Plan(routes=routes, unassigned=(), violations=(), cost=0, travel_s=900, travel_m=9000)
    day = DayPlan(
        service_on=date(2026, 11, 23),
        zone=ZoneInfo("Asia/Shanghai"),
        plan=plan,
        sites={one: Site(id=SiteId(one), name=one, position=HERE) for one in ids},
        workers={worker.id: worker for worker in workers},
        worker_notes={},
        road_source="straight",
        is_estimate=True,
        nearest=Travel(travel_m=12_000, travel_s=1500, by_mode_m={"car": 10_000, "bicycle": 2000}),
        by_list=None,
        first_plan_s=None,
        prices=PRICES,
    )
    return replace(day, **facts)  # type: ignore[arg-type]


def test_only_metres_that_cost_something_save_money() -> None:
    """Nearest neighbour drives 4 km more by car and 1 km less by bicycle: 3 km, 10 min and 4 yuan are saved."""
    saving = savings_of(_day())[Against.NEAREST]

    assert saving is not None
    assert (saving.travel_m, saving.travel_s, saving.money) == (3000, 600, pytest.approx(4.0))


def test_what_is_not_known_is_not_told() -> None:
    """Neither a baseline that was not worked out, nor last month without any way."""
    savings = savings_of(_day())

    assert savings[Against.GIVEN_ORDER] is None
    assert savings[Against.LAST_MONTH] is None


def test_last_month_is_beside_the_ways_to_the_same_sites() -> None:
    """Three of four ways are known: 7.5 km then and 5.5 km now, 1.5 km of it by car; the ways home are in neither."""
    driven_m = {JobId("car0"): 2000.0, JobId("car1"): 3500.0, JobId("bike0"): 2000.0}

    saving = savings_of(_day(driven_m=driven_m))[Against.LAST_MONTH]

    assert saving is not None
    assert (saving.travel_m, saving.travel_s, saving.money) == (2000, None, pytest.approx(1.5))
    assert (saving.known_count, saving.visit_count) == (3, 4)


def test_of_too_few_ways_last_month_is_not_known() -> None:
    """Two of four sites are too few."""
    driven_m = {JobId("car0"): 2000.0, JobId("car1"): 3500.0}

    assert savings_of(_day(driven_m=driven_m))[Against.LAST_MONTH] is None


def test_a_mode_without_a_price_leaves_the_money_open() -> None:
    """Metres and seconds are told all the same."""
    prices = TravelPrices(currency="EUR", by_mode={TravelMode.BICYCLE: ModePrice(per_km=0.0)})

    saving = savings_of(_day(prices=prices))[Against.NEAREST]

    assert saving is not None
    assert (saving.travel_m, saving.money) == (3000, None)


def test_a_baseline_of_an_older_plan_is_in_money_where_all_travel_alike() -> None:
    """Who went how far in it is not known: of cars alone it does not matter, of two modes it does."""
    older = Travel(travel_m=12_000, travel_s=1500)
    day = _day(nearest=older)
    cars = replace(day, workers={key: replace(one, mode=TravelMode.CAR) for key, one in day.workers.items()})

    money = [one.money if (one := savings_of(plan)[Against.NEAREST]) else None for plan in (day, cars)]

    assert money == [None, pytest.approx(3.0)]


def test_what_is_kept_tells_the_same() -> None:
    """Prices by mode, the baselines' metres by mode and last month's ways come back; another version is not read."""
    day = _day(driven_m={JobId("car0"): 2000.0})

    document = savings_document(day)
    kept = read_savings(document)

    assert kept is not None
    assert day.nearest is not None
    assert (kept.prices, kept.nearest_m, kept.by_list_m) == (PRICES, day.nearest.by_mode_m, {})
    assert kept.driven_m == day.driven_m
    assert read_savings({**document, "version": 99}) is None
    assert read_savings(None) is None


def test_prices_that_nobody_said_are_yuan_and_walking_is_free() -> None:
    """The car's comes from litres, an e-bike costs under a fen in ten metres, and foot and bicycle nothing."""
    per_km = {mode: price.per_km for mode, price in ASSUMED_PRICES.by_mode.items()}

    assert set(per_km) == set(TravelMode)
    assert 0.4 < per_km[TravelMode.CAR] < 1.0
    assert 0 < per_km[TravelMode.EBIKE] < 0.02
    assert per_km[TravelMode.BICYCLE] == per_km[TravelMode.FOOT] == 0.0
    assert ASSUMED_PRICES.is_assumed


def test_prices_in_another_currency_take_none_of_ours() -> None:
    """Who says what petrol costs in euros has not said what current costs."""
    euros = stated_prices("EUR", {TravelMode.CAR: price_by_use(6.0, 1.8)})

    assert euros.by_mode[TravelMode.CAR].per_km == pytest.approx(0.108)
    assert TravelMode.EBIKE not in euros.by_mode
    assert TravelMode.EBIKE in stated_prices("CNY", {}).by_mode
    assert not euros.is_assumed
