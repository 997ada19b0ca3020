"""`geo-engine fences outline`: the outline of a building, from an extract."""

import json
from pathlib import Path

import click
from shapely.geometry import mapping

from geo_engine.cli.numbers import NumberRange
from geo_engine.geofences.files.writing import fence_geometry
from geo_engine.geofences.outlines import DEFAULT_WITHIN_M, find_outline
from geo_engine.geometry import Position


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--extract", type=click.Path(path_type=Path), required=True, help=".osm.pbf or .osm")
@click.option("--within-m", type=NumberRange(0, 10_000), default=DEFAULT_WITHIN_M, show_default=True)
@click.argument("lon", type=float)
@click.argument("lat", type=float)
def command(*, extract: Path, within_m: float, lon: float, lat: float) -> None:
    """Print the outline of the building at LON LAT, or of the nearest, as a GeoJSON feature."""
    found = find_outline(extract, Position(lon, lat), within_m=within_m)
    properties = {"osm_id": found.osm_id, "name": found.name, "distance_m": round(found.distance_m, 1)}
    geometry = mapping(fence_geometry(found.shape))
    feature = {"type": "Feature", "id": found.osm_id, "properties": properties, "geometry": geometry}
    click.echo(json.dumps(feature, ensure_ascii=False))
