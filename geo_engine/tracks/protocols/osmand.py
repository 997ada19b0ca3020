"""OsmAnd's online tracking: a query whose speed is in m/s, time in milliseconds, and “hdop” an accuracy in metres."""

from datetime import datetime

from geo_engine.tracks.protocols.bodies import read_text
from geo_engine.tracks.protocols.model import Decoded, Post
from geo_engine.tracks.protocols.named import Names, decode_named

_NAMES = Names(
    devices=("id", "deviceid", "device_id", "device"),
    moments=("timestamp", "time"),
    accuracies=("acc", "accuracy", "hdop"),
    speeds=("speed", "spd"),
)


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post."""
    return decode_named(post.query, read_text(post.body), _NAMES, received_at)
