"""`geo-engine audit seal`: links what was written since the last time and anchors the chain."""

import json

import click

from geo_engine.audit.sealing import seal_trail
from geo_engine.cli.trails import open_trails, tenant_option


@click.command()
@tenant_option
def command(code: str | None) -> None:
    """Link what was written into trails since the last time, anchor the chains, and print how long they are.

    The worker does so every minute. The key of the chains is GEO_ENGINE_AUDIT_KEY, or the file audit-key of the state
    folder, made once. Anchors are added to the files of the folder audit-anchors there, or of
    GEO_ENGINE_AUDIT_ANCHORS_DIR.
    """
    with open_trails(code) as trails:
        for name, tenant_id in trails.tenant_ids.items():
            seal = seal_trail(trails.database, tenant_id, trails.vault)
            click.echo(json.dumps({"tenant": name, "linked": seal.linked_count, "links": seal.length}))
