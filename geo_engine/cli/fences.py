"""`geo-engine fences`: a company's geofences, and the shapes they are made of."""

import click

from geo_engine.cli.lazy import LazyGroup

_COMMANDS = {
    "add": ("fences_add", "Draw a fence: a circle, a shape in WKT, or a building."),
    "detect": ("fences_detect", "Print who of a track file came into which fence, and left."),
    "export": ("fences_export", "Print the fences as GeoJSON, CSV or Traccar's JSON."),
    "import": ("fences_import", "Take over the fences of a file."),
    "list": ("fences_list", "Print the fences, those near a place, or those of a moment."),
    "outline": ("fences_outline", "Print the outline of the building at a place."),
    "radius": ("fences_radius", "Say how wide the fence of a site is that nobody drew."),
    "remove": ("fences_remove", "Take a fence away."),
}


@click.group(cls=LazyGroup, modules=_COMMANDS)
def command() -> None:
    """List, draw, import and export geofences, and tell who came into them."""
