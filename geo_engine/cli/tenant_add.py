"""`geo-engine tenant add`: a company, with the built-in roles as its own."""

import json
import uuid

import click

from geo_engine.cli.tenant_roads import made_choice
from geo_engine.cli.tenants import now, open_database, tenant_argument
from geo_engine.geometry.zones import parse_zone
from geo_engine.ids import TenantId
from geo_engine.roads.service import use_roads
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
    show_default=Language.ZH_CN.value,
)
@click.option("--roads", help="Plan on these from now on: an extract (.osm.pbf), or “straight” for estimates.")
@click.option(
    "--exist-ok",
    is_flag=True,
    help="Take the company as it is when it is there already; refused where it is not as said.",
)
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    code: str,
    name: str | None,
    tz: str | None,
    spoken: str | None,
    roads: str | None,
    exist_ok: bool,  # noqa: FBT001
) -> None:
    """Add the company TENANT, with the built-in roles as its own."""
    tenant = Tenant(
        id=TenantId(uuid.uuid4()),
        code=parse_code(code),
        name=name or code,
        zone=None if tz is None else parse_zone(tz),
        language=Language.ZH_CN if spoken is None else Language(spoken),
    )
    with open_database() as database:
        # Made first: a wrong file leaves no company behind.
        choice = None if roads is None else made_choice(roads, read_settings(), language)
        tenant_id = tenant.id
        try:
            with database.bound(tenant.id) as session:
                tenancy.add_tenant(session, tenant, by=OPERATOR, now=now())
        except TenantExists:
            if not exist_ok:
                raise
            tenant_id = tenancy.get_tenant_id(database, tenant.code)
            with database.bound(tenant_id) as session:
                language_asked = None if spoken is None else tenant.language
                tenancy.take_tenant(session, name=name, zone=tenant.zone, language=language_asked)
        if choice is not None:
            with database.bound(tenant_id) as session:
                use_roads(session, choice, by=OPERATOR, now=now())
    click.echo(json.dumps({"tenant_id": str(tenant_id), "code": tenant.code}))
