"""`geo-engine day write`: the plan's files, made from the rows."""

import json
from datetime import date
from pathlib import Path

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.day_options import scope_of, team_option, version_option
from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.planning import service as planning
from geo_engine.reports.one_file import require_assets
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.reports.plan_report import build_report
from geo_engine.roads.opening import chosen_graph, open_roads
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@date_option
@team_option
@version_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the plan's files.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language, code: str, service_on: date, team: str | None, version: int | None, out: Path
) -> None:
    """Write plan.json, plan.geojson, plan.html and a list of stops per worker from TENANT's rows."""
    require_assets()
    with open_tenant(code) as tenant:
        with tenant.transaction() as session:
            found = planning.get_plan(session, scope_of(service_on, team), version, by=OPERATOR)
        with open_roads(chosen_graph(found.roads, cache_dir=tenant.settings.cache_dir)) as roads:
            files = write_plan_files(build_report(found.day_plan, roads, language=language), out)
    click.echo(json.dumps({"version": found.version, "map": str(files.map_page)}))
