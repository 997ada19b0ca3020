"""`geo-engine day publish`: give the workers a version of the plan."""

import json
from datetime import date

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.day_options import publish, scope_of, team_option, version_option
from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.planning import service as planning
from geo_engine.tenancy import OPERATOR


@click.command()
@tenant_argument
@date_option
@team_option
@version_option
def command(code: str, service_on: date, team: str | None, version: int | None) -> None:
    """Give TENANT's workers a version of the day's plan; it takes the place of the one they had."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        chosen = planning.get_plan(session, scope_of(service_on, team), version, by=OPERATOR)
        given = publish(session, chosen)
    click.echo(json.dumps({"plan_id": str(given.id), "version": given.version}))
