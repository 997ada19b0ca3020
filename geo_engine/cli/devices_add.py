"""`geo-engine devices add`: a device that a worker wears from now on."""

from datetime import datetime
from pathlib import Path

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.device_keys import address_option, qr_option, tell, told
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.protocols import Protocol
from geo_engine.words import Message
from geo_engine.workforce.devices import add_device, list_devices
from geo_engine.workforce.service import list_workers


@click.command()
@tenant_argument
@click.option("--worker", "worker_id", help="Who wears it.")
@click.option("--each-worker", is_flag=True, help="One for everybody who wears none yet, a line each.")
@click.option("--protocol", type=click.Choice([one.value for one in Protocol]), required=True, help="What it speaks.")
@moment_option("--from", "worn_from", about="From when on it is worn, such as 2026-11-26T00:00:00Z; now unless given.")
@click.option("--name", help="What people call it; the worker's id unless given.")
@address_option
@qr_option
def command(
    code: str,
    *,
    worker_id: str | None,
    each_worker: bool,
    protocol: str,
    worn_from: datetime | None,
    name: str | None,
    address: str,
    qr_path: Path | None,
) -> None:
    """Add a device of TENANT and print its address, its secret and what its QR code holds."""
    if (worker_id is None) is not each_worker:
        raise InvalidInput(Message("Name one worker with --worker, or all with --each-worker."))
    with open_tenant(code) as tenant, tenant.transaction() as session:
        wearers = _without_device(session) if worker_id is None else [WorkerId(parse_id(worker_id))]
        added = [
            add_device(
                session,
                worker_id=one,
                protocol=protocol,
                name=name or one,
                by=OPERATOR,
                now=now(),
                worn_from=worn_from,
            )
            for one in wearers
        ]
    for device, key in added:
        tell(told(device, key, address), qr_path)


def _without_device(session: Session) -> list[WorkerId]:
    wearers = {device.worker_id for device in list_devices(session, by=OPERATOR)}
    return [worker.id for worker in list_workers(session, by=OPERATOR) if worker.id not in wearers]
