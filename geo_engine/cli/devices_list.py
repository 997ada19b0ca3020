"""`geo-engine devices list`: the devices of a company and how each reports, one JSON line each."""

import json
from datetime import UTC, datetime

import click

from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.reporting import DeviceReport, list_reports


@click.command()
@tenant_argument
def command(code: str) -> None:
    """Print the devices of TENANT, the oldest first, and how each reports; no key is ever shown again.

    Of each: whether a key of it holds, when its newest fix was tracked and its newest position received, how many
    fixes of today were acknowledged and not kept, how many were sealed when they came (those that a clock-in has
    covered since are kept), and why something of the last hour could not be understood.
    """
    with open_tenant(code) as tenant, tenant.transaction() as session:
        reports = list_reports(session, by=OPERATOR, now=datetime.now(UTC))
    for one in reports:
        click.echo(json.dumps(_facts(one), ensure_ascii=False))


def _facts(report: DeviceReport) -> dict[str, object]:
    device = report.device
    return {
        "device": str(device.id),
        "worker": device.worker_id,
        "protocol": device.protocol,
        "name": device.name,
        "has_key": report.has_key,
        "tracked_at": report.tracked_at and report.tracked_at.isoformat(),
        "received_at": report.received_at and report.received_at.isoformat(),
        "not_kept": report.not_kept,
        "sealed_on_arrival": report.sealed_count,
        "reasons": report.reasons,
    }
