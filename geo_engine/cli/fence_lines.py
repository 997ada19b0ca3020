"""Fences as lines of JSON."""

import json
import math
from collections.abc import Sequence

import click

from geo_engine.geofences import Geofence
from geo_engine.geofences.detectability import Outlook
from geo_engine.geofences.files.writing import fence_feature, fence_properties
from geo_engine.timespan import moment_text


def echo_fences(fences: Sequence[Geofence], outlooks: Sequence[Outlook]) -> None:
    """Print fences, each a GeoJSON feature on a line.

    Beside what files say of them: their version, since and until when it is valid, what share of honest visits of ten
    minutes is found, at which accuracy, whether that was seen there or is a usual one, and how wide the fence has to be
    for almost all to be found; null when it is so wide, or no width is enough.
    """
    for fence, outlook in zip(fences, outlooks, strict=True):
        feature = fence_feature(fence)
        known = {
            "version": fence.version,
            "valid_from": None if fence.valid_from is None else moment_text(fence.valid_from),
            "valid_until": None if fence.valid_until is None else moment_text(fence.valid_until),
            "is_automatic": fence.is_automatic,
            "detectability": round(outlook.share, 3),
            "accuracy_m": round(outlook.seeing.accuracy_m, 1),
            "is_accuracy_measured": outlook.is_measured,
            "least_width_m": None if outlook.least_width_m is None else math.ceil(outlook.least_width_m),
        }
        click.echo(json.dumps(feature | {"properties": fence_properties(fence) | known}, ensure_ascii=False))
