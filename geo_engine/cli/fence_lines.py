"""Fences as lines of JSON."""

import json
from collections.abc import Sequence

import click

from geo_engine.geofences import Geofence
from geo_engine.geofences.detectability import outlook_of
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.files.writing import fence_feature, fence_properties
from geo_engine.timespan import moment_text


def echo_fences(fences: Sequence[Geofence]) -> None:
    """Print fences, each a GeoJSON feature on a line.

    Beside what files say of them: their version, since and until when it is valid, and what share of honest visits of
    ten minutes is found at a usual accuracy.
    """
    for fence, depth_m in zip(fences, FenceIndex(fences).depths_m.tolist(), strict=True):
        feature = fence_feature(fence)
        known = {
            "version": fence.version,
            "valid_from": None if fence.valid_from is None else moment_text(fence.valid_from),
            "valid_until": None if fence.valid_until is None else moment_text(fence.valid_until),
            "is_automatic": fence.is_automatic,
            "detectability": round(outlook_of(depth_m).share, 3),
        }
        click.echo(json.dumps(feature | {"properties": fence_properties(fence) | known}, ensure_ascii=False))
