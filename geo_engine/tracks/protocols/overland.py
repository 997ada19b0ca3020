"""Overland for iOS: batches of GeoJSON features, battery levels to 1, −1 for whatever is unknown."""

from datetime import datetime

from geo_engine.errors import InvalidInput
from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import as_object, collect, dropped, find_object, read_json, read_text
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.words import Message


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post.

    Notes
    -----
    With a long queue the app adds where it is now as `current`, which comes again in a later batch: it is a fix all
    the same, so that nobody waits for the queue to see it. The `trip` under way repeats features as well, and its
    distance is the app's.
    """
    text = read_text(post.body)
    if not text:
        return Decoded(others=(Other.EMPTY,))
    try:
        root = as_object(read_json(text))
        found = collect(_features(root), lambda feature: _read(as_object(feature), received_at))
    except Unusable as error:
        return dropped(error.message)
    current = _current(root, received_at)
    if current is not None and current not in found.fixes:
        found = Decoded(fixes=(*found.fixes, current), dropped=found.dropped, others=found.others)
    return found


def _features(root: dict[str, object]) -> list[object]:
    features = root.get("locations")
    if not isinstance(features, list):
        raise Unusable(Message("It has no list of locations."))
    return features


def _current(root: dict[str, object], received_at: datetime) -> Fix | None:
    try:
        found = _read(find_object(root, "current"), received_at)
    except InvalidInput:
        return None  # told when it comes again
    return found if isinstance(found, Fix) else None


def _read(feature: dict[str, object], received_at: datetime) -> Fix | Other:
    properties = find_object(feature, "properties")
    if "action" in properties:
        return Other.VISIT if properties["action"] == "visit" else Other.UNNAMED
    if properties.get("type") == "trip":
        return Other.TRIP
    lon, lat, height = _coordinates(feature)
    tracked_at, is_rollover = read.read_tracked_at(properties.get("timestamp"), received_at)
    return Fix(
        device=read.read_device(properties.get("device_id")) or read.read_device(properties.get("unique_id")),
        tracked_at=tracked_at,
        position=read.read_position(lon, lat),
        accuracy_m=read.read_accuracy_m(properties.get("horizontal_accuracy")),
        altitude_m=read.read_altitude_m(properties.get("altitude", height)),
        speed_mps=read.read_speed_mps(properties.get("speed")),
        heading_deg=read.read_heading_deg(properties.get("course")),
        battery_percent=read.read_battery_percent(properties.get("battery_level"), 100.0),
        is_rollover=is_rollover,
    )


def _coordinates(feature: dict[str, object]) -> tuple[object, object, object]:
    """Return longitude, latitude and, where it is there, height of a point."""
    found = find_object(feature, "geometry").get("coordinates")
    if not isinstance(found, list) or len(found) < 2:
        raise Unusable(Message("It says no position."))
    return found[0], found[1], found[2] if len(found) > 2 else None
