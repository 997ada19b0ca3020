"""`geo-engine tenant price`: what a kilometre costs a company, by each way of travelling."""

import json

import click

from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.prices import DEAREST, currency_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.errors import InvalidInput
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_price
from geo_engine.tenancy.travel_prices import ModePrice, price_by_use
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

_amount = NumberRange(0, DEAREST)


@click.command()
@tenant_argument
@click.argument("per_km", type=_amount, metavar="[PER_KM]", required=False)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in TravelMode]),
    default=TravelMode.CAR.value,
    show_default=True,
    help="By which way of travelling.",
)
@click.option("--per-100-km", "used", type=_amount, help="Litres, or kWh, used in 100 km, instead of PER_KM.")
@click.option("--unit-price", type=_amount, help="What a litre, or a kWh, costs.")
@currency_option
def command(  # noqa: PLR0917
    code: str, per_km: float | None, mode: str, used: float | None, unit_price: float | None, currency: str
) -> None:
    """Say what a kilometre costs TENANT, in fuel and wear, so that savings are told in its money."""
    price = _price(per_km, used, unit_price)
    with open_tenant(code) as tenant, tenant.transaction() as session:
        prices = set_price(session, price, currency=currency, mode=TravelMode(mode), by=OPERATOR, now=now())
    click.echo(
        json.dumps(
            {
                "mode": mode,
                "price_per_km": price.per_km,
                "currency": currency,
                "prices_per_km": {of.value: one.per_km for of, one in prices.by_mode.items()},
            }
        )
    )


def _price(per_km: float | None, used: float | None, unit_price: float | None) -> ModePrice:
    if per_km is not None and used is None and unit_price is None:
        return ModePrice(per_km=per_km)
    if per_km is None and used is not None and unit_price is not None:
        return price_by_use(used, unit_price)
    raise InvalidInput(Message("Give either the price of a kilometre, or --per-100-km with --unit-price."))
