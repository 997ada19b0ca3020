"""A made-up town in Beijing, as an extract: uneven streets, and houses that stand back from them."""

import random
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

from geo_engine.geometry import LonLat

CORNER = (116.30, 39.98)
_M_EAST, _M_NORTH = 1 / 85_300, 1 / 111_000
_SIDE_M = 3_000
_SET_BACK_M, _HOUSE_M = 30, 14


def house_places(seed: int = 7) -> list[LonLat]:
    """Return the middle of every house, (lon, lat), WGS 84."""
    return [_at(x, y) for x, y in _houses(*_streets(seed), seed)]


def street_places(seed: int = 7, *, every_m: int = 60) -> list[LonLat]:
    """Return places along the streets to the east, one street after the other, (lon, lat), WGS 84."""
    _, rows = _streets(seed)
    return [_at(x, y) for y in rows for x in range(0, _SIDE_M, every_m)]


def write_town(path: Path, seed: int = 7) -> Path:
    """Write the town as an ``.osm.pbf`` file."""
    columns, rows = _streets(seed)
    ways: list[tuple[list[tuple[float, float]], dict[str, str]]] = [
        *(([(x, y) for y in rows], {"highway": "residential"}) for x in columns),
        *(([(x, y) for x in columns], {"highway": "residential"}) for y in rows),
        *((_outline(x, y), {"building": "yes"}) for x, y in _houses(columns, rows, seed)),
    ]
    ids = {point: number for number, point in enumerate(dict.fromkeys(p for line, _ in ways for p in line), start=1)}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for (x, y), number in ids.items():
            writer.add_node(Node(id=number, version=1, location=_at(x, y)))
        for number, (line, tags) in enumerate(ways, start=1):
            writer.add_way(Way(id=number, version=1, nodes=[ids[point] for point in line], tags=tags))
    return path


def _streets(seed: int) -> tuple[list[float], list[float]]:
    chance = random.Random(seed)
    found: tuple[list[float], list[float]] = ([], [])
    for streets in found:
        at = 0.0
        while at < _SIDE_M:
            streets.append(at)
            at += chance.randint(110, 420)
    return found


def _houses(columns: list[float], rows: list[float], seed: int) -> list[tuple[float, float]]:
    chance = random.Random(seed + 1)
    places = [(x, y + _SET_BACK_M) for y in rows for x in range(60, _SIDE_M, 70)]
    free = [(x, y) for x, y in places if min(abs(x - column) for column in columns) > _SET_BACK_M]
    return [place for place in free if chance.random() < 0.6]


def _outline(x: float, y: float) -> list[tuple[float, float]]:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return [(x + east * _HOUSE_M, y + north * _HOUSE_M) for east, north in corners]


def _at(x: float, y: float) -> LonLat:
    return round(CORNER[0] + x * _M_EAST, 7), round(CORNER[1] + y * _M_NORTH, 7)
