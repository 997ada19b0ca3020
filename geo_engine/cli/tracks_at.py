"""`geo-engine tracks at`: where a worker was at a moment, as one JSON line."""

import json
from datetime import datetime

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.looking import purpose_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.looking import find_whereabouts


@click.command()
@tenant_argument
@click.option("--worker", "worker", required=True, help="Whose place is asked for.")
@moment_option("--at", "at", about="Such as 2026-11-25T09:00:00+08:00.", required=True)
@purpose_option
def command(code: str, *, worker: str, at: datetime, purpose: str) -> None:
    """Print where a worker of TENANT was, and how far away that can have been wrong; null where nothing is known."""
    worker_id = WorkerId(parse_id(worker))
    with open_tenant(code) as tenant, tenant.transaction() as session:
        found = find_whereabouts(session, worker_id, at, purpose=purpose, by=OPERATOR, now=now())
    facts = {
        "worker": worker_id,
        "at": at.isoformat(),
        "lon": None if found is None else round(found.position.lon, 7),
        "lat": None if found is None else round(found.position.lat, 7),
        "reach_m": None if found is None else round(found.reach_m, 1),
    }
    click.echo(json.dumps(facts, ensure_ascii=False))
