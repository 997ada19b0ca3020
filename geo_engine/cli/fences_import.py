"""`geo-engine fences import`: the fences of a file as a company's own."""

import json
from pathlib import Path

import click

from geo_engine.cli.importing import StrictImportError
from geo_engine.cli.screen import say_problems
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geofences.files import read_fences
from geo_engine.geofences.importing import import_fences
from geo_engine.geometry.crs import Crs
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--crs", type=click.Choice([crs.value for crs in Crs]), default=Crs.WGS84.value, show_default=True)
@click.option("--repair", is_flag=True, help="Repair outlines that cross themselves; they are refused unless given.")
@click.option("--since-ever", is_flag=True, help="New fences that belong to no site count for the past as well.")
@click.option("--strict", is_flag=True, help="Import nothing when any fence cannot be read.")
@click.pass_obj
def command(
    language: Language, code: str, source: Path, *, crs: str, repair: bool, since_ever: bool, strict: bool
) -> None:
    """Take over the fences of FILE into TENANT: GeoJSON, a table with a column wkt, or Traccar's list.

    Ids that are known are changed from now on, the others added; what is just so already is left alone.
    """
    read = read_fences(source, crs=Crs(crs), repairs=repair)
    with open_tenant(code) as tenant, tenant.transaction() as session:
        found = import_fences(session, read, file=source.name, by=OPERATOR, now=now(), since_ever=since_ever)
        say_problems(found.problems, language)
        if found.problems and strict:
            raise StrictImportError(found.problems)
    counts = {
        "added_count": len(found.added),
        "changed_count": len(found.changed),
        "unchanged_count": found.unchanged_count,
        "problem_count": len(found.problems),
    }
    click.echo(json.dumps(counts))
