"""`geo-engine tenant price`: what driving a kilometre costs a company."""

import json

import click

from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import KilometrePrice
from geo_engine.tenancy.service import set_price

_CURRENCIES = ("CNY", "EUR", "USD", "HKD", "JPY", "GBP", "SGD")


@click.command()
@tenant_argument
@click.argument("per_km", type=NumberRange(0, 1_000_000), metavar="PER_KM")
@click.option("--currency", type=click.Choice(_CURRENCIES), default="CNY", show_default=True)
def command(code: str, per_km: float, currency: str) -> None:
    """Say what a kilometre costs TENANT, in fuel and wear, so that savings are told in money."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        set_price(session, KilometrePrice(amount=per_km, currency=currency), by=OPERATOR, now=now())
    click.echo(json.dumps({"price_per_km": per_km, "currency": currency}))
