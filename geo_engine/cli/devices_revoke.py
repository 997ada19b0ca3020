"""`geo-engine devices revoke`: what a device reports from now on is dropped."""

import json

import click

from geo_engine.cli.device_keys import device_argument
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import DeviceId
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.devices import revoke_keys


@click.command()
@tenant_argument
@device_argument
def command(code: str, device_id: DeviceId) -> None:
    """Take the keys of DEVICE of TENANT away."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        count = revoke_keys(session, device_id, by=OPERATOR, now=now())
    click.echo(json.dumps({"device": str(device_id), "revoked": count}))
