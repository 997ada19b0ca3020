"""How an OpenStreetMap extract is read: features with chosen tags, as plain values with shapes in WGS 84.

The other modules of this package see `Feature` only; osmium's objects live no longer than one step of
the reader and never leave this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import osmium
from osmium import filter as osm_filter
from osmium import geom, osm

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


class Form(Enum):
    """What a feature is made of; a closed way comes twice, as WAY and as AREA."""

    NODE = "n"
    WAY = "w"
    AREA = "a"
    RELATION = "r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One object of the extract.

    Parameters
    ----------
    osm_id
        ``n``, ``w`` or ``r`` and the number; an area has the id of its way or relation.
    wkb
        The shape in WGS 84 as hexadecimal well-known binary; empty for a relation.
    members
        Of a way its node ids, of a relation its member ids; empty otherwise, and where not asked for.
    """

    form: Form
    osm_id: str
    tags: dict[str, str]
    wkb: str
    members: tuple[str, ...] = ()


def read_features(extract: Path, *, keys: tuple[str, ...], with_members: bool = False) -> Iterator[Feature]:
    """Yield what carries at least one of the tag keys, in the order of the file.

    Shapes that cannot be built (a way with missing nodes, an area with broken rings) are left out.

    Parameters
    ----------
    with_members
        Whether ways and relations tell their members, which costs as much as all the rest.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract; the message names it.

    Notes
    -----
    Two passes over the file (areas of relations need the first); untagged nodes never reach Python.
    """
    factory = geom.WKBFactory()
    reader = osmium.FileProcessor(str(_existing(extract)))
    reader.with_areas(osm_filter.KeyFilter(*keys)).with_filter(osm_filter.KeyFilter(*keys))
    try:
        for thing in reader:
            feature = _feature(thing, factory, with_members=with_members)
            if feature is not None:
                yield feature
    except RuntimeError as error:
        raise _unreadable(extract, str(error)) from error


def read_header_bounds(extract: Path) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) as the file's header says, or None when it says nothing.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.
    """
    try:
        box = osmium.FileProcessor(str(_existing(extract))).header.box()
    except RuntimeError as error:
        raise _unreadable(extract, str(error)) from error
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat


def _existing(extract: Path) -> Path:
    if not extract.is_file():
        raise InvalidInput(Message("There is no map extract {file}.", {"file": extract}))
    return extract


def _unreadable(extract: Path, reason: str) -> InvalidInput:
    return InvalidInput(
        Message(
            "{file} cannot be read as an OpenStreetMap extract (.osm.pbf or .osm): {reason}",
            {"file": extract.name, "reason": reason},
        )
    )


def _feature(thing: object, factory: geom.WKBFactory, *, with_members: bool) -> Feature | None:
    if isinstance(thing, osm.Relation):
        related = tuple(f"{member.type}{member.ref}" for member in thing.members) if with_members else ()
        return Feature(form=Form.RELATION, osm_id=f"r{thing.id}", tags=dict(thing.tags), wkb="", members=related)
    if isinstance(thing, osm.Node):
        return _shaped(Form.NODE, f"n{thing.id}", thing, factory)
    if isinstance(thing, osm.Way):
        nodes = tuple(f"n{node.ref}" for node in thing.nodes) if with_members else ()
        return _shaped(Form.WAY, f"w{thing.id}", thing, factory, nodes)
    if isinstance(thing, osm.Area):
        return _shaped(Form.AREA, f"{'w' if thing.from_way() else 'r'}{thing.orig_id()}", thing, factory)
    return None


def _shaped(
    form: Form,
    osm_id: str,
    thing: osm.Node | osm.Way | osm.Area,
    factory: geom.WKBFactory,
    members: tuple[str, ...] = (),
) -> Feature | None:
    wkb = _wkb(thing, factory)
    if not wkb:
        return None
    return Feature(form=form, osm_id=osm_id, tags=dict(thing.tags), wkb=wkb, members=members)


def _wkb(thing: osm.Node | osm.Way | osm.Area, factory: geom.WKBFactory) -> str:
    # osmium tells of a shape that cannot be built by RuntimeError and its subclasses.
    try:
        if isinstance(thing, osm.Node):
            return factory.create_point(thing)
        if isinstance(thing, osm.Way):
            return factory.create_linestring(thing)
        return factory.create_multipolygon(thing) if thing.num_rings()[0] else ""
    except RuntimeError:
        return ""
