"""`geo-engine tenant add`: a company, with the built-in roles as its own."""

import json
import uuid

import click

from geo_engine.cli.tenant_roads import choose_for
from geo_engine.cli.tenants import OpenTenant, now, open_database, tenant_argument
from geo_engine.geometry.zones import parse_zone
from geo_engine.ids import TenantId
from geo_engine.settings import read_settings
from geo_engine.tenancy import OPERATOR, Tenant
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.model import TenantExists, parse_code
from geo_engine.words import Language


@click.command()
@tenant_argument
@click.option("--name", help="As people read it; the code unless given.")
@click.option("--tz", help="Time zone such as Asia/Shanghai; taken from the first sites or workers unless given.")
@click.option(
    "--language",
    "spoken",
    type=click.Choice([language.value for language in Language]),
    default=Language.ZH_CN.value,
    show_default=True,
)
@click.option("--roads", help="Plan on these from now on: an extract (.osm.pbf), or “straight” for estimates.")
@click.option("--exist-ok", is_flag=True, help="Take the company as it is when it is there already.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    code: str,
    name: str | None,
    tz: str | None,
    spoken: str,
    roads: str | None,
    exist_ok: bool,  # noqa: FBT001
) -> None:
    """Add the company TENANT, with the built-in roles as its own."""
    tenant = Tenant(
        id=TenantId(uuid.uuid4()),
        code=parse_code(code),
        name=name or code,
        zone=None if tz is None else parse_zone(tz),
        language=Language(spoken),
    )
    with open_database() as database:
        tenant_id = tenant.id
        try:
            with database.bound(tenant.id) as session:
                tenancy.add_tenant(session, tenant, by=OPERATOR, now=now())
        except TenantExists:
            if not exist_ok:
                raise
            tenant_id = tenancy.get_tenant_id(database, tenant.code)
        if roads is not None:
            choose_for(OpenTenant(database=database, tenant_id=tenant_id, settings=read_settings()), roads, language)
    click.echo(json.dumps({"tenant_id": str(tenant_id), "code": tenant.code}))
