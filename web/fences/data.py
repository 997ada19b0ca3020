"""What the scripts of the page of fences are told."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from geo_engine.geofences import Circle, Corridor, Geofence
from geo_engine.geofences.detectability import WANTED_SHARE, Outlook
from geo_engine.geofences.extents import area_of_m2, length_of_m
from geo_engine.geofences.files.writing import fence_feature, fence_properties
from geo_engine.geofences.importing import SortedFences
from geo_engine.geofences.model import FenceVersion
from geo_engine.words import Language

SHOWN_PROBLEMS = 200


def fence_data(fence: Geofence, *, may_change: bool) -> dict[str, Any]:
    """Return a fence as the page keeps it."""
    kind = "circle" if isinstance(fence.shape, Circle) else "corridor" if isinstance(fence.shape, Corridor) else "area"
    known = {"version": fence.version, "is_automatic": fence.is_automatic, "may_change": may_change, "kind": kind}
    return fence_properties(fence) | known | {"geometry": fence_feature(fence)["geometry"]}


def version_data(
    versions: Sequence[FenceVersion], outlook: Outlook, *, zone: ZoneInfo, may_change: bool
) -> dict[str, Any]:
    """Return all there is to say of a fence: how it is, how large, and how it came to be so, the newest first."""
    fence = versions[0].fence
    shape = fence.shape
    size = {"length_m": length_of_m(shape)} if isinstance(shape, Corridor) else {"area_m2": area_of_m2(shape)}
    told = [
        {
            "version": one.fence.version,
            "from": _clock(one.fence.valid_from, zone),
            "until": _clock(one.fence.valid_until, zone),
            "by": one.maker,
        }
        for one in versions
    ]
    known = {"fence": fence_data(fence, may_change=may_change), "outlook": _outlook(outlook), "versions": told}
    return known | size


def _outlook(outlook: Outlook) -> dict[str, Any]:
    return {
        "minutes": round(outlook.seeing.stay_s / 60),
        "percent": round(100 * outlook.share),
        "accuracy_m": round(outlook.seeing.accuracy_m),
        "is_measured": outlook.is_measured,
        "width_m": None if outlook.least_width_m is None else math.ceil(outlook.least_width_m),
        "wanted_percent": round(100 * WANTED_SHARE),
    }


def import_data(found: SortedFences, language: Language) -> dict[str, Any]:
    """Return what a file of fences writes, and what is wrong with it."""
    return {
        "added": len(found.added),
        "changed": len(found.changed),
        "unchanged": found.unchanged_count,
        "problem_count": len(found.problems),
        "problems": [
            {"line": one.line, "column": one.column, "reason": one.reason.render(language)}
            for one in found.problems[:SHOWN_PROBLEMS]
        ],
    }


def _clock(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
