"""`geo-engine fences export`: the fences of a company in a format others read."""

from datetime import datetime

import click

from geo_engine.cli.dates import moment_option
from geo_engine.cli.screen import say
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.geofences.files import FenceFormat, render_fences
from geo_engine.geofences.service import list_fences
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language, Message


@click.command()
@tenant_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(FenceFormat, case_sensitive=False),
    default=FenceFormat.GEOJSON,
    show_default=True,
    help="csv has a column wkt; traccar is the list that Traccar's API gives and takes.",
)
@click.option("--automatic", is_flag=True, help="Also those that sites have of themselves.")
@moment_option("--at", "moment", about="As they were then, such as 2026-11-25T09:00:00+08:00; now unless given.")
@click.pass_obj
def command(language: Language, code: str, *, form: FenceFormat, automatic: bool, moment: datetime | None) -> None:
    """Print the fences of TENANT that somebody drew, as a file that `fences import` reads back."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        fences = list_fences(session, by=OPERATOR, at=moment or now())
    text, left_out = render_fences([fence for fence in fences if automatic or not fence.is_automatic], form)
    for fence in left_out:
        told = Message("{id} is left out: Traccar knows no holes, and one area or line each.", {"id": fence.id})
        say(told.render(language))
    click.echo(text, nl=False)
