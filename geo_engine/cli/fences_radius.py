"""`geo-engine fences radius`: how wide the fences are that sites have of themselves."""

import json

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geofences.site_fences import get_site_radius_m, set_site_radius
from geo_engine.tenancy import OPERATOR


@click.command()
@tenant_argument
@click.argument("radius_m", metavar="[METRES]", type=float, required=False)
def command(code: str, radius_m: float | None) -> None:
    """Print how wide the fence of a site of TENANT is that nobody has drawn one for; given METRES, have it be that."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        if radius_m is not None:
            set_site_radius(session, radius_m, by=OPERATOR, now=now())
        held_m = get_site_radius_m(session)
    click.echo(json.dumps({"radius_m": held_m}))
