"""Traccar Client: 8 and 10 say fields in a query or form, speed in knots; 9 says JSON, in m/s and levels to 1."""

from collections.abc import Mapping
from datetime import datetime

from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import (
    as_list,
    as_object,
    collect,
    dropped,
    find_object,
    is_json,
    read_fields,
    read_json,
    read_text,
)
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.words import Message

_TRUE = ("true", "1")


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post. A query that says a position is all that counts, else the body is read."""
    fields = read_fields(post.query) if post.query else {}
    text = read_text(post.body)
    if is_json(text) and not _says_position(fields):
        return _decode_json(text, fields, received_at)
    fields = read_fields(text) | fields
    if not fields:
        return Decoded(others=(Other.EMPTY,))
    return collect([fields], lambda _: _read_fields(fields, received_at))


def _says_position(fields: Mapping[str, str]) -> bool:
    return "lat" in fields or "lon" in fields or "location" in fields


def _read_fields(fields: Mapping[str, str], received_at: datetime) -> Fix | Other:
    if not _says_position(fields):
        return Other.HEARTBEAT
    if fields.get("valid", "true").lower() not in _TRUE:
        raise Unusable(Message("The device says that its position is not valid."))
    lat, lon = fields.get("lat"), fields.get("lon")
    if "location" in fields:
        lat, _, lon = fields["location"].partition(",")
    tracked_at, is_rollover = read.read_tracked_at(fields.get("timestamp", received_at), received_at)
    return Fix(
        device=_device(fields),
        tracked_at=tracked_at,
        position=read.read_position(lon, lat),
        accuracy_m=read.read_accuracy_m(fields.get("accuracy")),
        altitude_m=read.read_altitude_m(fields.get("altitude")),
        speed_mps=read.read_speed_mps(fields.get("speed"), read.MPS_PER_KNOT),
        heading_deg=read.read_heading_deg(fields.get("bearing", fields.get("heading"))),
        battery_percent=read.read_battery_percent(fields.get("batt")),
        is_mock=fields.get("mock") in _TRUE,
        is_rollover=is_rollover,
    )


def _device(fields: Mapping[str, str]) -> str | None:
    return read.read_device(fields.get("id") or fields.get("deviceid"))


def _template(location: Mapping[str, object]) -> dict[str, str]:
    """Return what the app adds to its JSON for servers that read fields: the same position, and its id."""
    template = location.get("_")
    return read_fields(template) if isinstance(template, str) else {}


def _decode_json(text: str, fields: Mapping[str, str], received_at: datetime) -> Decoded:
    try:
        said = [pair for root in as_list(read_json(text)) for pair in _locations(root)]
    except Unusable as error:
        return dropped(error.message)
    device = _device(fields)
    return collect(said, lambda pair: _read_location(*pair, device, received_at))


def _locations(root: object) -> list[tuple[object, object]]:
    """Return each location beside what it lies in; a batch is a list there, or a list of such messages."""
    location = root.get("location") if isinstance(root, dict) else None
    if isinstance(location, list):
        return [(one, root) for one in location]
    return [(root if location is None else location, root)]


def _read_location(said: object, around: object, device: str | None, received_at: datetime) -> Fix | Other:
    location, root = as_object(said), as_object(around)
    named = read.read_device(root.get("device_id")) or device
    coords = location if "latitude" in location else find_object(location, "coords")
    if location.get("sample") is True:
        return Other.UNNAMED  # the SDK warms up; not to be kept
    if not coords:
        return Other.HEARTBEAT
    battery = find_object(location, "battery") or find_object(root, "battery")
    tracked_at, is_rollover = read.read_tracked_at(location.get("timestamp", received_at), received_at)
    return Fix(
        device=named or _device(_template(location)),
        tracked_at=tracked_at,
        position=read.read_position(coords.get("longitude"), coords.get("latitude")),
        accuracy_m=read.read_accuracy_m(coords.get("accuracy")),
        altitude_m=read.read_altitude_m(coords.get("altitude")),
        speed_mps=read.read_speed_mps(coords.get("speed")),
        heading_deg=read.read_heading_deg(coords.get("heading")),
        battery_percent=read.read_battery_percent(battery.get("level"), 100.0),
        is_mock=location.get("mock") is True,
        is_rollover=is_rollover,
    )
