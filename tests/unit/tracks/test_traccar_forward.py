"""What a Traccar server forwards, as fixes."""

import json
from typing import Any

from support.posts import decoded, fix, moment, reasons

from geo_engine.tracks.protocols import Decoded, Other, Protocol

POSITION = {
    "id": 17,
    "attributes": {"batteryLevel": 80.0, "motion": True, "distance": 12.5, "totalDistance": 1204.2},
    "deviceId": 3,
    "protocol": "osmand",
    "serverTime": "2026-11-26T08:00:03.000+00:00",
    "deviceTime": "2026-11-26T08:00:02.000+00:00",
    "fixTime": "2026-11-26T08:00:00.000+00:00",
    "outdated": False,
    "valid": True,
    "latitude": 41.1496,
    "longitude": -8.6109,
    "altitude": 104.0,
    "speed": 10.0,
    "course": 271.0,
    "address": None,
    "accuracy": 6.0,
    "network": None,
    "geofenceIds": None,
}
DEVICE = {"id": 3, "attributes": {}, "groupId": 0, "name": "Van 7", "uniqueId": "van-7", "status": "online"}
FIX = fix(
    "van-7",
    "2026-11-26T08:00:00",
    -8.6109,
    41.1496,
    accuracy_m=6.0,
    altitude_m=104.0,
    speed_mps=5.144444,
    heading_deg=271.0,
    battery_percent=80.0,
    sent_at=moment("2026-11-26T08:00:02"),
)


def forward(device: dict[str, Any] | None = None, **changes: object) -> Decoded:
    """Return what becomes of a forwarded position."""
    body = {"position": POSITION | changes, "device": DEVICE if device is None else device}
    return decoded(Protocol.TRACCAR_FORWARD, json.dumps(body))


def test_a_position_becomes_a_fix() -> None:
    """Its speed is in knots, its device the unique id, not the server's number."""
    assert forward() == Decoded(fixes=(FIX,))


def test_times_of_older_servers_are_read() -> None:
    """Milliseconds, or an offset without a colon."""
    sent = "2026-11-26T08:00:02.000+0000"

    assert forward(fixTime=1795680000000, deviceTime=sent) == Decoded(fixes=(FIX,))


def test_several_may_come_at_once() -> None:
    """In a list."""
    body = json.dumps([{"position": POSITION, "device": DEVICE}] * 2)

    assert decoded(Protocol.TRACCAR_FORWARD, body).fixes == (FIX, FIX)


def test_what_the_server_repeats_or_doubts_is_no_fix() -> None:
    """An outdated position is where the device was last; an invalid one is none."""
    assert forward(outdated=True).others == (Other.HEARTBEAT,)
    assert reasons(forward(valid=False)) == ["The device says that its position is not valid."]
    assert reasons(decoded(Protocol.TRACCAR_FORWARD, '{"device":{}}')) == ["It says no position."]


def test_a_made_up_position_and_a_nameless_device_are_kept_as_such() -> None:
    """The attribute that Traccar Client gave the server; no name from what is no unique id."""
    (found,) = forward({"id": 3}, attributes={"mock": True}, accuracy=0.0).fixes

    assert (found.device, found.is_mock, found.accuracy_m, found.battery_percent) == (None, True, None, None)


def test_nothing_at_all_is_nothing() -> None:
    """An empty body."""
    assert decoded(Protocol.TRACCAR_FORWARD) == Decoded(others=(Other.EMPTY,))
