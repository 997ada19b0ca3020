"""Which named things of an extract someone may visit, and where they are.

A thing is a *place* when it has a name and one of the tag keys in `PLACE_KEYS` (the first that it has
says its kind). Street furniture, open ground and scenery are left out (`NO_CUSTOMERS`): a bus stop, a
bench or a peak has a name but nobody to visit. Stops, peaks, roads and boundaries carry none of the keys.
"""

from collections.abc import Mapping
from pathlib import Path

import shapely

from geo_engine.basemap.address_words import is_chinese
from geo_engine.basemap.extract import Feature, Form, read_features
from geo_engine.basemap.model import Place
from geo_engine.geometry import Position

PLACE_KEYS = ("shop", "office", "craft", "healthcare", "amenity", "tourism", "leisure", "club", "industrial")

NO_CUSTOMERS = frozenset(
    {f"amenity={value}" for value in (
        "bench", "bicycle_parking", "bicycle_rental", "clock", "drinking_water", "fountain", "grave_yard",
        "hunting_stand", "motorcycle_parking", "parking_entrance", "parking_space", "post_box", "recycling",
        "shelter", "taxi", "telephone", "toilets", "vending_machine", "waste_basket", "waste_disposal",
    )}
    | {f"tourism={value}" for value in ("artwork", "camp_pitch", "information", "picnic_site", "viewpoint", "yes")}
    | {f"leisure={value}" for value in (
        "bird_hide", "common", "firepit", "garden", "nature_reserve", "outdoor_seating", "park", "picnic_table",
        "pitch", "playground", "slipway", "swimming_pool", "track",
    )}
    | {"shop=no", "shop=vacant", "office=no"}
)  # fmt: skip

_STAFFED_INFORMATION = frozenset({"office", "visitor_centre"})


def read_places(extract: Path) -> tuple[Place, ...]:
    """Return every named place of the extract that may be a customer, in the order of the file.

    An area's position is a point inside it. All tags are kept, so that ``name:en`` or ``opening_hours``
    can be asked for.

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    O(size of the file); Monaco takes 0.1 s.
    """
    found = (place_of(feature) for feature in read_features(extract, keys=("name",)))
    return tuple(place for place in found if place is not None and is_customer(place))


def place_of(feature: Feature) -> Place | None:
    """Return the feature as a place, whether or not it may be a customer; None when it is none."""
    name = feature.tags.get("name", "").strip()
    key = next((key for key in PLACE_KEYS if key in feature.tags), None)
    if not name or key is None or feature.form not in (Form.NODE, Form.AREA):
        return None
    return Place(
        osm_id=feature.osm_id,
        name=name,
        kind=f"{key}={feature.tags[key]}",
        position=inner_position(feature),
        address=tagged_address(feature.tags),
        tags=feature.tags,
    )


def is_customer(place: Place) -> bool:
    """Return whether somebody may be visited at the place."""
    if place.kind == "tourism=information":
        return place.tags.get("information") in _STAFFED_INFORMATION
    return place.kind not in NO_CUSTOMERS


def inner_position(feature: Feature) -> Position:
    """Return where a node is, or a point inside an area."""
    point = shapely.point_on_surface(shapely.from_wkb(feature.wkb))
    return Position(point.x, point.y)


def tagged_address(tags: Mapping[str, str]) -> str:
    """Return street and number, postcode and town as tagged; empty when there is no street.

    Examples
    --------
    >>> tagged_address({"addr:street": "Rue Grimaldi", "addr:housenumber": "12", "addr:city": "Monaco"})
    '12 Rue Grimaldi, Monaco'
    >>> tagged_address({"addr:street": "中关村大街", "addr:housenumber": "27"})
    '中关村大街27号'
    """
    street = tags.get("addr:street") or tags.get("addr:place", "")
    number = tags.get("addr:housenumber", "")
    if not street:
        return tags.get("addr:full", "")
    if is_chinese(street):
        line = street + (f"{number.rstrip('号號')}号" if number else "")
    else:
        line = f"{number} {street}".strip()
    town = f"{tags.get('addr:postcode', '')} {tags.get('addr:city', '')}".strip()
    return f"{line}, {town}" if town else line
