"""`geo-engine fences detect`: who of a track file came into which fence of another, stayed and left."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from geo_engine.cli.screen import say, say_problems
from geo_engine.cli.track_files import Dialect, dialect_options, read_track_file
from geo_engine.errors import InvalidInput
from geo_engine.geofences import Geofence, Transition
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.files import read_fences
from geo_engine.geofences.transitions import detect_transitions
from geo_engine.geometry.crs import Crs
from geo_engine.geometry.zones import parse_zone
from geo_engine.timespan import moment_text
from geo_engine.tracks import Track
from geo_engine.tracks.derived import derive
from geo_engine.tracks.files import NamedTrack, merged_track
from geo_engine.words import Language, Message


@click.command()
@click.option("--fences", "source", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The fences.")
@click.option("--track", "file", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The fixes.")
@click.option("--zone", default="UTC", show_default=True, help="By whose clocks fences have their hours.")
@click.option("--fences-crs", type=click.Choice([crs.value for crs in Crs]), help="Of the fences, if not the track's.")
@dialect_options
@click.pass_obj
def command(
    language: Language, *, source: Path, file: Path, zone: str, fences_crs: str | None, dialect: Dialect
) -> None:
    """Print who came into which fence, stayed and left: a JSON line each, by device and then by time.

    Fences are GeoJSON, a table with a column wkt, or Traccar's list; fixes are anything that `tracks convert` reads.
    Nothing is kept, and no database is asked.
    """
    local = parse_zone(zone)
    fences = _read_usable(source, dialect.crs if fences_crs is None else Crs(fences_crs), language)
    by_device = _by_device(read_track_file(file, dialect, language).tracks)
    index = FenceIndex(fences)
    counts = [_print_transitions(device, track, index, local) for device, track in by_device.items()]
    if not any(counts):
        say(Message("Nobody in {file} came into a fence.", {"file": file.name}).render(language))


def _read_usable(source: Path, crs: Crs, language: Language) -> tuple[Geofence, ...]:
    read = read_fences(source, crs=crs)
    say_problems(read.problems, language)
    if not read.fences:
        raise InvalidInput(Message("{file} has no fence that can be used.", {"file": source.name}))
    return read.fences


def _by_device(tracks: Iterable[NamedTrack]) -> dict[str | None, Track]:
    parts = defaultdict[str | None, list[NamedTrack]](list)
    for one in tracks:
        parts[one.device].append(one)
    return {device: merged_track(some) for device, some in parts.items()}


def _print_transitions(device: str | None, track: Track, index: FenceIndex, zone: ZoneInfo) -> int:
    derived = derive(track)
    found = detect_transitions(track, derived.flags, derived.stops, index, zone=zone)
    for one in found:
        click.echo(json.dumps(_facts(device, one), ensure_ascii=False))
    return len(found)


def _facts(device: str | None, transition: Transition) -> dict[str, object]:
    return {
        "kind": transition.kind,
        "device": device,
        "fence": transition.fence_id,
        "version": transition.fence_version,
        "at": moment_text(transition.at),
        "earliest": moment_text(transition.earliest_at),
        "latest": moment_text(transition.latest_at),
        "probability": transition.probability,
    }
