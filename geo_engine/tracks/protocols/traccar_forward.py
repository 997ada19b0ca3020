"""A Traccar server that forwards positions as JSON: speed in knots, battery in per cent, devices by unique id."""

from datetime import datetime

from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import as_list, as_object, collect, dropped, find_object, read_json, read_text
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.words import Message


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post."""
    text = read_text(post.body)
    if not text:
        return Decoded(others=(Other.EMPTY,))
    try:
        said = as_list(read_json(text))
    except Unusable as error:
        return dropped(error.message)
    return collect(said, lambda one: _read(as_object(one), received_at))


def _read(said: dict[str, object], received_at: datetime) -> Fix | Other:
    position, device = find_object(said, "position"), find_object(said, "device")
    attributes = find_object(position, "attributes")
    if not position:
        raise Unusable(Message("It says no position."))
    if position.get("outdated") is True:
        return Other.HEARTBEAT  # the server repeats where the device was last
    if position.get("valid") is False:
        raise Unusable(Message("The device says that its position is not valid."))
    tracked_at, is_rollover = read.read_tracked_at(position.get("fixTime"), received_at)
    return Fix(
        device=read.read_device(device.get("uniqueId")),
        tracked_at=tracked_at,
        position=read.read_position(position.get("longitude"), position.get("latitude")),
        accuracy_m=read.read_accuracy_m(position.get("accuracy")),
        altitude_m=read.read_altitude_m(position.get("altitude")),
        speed_mps=read.read_speed_mps(position.get("speed"), read.MPS_PER_KNOT),
        heading_deg=read.read_heading_deg(position.get("course")),
        battery_percent=read.read_battery_percent(attributes.get("batteryLevel")),
        is_mock=attributes.get("mock") is True,
        sent_at=read.read_sent_at(position.get("deviceTime"), received_at),
        is_rollover=is_rollover,
    )
