"""`geo-engine tenant team`: a company's teams."""

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import TeamId, parse_id
from geo_engine.tenancy import OPERATOR, Team
from geo_engine.tenancy.service import save_team


@click.command()
@tenant_argument
@click.argument("team_id", metavar="TEAM", type=parse_id)
@click.option("--name", help="As people read it; the id unless given.")
@click.option("--parent", type=parse_id, metavar="TEAM", help="The team it stands below; the company unless given.")
def command(code: str, team_id: str, name: str | None, parent: str | None) -> None:
    """Add a team to TENANT, or change its name and its place in the tree."""
    team = Team(id=TeamId(team_id), name=name or team_id, parent_id=None if parent is None else TeamId(parent))
    with open_tenant(code) as tenant, tenant.transaction() as session:
        save_team(session, team, by=OPERATOR, now=now())
