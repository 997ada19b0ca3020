"""`geo-engine tracks convert`: the tracks of one file, in another format."""

import json
from pathlib import Path

import click

from geo_engine.cli.track_files import Dialect, dialect_options, read_track_file
from geo_engine.cli.writing import NewFile, writing
from geo_engine.errors import Unavailable
from geo_engine.tracks.files import format_of, write_tracks
from geo_engine.words import Language


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=NewFile())
@dialect_options
@click.pass_obj
def command(language: Language, source: Path, out: Path, dialect: Dialect) -> None:
    """Write the tracks of IN to OUT.

    IN is CSV, GPX, KML, KMZ, GeoJSON, GeoParquet, MF-JSON or what the OwnTracks Recorder keeps, whatever it is called.
    OUT ends in .csv, .gpx, .kml, .kmz, .geojson, .parquet or .mfjson. A column of speeds that names no unit is in m/s.
    """
    track_format = format_of(out)
    found = read_track_file(source, dialect, language)
    with writing(out, Unavailable):
        write_tracks(out, found.tracks, track_format=track_format)
    summary = {
        "path": str(out),
        "tracks": len(found.tracks),
        "fixes": sum(len(one.track) for one in found.tracks),
        "problems": found.problem_count,
    }
    click.echo(json.dumps(summary, ensure_ascii=False))
