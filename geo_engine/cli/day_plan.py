"""`geo-engine day plan`: ask the queue for a plan and watch it being made."""

import json
from datetime import date

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.day_options import LARGEST_COUNT, learned_option, publish, scope_of, team_option
from geo_engine.cli.following import follow
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.patience import patiently
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.planning import service as planning
from geo_engine.planning.solver.solve import Budget
from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_json import summary_document
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@date_option
@team_option
@click.option("--time-limit", type=NumberRange(0.1, 86_400), default=10.0, show_default=True, help="Seconds.")
@click.option(
    "--solution-limit",
    type=click.IntRange(1, LARGEST_COUNT),
    help="Search by solutions instead of time: reproducible.",
)
@learned_option
@click.option("--publish", "is_published", is_flag=True, help="Give the workers the plan at once.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    code: str,
    service_on: date,
    team: str | None,
    time_limit: float,
    solution_limit: int | None,
    uses_learned: bool | None,  # noqa: FBT001
    is_published: bool,  # noqa: FBT001
) -> None:
    """Have TENANT's due visits of a day planned by a worker of the queue, and wait for the plan."""
    budget = Budget(time_limit_s=time_limit, solution_limit=solution_limit)
    with open_tenant(code) as tenant:
        with tenant.transaction() as session:
            scope = scope_of(service_on, team)
            request_id = planning.request_plan(
                session, scope, budget, uses_learned=uses_learned, by=OPERATOR, now=now()
            )
        made = planned = follow(tenant, request_id, language)
        if is_published:
            made = patiently(tenant, lambda session: publish(session, planned), language)
    summary = summary_document(PlanReport(day_plan=made.day_plan))
    facts = {"plan_id": str(made.id), "version": made.version, "published": is_published}
    click.echo(json.dumps({**facts, **summary}))
