"""`geo-engine fences list`: the fences of a company, one line of GeoJSON each."""

from datetime import datetime

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.fence_lines import echo_fences
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geofences.accuracies import list_outlooks
from geo_engine.geofences.service import list_fences, list_fences_near
from geo_engine.geometry import Position
from geo_engine.tenancy import OPERATOR


@click.command()
@tenant_argument
@moment_option("--at", "moment", about="As they were then, such as 2026-11-25T09:00:00+08:00; now unless given.")
@click.option("--near", "place", type=(float, float), metavar="LON LAT", help="Only those at or around a place.")
@click.option("--within-m", type=NumberRange(0, 100_000), default=0.0, show_default=True, help="Of --near.")
def command(code: str, *, moment: datetime | None, place: tuple[float, float] | None, within_m: float) -> None:
    """Print the fences of TENANT, by id: each a GeoJSON feature on a line, those that sites have of themselves too."""
    at = moment or now()
    with open_tenant(code) as tenant, tenant.transaction() as session:
        if place is None:
            fences = list_fences(session, by=OPERATOR, at=at)
        else:
            fences = list_fences_near(session, Position(*place), within_m=within_m, by=OPERATOR, at=at)
        outlooks = list_outlooks(session, fences, at=at)
    echo_fences(fences, outlooks)
