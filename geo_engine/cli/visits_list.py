"""`geo-engine visits list`: the visits of a day, a JSON line each."""

import json
from datetime import date

import click

from geo_engine.cli.dates import day_option
from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.model import to_moment
from geo_engine.visits.kept import KeptVisit
from geo_engine.visits.reviewing import list_visits


@click.command()
@tenant_argument
@day_option("--date", "service_on", about="The day of the visits.", required=True)
def command(code: str, *, service_on: date) -> None:
    """Print the visits of TENANT on a day as they are believed, by worker and time."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        found = list_visits(session, service_on, by=OPERATOR)
    for kept in found:
        click.echo(json.dumps(_document(kept), ensure_ascii=False))


def _document(kept: KeptVisit) -> dict[str, object]:
    visit = kept.visit
    return {
        "id": str(visit.id),
        "worker": visit.worker_id,
        "site": visit.site_id,
        "planned": None if visit.stop is None else visit.stop.number,
        "began_at": to_moment(visit.began_us).isoformat(),
        "dwell_s": None if visit.dwell_s is None else [round(value_s) for value_s in visit.dwell_s],
        "verdict": visit.judgement.verdict.value,
        "odds": visit.judgement.odds,
        "reasons": [[reason.kind.value, round(reason.weight, 2)] for reason in visit.judgement.reasons],
        "ambiguous": visit.is_ambiguous,
        "decision": None if kept.decision is None else kept.decision.kind.value,
    }
