"""`geo-engine tenant learning`: whether a company's days are planned with learned times."""

import json

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_uses_learned

_SWITCH = {"on": True, "off": False}


@click.command()
@tenant_argument
@click.argument("switch", type=click.Choice(list(_SWITCH)))
def command(code: str, switch: str) -> None:
    """Say whether TENANT's days are planned with what past days tell; whoever plans a day may say otherwise."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        set_uses_learned(session, uses_learned=_SWITCH[switch], by=OPERATOR, now=now())
    click.echo(json.dumps({"uses_learned": _SWITCH[switch]}))
