"""`geo-engine audit seal`: links what was written since the last time and anchors the chain."""

import json

import click

from geo_engine.audit.sealing import Seal, seal_trail
from geo_engine.cli.trails import open_trails, tenant_option

_MOST_TOLD = 1_000


@click.command()
@tenant_option
def command(code: str | None) -> None:
    """Link what was written into trails since the last time, anchor the chains, and print how long they are.

    The worker does so every minute. The key of the chains is GEO_ENGINE_AUDIT_KEY, or the file audit-key of the state
    folder, made once. Anchors are added to the files of the folder audit-anchors there, or of
    GEO_ENGINE_AUDIT_ANCHORS_DIR.

    Ends with 2 when somebody who has not the key put links into a trail: "strays" says at which positions. What follows
    is linked behind them, and `audit verify` tells of them for ever. And when the anchors of a trail are gone: "lost"
    says of how many links; they are anchored anew as they are, which the trail and `audit verify` tell for ever.
    """
    seals: list[Seal] = []
    with open_trails(code) as trails:
        for name, tenant_id in trails.tenant_ids.items():
            seal = seal_trail(trails.database, tenant_id, trails.vault)
            told = {"tenant": name, "linked": seal.linked_count, "links": seal.length}
            strays = seal.stray_positions[:_MOST_TOLD]
            lost = {"lost": seal.lost_length} if seal.lost_length else {}
            click.echo(json.dumps(told | ({"strays": strays} if strays else {}) | lost))
            seals.append(seal)
    for seal in seals:
        seal.require_as_left()
