"""`geo-engine tenant tracking`: when a company's people are tracked, and for how long that is kept."""

import json

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import RETENTION_DAYS, Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import get_tracking, set_tracking


@click.command()
@tenant_argument
@click.option(
    "--gate",
    type=click.Choice(TrackingGate, case_sensitive=False),
    help="shift: positions are kept from clock-in to clock-out, or else in the shift of a published plan with a "
    "quarter of an hour on both sides; always: all are.",
)
@click.option(
    "--attendance",
    type=click.Choice(Attendance, case_sensitive=False),
    help="phone: people start and end their shifts themselves; what their phones sent before is sealed for 48 hours.",
)
@click.option(
    "--retention",
    type=click.Choice([str(days) for days in RETENTION_DAYS]),
    help="For how many days positions are kept.",
)
def command(code: str, gate: TrackingGate | None, attendance: Attendance | None, retention: str | None) -> None:
    """Say when the people of TENANT are tracked, and print the rule; what is not named stays as it is."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        held = get_tracking(session)
        rule = TrackingRule(
            gate=gate or held.gate,
            attendance=attendance or held.attendance,
            retention_days=int(retention or held.retention_days),
        )
        if rule != held:
            set_tracking(session, rule, by=OPERATOR, now=now())
    told = {"gate": rule.gate, "attendance": rule.attendance, "retention_days": rule.retention_days}
    click.echo(json.dumps(told))
