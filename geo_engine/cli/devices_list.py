"""`geo-engine devices list`: the devices of a company, one JSON line each."""

import json

import click

from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.devices import list_devices


@click.command()
@tenant_argument
def command(code: str) -> None:
    """Print the devices of TENANT, the oldest first; no key is ever shown again."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        devices = list_devices(session, by=OPERATOR)
    for one in devices:
        facts = {"device": str(one.id), "worker": one.worker_id, "protocol": one.protocol, "name": one.name}
        click.echo(json.dumps(facts, ensure_ascii=False))
