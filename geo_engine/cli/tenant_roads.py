"""`geo-engine tenant roads`: which roads a company's routes are planned on."""

import json

import click

from geo_engine.cli.screen import step_teller
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.roads import RoadChoice
from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.settings import Settings
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@click.argument("roads")
@click.pass_obj
def command(language: Language, code: str, roads: str) -> None:
    """Plan TENANT's routes on ROADS from now on: an extract (.osm.pbf), or “straight” for estimates."""
    with open_tenant(code) as tenant:
        choice = made_choice(roads, tenant.settings, language)
        with tenant.transaction() as session:
            use_roads(session, choice, by=OPERATOR, now=now())
    click.echo(json.dumps({"roads": choice.key, "extract": choice.extract_name}))


def made_choice(roads: str, settings: Settings, language: Language) -> RoadChoice:
    """Return the choice of an extract, telling how far its graph is if it has to be made."""
    return choose_roads(roads, cache_dir=settings.cache_dir, on_progress=step_teller(language))
