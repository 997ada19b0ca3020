"""`geo-engine tracks where`: who was near a place within a span, one JSON line a pass."""

import json
from datetime import datetime

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.looking import purpose_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geometry import Position
from geo_engine.tenancy import OPERATOR
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.looking import WorkerPass, list_passes


@click.command()
@tenant_argument
@click.option("--lon", "lon_deg", type=float, required=True, help="Longitude of the place, WGS 84.")
@click.option("--lat", "lat_deg", type=float, required=True, help="Latitude of the place, WGS 84.")
@click.option("--radius-m", type=float, default=100.0, show_default=True, help="How near, metres; 5,000 at the most.")
@moment_option("--from", "start_at", about="Such as 2026-11-25T09:00:00+08:00.", required=True)
@moment_option("--until", "end_at", about="At most 31 days later.", required=True)
@purpose_option
def command(
    code: str, *, lon_deg: float, lat_deg: float, radius_m: float, start_at: datetime, end_at: datetime, purpose: str
) -> None:
    """Print who of TENANT was within a distance of a place and when, in the order of time."""
    place, span = Position(lon_deg, lat_deg), TimeSpan(start_at=start_at, end_at=end_at)
    with open_tenant(code) as tenant, tenant.transaction() as session:
        passes = list_passes(session, place, radius_m=radius_m, span=span, purpose=purpose, by=OPERATOR, now=now())
    for one in passes:
        click.echo(json.dumps(_facts(one), ensure_ascii=False))


def _facts(found: WorkerPass) -> dict[str, object]:
    return {
        "worker": found.worker_id,
        "name": found.worker_name,
        "device": str(found.device_id),
        "device_name": found.device_name,
        "started_at": found.near.started_at.isoformat(),
        "ended_at": found.near.ended_at.isoformat(),
        "nearest_m": round(found.near.nearest_m, 1),
    }
