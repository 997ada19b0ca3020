"""`geo-engine stops`: where the device of a track file stayed, and from when until when."""

import json
from pathlib import Path

import click

from geo_engine.cli.screen import say
from geo_engine.cli.track_files import Dialect, device_option, device_track, dialect_options, read_track_file
from geo_engine.timespan import moment_text
from geo_engine.tracks.derived import derive
from geo_engine.words import Language, Message


@click.command()
@click.argument("file", metavar="TRACK", type=click.Path(path_type=Path))
@device_option
@dialect_options
@click.pass_obj
def command(language: Language, file: Path, device: str | None, dialect: Dialect) -> None:
    """Print the stops of TRACK, a JSON line each, in the order of time.

    TRACK is CSV (tracked_at, lon, lat, accuracy_m, speed_mps; only the first three are needed), GPX, GeoJSON or
    anything else that `tracks convert` reads.
    """
    track = device_track(file, read_track_file(file, dialect, language), device)
    stops = derive(track).stops
    for stop in stops:
        facts = {
            "started_at": moment_text(stop.started_at),
            "ended_at": moment_text(stop.ended_at),
            "lon": round(stop.position.lon, 7),
            "lat": round(stop.position.lat, 7),
            "radius_m": stop.radius_m,
        }
        click.echo(json.dumps(facts))
    if not stops:
        say(Message("{file} has no stop.", {"file": file.name}).render(language))
