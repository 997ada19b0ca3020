"""`geo-engine replay`: a file with a track becomes a page that plays it. No database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from geo_engine.cli.road_graphs import named_graph
from geo_engine.cli.screen import say
from geo_engine.cli.track_files import Dialect, device_option, device_track, dialect_options, read_track_file
from geo_engine.cli.writing import NewFile, writing
from geo_engine.errors import Unavailable
from geo_engine.private_files import write_at_once
from geo_engine.reports.one_file import require_assets
from geo_engine.reports.replay import render_replay
from geo_engine.reports.replay_data import replay_summary
from geo_engine.reports.replay_report import build_replay
from geo_engine.roads.opening import OpenRoads, open_roads
from geo_engine.words import Language, Message


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=NewFile(), required=True, help="The page: replay.html.")
@device_option
@click.option("--roads", help="An extract (.osm.pbf) or a graph folder: the track is put on its roads.")
@click.option("--extract", type=click.Path(path_type=Path), help="An extract to draw under the track; that of --roads.")
@dialect_options
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    file: Path,
    out: Path,
    device: str | None,
    roads: str | None,
    extract: Path | None,
    dialect: Dialect,
) -> None:
    """Write a page that plays the track of FILE on true time; it asks no other host for anything.

    FILE is CSV, GPX, KML, KMZ, GeoJSON, GeoParquet, MF-JSON or what the OwnTracks Recorder keeps. The clocks of the
    page are those of the track's place; with --tz they are those of that zone, as are times in FILE that name none.
    """
    require_assets()
    track = device_track(file, read_track_file(file, dialect, language), device)
    zone = dialect.zone if isinstance(dialect.zone, ZoneInfo) else None
    with _opened(roads, language) as opened:
        replay = build_replay(track, title=file.name, language=language, zone=zone, roads=opened, extract=extract)
    say(Message("Time zone: {zone}", {"zone": replay.zone.key}).render(language))
    with writing(out, Unavailable):
        write_at_once(out, render_replay(replay).encode("utf-8", "replace"), mode=0o666)
    click.echo(json.dumps({"path": str(out), **replay_summary(replay)}, ensure_ascii=False))


@contextmanager
def _opened(roads: str | None, language: Language) -> Iterator[OpenRoads | None]:
    graph = None if roads is None else named_graph(roads, language)
    if graph is None:
        yield None
        return
    with open_roads(graph) as opened:
        yield opened
