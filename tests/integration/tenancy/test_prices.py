"""What a kilometre costs a company by each way of travelling."""

from support.companies import NOW, SCOPE, Company, add_bare_company, plan_company
from support.databases import OwnDatabase

from geo_engine.planning import service as planning
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_price
from geo_engine.tenancy.store import get_tenant
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, ModePrice, TravelPrices, price_by_use
from geo_engine.travel_modes import TravelMode

CAR, EBIKE = TravelMode.CAR, TravelMode.EBIKE


def _prices(company: Company) -> TravelPrices:
    with company.database.bound(company.tenant_id) as session:
        return get_tenant(session).prices


def _say(company: Company, price: ModePrice, mode: TravelMode, currency: str = "CNY") -> None:
    with company.database.bound(company.tenant_id) as session:
        set_price(session, price, currency=currency, mode=mode, by=OPERATOR, now=NOW)


def test_until_somebody_says_them_prices_are_assumed(company: Company) -> None:
    """They are those for China."""
    assert _prices(company) == ASSUMED_PRICES


def test_each_mode_has_its_own_price_and_keeps_it(company: Company) -> None:
    """What was said of one stays when another is said; of the rest ours are taken."""
    _say(company, price_by_use(7.0, 8.0), CAR)
    _say(company, ModePrice(per_km=0.02), EBIKE)

    prices = _prices(company)

    assert prices.by_mode[CAR] == ModePrice(per_km=0.56, used_per_100_km=7.0, unit_price=8.0)
    assert prices.by_mode[EBIKE] == ModePrice(per_km=0.02)
    assert prices.by_mode[TravelMode.FOOT].per_km == 0.0
    assert not prices.is_assumed


def test_another_currency_forgets_what_was_said_in_the_one_before(company: Company) -> None:
    """A price in yuan is none in euros."""
    _say(company, ModePrice(per_km=0.02), EBIKE)
    _say(company, ModePrice(per_km=0.3), CAR, "EUR")

    prices = _prices(company)

    assert prices.currency == "EUR"
    assert prices.by_mode[CAR] == ModePrice(per_km=0.3)
    assert EBIKE not in prices.by_mode


def test_another_companys_prices_stay_as_they_were(own: OwnDatabase, company: Company) -> None:
    """Each company has its own."""
    other_id = add_bare_company(own.app, "other")

    _say(company, ModePrice(per_km=3.0), CAR)

    with own.app.bound(other_id) as session:
        assert get_tenant(session).prices == ASSUMED_PRICES
    assert _prices(company).by_mode[CAR].per_km == 3.0


def test_a_plan_keeps_the_prices_it_was_made_with(company: Company) -> None:
    """What petrol costs later does not change what the plan of a day says."""
    _say(company, ModePrice(per_km=3.0), CAR)
    made = plan_company(company.database, company.tenant_id)
    _say(company, ModePrice(per_km=9.0), CAR)

    with company.database.bound(company.tenant_id) as session:
        kept = planning.get_plan_by_id(session, made, by=OPERATOR).day_plan
        newest = planning.get_plan(session, SCOPE, by=OPERATOR).day_plan

    assert kept.prices.by_mode[CAR].per_km == newest.prices.by_mode[CAR].per_km == 3.0
    assert kept.prices.currency == "CNY"
