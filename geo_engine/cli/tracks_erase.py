"""`geo-engine tracks erase`: everything recorded of where a worker was, deleted, with proof."""

import json

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.ids import WorkerId, parse_id
from geo_engine.photos.erasing import erase_photos
from geo_engine.photos.files import open_photo_files
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.erasing import Erasure, erase_tracks
from geo_engine.visits.erasing import count_left, erase_visits


@click.command()
@tenant_argument
@click.option("--worker", "worker_id", required=True, help="Whose.")
@click.option("--yes", is_flag=True, required=True, help="It cannot be undone: say that you mean it.")
def command(code: str, worker_id: str, *, yes: bool) -> None:  # noqa: ARG001 - click has asked for it
    """Delete every position recorded of a worker of TENANT and all that was derived from it, and print how many rows.

    What the worker stated of visits goes with it, and so do photos. Of what the audit trail tells of the worker only
    that there was something stays, with when it was and whose act; and what was erased.

    The keys of the devices that the worker wears are taken first. "left" is what is found afterwards: when something
    arrived meanwhile this ends with 3 and is to be done again. Backups are not touched.
    """
    whose = WorkerId(parse_id(worker_id))
    with open_tenant(code) as tenant:
        files = open_photo_files(tenant.settings.photo_url, state_dir=tenant.settings.state_dir)
        erased = erase_tracks(tenant.database, tenant.tenant_id, whose, by=OPERATOR, now=now())
        with tenant.transaction() as session:  # what was derived of the tracks meanwhile goes as well
            visit_count = erase_visits(session, whose, by=OPERATOR, now=now())
        photo_count = erase_photos(tenant.database, files, tenant.tenant_id, whose, by=OPERATOR, now=now())
        with tenant.transaction() as session:
            left = {**erased.left, **count_left(session, whose, by=OPERATOR)}
    deleted = {**erased.deleted, "visits": visit_count, "photos": photo_count}
    click.echo(json.dumps({"worker": whose, "deleted": deleted, "left": left}))
    Erasure(deleted=deleted, left=left).require_all()
