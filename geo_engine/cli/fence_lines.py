"""A fence as a line of JSON."""

import json

import click

from geo_engine.geofences import Geofence
from geo_engine.geofences.files.writing import fence_feature, fence_properties
from geo_engine.timespan import moment_text


def echo_fence(fence: Geofence) -> None:
    """Print a fence as a GeoJSON feature on one line, with its version and since and until when it is valid."""
    feature = fence_feature(fence)
    valid = {
        "version": fence.version,
        "valid_from": None if fence.valid_from is None else moment_text(fence.valid_from),
        "valid_until": None if fence.valid_until is None else moment_text(fence.valid_until),
        "is_automatic": fence.is_automatic,
    }
    click.echo(json.dumps(feature | {"properties": fence_properties(fence) | valid}, ensure_ascii=False))
