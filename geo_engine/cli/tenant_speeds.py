"""`geo-engine tenant speeds`: how fast a company's people get on at each hour of the day."""

import json

import click

from geo_engine.cli.speeds import read_speeds
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import get_speeds, set_speeds


@click.command()
@tenant_argument
@click.argument("speeds", metavar="[[MODE=]SPEEDS]...", nargs=-1)
@click.option("--clear", is_flag=True, help="Forget what was said before: all hours are as the roads say.")
def command(code: str, speeds: tuple[str, ...], clear: bool) -> None:  # noqa: FBT001
    """Say how fast the people of TENANT get on at each hour of the day, and print it; other modes stay as they are.

    SPEEDS are 24 per cents of the roads' speed, hours such as 7-9:60,17-19:55 (the others are 100), or a file with
    either; MODE is a way of travelling, car unless it is named.
    """
    with open_tenant(code) as tenant, tenant.transaction() as session:
        held = get_speeds(session)
        wanted = ({} if clear else dict(held)) | read_speeds(speeds)
        if wanted != held:
            set_speeds(session, wanted, by=OPERATOR, now=now())
    click.echo(json.dumps(wanted))
