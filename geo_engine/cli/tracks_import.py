"""`geo-engine tracks import`: the tracks of a file, as what workers wore."""

import json
from pathlib import Path

import click

from geo_engine.cli.crs_hints import say_crs_hint
from geo_engine.cli.tenants import OpenTenant, now, open_tenant, tenant_argument
from geo_engine.cli.track_files import Dialect, dialect_options, read_track_file
from geo_engine.errors import InvalidInput
from geo_engine.geometry.crs import Crs
from geo_engine.ids import WorkerId, parse_id
from geo_engine.roads.opening import GraphMissing, chosen_graph, open_roads
from geo_engine.roads.service import NoRoadsChosen, get_choice
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.crs_hints import crs_sentence, find_crs_hint
from geo_engine.tracks.files import NamedTrack, ReadTracks
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

    FILE is what `tracks convert` reads. Importing it again adds it again, as another device. --from-crs says what its
    coordinates are written in; where the company's roads speak for another system, a warning says so and nothing is
    converted.
    """
    found = read_track_file(source, dialect, language)
    worn = [(_wearer(one, worker_id), one) for one in found.tracks]
    with open_tenant(code) as tenant:
        _tell_crs(tenant, source, found, dialect.crs, language)
        imported = import_tracks(tenant.database, tenant.tenant_id, worn, is_gated=not any_time, by=OPERATOR, now=now())
    outcomes = {str(outcome): count for outcome, count in sorted(imported.outcomes.items())}
    devices = [str(device_id) for device_id in imported.device_ids]
    click.echo(json.dumps({"crs": dialect.crs.value, "devices": devices, "problems": found.problem_count, **outcomes}))


def _tell_crs(tenant: OpenTenant, source: Path, found: ReadTracks, declared: Crs, language: Language) -> None:
    """Print whether the company's roads, where it has some on this machine, speak for another reference system."""
    try:
        with tenant.transaction() as session:
            choice = get_choice(session)
        graph = chosen_graph(choice, cache_dir=tenant.settings.cache_dir)
    except (NoRoadsChosen, GraphMissing):
        return
    with open_roads(graph) as roads:
        likely = find_crs_hint([one.track for one in found.tracks], declared=declared, router=roads.router)
    if likely is not None:
        say_crs_hint(source.name, crs_sentence(likely), likely, language)


def _wearer(named: NamedTrack, worker_id: str | None) -> WorkerId:
    if worker_id is not None:
        return WorkerId(parse_id(worker_id))
    if named.device is None:
        raise InvalidInput(Message("The file does not say who wore the device: name the worker with --worker."))
    return WorkerId(parse_id(named.device))
