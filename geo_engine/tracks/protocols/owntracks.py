"""OwnTracks in HTTP mode: one JSON message a post, plain or encrypted; velocities in km/h, zero values left out."""

from datetime import datetime

from geo_engine.tracks.model import Fix
from geo_engine.tracks.protocols import quantities as read
from geo_engine.tracks.protocols.bodies import as_list, as_object, collect, dropped, read_fields, read_json, read_text
from geo_engine.tracks.protocols.model import Decoded, Other, Post, Unusable
from geo_engine.tracks.protocols.sealed import unseal
from geo_engine.words import Message

SECONDS_TO_2001 = 978_307_200
"""From 1970 to 2001-01-01, from which Overland's OwnTracks mode counts."""

_OTHERS = {
    "beacon": Other.UNNAMED,
    "card": Other.CARD,
    "cmd": Other.UNNAMED,
    "configuration": Other.UNNAMED,
    "dump": Other.UNNAMED,
    "lwt": Other.UNNAMED,
    "request": Other.UNNAMED,
    "status": Other.STATUS,
    "steps": Other.UNNAMED,
    "transition": Other.TRANSITION,
    "waypoint": Other.WAYPOINT,
    "waypoints": Other.WAYPOINT,
}
_UNSET = "device"
"""What iOS says of a device that nobody named."""
_UNSET_TOPIC = "/user/device"
_OVERLAND_BEGAN_S = 1_420_070_400
"""2015-01-01: nothing that counts from 2001 was there before."""
_DAY_S = 86_400


def decode(post: Post, *, received_at: datetime, secret: str | None) -> Decoded:
    """Return what became of a post; an empty one says that a friend was deleted."""
    text = read_text(post.body)
    if not text:
        return Decoded(others=(Other.EMPTY,))
    try:
        messages = as_list(_opened(read_json(text), secret))
    except Unusable as error:
        return dropped(error.message)
    sender = _sender(post)
    return collect(messages, lambda said: _read(as_object(said), sender, received_at))


def _opened(said: object, secret: str | None) -> object:
    if isinstance(said, dict) and said.get("_type") == "encrypted":
        return read_json(read_text(unseal(said.get("data"), secret)))
    return said


def _sender(post: Post) -> str | None:
    """Return the device by header or query, where somebody has named it."""
    by_header = read.read_device(post.headers.get("x-limit-d"))
    if by_header is not None and by_header != _UNSET:
        return by_header
    return read.read_device(read_fields(post.query).get("d")) if post.query else None


def _read(message: dict[str, object], sender: str | None, received_at: datetime) -> Fix | Other:
    kind = message.get("_type")
    if kind == "location":
        return _fix(message, sender or _own_device(message), received_at)
    if isinstance(kind, str) and kind in _OTHERS:
        return _OTHERS[kind]
    raise Unusable(Message("A message of the kind “{kind}” is not expected here.", {"kind": read.shown(kind)}))


def _fix(message: dict[str, object], device: str | None, received_at: datetime) -> Fix:
    tracked_at, is_rollover = read.read_tracked_at(_since_1970(message.get("tst"), received_at), received_at)
    # Android leaves out what is 0, so of two coordinates one may be missing.
    zero = 0.0 if "lat" in message or "lon" in message else None
    return Fix(
        device=device,
        tracked_at=tracked_at,
        position=read.read_position(message.get("lon", zero), message.get("lat", zero)),
        accuracy_m=read.read_accuracy_m(message.get("acc")),
        altitude_m=read.read_altitude_m(message.get("alt")),
        speed_mps=read.read_speed_mps(message.get("vel"), read.MPS_PER_KMH),
        heading_deg=read.read_heading_deg(message.get("cog")),
        battery_percent=read.read_battery_percent(message.get("batt")),
        sent_at=read.read_sent_at(message.get("created_at"), received_at),
        is_rollover=is_rollover,
    )


def _own_device(message: dict[str, object]) -> str | None:
    topic = message.get("topic")
    if isinstance(topic, str) and not topic.endswith(_UNSET_TOPIC):
        named = read.read_device(topic.rsplit("/", 1)[-1])
        if named is not None:
            return named
    return read.read_device(message.get("tid"))


def _since_1970(tst: object, received_at: datetime) -> object:
    """Return seconds since 1970 also where they were counted from 2001 (a fault of Overland's OwnTracks mode)."""
    seconds = read.read_number(tst)
    if seconds is None or seconds >= _OVERLAND_BEGAN_S:
        return tst
    since_1970 = seconds + SECONDS_TO_2001
    is_recent = _OVERLAND_BEGAN_S <= since_1970 <= received_at.timestamp() + _DAY_S
    return since_1970 if is_recent else tst
