"""`geo-engine devices hand-over`: another worker wears a device from a moment on."""

import json
from datetime import datetime

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.device_keys import device_argument
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import DeviceId, WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.devices import hand_over


@click.command()
@tenant_argument
@device_argument
@click.option("--worker", "worker_id", required=True, help="Who wears it from then on.")
@moment_option("--at", about="When, such as 2026-11-26T09:00:00+08:00; now unless given.")
def command(code: str, device_id: DeviceId, worker_id: str, at: datetime | None) -> None:
    """Have DEVICE of TENANT worn by another worker; what it reported before stays with who wore it then."""
    worn_by, moment = WorkerId(parse_id(worker_id)), at or now()
    with open_tenant(code) as tenant, tenant.transaction() as session:
        hand_over(session, device_id, worn_by, by=OPERATOR, at=moment)
    click.echo(json.dumps({"device": str(device_id), "worker": worn_by, "worn_from": moment.isoformat()}))
