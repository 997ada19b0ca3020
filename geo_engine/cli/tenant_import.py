"""`geo-engine tenant import`: files become a company's sites and workers."""

import json
from datetime import date
from pathlib import Path

import click

from geo_engine.cli.crs_hints import say_crs_hint
from geo_engine.cli.dates import day_option
from geo_engine.cli.importing import ImportRequest, StrictImportError, import_files
from geo_engine.cli.screen import say_problems
from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.geometry.crs import Crs
from geo_engine.ids import TeamId, parse_id
from geo_engine.imports.crs_hints import crs_sentence
from geo_engine.imports.geocoders import EXTRACT_GEOCODER, GEOCODERS
from geo_engine.words import Language


@click.command()
@tenant_argument
@click.option("--sites", type=click.Path(path_type=Path), help="CSV, XLSX or GeoJSON.")
@click.option("--workers", type=click.Path(path_type=Path), help="CSV, XLSX or GeoJSON.")
@day_option("--due", about="The day on which all these sites are to be visited.")
@click.option("--team", type=parse_id, metavar="TEAM", help="The team of the rows that name none.")
@click.option("--crs", type=click.Choice([crs.value for crs in Crs]), default=Crs.WGS84.value, show_default=True)
@click.option("--geocoder", type=click.Choice(GEOCODERS), default=EXTRACT_GEOCODER, show_default=True)
@click.option("--strict", is_flag=True, help="Import nothing when any row cannot be read.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    code: str,
    sites: Path | None,
    workers: Path | None,
    due: date | None,
    team: str | None,
    crs: str,
    geocoder: str,
    strict: bool,  # noqa: FBT001
) -> None:
    """Import sites and workers into TENANT; ids that are known are changed, the others added.

    --crs says what the coordinates in the files are written in; where the buildings of the company's extract speak for
    another system, a warning says so and nothing is converted.
    """
    request = ImportRequest(
        sites=sites,
        workers=workers,
        due_on=due,
        team_id=None if team is None else TeamId(team),
        crs=Crs(crs),
        geocoder=geocoder,
        is_strict=strict,
    )
    with open_tenant(code) as tenant:
        try:
            imported = import_files(tenant, request)
        except StrictImportError as refused:
            say_problems(refused.problems, language)
            raise
    say_problems((*imported.problems, *imported.notices), language)
    for file, likely in imported.crs_hints.items():
        say_crs_hint(file, crs_sentence(likely), likely, language)
    click.echo(json.dumps(imported.summary()))
