"""`geo-engine tracks import`: the tracks of a file, as what workers wore."""

import json
from pathlib import Path

import click

from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.cli.track_files import Dialect, dialect_options, read_track_file
from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.files import NamedTrack
from geo_engine.tracks.track_imports import import_tracks
from geo_engine.words import Language, Message


@click.command()
@tenant_argument
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--worker", "worker_id", help="Who wore the device; unless given, the file's devices are worker ids.")
@click.option("--any-time", is_flag=True, help="Keep also what lies outside every shift, which phones may not post.")
@dialect_options
@click.pass_obj
def command(
    language: Language, code: str, source: Path, *, worker_id: str | None, any_time: bool, dialect: Dialect
) -> None:
    """Keep the tracks of FILE as what workers of TENANT wore, and print what became of the fixes.

    FILE is what `tracks convert` reads. Importing it again adds it again, as another device.
    """
    found = read_track_file(source, dialect, language)
    worn = [(_wearer(one, worker_id), one) for one in found.tracks]
    with open_tenant(code) as tenant:
        imported = import_tracks(tenant.database, tenant.tenant_id, worn, is_gated=not any_time, by=OPERATOR, now=now())
    outcomes = {str(outcome): count for outcome, count in sorted(imported.outcomes.items())}
    devices = [str(device_id) for device_id in imported.device_ids]
    click.echo(json.dumps({"devices": devices, "problems": found.problem_count, **outcomes}))


def _wearer(named: NamedTrack, worker_id: str | None) -> WorkerId:
    if worker_id is not None:
        return WorkerId(parse_id(worker_id))
    if named.device is None:
        raise InvalidInput(Message("The file does not say who wore the device: name the worker with --worker."))
    return WorkerId(parse_id(named.device))
