"""`geo-engine visits verify`: whether a pack of evidence was changed since it was given out."""

import json
from pathlib import Path

import click

from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.cli.trails import vault_of
from geo_engine.errors import InvalidInput
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.packs import verify_pack
from geo_engine.words import Message


@click.command()
@tenant_argument
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def command(code: str, path: Path) -> None:
    """Print whether FILE is as TENANT gave it out, and what it holds as it was when it was kept.

    Exit 0: nothing was changed. 2: something was, "faults" says what. 3: cannot be said, as the key of the trail is not
    here. Events that are "unsealed" are linked at the next seal. Whether the trail itself holds says `audit verify`.
    """
    with open_tenant(code) as tenant, tenant.transaction() as session:
        report = verify_pack(session, path.read_bytes(), vault_of(tenant.settings), by=OPERATOR)
    faults = [{"kind": fault.kind.value, "part": fault.part} for fault in report.faults]
    click.echo(json.dumps({"visit": report.visit_id, "faults": faults, "unsealed": report.unsealed_count}))
    if faults:
        raise InvalidInput(Message("The pack was changed: {count} fault(s).", {"count": len(faults)}))
