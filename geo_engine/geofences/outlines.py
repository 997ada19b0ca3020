"""Which building stands at a place, by the outline that an extract has of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from geo_engine.basemap.extract import Form, read_features
from geo_engine.errors import NotFound
from geo_engine.geofences.extents import area_of_m2
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import Geofence, Polygon
from geo_engine.geofences.shapes import Drawn, shape_of
from geo_engine.geometry import Position
from geo_engine.geometry.measure import box_around
from geo_engine.ids import GeofenceId
from geo_engine.words import Message

DEFAULT_WITHIN_M = 50.0
"""An address or a click may lie on the street before its building."""


class NoBuilding(NotFound):
    """The extract has no building so near."""

    def __init__(self, within_m: float) -> None:
        super().__init__(Message("The extract has no building within {metres} m of there.", {"metres": within_m}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A building of an extract.

    Parameters
    ----------
    osm_id
        ``w`` or ``r`` and the number.
    name
        As tagged; empty when it is not.
    distance_m
        How far outside of it the place is; 0 within, infinite when that is not measured.
    """

    osm_id: str
    name: str
    shape: Polygon
    distance_m: float


def find_outline(extract: Path, position: Position, *, within_m: float = DEFAULT_WITHIN_M) -> Outline:
    """Return the building at a place, or the nearest one; of several that hold it the smallest.

    Raises
    ------
    NoBuilding
        When none is within `within_m`.
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    O(size of the file): Monaco takes 0.3 s. Parts of buildings (``building:part``) are none.
    """
    buildings = list(_buildings(extract, position, within_m))
    drawn = [Geofence(id=GeofenceId(one.osm_id), name=one.name, shape=one.shape) for one in buildings]
    near = FenceIndex(drawn).near(np.array([position.lon]), np.array([position.lat]), np.array([within_m]))
    if not len(near.fences):
        raise NoBuilding(within_m)
    away_m = np.maximum(-near.depths_m, 0.0).tolist()
    pairs = zip(near.fences.tolist(), away_m, strict=True)
    found: list[Outline] = [replace(buildings[number], distance_m=one_m) for number, one_m in pairs]
    return min(found, key=lambda one: (one.distance_m, area_of_m2(one.shape)))


def _buildings(extract: Path, position: Position, within_m: float) -> Iterator[Outline]:
    """Yield the buildings that reach into a box around a place, not yet measured."""
    box = box_around(position, within_m)
    near = shapely.box(box.west, box.south, box.east, box.north)
    for feature in read_features(extract, keys=("building",)):
        if feature.form is not Form.AREA or feature.tags["building"] == "no":
            continue
        geometry = shapely.from_wkb(feature.wkb)
        shape = shape_of(Drawn(geometry=geometry), repairs=True) if shapely.intersects(geometry, near) else None
        if isinstance(shape, Polygon):
            name = feature.tags.get("name", "")
            yield Outline(osm_id=feature.osm_id, name=name, shape=shape, distance_m=math.inf)
