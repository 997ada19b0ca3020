"""`geo-engine fences remove`: one fence, from now on."""

import click

from geo_engine.cli.fence_lines import echo_fences
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geofences.accuracies import list_outlooks
from geo_engine.geofences.service import remove_fence
from geo_engine.ids import GeofenceId, parse_id
from geo_engine.tenancy import OPERATOR


@click.command()
@tenant_argument
@click.argument("fence", metavar="FENCE")
@click.option("--version", "seen", type=int, help="Only when it is still this version.")
def command(code: str, fence: str, *, seen: int | None) -> None:
    """Take FENCE away from TENANT from now on, and print it as it was; what it was before stays on record.

    Its site has a circle of itself again. To have it back, add or import what is printed.
    """
    moment = now()
    with open_tenant(code) as tenant, tenant.transaction() as session:
        removed = remove_fence(session, GeofenceId(parse_id(fence)), seen=seen, by=OPERATOR, now=moment)
        outlooks = list_outlooks(session, [removed], at=moment)
    echo_fences([removed], outlooks)
