"""`geo-engine devices rotate`: another key for a device, beside the one it has for a while."""

from datetime import timedelta
from pathlib import Path

import click

from geo_engine.cli.device_keys import address_option, device_argument, qr_option, tell, told
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import DeviceId
from geo_engine.tenancy import OPERATOR
from geo_engine.workforce.devices import DEFAULT_OVERLAP, get_device, rotate_key


@click.command()
@tenant_argument
@device_argument
@click.option(
    "--overlap-hours",
    type=NumberRange(0, 24 * 90),
    default=DEFAULT_OVERLAP / timedelta(hours=1),
    show_default=True,
    help="For how long the key it has still holds.",
)
@address_option
@qr_option
def command(code: str, device_id: DeviceId, overlap_hours: float, address: str, qr_path: Path | None) -> None:
    """Give DEVICE of TENANT another key and print it as `devices add` does."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        device = get_device(session, device_id, by=OPERATOR)
        key = rotate_key(session, device_id, by=OPERATOR, now=now(), overlap=timedelta(hours=overlap_hours))
    tell(told(device, key, address), qr_path)
