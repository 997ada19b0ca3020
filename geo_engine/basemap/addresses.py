"""What an extract says of addresses: streets with their house numbers, named places, towns and districts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from geo_engine.basemap.address_words import house_numbers, leading_int, normalized, street_name
from geo_engine.basemap.extract import Feature, Form, read_features
from geo_engine.basemap.model import Place
from geo_engine.basemap.places import inner_position, place_of
from geo_engine.geometry import Position
from geo_engine.geometry.plane import LocalPlane, plane_around

_KEYS = ("name", "addr:housenumber", "addr:interpolation", "place", "boundary", "type")
NAME_KEYS = ("name", "name:en", "name:zh", "name:fr", "name:pt", "alt_name", "official_name", "short_name", "old_name")
"""Where names of a thing are tagged, the main one first; people still write the old one."""
_TOWN_KINDS = frozenset(
    ["city", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood", "borough", "district", "municipality"]
)
_SAME_STREET_GAP_M = 150.0
_HOUSE_TO_STREET_M = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house number of the extract; `city` and `postcode` are empty when not tagged."""

    street: str
    numbers: tuple[str, ...]
    position: Position
    city: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """One street: ways of one name that lie together, and the houses on it.

    Parameters
    ----------
    names
        All its names as tagged, the main one first.
    position
        On the street, near its middle.
    length_m
        Metres of all its ways; 0 when only its houses are known.
    houses
        By house number, such as ``12`` or ``12bis``; one number may stand at several positions.
    """

    names: tuple[str, ...]
    position: Position
    length_m: float
    houses: Mapping[str, tuple[House, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A settlement or district: its name, kind (``city`` … ``neighbourhood``, ``boundary``) and middle."""

    name: str
    kind: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Everything an extract says of where named things are; `boundaries` are named polygons in WGS 84."""

    streets: tuple[Street, ...]
    places: tuple[Place, ...]
    towns: tuple[Town, ...]
    boundaries: tuple[tuple[str, shapely.Geometry], ...]
    plane: LocalPlane


@dataclass(slots=True)
class _Found:
    ways: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=lambda: defaultdict(list))
    houses: dict[str, House] = field(default_factory=dict)
    lines: list[Feature] = field(default_factory=list)
    groups: list[Feature] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    towns: list[Town] = field(default_factory=list)
    boundaries: list[tuple[str, shapely.Geometry]] = field(default_factory=list)


def read_gazetteer(extract: Path) -> Gazetteer:
    """Return the streets, houses, places and towns of an extract.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    Ways of one name closer than 150 m are one street. A house belongs to the street of its
    ``addr:street`` (else ``addr:place``, else its ``associatedStreet`` relation) within 400 m; without such
    a street its houses make one. ``addr:interpolation`` fills the numbers between two houses.
    O(n log n); Monaco takes 0.4 s.
    """
    found = _Found()
    for feature in read_features(extract, keys=_KEYS, with_members=True):
        _sort_in(feature, found)
    houses = [*_associated(found), *_interpolated(found)]
    plane = plane_around(shapely.from_wkb([wkb for ways in found.ways.values() for wkb, _ in ways]))
    return Gazetteer(
        streets=tuple(_streets(found.ways, houses, plane)),
        places=tuple(found.places),
        towns=tuple(found.towns),
        boundaries=tuple(found.boundaries),
        plane=plane,
    )


def _sort_in(feature: Feature, found: _Found) -> None:
    tags, name = feature.tags, feature.tags.get("name", "")
    if feature.form is Form.WAY:
        if "highway" in tags and name:
            found.ways[name].append((feature.wkb, tags))
        if "addr:interpolation" in tags:
            found.lines.append(feature)
    elif feature.form is Form.RELATION:
        if tags.get("type") == "associatedStreet":
            found.groups.append(feature)
    else:
        _sort_in_spot(feature, found)


def _sort_in_spot(feature: Feature, found: _Found) -> None:
    tags, name = feature.tags, feature.tags.get("name", "")
    if "addr:housenumber" in tags:
        found.houses[feature.osm_id] = _house(feature)
    place = place_of(feature)
    if place:
        found.places.append(place)
    if not name:
        return
    if tags.get("place") in _TOWN_KINDS:
        names = (tags[key] for key in NAME_KEYS[:3] if tags.get(key))
        found.towns.extend(Town(name=one, kind=tags["place"], position=inner_position(feature)) for one in names)
    if tags.get("boundary") == "administrative" and feature.form is Form.AREA:
        found.boundaries.append((name, shapely.from_wkb(feature.wkb)))


def _house(feature: Feature) -> House:
    tags = feature.tags
    return House(
        street=tags.get("addr:street") or tags.get("addr:place", ""),
        numbers=house_numbers(tags["addr:housenumber"]),
        position=inner_position(feature),
        city=tags.get("addr:city", ""),
        postcode=tags.get("addr:postcode", ""),
    )


def _associated(found: _Found) -> Iterable[House]:
    """Yield every house, with the street of its relation where it has none of its own."""
    street_of = {
        member: group.tags.get("name") or group.tags.get("addr:street", "")
        for group in found.groups
        for member in group.members
    }
    for osm_id, house in found.houses.items():
        street = house.street or street_of.get(osm_id, "")
        if street:
            yield replace(house, street=street)


def _interpolated(found: _Found) -> Iterable[House]:
    for line in found.lines:
        shape = shapely.LineString(shapely.get_coordinates(shapely.from_wkb(line.wkb)))
        step = 1 if line.tags["addr:interpolation"] == "all" else 2
        known = [found.houses[node] for node in line.members if node in found.houses]
        for one, other in pairwise(known):
            yield from _between(one, other, step, shape, line.tags.get("addr:street", ""))


def _between(one: House, other: House, step: int, shape: shapely.LineString, street: str) -> Iterable[House]:
    low, high = leading_int("".join(one.numbers[:1])), leading_int("".join(other.numbers[:1]))
    if low is None or high is None or abs(high - low) <= step:
        return
    spots = shapely.points([(house.position.lon, house.position.lat) for house in (one, other)])
    start, end = shapely.line_locate_point(shape, spots)
    way = 1 if high > low else -1
    for number in range(low + way * step, high, way * step):
        share = (number - low) / (high - low)
        point = shapely.line_interpolate_point(shape, start + share * (end - start))
        yield House(
            street=street or one.street or other.street,
            numbers=(str(number),),
            position=Position(point.x, point.y),
            city=one.city,
            postcode=one.postcode,
        )


def _streets(
    ways: Mapping[str, list[tuple[str, dict[str, str]]]], houses: list[House], plane: LocalPlane
) -> Iterable[Street]:
    named_houses: dict[str, list[House]] = defaultdict(list)
    for house in houses:
        named_houses[_key(house.street)].append(house)
    named_ways: dict[str, list[str]] = defaultdict(list)
    for name in ways:
        named_ways[_key(name)].append(name)
    for key in named_ways.keys() | named_houses.keys():
        parts = [part for name in named_ways.get(key, ()) for part in ways[name]]
        yield from _streets_of_name(parts, named_houses.get(key, []), plane)


def _key(name: str) -> str:
    parts = street_name(normalized(name))
    return f"{parts.kind}|{parts.core}"


def _streets_of_name(parts: list[tuple[str, dict[str, str]]], houses: list[House], plane: LocalPlane) -> list[Street]:
    shapes = plane.to_plane(shapely.from_wkb(np.array([wkb for wkb, _ in parts], dtype=object)))
    groups = [[shapes[at] for at in group] for group in _clusters(shapes, _SAME_STREET_GAP_M)]
    names = tuple(dict.fromkeys(tags[key] for key in NAME_KEYS for _, tags in parts if tags.get(key)))
    lines = [shapely.MultiLineString(group) for group in groups]
    owned: list[list[House]] = [[] for _ in lines]
    strays: list[House] = []
    for house in houses:
        gaps = [line.distance(plane.point(house.position)) for line in lines]
        near = min(gaps, default=np.inf)
        (owned[gaps.index(near)] if near <= _HOUSE_TO_STREET_M else strays).append(house)
    streets = [_street(names, line, own, plane) for line, own in zip(lines, owned, strict=True)]
    points = np.array([plane.point(house.position) for house in strays], dtype=object)
    for group in _clusters(points, _HOUSE_TO_STREET_M):
        own = [strays[at] for at in group]
        streets.append(_street((own[0].street, *names), shapely.MultiPoint(list(points[group])), own, plane))
    return streets


def _street(names: tuple[str, ...], shape: shapely.Geometry, houses: list[House], plane: LocalPlane) -> Street:
    (x, y), _ = shapely.get_coordinates(shapely.shortest_line(shape, shapely.centroid(shape)))
    by_number: dict[str, tuple[House, ...]] = {}
    for house in houses:
        for number in house.numbers:
            by_number[number] = (*by_number.get(number, ()), house)
    return Street(
        names=names,
        position=plane.position(shapely.Point(x, y)),
        length_m=float(shapely.length(shape)),
        houses=by_number,
    )


def _clusters(shapes: np.ndarray, gap_m: float) -> list[list[int]]:
    """Return the indices of shapes (metres) that hang together with gaps of at most `gap_m`."""
    if len(shapes) < 2:
        return [[at] for at in range(len(shapes))]
    leader = list(range(len(shapes)))

    def lead(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for one, other in zip(*shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m), strict=True):
        leader[lead(int(one))] = lead(int(other))
    groups: dict[int, list[int]] = defaultdict(list)
    for at in range(len(shapes)):
        groups[lead(at)].append(at)
    return list(groups.values())
