"""`geo-engine tenant roads`: which roads a company's routes are planned on."""

import json

import click

from geo_engine.cli.screen import step_teller
from geo_engine.cli.tenants import OpenTenant, now, open_tenant, tenant_argument
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@click.argument("roads")
@click.pass_obj
def command(language: Language, code: str, roads: str) -> None:
    """Plan TENANT's routes on ROADS from now on: an extract (.osm.pbf), or “straight” for estimates."""
    with open_tenant(code) as tenant:
        choice = choose_for(tenant, roads, language)
    click.echo(json.dumps({"roads": choice.key, "extract": choice.extract_name}))


def choose_for(tenant: OpenTenant, roads: str, language: Language) -> RoadChoice:
    """Make the graph of an extract if it is not there, and have the company plan on it."""
    choice = choose_roads(roads, cache_dir=tenant.settings.cache_dir, on_progress=step_teller(language))
    with tenant.transaction() as session:
        use_roads(session, choice, by=OPERATOR, now=now())
    return choice
