"""`geo-engine visits pack`: a visit's evidence as one file."""

import json
from pathlib import Path
from uuid import UUID

import click

from geo_engine.cli.looking import purpose_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.cli.writing import NewFile
from geo_engine.ids import VisitId
from geo_engine.photos.files import open_photo_files
from geo_engine.private_files import write_at_once
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.packs import build_pack


@click.command()
@tenant_argument
@click.argument("visit_id", metavar="VISIT", type=click.UUID)
@click.option("-o", "--out", "path", type=NewFile(), required=True, help="The ZIP file; nobody else may read it.")
@purpose_option
def command(code: str, visit_id: UUID, *, path: Path, purpose: str) -> None:
    """Write VISIT of TENANT with its track, photos and events of the audit trail, which says that it was given out."""
    with open_tenant(code) as tenant:
        files = open_photo_files(tenant.settings.photo_url, state_dir=tenant.settings.state_dir)
        with tenant.transaction() as session:
            content = build_pack(session, files, VisitId(visit_id), purpose=purpose, by=OPERATOR, now=now())
    write_at_once(path, content)
    click.echo(json.dumps({"visit": str(visit_id), "bytes": len(content)}))
