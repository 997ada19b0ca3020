"""`geo-engine roads`: road graphs from OpenStreetMap extracts."""

from pathlib import Path

import click

from geo_engine.cli.screen import step_teller
from geo_engine.roads.build import build_graph
from geo_engine.roads.mode_graphs import build_mode_graph
from geo_engine.settings import read_settings
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language


@click.group()
def command() -> None:
    """Make road graphs."""


@command.command()
@click.argument("extract", type=click.Path(path_type=Path))
@click.option(
    "--mode",
    "modes",
    type=click.Choice([mode.value for mode in TravelMode]),
    multiple=True,
    help="Make the graph of this travel mode too; otherwise the first plan that needs it does.",
)
@click.pass_obj
def build(language: Language, extract: Path, modes: tuple[str, ...]) -> None:
    """Make the car graph of EXTRACT (.osm.pbf), or find the one made before, and print its folder."""
    graph = build_graph(extract, cache_dir=read_settings().cache_dir, on_progress=step_teller(language))
    for mode in modes:
        build_mode_graph(graph, TravelMode(mode), on_progress=step_teller(language))
    click.echo(graph.folder)
