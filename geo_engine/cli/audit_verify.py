"""`geo-engine audit verify`: whether trails are as they were sealed, and each row that is not."""

import json

import click

from geo_engine.audit.verification import Fault, FaultKind
from geo_engine.audit.verifying import TrailReport, require_intact, verify_trail
from geo_engine.cli.trails import open_trails, tenant_option


@click.command()
@tenant_option
def command(code: str | None) -> None:
    """Verify trails against their key and what was anchored outside the database; print a JSON line of each.

    Ends with 0 when nothing was changed, taken away or slipped in, with 2 when something was ("faults" says at which
    position of the chain, and which event), with 3 when that cannot be said: the key or the anchors are not here
    ("intact" is null), or events have waited to be sealed for more than a quarter of an hour ("overdue").
    A company that was anchored and is not there any more is told by its id, as a fault, unless one is asked for.
    "anchored_anew_at" are the positions of the chain before which the anchors were lost, or moved aside, and made anew.
    "unsealed" are events that wait for the next seal, "erased" those whose personal part was erased on record.
    """
    reports: list[TrailReport] = []
    with open_trails(code) as trails:
        for name, tenant_id in trails.tenant_ids.items():
            report = verify_trail(trails.database, tenant_id, trails.vault)
            click.echo(json.dumps({"tenant": name} | _told(report)))
            reports.append(report)
        for tenant_id in sorted(trails.missing_ids):
            report = verify_trail(trails.database, tenant_id, trails.vault)
            report.blame([Fault(kind=FaultKind.COMPANY_MISSING, position=None, event_number=None)])
            click.echo(json.dumps({"tenant": str(tenant_id)} | _told(report)))
            reports.append(report)
    require_intact(reports)


def _told(report: TrailReport) -> dict[str, object]:
    return {
        "intact": None if report.is_intact and not report.is_anchored else report.is_intact,  # nobody can say
        "links": report.length,
        "anchored": report.anchored_length,
        "anchored_at": report.anchored_at and report.anchored_at.isoformat(),
        "anchored_anew_at": report.anchored_anew_at,
        "unsealed": report.unsealed_count,
        "unsealed_since": report.unsealed_since and report.unsealed_since.isoformat(),
        "overdue": report.is_overdue,
        "erased": report.erased_count,
        "fault_count": report.fault_count,
        "faults": [_fault(fault) for fault in report.faults],
    }


def _fault(fault: Fault) -> dict[str, object]:
    return {
        "kind": fault.kind.value,
        "position": fault.position,
        "event": fault.event_number,
        "rows": fault.row_count,
    }
