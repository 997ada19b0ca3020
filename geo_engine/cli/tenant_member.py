"""`geo-engine tenant member`: the people who sign in."""

import json
import uuid

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import RoleId, TeamId, WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import NewMember
from geo_engine.tenancy.service import add_member
from geo_engine.words import Language
from geo_engine.workforce.service import link_member


@click.command()
@tenant_argument
@click.argument("login")
@click.option("--name", required=True)
@click.option(
    "--role",
    required=True,
    type=parse_id,
    metavar="ROLE",
    help="Such as dispatcher, worker, auditor, manager or administrator.",
)
@click.option("--team", type=parse_id, metavar="TEAM", help="None stands above all teams.")
@click.option("--worker", type=parse_id, metavar="WORKER", help="The worker who signs in so.")
@click.option("--language", type=click.Choice([one.value for one in Language]), default=Language.ZH_CN.value)
def command(  # noqa: PLR0917
    code: str, login: str, name: str, role: str, team: str | None, worker: str | None, language: str
) -> None:
    """Add a person who signs in to TENANT with LOGIN."""
    new = NewMember(
        login=login,
        name=name,
        role_id=RoleId(role),
        team_id=None if team is None else TeamId(team),
        language=Language(language),
    )
    with open_tenant(code) as tenant, tenant.transaction() as session:
        moment = now()
        member = add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=moment)
        if worker is not None:
            link_member(session, WorkerId(worker), member.id, by=OPERATOR, now=moment)
    click.echo(json.dumps({"member_id": str(member.id), "login": member.login}))
