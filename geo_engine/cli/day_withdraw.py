"""`geo-engine day withdraw`: take the published plan back."""

import json
from datetime import date

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.day_options import scope_of, team_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.planning import service as planning
from geo_engine.planning.versions.model import NothingPublished
from geo_engine.tenancy import OPERATOR


@click.command()
@tenant_argument
@date_option
@team_option
def command(code: str, service_on: date, team: str | None) -> None:
    """Take the day's plan back from TENANT's workers; every version stays and can be published again."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        published_id = planning.find_published_id(session, scope_of(service_on, team), by=OPERATOR)
        if published_id is None:
            raise NothingPublished(service_on)
        taken = planning.withdraw_plan(session, published_id, by=OPERATOR, now=now())
    click.echo(json.dumps({"plan_id": str(taken.id), "version": taken.version}))
