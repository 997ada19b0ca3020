"""`geo-engine devices add`: a device that a worker wears from now on."""

from pathlib import Path

import click

from geo_engine.cli.device_keys import address_option, qr_option, tell, told
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.protocols import Protocol
from geo_engine.workforce.devices import add_device


@click.command()
@tenant_argument
@click.option("--worker", "worker_id", required=True, help="Who wears it.")
@click.option("--protocol", type=click.Choice([one.value for one in Protocol]), required=True, help="What it speaks.")
@click.option("--name", help="What people call it; the worker's id unless given.")
@address_option
@qr_option
def command(code: str, *, worker_id: str, protocol: str, name: str | None, address: str, qr_path: Path | None) -> None:
    """Add a device of TENANT and print its address, its secret and what its QR code holds."""
    worn_by = WorkerId(parse_id(worker_id))
    with open_tenant(code) as tenant, tenant.transaction() as session:
        added = add_device(session, worker_id=worn_by, protocol=protocol, name=name or worn_by, by=OPERATOR, now=now())
    tell(told(*added, address), qr_path)
