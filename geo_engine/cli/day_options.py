"""What the commands on a company's day are all asked."""

from datetime import date

import click

from geo_engine.cli.tenants import now
from geo_engine.db.session import Session
from geo_engine.ids import TeamId, parse_id
from geo_engine.planning import service as planning
from geo_engine.planning.versions.model import PlanScope, PlanVersion
from geo_engine.tenancy import OPERATOR

LARGEST_COUNT = 2**31 - 1
"""Of versions and solutions: what their columns hold."""

team_option = click.option(
    "--team", type=parse_id, metavar="TEAM", help="A team with the teams below it; the whole company unless given."
)
version_option = click.option("--version", type=click.IntRange(1, LARGEST_COUNT), help="The newest unless given.")

learned_option = click.option(
    "--learned/--given",
    "uses_learned",
    default=None,
    help="Plan with times learned from past days, or with the given ones alone; as the company has it unless said.",
)


def scope_of(service_on: date, team: str | None) -> PlanScope:
    """Return the scope that a date and a team name."""
    return PlanScope(service_on=service_on, team_id=None if team is None else TeamId(team))


def publish(session: Session, plan: PlanVersion) -> PlanVersion:
    """Give the workers a version instead of whichever they had."""
    before = planning.find_published_id(session, plan.scope, by=OPERATOR)
    return planning.publish_plan(session, plan.id, instead_of=before, by=OPERATOR, now=now())
