"""GPSLogger's custom URL: a query, form or JSON that its user wrote, speed in m/s, “hdop” not an accuracy."""

from datetime import datetime

from geo_engine.tracks.protocols.bodies import read_text
from geo_engine.tracks.protocols.model import Decoded, Post
from geo_engine.tracks.protocols.named import Names, decode_named

_NAMES = Names(
    devices=("id", "device", "deviceid", "device_id", "aid", "androidid", "ser", "serial"),
    moments=("time", "timestamp", "tst", "epoch"),  # the first has milliseconds, the second none
    accuracies=("acc", "accuracy"),
    speeds=("spd", "speed", "s"),
)


def decode(post: Post, *, received_at: datetime) -> Decoded:
    """Return what became of a post."""
    return decode_named(post.query, read_text(post.body), _NAMES, received_at)
