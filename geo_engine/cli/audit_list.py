"""`geo-engine audit list`: the newest events of a company's trail, one JSON line each."""

import json

import click

from geo_engine.audit import AuditEvent
from geo_engine.audit.service import list_newest
from geo_engine.cli.tenants import open_tenant, tenant_argument


@click.command()
@tenant_argument
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many at most.")
def command(code: str, limit: int) -> None:
    """Print the newest events of TENANT, the newest first: who did what to what, and when.

    "member" is null for the installation's own operator. Of an event whose matter was erased the subject's id and the
    facts are gone.
    """
    with open_tenant(code) as tenant, tenant.transaction() as session:
        events = list_newest(session, limit=limit)
    for event in events:
        click.echo(json.dumps(_told(event), ensure_ascii=False))


def _told(event: AuditEvent) -> dict[str, object]:
    kind, subject_id = event.subject
    return {
        "happened_at": event.happened_at.isoformat(),
        "act": event.act,
        "member": None if event.member_id is None else str(event.member_id),
        "subject": kind,
        "id": None if event.is_erased else subject_id,
        "facts": None if event.is_erased else dict(event.facts),
    }
